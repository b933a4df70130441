"""Stalls are told apart by their cause, and healthy curves are left alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from nadeuri.recommend.config import TrainConfig
from nadeuri.recommend.stall import find_stall
from nadeuri.recommend.state import CurvePoint

CONFIG = TrainConfig()
FLOOR = 0.02


def curve(
    losses: Sequence[float],
    metrics: dict[int, float] | None = None,
    norms: dict[int, float] | None = None,
) -> list[CurvePoint]:
    """Metrics and gradient norms by epoch; a norm is 1 where nothing is said."""
    return [
        CurvePoint(epoch, loss, (metrics or {}).get(epoch), 0.0, 0.001, (norms or {}).get(epoch, 1))
        for epoch, loss in enumerate(losses, start=1)
    ]


def first_stall(
    points: Sequence[CurvePoint], config: TrainConfig = CONFIG, floor: float | None = FLOOR
) -> tuple[int, str] | None:
    """The epoch at which a run with this curve is first called stalled, and the cause."""
    for epoch in range(1, len(points) + 1):
        cause = find_stall(points[:epoch], config, floor=floor)
        if cause:
            return epoch, cause
    return None


# Measured: ML-1M, seed 1, batches of 32 (bench/results/recommend.json has its figures).
ML_1M = [7.57, 7.27, 7.08, 6.79, 6.5, 6.25, 6.12, 6.0, 5.92, 5.86, 5.79, 5.74, 5.69, 5.65, 5.63]
ML_1M_METRICS = {5: 0.0613, 10: 0.1003, 15: 0.1251}


def test_a_measured_healthy_run_is_left_alone() -> None:
    assert first_stall(curve(ML_1M, ML_1M_METRICS)) is None


def test_the_natural_plateau_is_waited_for() -> None:
    """ML-1M in batches of 128 stays at popularity for about ten epochs."""
    losses = [7.6 - 0.03 * epoch for epoch in range(14)] + [7.1, 6.9, 6.6]
    assert first_stall(curve(losses, {5: 0.018, 10: 0.019, 15: 0.03})) is None


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_not_finite(loss: float) -> None:
    assert first_stall(curve([7.5, 7.2, loss])) == (3, f"the loss is {loss}")


def test_exploding_gradients() -> None:
    points = curve([7.5, 7.2, 7.1], norms={3: 4321})
    assert first_stall(points) == (3, "exploding gradients (mean norm 4.32e+03)")
    assert first_stall(points, TrainConfig(clip_norm=50)) is None, "large is what clipping says"


def test_dead_gradients_are_a_stall_only_before_anything_was_learned() -> None:
    dead = {2: 1e-7, 3: 1e-7}
    cause = "dead gradients (mean norm 1e-07)"
    assert first_stall(curve([7.5, 7.3, 7.3], norms=dead)) == (2, cause)
    assert first_stall(curve([7.5, 0.1, 0.0], {1: 0.1}, norms=dead)) is None, "converged"


def test_a_loss_that_comes_back_up_and_stays() -> None:
    risen = [7.5, 6.5, 6.0, 7.2, 7.2]
    assert first_stall(curve(risen)) == (5, "the loss is back up from 6 to 7.2")
    assert first_stall(curve([7.5, 6.5, 6.0, 7.2, 6.4, 6.0])) is None, "one bad epoch"
    assert first_stall(curve([7.5, 6.5, 6.0, 6.6, 6.7])) is None, "less than half is lost"
    assert first_stall(curve(risen, {1: 0.03, 5: 0.04})) is None, "validation improves"
    assert first_stall(curve([7.5, 7.4, 7.5, 7.5])) is None, "nothing there to lose"


def test_not_above_popularity() -> None:
    stuck = curve([7.3] * 30, dict.fromkeys(range(5, 31, 5), 0.0215))
    cause = "validation 0.0215 after 15 epochs is not clearly above popularity 0.0200"
    assert first_stall(stuck) == (15, cause)
    assert first_stall(stuck, floor=None) is None
    assert first_stall(stuck, TrainConfig(stall_epochs=22)) == (25, cause.replace("15 ep", "25 ep"))
    assert first_stall(stuck, floor=0.019) is None, "clearly above"


def test_not_above_popularity_when_early_stopping_would_end_the_run() -> None:
    stuck = curve([7.3] * 10, {5: 0.02, 10: 0.02})
    assert find_stall(stuck, CONFIG, floor=FLOOR) is None
    assert "is not clearly above popularity" in (
        find_stall(stuck, CONFIG, floor=FLOOR, stopping=True) or ""
    )


def test_after_a_recovery_only_what_followed_is_judged() -> None:
    points = curve([7.3] * 20, dict.fromkeys(range(5, 21, 5), 0.02))
    assert find_stall(points, CONFIG, floor=FLOOR, born=15, recovered=15) is None
    restarted = curve([7.5, 6.0, math.nan, 7.5, 7.4])
    assert find_stall(restarted, CONFIG, floor=FLOOR, born=3, recovered=3) is None
    resumed = find_stall(restarted, CONFIG, floor=FLOOR, born=0, recovered=3)
    assert resumed == "the loss is back up from 6 to 7.4", "it had learned more than that"
