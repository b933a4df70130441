"""The fused loss equals torch's cross-entropy; the sampled ones estimate it."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from nadeuri.recommend.losses import gbce, linear_cross_entropy, sampled_cross_entropy

CLASSES = 11


def example(rows: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(rows)
    hidden = torch.randn(rows, 6, generator=generator).to(dtype).requires_grad_()
    table = torch.randn(CLASSES, 6, generator=generator, requires_grad=True)
    bias = torch.randn(CLASSES, generator=generator, requires_grad=True)
    return hidden, table, bias, torch.randint(0, CLASSES, (rows,), generator=generator)


@pytest.mark.parametrize(("rows", "chunk"), [(1, 512), (7, 3), (40, 8)])
def test_equals_cross_entropy(rows: int, chunk: int) -> None:
    hidden, table, bias, targets = example(rows)
    expected = functional.cross_entropy(functional.linear(hidden, table, bias), targets)
    wanted = torch.autograd.grad(3 * expected, (hidden, table, bias))
    loss = linear_cross_entropy(hidden, table, bias, targets, chunk)
    found = torch.autograd.grad(3 * loss, (hidden, table, bias))

    torch.testing.assert_close(loss, expected)
    for gradient, reference in zip(found, wanted, strict=True):
        torch.testing.assert_close(gradient, reference)


def test_half_precision_stays_close_and_gives_the_tables_gradient_in_fp32() -> None:
    hidden, table, bias, targets = example(40, torch.bfloat16)
    loss = linear_cross_entropy(hidden, table, bias, targets)
    expected = functional.cross_entropy(functional.linear(hidden.float(), table, bias), targets)
    (found,) = torch.autograd.grad(loss, table)
    (wanted,) = torch.autograd.grad(expected, table)
    assert found.dtype == torch.float32
    torch.testing.assert_close(loss, expected, rtol=0.02, atol=0)
    assert (found - wanted).norm() < 0.02 * wanted.norm()


def test_a_class_with_bias_minus_infinity_takes_no_part() -> None:
    hidden, table, bias, targets = example(9)
    blocked = torch.cat([bias, torch.tensor([-torch.inf])])
    wider = torch.cat([table, torch.ones(1, 6)]).detach().requires_grad_()
    loss = linear_cross_entropy(hidden, wider, blocked, targets)
    torch.testing.assert_close(loss, linear_cross_entropy(hidden, table, bias, targets))
    (gradient,) = torch.autograd.grad(loss, wider)
    assert (gradient[-1] == 0).all()


def test_large_logits_stay_finite() -> None:
    hidden = torch.full((2, 2), 300.0, requires_grad=True)
    table = torch.tensor([[1.0, 1.0], [-1.0, -1.0]])
    loss = linear_cross_entropy(hidden, table, torch.zeros(2), torch.tensor([0, 1]))
    loss.backward()
    assert torch.isfinite(loss)
    assert hidden.grad is not None
    assert torch.isfinite(hidden.grad).all()


def test_sampling_every_class_once_is_the_full_softmax() -> None:
    hidden, table, bias, targets = example(13)
    every = torch.arange(CLASSES)
    # each class was expected exactly once in the sample
    loss = sampled_cross_entropy(hidden, table, bias, targets, every, torch.zeros(CLASSES))
    torch.testing.assert_close(loss, linear_cross_entropy(hidden, table, bias, targets))


def test_the_sampled_partition_function_has_no_bias_under_a_skewed_proposal() -> None:
    hidden, table, bias, targets = example(3)
    logits = functional.linear(hidden, table, bias).detach()
    proposal = torch.softmax(torch.randn(CLASSES, generator=torch.Generator().manual_seed(1)), 0)
    n, draws = 50, 4000
    generator = torch.Generator().manual_seed(2)
    totals = torch.zeros(3)
    for _ in range(draws):
        negatives = torch.multinomial(proposal, n, replacement=True, generator=generator)
        kept = negatives[negatives != targets[0]]
        others = torch.exp(logits[:, kept] - torch.log(n * proposal[kept]))
        totals += others.sum(1)
    estimate = totals[0] / draws + logits[0, targets[0]].exp()
    torch.testing.assert_close(estimate, logits[0].exp().sum(), rtol=0.02, atol=0)


def test_more_negatives_bring_the_sampled_loss_closer_to_the_full_one() -> None:
    hidden, table, bias, targets = example(40)
    full = linear_cross_entropy(hidden, table, bias, targets).item()

    def gap(n: int) -> float:
        generator = torch.Generator().manual_seed(n)
        losses = []
        for _ in range(200):
            negatives = torch.randint(0, CLASSES, (n,), generator=generator)
            expected = torch.full((n,), math.log(n / CLASSES))
            loss = sampled_cross_entropy(hidden, table, bias, targets, negatives, expected)
            losses.append(loss.item())
        return abs(sum(losses) / len(losses) - full)

    assert gap(200) < 0.02
    assert gap(200) < gap(2)


def test_gbce_without_calibration_is_binary_cross_entropy() -> None:
    hidden, table, bias, targets = example(5)
    negatives = torch.tensor([0, 3, 7])
    logits = functional.linear(hidden, table, bias)
    expected = torch.zeros(())
    for row, target in enumerate(targets.tolist()):
        expected = expected - functional.logsigmoid(logits[row, target])
        for negative in negatives.tolist():
            if negative != target:
                expected = expected - functional.logsigmoid(-logits[row, negative])
    loss = gbce(hidden, table, bias, targets, negatives, calibration=0)
    torch.testing.assert_close(loss, expected / len(targets))


def test_full_calibration_weighs_the_target_by_the_sampling_rate() -> None:
    hidden, table, bias, targets = example(5)
    negatives = torch.tensor([0, 3])
    plain = gbce(hidden, table, bias, targets, negatives, calibration=0)
    calibrated = gbce(hidden, table, bias, targets, negatives, calibration=1)
    logits = functional.linear(hidden, table, bias)
    wanted = -functional.logsigmoid(logits.gather(1, targets[:, None])).mean()
    torch.testing.assert_close(plain - calibrated, (1 - 2 / (CLASSES - 1)) * wanted)
