"""A CRF with hand-written features and a linear intent classifier, as a worker.

    python crf_peer.py task.json

Runs in the virtual environment of that peer (python-crfsuite through sklearn-crfsuite, and
scikit-learn). ``train`` and ``test`` of the task are files with one JSON object a line: ``units``
(the surfaces that labels belong to), ``marks`` (of the gazetteer's names on them), ``tags`` (BIO),
``text`` and ``intent``. Writes a line of
``tags`` and ``intent`` for every test question to ``out``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sklearn_crfsuite
from protocol import Meter, answer, read_task
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

WINDOW = 3


def features(question: dict[str, Any]) -> list[dict[str, Any]]:
    """The unit, its neighbours up to WINDOW away, pairs of neighbours, its affixes, and marks."""
    padded = ["<"] * WINDOW + question["units"] + [">"] * WINDOW
    marks = ["0", *map(str, question["marks"]), "0"]
    rows = []
    for at in range(WINDOW, len(question["units"]) + WINDOW):
        unit = padded[at]
        row: dict[str, Any] = {"bias": 1.0, "digit": any(char.isdigit() for char in unit)}
        for offset in range(-WINDOW, WINDOW + 1):
            row[f"u{offset}"] = padded[at + offset]
        for offset in (-2, -1, 0, 1):
            row[f"p{offset}"] = padded[at + offset] + "|" + padded[at + offset + 1]
        for size in (1, 2, 3):
            row[f"head{size}"], row[f"tail{size}"] = unit[:size], unit[-size:]
        for offset in (-1, 0, 1):
            row[f"m{offset}"] = marks[at - WINDOW + 1 + offset]
        rows.append(row)
    return rows


def main() -> None:
    task = read_task()
    train, test = (
        [json.loads(line) for line in Path(task[part]).read_text(encoding="utf-8").splitlines()]
        for part in ("train", "test")
    )
    meter = Meter()
    crf = sklearn_crfsuite.CRF(
        algorithm="lbfgs", c1=0.1, c2=0.1, max_iterations=100, all_possible_transitions=True
    )
    crf.fit([features(row) for row in train], [row["tags"] for row in train])
    tags = crf.predict([features(row) for row in test])
    intents: list[str | None] = [None] * len(test)
    known = [row for row in train if row["intent"]]
    if known:
        classifier = make_pipeline(
            TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True),
            LogisticRegression(C=30, max_iter=1000),
        )
        classifier.fit([row["text"] for row in known], [row["intent"] for row in known])
        intents = list(classifier.predict([row["text"] for row in test]))
    out = Path(task["out"])
    partial = out.with_name(f"partial-{out.name}")
    with partial.open("w", encoding="utf-8") as file:
        for row_tags, intent in zip(tags, intents, strict=True):
            file.write(json.dumps({"tags": list(row_tags), "intent": intent}) + "\n")
    partial.replace(out)
    answer(meter.read())


if __name__ == "__main__":
    main()
