"""Learning-rate schedules x base rates: which one converges sooner, and does it end higher?

Every run is what its label says: only the schedule ``linear`` (warm-up, then a linear decay) keeps
the base experiment's warm-up, nothing lowers the rate on a plateau or restarts a stalled run, and
validation follows every epoch. What is compared is the first epoch that is within ``CONVERGED`` of
the run's own best, the epoch in which early stopping ended it, and the best nDCG.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import get_args

import numpy as np

from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.errors import ConfigError
from nadeuri.recommend.compare_config import SEEDLESS
from nadeuri.recommend.config import ExperimentConfig, TrainConfig, parse_config
from nadeuri.recommend.significance import PairedTest
from nadeuri.recommend.tune.queue import Plan
from nadeuri.recommend.tune.results import (
    Candidate,
    OnTest,
    candidates,
    compare_on_test,
    compare_on_valid,
    complete,
    finals_plan,
    in_use,
    on_test,
)
from nadeuri.recommend.tune.space import Axis, Job, Setting, all_settings, varied
from nadeuri.recommend.tune.study import check_folder, run_study
from nadeuri.recommend.tune.trial import Measured
from nadeuri.recommend.tune.worker import Study

KIND = "schedule"
SCHEDULE, LR = "schedule", "lr"
SCHEDULES: tuple[str, ...] = get_args(TrainConfig.model_fields[SCHEDULE].annotation)
CONSTANT, EXPONENTIAL, WITH_WARMUP = "constant", "exponential", "linear"
RATES = (0.001, 0.002, 0.005, 0.01)
AS_IS: Setting = (CONSTANT, 0.001)
"""Without a schedule, at the rate everybody starts with."""
CONVERGED = 0.01
"""A run has converged when it is within this share of its own best."""
FINALISTS = 3


@dataclass(frozen=True)
class ScheduleSpace:
    """Schedules x base rates around a base experiment, which says epochs and patience."""

    base: ExperimentConfig
    axes: tuple[Axis, ...]

    @property
    def as_is(self) -> Setting:
        return AS_IS

    def label(self, setting: Setting) -> str:
        return f"{setting[0]} from {setting[1]:g}"

    def config(self, setting: Setting) -> ExperimentConfig:
        schedule, rate = setting
        warmup = self.base.train.warmup_steps or TrainConfig().warmup_steps
        return varied(
            self.base,
            setting,
            model={},
            train={
                SCHEDULE: schedule,
                LR: rate,
                "warmup_steps": warmup if schedule == WITH_WARMUP else 0,
                "eval_every": 1,
                "plateau_factor": 1.0,
                "recoveries": 0,
            },
        )


def make_space(
    base: ExperimentConfig,
    schedules: Sequence[str],
    rates: Sequence[float],
    *,
    epochs: int,
    patience: int,
) -> ScheduleSpace:
    """The settings to compare; a constant rate of 0.001 is always among them.

    Raises:
        ConfigError: an unknown schedule, or nothing is iterated in the base experiment.
    """
    for schedule in schedules:
        if schedule not in SCHEDULES:
            raise ConfigError(f"--schedules {schedule}: choose from {', '.join(SCHEDULES)}")
    if base.model.kind in SEEDLESS:
        raise ConfigError(f"{base.name}: model.kind = '{base.model.kind}' has no learning rate")
    tables = base.model_dump()
    tables["train"] |= {"epochs": epochs, "patience": patience}
    wanted = [s for s in SCHEDULES if s in {*schedules, CONSTANT}]
    return ScheduleSpace(
        parse_config(tables, base.name),
        (Axis(SCHEDULE, tuple(wanted)), Axis(LR, tuple(sorted({*rates, AS_IS[1]})))),
    )


@dataclass(frozen=True)
class Convergence:
    """When runs converged; means over seeds.

    Attributes:
        epoch: first within ``CONVERGED`` of the run's best.
        stopped: last epoch that was run.
        at_most: runs that reached the largest number of epochs.
        runs: all of them.
    """

    epoch: float
    stopped: float
    at_most: int
    runs: int


@dataclass(frozen=True)
class ScheduleResult:
    """What the comparison found.

    Attributes:
        candidates: every schedule at every rate.
        as_is: the constant rate of 0.001.
        picked: highest validation nDCG of the finalists, averaged over seeds.
        finalists: settings with all seeds, best first.
        valid: paired test of picked against as-is on validation; None if they are the same.
        test: the two on the test cases.
        against_as_is: paired test of the two there.
    """

    space: ScheduleSpace
    candidates: tuple[Candidate, ...]
    as_is: Candidate
    picked: Candidate
    finalists: tuple[Candidate, ...]
    valid: PairedTest | None
    test: tuple[OnTest, ...]
    against_as_is: PairedTest | None

    def at(self, schedule: str) -> list[Candidate]:
        """The candidates of one schedule, by rate."""
        found = [each for each in self.candidates if each.setting[0] == schedule]
        return sorted(found, key=lambda each: float(each.setting[1]))

    @cached_property
    def best_exponential(self) -> Candidate | None:
        """Exponential decay at its best rate; None if it was not tried or always failed."""
        found = complete(self.at(EXPONENTIAL))
        return max(found, key=lambda each: each.ndcg) if found else None

    @property
    def why(self) -> str:
        """One sentence for the report and for the config file."""
        found, before = (
            convergence(self.space, [self.picked]),
            convergence(self.space, [self.as_is]),
        )
        return (
            f"{self.space.label(self.picked.setting)}: highest validation nDCG@10 of the "
            f"finalists, {self.picked.ndcg:.4f} over {len(self.picked.seeds)} seed(s), converged "
            f"in epoch {found.epoch:.0f}; a constant rate of {AS_IS[1]:g} reached "
            f"{self.as_is.ndcg:.4f}, "
            f"converged in epoch {before.epoch:.0f}."
        )


def converged_epoch(run: Measured) -> int:
    """The first epoch whose metric is within ``CONVERGED`` of the run's best."""
    best = max(metric for _, metric in run.metrics)
    return next(epoch for epoch, metric in run.metrics if metric >= (1 - CONVERGED) * best)


