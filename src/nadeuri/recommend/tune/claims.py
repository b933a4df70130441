"""The mission's statements about training, each held against what a study measured."""

from __future__ import annotations

from dataclasses import dataclass

from nadeuri.recommend.tune.estimate import LengthEstimate
from nadeuri.recommend.tune.length_batch import LengthBatchResult
from nadeuri.recommend.tune.results import complete
from nadeuri.recommend.tune.schedule import (
    CONSTANT,
    LR,
    ScheduleResult,
    converged_epoch,
    convergence,
)

THIRTIES = range(30, 40)


@dataclass(frozen=True)
class Claim:
    """A statement, and what was measured about it (``holds`` is None where nothing was)."""

    text: str
    holds: bool | None
    evidence: str

    @property
    def verdict(self) -> str:
        """In words."""
        return {True: "yes", False: "no", None: "not measured"}[self.holds]


def check_length_claims(result: LengthBatchResult, estimate: LengthEstimate) -> tuple[Claim, ...]:
    """The statements of mission row B1 about maximum length and batch size."""
    return _half_the_time(result), _length_follows_the_data(result, estimate)


def check_schedule_claims(result: ScheduleResult) -> tuple[Claim, ...]:
    """The four statements of mission row B2, true or false as measured."""
    return (
        _most_runs_go_on(result),
        _convergence_in_the_thirties(result),
        _slightly_higher(result),
        _best_exponential_rate(result),
    )


def _half_the_time(result: LengthBatchResult) -> Claim:
    before, after = result.as_is, result.picked
    ratio = before.seconds_to_best / after.seconds_to_best
    change = after.ndcg / before.ndcg - 1 if before.ndcg else 0.0
    return Claim(
        "Length and batch size cut the training time by half or more at held quality",
        ratio >= 2 and change >= -result.tolerance,
        f"{after.seconds_to_best:.1f} s to the best epoch instead of {before.seconds_to_best:.1f} "
        f"({ratio:.2f} times as fast), {after.seconds_per_epoch:.2f} s per epoch instead of "
        f"{before.seconds_per_epoch:.2f}; validation nDCG@10 {change:+.1%}",
    )


def _length_follows_the_data(result: LengthBatchResult, estimate: LengthEstimate) -> Claim:
    best = int(result.best.setting[0])
    share = max(best, estimate.recommended) / min(best, estimate.recommended)
    return Claim(
        "The best maximum length follows from how long the histories are",
        share <= 2,
        f"histories have {estimate.mean:.1f} clicks on average, which recommended "
        f"{estimate.recommended}; {best} measured best",
    )


def _most_runs_go_on(result: ScheduleResult) -> Claim:
    epochs = result.space.base.train.epochs
    without = convergence(result.space, result.at(CONSTANT))
    scheduled = [c for c in complete(result.candidates) if c.setting[0] != CONSTANT]
    evidence = (
        f"{without.at_most} of {without.runs} runs at a constant rate were still running after "
        f"{epochs} epochs; they stopped after {without.stopped:.1f} on average"
    )
    if scheduled:
        other = convergence(result.space, scheduled)
        evidence += (
            f"; with a schedule {other.at_most} of {other.runs}, {other.stopped:.1f} on average"
        )
    return Claim(
        f"Without a schedule most runs go to the maximum of {epochs} epochs",
        without.at_most > without.runs / 2,
        evidence,
    )


def _convergence_in_the_thirties(result: ScheduleResult) -> Claim:
    text = "With a schedule training converges in the 30s of epochs"
    scheduled = [c for c in complete(result.candidates) if c.setting[0] != CONSTANT]
    if not scheduled:
        return Claim(text, None, "no schedule was tried")
    best = max(scheduled, key=lambda each: (len(each.seeds), each.ndcg))
    epochs = [converged_epoch(run) for run in best.runs]
    every = [converged_epoch(run) for each in scheduled for run in each.runs]
    inside = sum(epoch in THIRTIES for epoch in every)
    mean = sum(epochs) / len(epochs)
    return Claim(
        text,
        THIRTIES.start <= mean < THIRTIES.stop,
        f"the best scheduled setting ({result.space.label(best.setting)}) converged in epoch "
        f"{', '.join(map(str, epochs))}; {inside} of all {len(every)} scheduled runs in the 30s",
    )


def _slightly_higher(result: ScheduleResult) -> Claim:
    text = "A schedule gives a slightly higher nDCG"
    if result.valid is None:
        return Claim(text, False, "the constant rate in use has the highest validation nDCG")
    if result.picked.setting[0] == CONSTANT:
        return Claim(
            text,
            False,
            f"the best finalist is {result.space.label(result.picked.setting)}",
        )
    test = result.valid
    return Claim(
        text,
        test.difference > 0 and test.is_significant,
        f"validation {test.difference:+.4f} ({test.difference / result.as_is.ndcg:+.1%}) for "
        f"{result.space.label(result.picked.setting)}, p = {test.p_value:.3f}",
    )


def _best_exponential_rate(result: ScheduleResult) -> Claim:
    text = "The best initial rate for exponential decay is found"
    best = result.best_exponential
    if best is None:
        return Claim(text, None, "exponential decay was not tried, or never trained")
    rates = next(axis.values for axis in result.space.axes if axis.name == LR)
    rate = best.setting[1]
    at_edge = rate in (rates[0], rates[-1])
    tried = ", ".join(
        f"{each.setting[1]:g}: {each.ndcg:.4f}"
        if each.is_complete
        else f"{each.setting[1]:g}: {each.state}"
        for each in result.at(best.setting[0])  # type: ignore[arg-type]
    )
    where = (
        "at the edge of what was tried: a better one may lie beyond"
        if at_edge
        else "rates on both sides are worse"
    )
    return Claim(text, not at_edge, f"{rate:g} ({where}); {tried}")
