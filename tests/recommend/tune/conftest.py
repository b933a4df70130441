"""A tiny experiment to tune, and trials that run in this process: starting one takes seconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split, leave_one_out
from nadeuri.recommend.config import ExperimentConfig
from nadeuri.recommend.tune.queue import Plan, Trial, TrialQueue
from nadeuri.recommend.tune.worker import Study, run


@pytest.fixture(scope="session")
def base() -> ExperimentConfig:
    """Three epochs of a tiny BERT4Rec; 8 clicks, batches of 16."""
    return ExperimentConfig.model_validate(
        {
            "name": "tiny",
            "model": {"kind": "bert4rec", "max_len": 8, "dim": 8, "blocks": 1},
            "train": {
                "epochs": 3,
                "batch_size": 16,
                "eval_every": 1,
                "warmup_steps": 4,
                "precision": "fp32",
            },
        }
    )


@pytest.fixture(scope="session")
def split(travel_dataset: Dataset) -> Split:
    return leave_one_out(travel_dataset.sequences)


@pytest.fixture(scope="session")
def run_here(travel_dataset: Dataset) -> Callable[[Path, Plan], tuple[Trial, ...]]:
    """Run a plan as :func:`nadeuri.recommend.tune.study.run_study` does, but in this process."""

    def run_plan(folder: Path, plan: Plan) -> tuple[Trial, ...]:
        queue = TrialQueue(folder, plan)
        queue.fill()
        while taken := queue.take():
            run(Study(folder, travel_dataset.path, plan), taken)
        return queue.trials()

    return run_plan
