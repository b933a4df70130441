"""What a study found: a candidate for every setting, its figures averaged over its seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nadeuri import columns
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.errors import NadeuriError
from nadeuri.recommend.evaluate import FloatArray, accuracy, ndcg_per_case
from nadeuri.recommend.significance import PairedTest, paired_test, spread
from nadeuri.recommend.tune.queue import Plan, State, Trial
from nadeuri.recommend.tune.space import Job, Setting, Space, setting_name
from nadeuri.recommend.tune.trial import TRIAL, K, Measured, ranks_on_test, read_trial

NDCG, RECALL = columns.at(columns.NDCG, K), columns.at(columns.RECALL, K)


@dataclass(frozen=True, eq=False)
class Candidate:
    """One setting over all seeds it was trained with.

    Attributes:
        state: of the first seed's trial: complete, pruned or failed.
        reason: why it failed.
        seeds: those that are complete; empty if the first one is not.
        runs: what was measured, one per seed; of a pruned trial, how far it came.
    """

    setting: Setting
    name: str
    state: State
    reason: str | None
    seeds: tuple[int, ...]
    runs: tuple[Measured, ...]

    @property
    def is_complete(self) -> bool:
        return self.state == "complete"

    @cached_property
    def ndcg(self) -> float:
        return self._mean(lambda run: run.figures[NDCG])

    @cached_property
    def ndcg_sd(self) -> float | None:
        return spread([run.figures[NDCG] for run in self.runs])

    @cached_property
    def recall(self) -> float:
        return self._mean(lambda run: run.figures[RECALL])

    @cached_property
    def seconds_per_epoch(self) -> float:
        return self._mean(lambda run: run.seconds_per_epoch)

    @cached_property
    def seconds_to_best(self) -> float:
        return self._mean(lambda run: run.seconds_to_best)

    @cached_property
    def peak_mib(self) -> float:
        return self._mean(lambda run: run.peak_mib)

    @cached_property
    def epochs(self) -> float:
        """Epochs until training was stopped."""
        return self._mean(lambda run: len(run.curve))

    @cached_property
    def ndcg_per_seed(self) -> list[FloatArray]:
        """nDCG of every validation case, one float64 [n_valid] for each seed."""
        return [ndcg_per_case(run.ranks, K) for run in self.runs]

    def _mean(self, figure: Callable[[Measured], float]) -> float:
        return float(np.mean([figure(run) for run in self.runs]))


@dataclass(frozen=True)
class OnTest:
    """A candidate on the test cases: means over seeds, with the spread of nDCG."""

    name: str
    figures: dict[str, float]
    ndcg_sd: float | None
    ndcg_per_seed: list[FloatArray]


def candidates(space: Space, trials: Sequence[Trial]) -> tuple[Candidate, ...]:
    """The tried settings, in the order in which they were first put in.

    Args:
        trials: ended ones, those of the search before those of other seeds.
    """
    last = {(trial.job.setting, trial.job.seed): trial for trial in trials}  # after a retry
    by_setting: dict[Setting, list[Trial]] = {}
    for (setting, _), trial in last.items():
        by_setting.setdefault(setting, []).append(trial)
    return tuple(_candidate(space, setting, found) for setting, found in by_setting.items())


def complete(found: Iterable[Candidate]) -> list[Candidate]:
    """Those that were trained to their end."""
    return [candidate for candidate in found if candidate.is_complete]


def in_use(found: Iterable[Candidate], space: Space) -> Candidate:
    """The candidate that the others are measured against.

    Raises:
        NadeuriError: its training failed.
    """
    candidate = next(each for each in found if each.setting == space.as_is)
    if not candidate.is_complete:
        raise NadeuriError(
            f"{candidate.name}: the setting to compare with cannot be trained ({candidate.reason})"
        )
    return candidate


def finals_plan(space: Space, finalists: Iterable[Candidate], seeds: int) -> Plan:
    """Train the finalists with the seeds that the search did not use."""
    settings = dict.fromkeys(candidate.setting for candidate in finalists)
    jobs = [
        Job(setting, seed, prunable=False) for setting in settings for seed in range(2, seeds + 1)
    ]
    return Plan("finals", space, tuple(jobs))


def compare_on_valid(a: Candidate, b: Candidate) -> PairedTest:
    """Paired test on the validation cases."""
    return paired_test(a.name, a.ndcg_per_seed, b.name, b.ndcg_per_seed)


def compare_on_test(a: OnTest, b: OnTest) -> PairedTest:
    """Paired test on the test cases."""
    return paired_test(a.name, a.ndcg_per_seed, b.name, b.ndcg_per_seed)


def on_test(candidate: Candidate, space: Space, dataset: Dataset, split: Split) -> OnTest:
    """Rank the test cases with every seed; for the settings that are reported, after the choice."""
    config = space.config(candidate.setting)
    ranks = [
        ranks_on_test(config, dataset, split, seed=seed, folder=run.folder)
        for seed, run in zip(candidate.seeds, candidate.runs, strict=True)
    ]
    per_seed = [accuracy(each, (K,)) for each in ranks]
    return OnTest(
        name=candidate.name,
        figures={name: float(np.mean([f[name] for f in per_seed])) for name in per_seed[0]},
        ndcg_sd=spread([figures[NDCG] for figures in per_seed]),
        ndcg_per_seed=[ndcg_per_case(each, K) for each in ranks],
    )


def _candidate(space: Space, setting: Setting, trials: Sequence[Trial]) -> Candidate:
    first = trials[0]
    shown = [trial for trial in trials if trial.state == "complete"] or trials[:1]
    return Candidate(
        setting=setting,
        name=setting_name(space.base, setting),
        state=first.state,
        reason=first.reason,
        seeds=tuple(trial.job.seed for trial in shown if trial.state == "complete"),
        runs=tuple(read_trial(trial.folder) for trial in shown if (trial.folder / TRIAL).is_file()),
    )
