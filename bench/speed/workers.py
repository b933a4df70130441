"""Trainings in processes of their own, which take turns so that all meet the same machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nadeuri.errors import NadeuriError

SCRIPTS = Path(__file__).parent.parent / "peers"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
LAST_WORDS = 5
"""Lines of a failed worker's standard error that are shown."""

Answer = dict[str, Any]


class Worker:
    """A training in another process, with one thread (the protocol is ``bench/peers/protocol.py``).

    Use it as a context manager: leaving ends the process.
    """

    def __init__(
        self, script: str, task: Mapping[str, Any], python: str | Path = sys.executable
    ) -> None:
        self.name = script
        self._folder = tempfile.TemporaryDirectory(prefix="nadeuri-bench-")
        folder = Path(self._folder.name)
        (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
        self._log = folder / "stderr.txt"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [python, SCRIPTS / script, folder / "task.json"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, **ONE_THREAD},
            )

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()

    def epoch(self) -> Answer:
        """Let it train one epoch and wait for what that took.

        Raises:
            NadeuriError: the worker ended.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it ended: the answer that does not come says so
        for answer in self._answers():
            return answer
        raise self._failure()

    def finish(self) -> Iterator[Answer]:
        """All answers of a worker that needs no turns, as they come.

        Raises:
            NadeuriError: the worker failed.
        """
        yield from self._answers()
        if self._process.wait() != 0:
            raise self._failure()

    def _answers(self) -> Iterator[Answer]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):  # libraries print what they like
                yield json.loads(line)

    def _failure(self) -> NadeuriError:
        code = self._process.wait()
        words = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        shown = " | ".join(words[-LAST_WORDS:]) or "no message"
        return NadeuriError(f"{self.name} ended with status {code}: {shown}")


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Attributes:
        name: what it is called in the results.
        worker: a training that waits for turns.
        epochs: epochs in each of its turns.
    """

    name: str
    worker: Worker
    epochs: int = 1
    answers: list[Answer] = field(default_factory=list)

    def take_turn(self, epochs: int) -> None:
        """Train some epochs."""
        self.answers.extend(self.worker.epoch() for _ in range(epochs))

    def summary(self) -> dict[str, Any]:
        """Mean seconds of an epoch, the first (warm-up) left out, and the largest memory."""
        measured = self.answers[1:]
        return {
            **{
                name: sum(answer[name] for answer in measured) / len(measured)
                for name in ("cpu_s", "wall_s")
            },
            "epochs": len(measured),
            "all_cpu_s": [round(answer["cpu_s"], 3) for answer in self.answers],
            "peak_rss_mib": max(answer["peak_rss_mib"] for answer in self.answers),
            **{k: v for k, v in self.answers[-1].items() if k in ("precision", "sequences")},
        }


def take_turns(sides: Sequence[Side], rounds: int) -> dict[str, dict[str, Any]]:
    """One warm-up epoch each, then ``rounds`` rounds in which every side has a turn.

    All but the last side, the one with the long epochs, get a turn after the last round as well:
    what slows the machine for a while then slows both.
    """
    for side in sides:
        side.take_turn(1)
    for _ in range(rounds):
        for side in sides:
            side.take_turn(side.epochs)
    for side in sides[:-1]:
        side.take_turn(side.epochs)
    return {side.name: side.summary() for side in sides}