def convergence(space: ScheduleSpace, found: Iterable[Candidate]) -> Convergence:
    """Convergence of all complete runs of some candidates (at least one)."""
    runs = [run for candidate in complete(found) for run in candidate.runs]
    return Convergence(
        epoch=float(np.mean([converged_epoch(run) for run in runs])),
        stopped=float(np.mean([run.curve[-1].epoch for run in runs])),
        at_most=sum(run.curve[-1].epoch >= space.base.train.epochs for run in runs),
        runs=len(runs),
    )


def compare_schedules(
    space: ScheduleSpace,
    dataset: Dataset,
    split: Split,
    folder: Path,
    *,
    seeds: int = 3,
    workers: int = 1,
) -> ScheduleResult:
    """Train every schedule at every rate with seed 1, the finalists with all seeds, and choose.

    Args:
        folder: of the study; a comparison that was stopped goes on where it was.
        seeds: trainings of a finalist, seeds 1 to ``seeds``.
        workers: trials at a time; 0 runs them in this process.

    Raises:
        ConfigError: the folder has another study's trials in it.
        NadeuriError: the constant rate of 0.001 cannot be trained.
    """
    check_folder(folder, KIND, space, dataset)
    jobs = tuple(Job(setting, seed=1, prunable=False) for setting in all_settings(space.axes))
    search = Study(folder, dataset.path, Plan("search", space, jobs))
    tried = run_study(search, workers=workers, description="schedules")
    found = candidates(space, tried)
    if seeds > 1:
        finals = finals_plan(space, _finalists(found, space), seeds)
        more = run_study(Study(folder, dataset.path, finals), workers=workers, description="seeds")
        found = candidates(space, (*tried, *more))
    as_is = in_use(found, space)
    judged = [each for each in complete(found) if len(each.seeds) == len(as_is.seeds)]
    finalists = sorted(judged, key=lambda each: -each.ndcg)
    picked = finalists[0]
    test = tuple(on_test(each, space, dataset, split) for each in dict.fromkeys((picked, as_is)))
    return ScheduleResult(
        space=space,
        candidates=found,
        as_is=as_is,
        picked=picked,
        finalists=tuple(finalists),
        valid=compare_on_valid(picked, as_is) if picked is not as_is else None,
        test=test,
        against_as_is=compare_on_test(*test) if len(test) == 2 else None,
    )


def _finalists(found: Sequence[Candidate], space: ScheduleSpace) -> list[Candidate]:
    """The best ones, exponential decay at its best rate, and the constant rate in use."""
    best = sorted(complete(found), key=lambda each: -each.ndcg)
    exponential = [each for each in best if each.setting[0] == EXPONENTIAL]
    return [*best[:FINALISTS], *exponential[:1], in_use(found, space)]
