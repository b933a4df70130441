"""Has training stalled, and why? Judged after every epoch from the curve alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nadeuri.training.config import TrainConfig
from nadeuri.training.state import CurvePoint

ABOVE = 1.1
"""A validation metric counts as above the baseline when it is this many times as high: a
network that answers like the baseline scatters around it (docs/decisions/training-stalls.md)."""

DEAD_NORM = 1e-4
"""Mean gradient norm below which nothing is learned any more."""

EXPLODED_NORM = 100.0
"""Mean gradient norm, as a multiple of the norm that steps are clipped to, above which gradients
have exploded: a hundredth of each is left, and its direction is that of the worst example."""

LOST_SHARE = 0.5
"""Share of what the loss had come down by that may be lost again, two epochs in succession."""

NOTABLE_DROP = 0.05
"""The loss must have come down by this share of its first value before losing it means anything."""


def find_stall(
    curve: Sequence[CurvePoint],
    config: TrainConfig,
    *,
    steps_per_epoch: int,
    born: int = 0,
    recovered: int = 0,
    floor: float | None = None,
    stopping: bool = False,
) -> str | None:
    """The cause, in words, for which training has stalled at the end of ``curve``; None if it goes.

    Args:
        curve: every epoch of the run.
        born: the epoch after which the present weights were initialised.
        recovered: the epoch after which the last recovery took place.
        floor: validation metric of the baseline, where there is one.
        stopping: whether early stopping is about to end the run.
    """
    last, attempt = curve[-1], curve[recovered:]
    if not math.isfinite(last.loss):
        return f"the loss is {last.loss}"
    if last.grad_norm > EXPLODED_NORM * config.clip_norm:
        return f"exploding gradients (mean norm {last.grad_norm:.3g})"
    losses = [point.loss for point in curve[born:] if math.isfinite(point.loss)]
    is_improving = last.metric is not None and last.metric == max(_metrics(curve))
    if _is_lost(losses) and not is_improving:
        return f"the loss is back up from {min(losses):.3g} to {last.loss:.3g}"
    metrics = _metrics(attempt)
    if metrics and is_above(metrics[-1], floor):
        return None
    if last.grad_norm < DEAD_NORM:
        return f"dead gradients (mean norm {last.grad_norm:.3g})"
    patience = max(config.stall_epochs, math.ceil(config.stall_steps / steps_per_epoch))
    if last.metric is not None and (len(attempt) >= patience or stopping):
        return (
            f"validation {last.metric:.4f} after {len(attempt)} epochs is not clearly above "
            f"the baseline {floor:.4f}"
        )
    return None


def is_above(metric: float, floor: float | None) -> bool:
    """Whether a validation metric shows that more than the baseline has been learned."""
    return metric > (-math.inf if floor is None else ABOVE * floor)


def _is_lost(losses: Sequence[float]) -> bool:
    """Whether the last two epochs have given back most of what had been learned."""
    drop = losses[0] - min(losses)
    risen = min(losses[-2:]) - min(losses)
    return drop > NOTABLE_DROP * abs(losses[0]) and risen > LOST_SHARE * drop


def _metrics(points: Sequence[CurvePoint]) -> list[float]:
    return [point.metric for point in points if point.metric is not None]
