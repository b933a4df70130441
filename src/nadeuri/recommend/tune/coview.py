"""Search the settings of Prod2Vec and Meta-Prod2Vec, which matter more than for other word2vec.

Window, exponent of the negatives, sub-sampling and epochs move the quality of product vectors by
a factor, far from the defaults of text (Caselles-Dupré, Lesaint, Royo-Letelier, "Word2Vec Applied
to Recommendation: Hyperparameters Matter", RecSys 2018). The choice is made on validation cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nadeuri import columns
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.errors import ConfigError
from nadeuri.recommend.config import ExperimentConfig, Prod2VecConfig
from nadeuri.recommend.significance import PairedTest
from nadeuri.recommend.tune.queue import Plan
from nadeuri.recommend.tune.results import (
    NDCG,
    Candidate,
    OnTest,
    candidates,
    compare_on_test,
    complete,
    finals_plan,
    in_use,
    on_test,
)
from nadeuri.recommend.tune.space import Axis, Job, Setting, Value, all_settings, varied
from nadeuri.recommend.tune.study import check_folder, run_study
from nadeuri.recommend.tune.worker import Study

KIND, SEARCH = "coview", "search"
EPOCHS, FIELD_WEIGHT = "epochs", "field_weight"
AXES: dict[str, tuple[Value, ...]] = {
    "window": (2, 5, 10),
    "ns_exponent": (0.0, 0.5, 0.75, 1.0),
    "subsample": (0.0, 1e-4, 1e-3),
    "output_share": (0.0, 0.5, 1.0),
    EPOCHS: (10, 20, 40),
    FIELD_WEIGHT: (0.3, 1.0),
}
"""What is tried by default; ``field_weight`` where there are fields."""
FINALISTS = 3


@dataclass(frozen=True)
class CoviewSpace:
    """Settings of skip-gram around a base experiment."""

    base: ExperimentConfig
    axes: tuple[Axis, ...]

    @property
    def as_is(self) -> Setting:
        return _in_use(self.base, [axis.name for axis in self.axes])

    def label(self, setting: Setting) -> str:
        named = zip(self.axes, setting, strict=True)
        return ", ".join(f"{axis.name} {value:g}" for axis, value in named)

    def config(self, setting: Setting) -> ExperimentConfig:
        values = dict(zip((axis.name for axis in self.axes), setting, strict=True))
        train = {EPOCHS: values.pop(EPOCHS)} if EPOCHS in values else {}
        return varied(self.base, setting, model=values, train=train)


@dataclass(frozen=True)
class CoviewResult:
    """What the search found.

    Attributes:
        candidates: every setting that was tried.
        as_is: the setting in use.
        picked: highest validation nDCG of those with all seeds.
        test: the picked setting and the one in use on the test cases.
        against_as_is: paired test of the two there; None if they are the same.
    """

    space: CoviewSpace
    candidates: tuple[Candidate, ...]
    as_is: Candidate
    picked: Candidate
    test: tuple[OnTest, ...]
    against_as_is: PairedTest | None

    @property
    def why(self) -> str:
        """One sentence for the report and for the config file."""
        return (
            f"{self.space.label(self.picked.setting)}: highest validation nDCG@10, "
            f"{self.picked.ndcg:.4f} over {len(self.picked.seeds)} seed(s) in "
            f"{self.picked.seconds_per_epoch:.2f} s an epoch; what was in use "
            f"({self.space.label(self.as_is.setting)}) reached {self.as_is.ndcg:.4f}."
        )

    def best_of(self, axis: Axis) -> list[tuple[Value, Candidate | None]]:
        """For each value of an axis the best candidate that has it, by seed 1."""
        place = self.space.axes.index(axis)
        found = []
        for value in axis.values:
            having = [c for c in complete(self.candidates) if c.setting[place] == value]
            found.append((value, max(having, key=_first_ndcg, default=None)))
        return found


def make_space(base: ExperimentConfig, values: Mapping[str, Sequence[Value]]) -> CoviewSpace:
    """The search space; the base experiment's own setting is always in it.

    Args:
        values: of each axis that is searched, by its name in ``AXES``.

    Raises:
        ConfigError: the model is no skip-gram, or has no fields to weigh.
    """
    if not isinstance(base.model, Prod2VecConfig):
        raise ConfigError(
            f"{base.name}: model.kind = '{base.model.kind}' is not searched here; use "
            f"{columns.PROD2VEC} or {columns.META_PROD2VEC}"
        )
    if FIELD_WEIGHT in values and not base.model.fields:
        raise ConfigError(f"{base.name}: {FIELD_WEIGHT} needs fields; use {columns.META_PROD2VEC}")
    used = dict(zip(values, _in_use(base, list(values)), strict=True))
    axes = (Axis(name, tuple(sorted({*tried, used[name]}))) for name, tried in values.items())
    return CoviewSpace(base, tuple(axes))


def usual_values(base: ExperimentConfig) -> dict[str, tuple[Value, ...]]:
    """What is searched when nothing is said."""
    has_fields = isinstance(base.model, Prod2VecConfig) and bool(base.model.fields)
    return {name: tried for name, tried in AXES.items() if has_fields or name != FIELD_WEIGHT}


def search(
    space: CoviewSpace,
    dataset: Dataset,
    split: Split,
    folder: Path,
    *,
    sampled: int | None = None,
    seeds: int = 3,
    workers: int = 1,
) -> CoviewResult:
    """Try settings with seed 1, train the finalists with all seeds, and choose.

    Nothing is pruned: the epochs are part of the setting, and the rate falls over them.

    Args:
        folder: of the study; a search that was stopped goes on where it was.
        sampled: number of settings chosen by TPE; None tries the whole grid.
        seeds: trainings of a finalist, seeds 1 to ``seeds``.
        workers: trials at a time.

    Raises:
        ConfigError: the folder has another study's trials in it.
        NadeuriError: the setting in use cannot be trained.
    """
    check_folder(folder, KIND, space, dataset)
    as_is = Job(space.as_is, seed=1, prunable=False)
    others = (Job(setting, seed=1, prunable=False) for setting in all_settings(space.axes))
    grid = tuple(job for job in others if job.setting != space.as_is)
    jobs = (as_is, *grid) if sampled is None else (as_is,)
    first = Plan(SEARCH, space, jobs, sampled=sampled or 0, pruner="none")
    tried = run_study(Study(folder, dataset.path, first), workers=workers, description="settings")
    found = candidates(space, tried)
    if seeds > 1:
        best = sorted(complete(found), key=lambda each: -each.ndcg)[:FINALISTS]
        finals = finals_plan(space, [*best, in_use(found, space)], seeds)
        more = run_study(Study(folder, dataset.path, finals), workers=workers, description="seeds")
        found = candidates(space, (*tried, *more))
    used = in_use(found, space)
    judged = [each for each in complete(found) if len(each.seeds) == len(used.seeds)]
    picked = max(judged, key=lambda each: each.ndcg)
    test = tuple(on_test(each, space, dataset, split) for each in dict.fromkeys((picked, used)))
    return CoviewResult(
        space=space,
        candidates=found,
        as_is=used,
        picked=picked,
        test=test,
        against_as_is=compare_on_test(*test) if len(test) == 2 else None,
    )


def _in_use(base: ExperimentConfig, names: Sequence[str]) -> Setting:
    values = base.model.model_dump() | {EPOCHS: base.train.epochs}
    return tuple(values[name] for name in names)


def _first_ndcg(candidate: Candidate) -> float:
    """Validation nDCG of the first seed, so that one with more seeds has no other measure."""
    return candidate.runs[0].figures[NDCG]
