"""The moving average: bias-corrected, applied only where asked."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from nadeuri.training.ema import MovingAverage


def stepped(decay: float, values: list[float]) -> tuple[nn.Linear, MovingAverage]:
    """A one-weight network that took each of the values in turn."""
    network = nn.Linear(1, 1, bias=False)
    average = MovingAverage(network, decay)
    for value in values:
        nn.init.constant_(network.weight, value)
        average.update()
    return network, average


@given(
    decay=st.floats(0.01, 0.999),
    values=st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=30),
)
def test_is_the_bias_corrected_average_of_adam(decay: float, values: list[float]) -> None:
    network, average = stepped(decay, values)
    shares = [(1 - decay) * decay**age for age in reversed(range(len(values)))]
    expected = sum(s * v for s, v in zip(shares, values, strict=True)) / (1 - decay ** len(values))
    with average.applied():
        assert network.weight.item() == pytest.approx(expected, rel=1e-4, abs=1e-4)
    assert network.weight.item() == values[-1]


def test_comes_off_again_when_validation_fails() -> None:
    network, average = stepped(0.5, [1.0, 3.0])
    with pytest.raises(ValueError, match="validation"), average.applied():
        raise ValueError("validation")
    assert network.weight.item() == 3


def test_goes_on_from_a_checkpoint() -> None:
    network, average = stepped(0.9, [1.0, 2.0, 3.0])
    other = MovingAverage(network, 0.9)
    other.load(average.tensors(), average.steps)
    for each in (average, other):
        each.update()
    assert torch.equal(other.tensors()["weight"], average.tensors()["weight"])


def test_forgets() -> None:
    network, average = stepped(0.9, [1.0, float("nan")])
    nn.init.constant_(network.weight, 7.0)
    average.forget()
    with average.applied():
        assert network.weight.item() == 7, "no step yet: the network's own weights"
    average.update()
    with average.applied():
        assert network.weight.item() == 7


def test_without_decay_nothing_is_kept() -> None:
    network, average = stepped(0, [1.0, 2.0])
    assert not average.tensors()
    with average.applied():
        assert network.weight.item() == 2
