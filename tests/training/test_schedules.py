"""Learning-rate schedules: each a pure function of the step, all after the same warm-up."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, get_args

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.training.config import TrainConfig
from nadeuri.training.schedules import lr_factor

NAMES = get_args(TrainConfig.model_fields["schedule"].annotation)
STEPS = 10
"""Steps of an epoch."""


def factors(schedule: str, epochs: int = 5, **options: Any) -> list[float]:
    """The factor at every step of a run, and at the step after its last."""
    config = TrainConfig.model_validate(
        {"schedule": schedule, "epochs": epochs, "warmup_steps": 0} | options
    )
    return [lr_factor(config, step, STEPS) for step in range(epochs * STEPS + 1)]


def torch_factors(scheduler_class: Any, per_step: bool, **options: Any) -> list[float]:
    """The same from one of torch's schedulers, as a reference."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = scheduler_class(optimizer, **options)
    rates = []
    for step in range(5 * STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if per_step or (step + 1) % STEPS == 0:
            scheduler.step()
    return rates


def test_constant_stays() -> None:
    assert set(factors("constant")) == {1.0}


def test_exponential_falls_smoothly_by_the_same_share_each_epoch() -> None:
    rates = factors("exponential", decay=0.5)
    assert rates[::STEPS] == pytest.approx([1, 0.5, 0.25, 0.125, 0.0625, 0.03125])
    ratios = [b / a for a, b in pairwise(rates)]
    assert ratios == pytest.approx([0.5 ** (1 / STEPS)] * len(ratios))


def test_multiplicative_is_the_staircase_of_torch() -> None:
    reference = torch_factors(
        torch.optim.lr_scheduler.MultiplicativeLR, per_step=False, lr_lambda=lambda epoch: 0.8
    )
    assert factors("multiplicative", decay=0.8)[:-1] == pytest.approx(reference)


def test_multiplicative_counts_epochs_after_those_of_the_warm_up() -> None:
    rates = factors("multiplicative", decay=0.5, warmup_steps=15)
    assert rates[14:20] == [1.0] * 6
    assert rates[20:30] == [0.5] * 10


def test_cosine_is_torchs() -> None:
    reference = torch_factors(
        torch.optim.lr_scheduler.CosineAnnealingLR, per_step=True, T_max=5 * STEPS
    )
    assert factors("cosine")[:-1] == pytest.approx(reference)
    assert factors("cosine")[-1] == pytest.approx(0)


def test_one_cycle_rises_peaks_once_and_ends_far_below_its_start() -> None:
    rates = factors("one-cycle", cycle_peak=0.4)
    assert rates[0] == pytest.approx(1 / 25)
    assert rates.index(max(rates)) == 20
    assert rates[20] == pytest.approx(1)
    assert rates[:21] == sorted(rates[:21])
    assert rates[20:] == sorted(rates[20:], reverse=True)
    assert rates[-1] == pytest.approx(rates[0] / 1e4)


def test_linear_reaches_zero_at_the_end() -> None:
    rates = factors("linear", warmup_steps=10)
    assert rates[10] == 1
    assert rates[30] == pytest.approx(0.5)
    assert rates[-1] == 0


@pytest.mark.parametrize("schedule", NAMES)
def test_warm_up_is_linear_and_leads_into_every_schedule(schedule: str) -> None:
    rates, start = factors(schedule, warmup_steps=4), factors(schedule)[0]
    assert rates[:4] == pytest.approx([start * share for share in (0.25, 0.5, 0.75, 1.0)])
    assert rates[4] == pytest.approx(start)


@given(
    schedule=st.sampled_from(NAMES),
    epochs=st.integers(1, 20),
    warmup_steps=st.integers(0, 300),
    steps_per_epoch=st.integers(1, 30),
)
def test_a_factor_is_never_above_one_or_below_zero(
    schedule: str, epochs: int, warmup_steps: int, steps_per_epoch: int
) -> None:
    config = TrainConfig.model_validate(
        {"schedule": schedule, "epochs": epochs, "warmup_steps": warmup_steps}
    )
    rates = [lr_factor(config, step, steps_per_epoch) for step in range(epochs * steps_per_epoch)]
    assert all(math.isfinite(rate) and 0 <= rate <= 1 for rate in rates)
