"""Trials in processes of their own, and what happens when one is killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

from nadeuri.data.sequences import Dataset
from nadeuri.errors import ConfigError
from nadeuri.recommend.config import ExperimentConfig
from nadeuri.recommend.tune import worker
from nadeuri.recommend.tune.length_batch import LengthBatchSpace, make_space
from nadeuri.recommend.tune.queue import Plan, Trial, TrialQueue
from nadeuri.recommend.tune.space import Job
from nadeuri.recommend.tune.study import check_folder, run_study
from nadeuri.recommend.tune.trial import TRIAL, read_trial
from nadeuri.recommend.tune.worker import Study
from nadeuri.training.checkpoint import CHECKPOINT

RunHere = Callable[[Path, Plan], tuple[Trial, ...]]
LONG = 80
"""Epochs that take a process a few seconds: time enough to be killed in between."""


def one_job(base: ExperimentConfig, epochs: int) -> Plan:
    train = base.train.model_copy(update={"epochs": epochs, "patience": epochs})
    space = make_space(base.model_copy(update={"train": train}), [], [], "sqrt")
    return Plan("search", space, (Job(space.as_is, seed=1),))


def kill_when_it_has_trained(folder: Path, killed: list[int], deadline_s: float = 120) -> None:
    """SIGKILL the process of the only trial as soon as it has written a checkpoint."""
    give_up = time.monotonic() + deadline_s
    while not killed and time.monotonic() < give_up:
        if list(folder.glob(f"runs/*/{CHECKPOINT}")):
            (lock,) = folder.glob("runs/*/lock")
            killed.append(int(lock.read_text()))
            os.kill(killed[0], signal.SIGKILL)
        time.sleep(0.02)


def losses(folder: Path) -> list[float]:
    return [point.loss for point in read_trial(folder).curve]


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(
    base: ExperimentConfig, travel_dataset: Dataset, tmp_path: Path, run_here: RunHere
) -> None:
    plan = one_job(base, LONG)
    killed: list[int] = []
    killer = threading.Thread(target=kill_when_it_has_trained, args=(tmp_path / "killed", killed))
    killer.start()
    (trial,) = run_study(
        Study(tmp_path / "killed", travel_dataset.path, plan), workers=2, description="trials"
    )
    killer.join()
    assert (trial.number, trial.state) == (0, "complete")
    assert trial.last_holder not in (*killed, os.getpid())  # another process took it over
    assert killed
    (whole,) = run_here(tmp_path / "whole", plan)
    assert losses(trial.folder) == losses(whole.folder)


def test_a_process_runs_one_trial_and_writes_to_its_folder(
    base: ExperimentConfig, travel_dataset: Dataset, tmp_path: Path
) -> None:
    plan = one_job(base, 2)
    queue = TrialQueue(tmp_path, plan)
    queue.fill()
    study = Study(tmp_path, travel_dataset.path, plan)
    process = get_context("spawn").Process(target=worker.main, args=(study, 1, os.getpid()))
    process.start()
    process.join()
    assert process.exitcode == 0
    (trial,) = queue.trials()
    assert (trial.state, trial.last_holder) == ("complete", process.pid)
    assert (trial.folder / worker.LOG).is_file()
    assert 50 < read_trial(trial.folder).peak_mib < 4000


def test_a_trial_stops_when_its_study_is_gone(
    base: ExperimentConfig, travel_dataset: Dataset, tmp_path: Path, run_here: RunHere
) -> None:
    plan = one_job(base, 3)
    queue = TrialQueue(tmp_path, plan)
    queue.fill()
    taken = queue.take()
    assert taken
    with pytest.raises(SystemExit):
        worker.run(Study(tmp_path, travel_dataset.path, plan), taken, is_wanted=lambda: False)
    assert (taken.folder / CHECKPOINT).is_file()
    assert not (taken.folder / TRIAL).is_file()
    (trial,) = run_here(tmp_path, plan)  # taken up again where it was
    assert (trial.number, trial.state) == (taken.number, "complete")
    assert len(losses(trial.folder)) == 3


def test_an_impossible_setting_fails_alone(
    base: ExperimentConfig, tmp_path: Path, run_here: RunHere
) -> None:
    space = make_space(base, [1], [], "sqrt")  # one item leaves no room for a question
    jobs = tuple(Job((length, 16), seed=1) for length in (1, 8))
    failed, complete = run_here(tmp_path, Plan("search", space, jobs))
    assert (failed.state, complete.state) == ("failed", "complete")
    assert "max_len" in str(failed.reason)
    assert "\n" not in str(failed.reason)


def test_a_folder_keeps_one_study(
    base: ExperimentConfig, travel_dataset: Dataset, tmp_path: Path
) -> None:
    def check(space: LengthBatchSpace) -> None:
        check_folder(tmp_path, "length-batch", space, travel_dataset)

    space = make_space(base, [4], [8], "sqrt")
    check(space)
    check(space)
    with pytest.raises(ConfigError, match=r"another 'settings'.*another --out"):
        check(replace(space, lr_rule="linear"))
    with pytest.raises(ConfigError, match="another 'axes'"):
        check(make_space(base, [5], [8], "sqrt"))
    other = base.model_copy(update={"name": "other"})
    with pytest.raises(ConfigError, match="another 'experiment'"):
        check(make_space(other, [4], [8], "sqrt"))
