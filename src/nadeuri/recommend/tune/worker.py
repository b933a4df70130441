"""One trial in a process of its own, so that its peak memory and its end concern nobody else."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nadeuri import columns
from nadeuri.data.sequences import open_dataset
from nadeuri.errors import NadeuriError
from nadeuri.recommend.tune.queue import Plan, Taken, TrialQueue

LOG = "log.txt"


@dataclass(frozen=True)
class Study:
    """What a process has to know to take part.

    Attributes:
        folder: of the study: storage, trials and report.
        data: the prepared data set.
        plan: what is tried.
    """

    folder: Path
    data: Path
    plan: Plan


def main(study: Study, threads: int, coordinator: int) -> None:
    """Take one trial and run it; the target of a new process.

    Args:
        threads: most threads to compute with (the environment may say fewer).
        coordinator: process id of the one who started this process; when it is gone, the trial
            stops after its epoch, to be taken up again with the study.
    """
    taken = TrialQueue(study.folder, study.plan).take()
    if taken is None:
        return
    # progress bars and warnings of one trial among several: into its folder
    log = os.open(taken.folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    import torch

    torch.set_num_threads(min(threads, torch.get_num_threads()))
    run(study, taken, is_wanted=lambda: os.getppid() == coordinator)


def run(study: Study, taken: Taken, *, is_wanted: Callable[[], bool] = lambda: True) -> None:
    """Run a taken trial, tell the queue how it ended and let go of it.

    Whatever goes wrong is this trial's end and not the study's: it is reported as failed.
    """
    from nadeuri.recommend.experiment import CurvePoint, make_split
    from nadeuri.recommend.tune.trial import GivenUp, K, run_trial

    def report(point: CurvePoint) -> None:
        if not is_wanted():
            raise SystemExit(1)
        if point.metric is not None and taken.should_stop(point.epoch, point.metric):
            raise GivenUp

    try:
        config = study.plan.space.config(taken.job.setting)
        dataset = open_dataset(study.data)
        measured = run_trial(
            config,
            dataset,
            make_split(config.split, dataset),
            seed=taken.job.seed,
            folder=taken.folder,
            report=report,
        )
    except NadeuriError as error:  # happens again whenever it is tried
        taken.fail(_one_line(error), may_retry=False)
    except Exception as error:
        traceback.print_exc()
        taken.fail(f"{type(error).__name__}: {_one_line(error)}", may_retry=True)
    else:
        if measured.pruned:
            taken.prune()
        else:
            taken.complete(measured.figures[columns.at(columns.NDCG, K)])
    finally:
        taken.close()


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
