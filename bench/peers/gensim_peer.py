"""gensim's Word2Vec as a worker; runs in the virtual environment of that peer.

    python gensim_peer.py task.json

Trains skip-gram on ``sentences`` (a file with a sentence on each line, which gensim reads without
Python in between) with one thread. With ``turns`` in the task every epoch waits for a line on
standard input; without, all epochs are trained and the vectors go to ``out``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import Word2Vec
from gensim.models.callbacks import CallbackAny2Vec
from protocol import Meter, answer, read_task, wait_for_turn


class InTurns(CallbackAny2Vec):  # type: ignore[misc]
    """Waits for its turn before every epoch and measures it."""

    def __init__(self) -> None:
        self.epoch = 0

    def on_epoch_begin(self, model: Word2Vec) -> None:
        if not wait_for_turn():
            raise SystemExit
        self.epoch += 1
        self.meter = Meter()

    def on_epoch_end(self, model: Word2Vec) -> None:
        answer({"epoch": self.epoch, **self.meter.read()})


def save_vectors(model: Word2Vec, path: Path) -> None:
    """``words``, and a row of ``inputs`` and ``outputs`` for each."""
    partial = path.with_name(f"partial-{path.name}")
    np.savez(
        partial,
        words=np.array(model.wv.index_to_key),
        inputs=model.wv.vectors,
        outputs=model.syn1neg,
    )
    partial.replace(path)


def main() -> None:
    task: dict[str, Any] = read_task()
    model = Word2Vec(
        vector_size=task["dim"],
        window=task["window"],
        negative=task["negatives"],
        ns_exponent=task["ns_exponent"],
        sample=task["subsample"],
        alpha=task["lr"],
        epochs=task["epochs"],
        seed=task["seed"],
        min_count=1,
        sg=1,
        workers=1,
    )
    model.build_vocab(corpus_file=task["sentences"])
    callbacks = [InTurns()] if task["turns"] else []
    meter = Meter()
    model.train(
        corpus_file=task["sentences"],
        total_words=model.corpus_total_words,
        total_examples=model.corpus_count,
        epochs=model.epochs,
        callbacks=callbacks,
    )
    if not task["turns"]:
        spent = meter.read()
        save_vectors(model, Path(task["out"]))
        answer(spent)


if __name__ == "__main__":
    main()
