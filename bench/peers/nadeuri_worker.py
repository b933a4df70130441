"""Nadeuri's models as a worker, trained by the same code as ``nadeuri recommend train``.

    python nadeuri_worker.py task.json

Two ways to train: in turns (each epoch waits for a line on standard input; no validation), or along
a curve (``curve`` in the task: answers every epoch with its validation metric and ends with the
accuracy on the test part; stops early where ``target`` is reached).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import torch
from protocol import Meter, answer, read_task, wait_for_turn

from nadeuri import columns
from nadeuri.data.sequences import open_dataset
from nadeuri.recommend.config import parse_config
from nadeuri.recommend.evaluate import accuracy, rank_cases
from nadeuri.recommend.experiment import CurvePoint, build, make_split
from nadeuri.training.precision import resolve
from nadeuri.training.trainer import fit

CPU = torch.device("cpu")
NDCG = columns.at(columns.NDCG, 10)
T = TypeVar("T")


class TrainingMeter:
    """CPU and wall seconds of training alone: what runs inside :meth:`without` does not count."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Count from here."""
        self._meter = Meter()
        self._other = {"cpu_s": 0.0, "wall_s": 0.0}

    def read(self) -> dict[str, float]:
        """Seconds of training since the start."""
        return {name: value - self._other[name] for name, value in self._meter.read().items()}

    def without(self, function: Callable[[], T]) -> Callable[[], T]:
        """``function``, whose time is not training."""

        def timed() -> T:
            meter = Meter()
            result = function()
            for name, value in meter.read().items():
                self._other[name] += value
            return result

        return timed


def main() -> None:
    torch.set_num_threads(1)
    task = read_task()
    dataset = open_dataset(Path(task["dataset"]))
    config = parse_config(task["experiment"], "task")
    split = make_split(config.split, dataset)
    recommender, work = build(config, dataset, split, seed=task["seed"])
    meter = TrainingMeter()
    work = replace(
        work,
        validate=meter.without(work.validate),
        floor=meter.without(work.floor) if work.floor else None,
    )
    precision = resolve(config.train.precision, CPU)
    is_curve = task.get("curve", False)

    def report(point: CurvePoint) -> None:
        figures: dict[str, Any] = {"epoch": point.epoch, **meter.read(), "precision": precision}
        if point.metric is not None:
            figures[NDCG] = point.metric
        if point.event:
            figures["event"] = point.event
        answer(figures)
        if point.metric is not None and point.metric >= task.get("target", float("inf")):
            raise SystemExit
        if not is_curve:
            if not wait_for_turn():
                raise SystemExit
            meter.restart()

    if not is_curve and not wait_for_turn():
        return
    meter.restart()
    fit(work, config.train, seed=task["seed"], report=report, device=CPU)
    ranking = rank_cases(
        recommender,
        dataset.sequences,
        split.test,
        k=10,
        filter_seen=config.evaluation.filter_seen,
    )
    answer({"test": accuracy(ranking.ranks, (10,))})


if __name__ == "__main__":
    main()
