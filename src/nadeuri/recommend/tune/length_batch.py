"""Search maximum length x batch size, and ship the fastest setting that is as good as the best.

Small batches take more steps in an epoch, so the learning rate follows the batch size: by its
square root for Adam-like optimisers (Malladi et al., "On the SDEs and Scaling Rules for Adaptive
Gradient Algorithms", NeurIPS 2022), or in proportion (Goyal et al., "Accurate, Large Minibatch
SGD", 2017). The warm-up covers the same number of sequences at every batch size.

The choice is made on validation cases only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.errors import ConfigError
from nadeuri.recommend.config import EncoderConfig, ExperimentConfig
from nadeuri.recommend.significance import PairedTest
from nadeuri.recommend.tune.queue import Plan, PrunerName
from nadeuri.recommend.tune.results import (
    Candidate,
    OnTest,
    candidates,
    compare_on_test,
    complete,
    finals_plan,
    in_use,
    on_test,
)
from nadeuri.recommend.tune.space import Axis, Job, Setting, all_settings, varied
from nadeuri.recommend.tune.study import check_folder, run_study
from nadeuri.recommend.tune.worker import Study

KIND, SEARCH = "length-batch", "search"
MAX_LEN, BATCH_SIZE = "max_len", "batch_size"
FINALISTS = 3
"""Fast and good settings that get every seed, beside the best one and the one in use."""

LrRule = Literal["sqrt", "linear", "none"]
EXPONENTS: dict[LrRule, float] = {"sqrt": 0.5, "linear": 1.0, "none": 0.0}


@dataclass(frozen=True)
class LengthBatchSpace:
    """Maximum length x batch size around a base experiment."""

    base: ExperimentConfig
    axes: tuple[Axis, ...]
    lr_rule: LrRule

    @property
    def as_is(self) -> Setting:
        return encoder_of(self.base).max_len, self.base.train.batch_size

    def label(self, setting: Setting) -> str:
        return f"{setting[0]} × {setting[1]}"

    def config(self, setting: Setting) -> ExperimentConfig:
        max_len, batch_size = setting
        train = self.base.train
        factor = float(batch_size) / train.batch_size
        scaled = float(f"{train.lr * factor ** EXPONENTS[self.lr_rule]:.4g}")
        return varied(
            self.base,
            setting,
            model={MAX_LEN: max_len},
            train={
                BATCH_SIZE: batch_size,
                "lr": scaled if factor != 1 else train.lr,
                "warmup_steps": round(train.warmup_steps / factor),
            },
        )


@dataclass(frozen=True)
class LengthBatchResult:
    """What the search found.

    Attributes:
        candidates: every setting that was tried.
        as_is: the setting in use.
        best: highest validation nDCG of those with the most seeds.
        picked: the fastest to its best epoch of those within ``tolerance`` of it.
        tolerance: relative loss of validation nDCG that is accepted for speed.
        test: the picked setting and the one in use on the test cases.
        against_as_is: paired test of the two, on the test cases; None if they are the same.
    """

    space: LengthBatchSpace
    candidates: tuple[Candidate, ...]
    as_is: Candidate
    best: Candidate
    picked: Candidate
    tolerance: float
    test: tuple[OnTest, ...]
    against_as_is: PairedTest | None

    @property
    def why(self) -> str:
        """One sentence for the report and for the config file."""
        loss = self.picked.ndcg / self.best.ndcg - 1
        seeds = len(self.picked.seeds)
        measured = (
            f"max_len {self.picked.setting[0]} and batch_size {self.picked.setting[1]}: validation "
            f"nDCG@10 {self.picked.ndcg:.4f} over {seeds} seed{'s' if seeds > 1 else ''}, "
            f"{self.picked.seconds_to_best:.0f} s to the best epoch"
        )
        if self.picked.setting == self.best.setting:
            return (
                f"{measured}. It has the highest nDCG, and nothing faster is within "
                f"{self.tolerance:.1%} of it."
            )
        return (
            f"{measured}. It is the fastest within {self.tolerance:.1%} of the best nDCG "
            f"({self.best.ndcg:.4f} at {self.space.label(self.best.setting)} in "
            f"{self.best.seconds_to_best:.0f} s): {loss:+.1%}."
        )


def encoder_of(base: ExperimentConfig) -> EncoderConfig:
    """The model of an experiment, which reads sequences.

    Raises:
        ConfigError: it does not.
    """
    if not isinstance(base.model, EncoderConfig):
        raise ConfigError(
            f"{base.name}: model.kind = '{base.model.kind}' reads no sequences, so it has no "
            "max_len to search; use bert4rec, sasrec or one of their meta_ kinds"
        )
    return base.model


def make_space(
    base: ExperimentConfig, lengths: Sequence[int], batches: Sequence[int], lr_rule: LrRule
) -> LengthBatchSpace:
    """The search space; the base experiment's own setting is always in it.

    Raises:
        ConfigError: the model has no maximum length.
    """
    return LengthBatchSpace(
        base,
        (
            Axis(MAX_LEN, tuple(sorted({*lengths, encoder_of(base).max_len}))),
            Axis(BATCH_SIZE, tuple(sorted({*batches, base.train.batch_size}))),
        ),
        lr_rule,
    )


def batches_to_try(base: int) -> tuple[int, ...]:
    """Half, one, two and four times the batch size in use."""
    return tuple(sorted({max(1, base // 2), base, 2 * base, 4 * base}))


def search(
    space: LengthBatchSpace,
    dataset: Dataset,
    split: Split,
    folder: Path,
    *,
    sampled: int | None = None,
    pruner: PrunerName = "median",
    seeds: int = 1,
    tolerance: float = 0.01,
    workers: int = 1,
) -> LengthBatchResult:
    """Try settings with seed 1, train the finalists with all seeds, and choose.

    Args:
        folder: of the study; a search that was stopped goes on where it was.
        sampled: number of settings chosen by TPE; None tries the whole grid.
        seeds: trainings of a finalist, seeds 1 to ``seeds``.
        workers: trials at a time; 0 runs them in this process.

    Raises:
        ConfigError: the folder has another study's trials in it.
        NadeuriError: the setting in use cannot be trained, so there is nothing to compare with.
    """
    check_folder(folder, KIND, space, dataset)
    as_is = Job(space.as_is, seed=1, prunable=False)
    others = (Job(setting, seed=1) for setting in all_settings(space.axes))
    grid = tuple(job for job in others if job.setting != space.as_is)
    first = Plan(
        SEARCH,
        space,
        (as_is, *grid) if sampled is None else (as_is,),
        sampled=sampled or 0,
        pruner=pruner,
    )
    tried = run_study(Study(folder, dataset.path, first), workers=workers, description="settings")
    found = candidates(space, tried)
    if seeds > 1:
        finals = finals_plan(space, _finalists(found, space, tolerance), seeds)
        more = run_study(Study(folder, dataset.path, finals), workers=workers, description="seeds")
        found = candidates(space, (*tried, *more))
    return _choose(space, found, dataset, split, tolerance)


def _finalists(
    found: Sequence[Candidate], space: LengthBatchSpace, tolerance: float
) -> list[Candidate]:
    best = max(complete(found), key=lambda candidate: candidate.ndcg)
    fast = sorted(_within(found, best, tolerance), key=lambda each: each.seconds_to_best)
    return [*fast[:FINALISTS], best, in_use(found, space)]


def _choose(
    space: LengthBatchSpace,
    found: tuple[Candidate, ...],
    dataset: Dataset,
    split: Split,
    tolerance: float,
) -> LengthBatchResult:
    as_is = in_use(found, space)
    judged = [each for each in complete(found) if len(each.seeds) == len(as_is.seeds)]
    best = max(judged, key=lambda candidate: candidate.ndcg)
    picked = min(_within(judged, best, tolerance), key=lambda each: each.seconds_to_best)
    test = tuple(on_test(each, space, dataset, split) for each in dict.fromkeys((picked, as_is)))
    return LengthBatchResult(
        space=space,
        candidates=found,
        as_is=as_is,
        best=best,
        picked=picked,
        tolerance=tolerance,
        test=test,
        against_as_is=compare_on_test(*test) if len(test) == 2 else None,
    )


def _within(found: Sequence[Candidate], best: Candidate, tolerance: float) -> list[Candidate]:
    return [each for each in complete(found) if each.ndcg >= (1 - tolerance) * best.ndcg]
