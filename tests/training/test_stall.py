"""Stalls are told apart by their cause, and healthy curves are left alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import pytest

from nadeuri.training.config import TrainConfig
from nadeuri.training.stall import find_stall
from nadeuri.training.state import CurvePoint

CONFIG = TrainConfig(stall_epochs=15, stall_steps=0)
FLOOR = 0.02
STEPS = 48
"""Of an epoch: ML-1M in batches of 128."""


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
        cause = find_stall(points[:epoch], config, steps_per_epoch=STEPS, floor=floor)
        if cause:
            return epoch, cause
    return None


# BERT4Rec on ML-1M, measured: in batches of 32 at the rate .002, in batches of 128 at .001.
BATCHES_OF_32 = [7.57, 7.27, 7.08, 6.79, 6.5, 6.25, 6.12, 6.0, 5.92, 5.86, 5.79, 5.74, 5.69, 5.65]
BATCHES_OF_128 = [8.0, 7.45, 7.32, 7.26, 7.24, 7.21, 7.18, 7.12, 7.02, 6.87, 6.74, 6.62, 6.54, 6.46]


def test_measured_healthy_runs_are_left_alone() -> None:
    assert first_stall(curve(BATCHES_OF_32, {5: 0.0613, 10: 0.1003}), TrainConfig()) is None
    slow = curve(BATCHES_OF_128, {5: 0.0198, 10: 0.0385})
    assert first_stall(slow, TrainConfig(), floor=0.0208) is None


def test_many_steps_and_several_epochs_are_waited_for() -> None:
    """BERT4Rec begins on a plateau at popularity, which lasts some hundred steps."""
    stuck = curve([7.3] * 50, dict.fromkeys(range(1, 51), 0.02))
    for steps_per_epoch, epochs in ((48, 32), (175, 9), (10_000, 5)):
        found = [
            epoch
            for epoch in range(1, 51)
            if find_stall(
                stuck[:epoch], TrainConfig(), steps_per_epoch=steps_per_epoch, floor=FLOOR
            )
        ]
        assert found[0] == epochs


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


def test_not_above_the_baseline() -> None:
    stuck = curve([7.3] * 30, dict.fromkeys(range(5, 31, 5), 0.0215))
    cause = "validation 0.0215 after 15 epochs is not clearly above the baseline 0.0200"
    assert first_stall(stuck) == (15, cause)
    assert first_stall(stuck, floor=None) is None
    assert first_stall(stuck, TrainConfig(stall_epochs=22, stall_steps=0)) == (
        25,
        cause.replace("15 ep", "25 ep"),
    )
    assert first_stall(stuck, floor=0.019) is None, "clearly above"


def test_not_above_the_baseline_when_early_stopping_would_end_the_run() -> None:
    stuck = curve([7.3] * 10, {5: 0.02, 10: 0.02})
    assert find_stall(stuck, CONFIG, steps_per_epoch=STEPS, floor=FLOOR) is None
    assert "is not clearly above the baseline" in (
        find_stall(stuck, CONFIG, steps_per_epoch=STEPS, floor=FLOOR, stopping=True) or ""
    )


def test_after_a_recovery_only_what_followed_is_judged() -> None:
    judge = partial(find_stall, config=CONFIG, steps_per_epoch=STEPS, floor=FLOOR)
    points = curve([7.3] * 20, dict.fromkeys(range(5, 21, 5), 0.02))
    assert judge(points, born=15, recovered=15) is None
    restarted = curve([7.5, 6.0, math.nan, 7.5, 7.4])
    assert judge(restarted, born=3, recovered=3) is None
    resumed = judge(restarted, born=0, recovered=3)
    assert resumed == "the loss is back up from 6 to 7.4", "it had learned more than that"
