"""Shared layers."""

from __future__ import annotations

import pytest
import torch

from nadeuri.recommend.layers import Dropout, PairMLP


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.9])
def test_dropout_drops_its_rate_and_keeps_the_mean(rate: float) -> None:
    torch.manual_seed(0)
    dropped = Dropout(rate)(torch.ones(1000, 333))
    assert float((dropped == 0).float().mean()) == pytest.approx(rate, abs=0.004)
    assert float(dropped.mean()) == pytest.approx(1, abs=0.02)


def test_dropout_is_the_identity_when_evaluating() -> None:
    layer = Dropout(0.5).eval()
    x = torch.randn(3, 5)
    assert layer(x) is x


def test_dropout_elements_are_independent() -> None:
    torch.manual_seed(0)
    kept = (Dropout(0.5)(torch.ones(8, 20_000)) > 0).float()
    correlation = torch.corrcoef(kept)
    assert float((correlation - torch.eye(8)).abs().max()) < 0.04


def test_pair_mlp_broadcasts_like_pairs_one_by_one() -> None:
    torch.manual_seed(0)
    mlp = PairMLP(3, 4, (6, 5), dropout=0.0)
    left, right = torch.randn(2, 3), torch.randn(7, 4)
    grid = mlp(left[:, None], right[None])
    for row in range(2):
        for column in range(7):
            torch.testing.assert_close(grid[row, column], mlp(left[row], right[column]))


def test_dropout_of_nearly_everything_stays_finite() -> None:
    torch.manual_seed(0)
    dropped = Dropout(0.999)(torch.ones(100, 1000))
    assert torch.isfinite(dropped).all()
    assert float((dropped > 0).float().mean()) == pytest.approx(1 / 256, abs=0.002)
