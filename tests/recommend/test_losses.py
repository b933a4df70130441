"""The fused loss equals torch's cross-entropy, value and gradients."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from nadeuri.recommend.losses import linear_cross_entropy


@pytest.mark.parametrize(("rows", "chunk"), [(1, 512), (7, 3), (40, 8)])
def test_equals_cross_entropy(rows: int, chunk: int) -> None:
    generator = torch.Generator().manual_seed(rows)
    hidden = torch.randn(rows, 6, generator=generator, requires_grad=True)
    table = torch.randn(11, 6, generator=generator, requires_grad=True)
    bias = torch.randn(11, generator=generator, requires_grad=True)
    targets = torch.randint(0, 11, (rows,), generator=generator)

    expected = functional.cross_entropy(functional.linear(hidden, table, bias), targets)
    wanted = torch.autograd.grad(3 * expected, (hidden, table, bias))
    loss = linear_cross_entropy(hidden, table, bias, targets, chunk)
    found = torch.autograd.grad(3 * loss, (hidden, table, bias))

    torch.testing.assert_close(loss, expected)
    for gradient, reference in zip(found, wanted, strict=True):
        torch.testing.assert_close(gradient, reference)


def test_large_logits_stay_finite() -> None:
    hidden = torch.full((2, 2), 300.0, requires_grad=True)
    table = torch.tensor([[1.0, 1.0], [-1.0, -1.0]])
    loss = linear_cross_entropy(hidden, table, torch.zeros(2), torch.tensor([0, 1]))
    loss.backward()
    assert torch.isfinite(loss)
    assert hidden.grad is not None
    assert torch.isfinite(hidden.grad).all()
