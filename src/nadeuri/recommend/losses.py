"""Training losses: softmax over all items, and two over a sample of them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

CHUNK_ROWS = 256
"""Rows whose logits are held at once: few enough to stay in a core's cache at some thousand
classes, enough for matrix products at full speed."""


class _LinearCrossEntropy(torch.autograd.Function):
    """Cross-entropy of ``hidden @ table.T + bias`` that computes its gradients chunk by chunk.

    Softmax and its gradient are elementwise in the row, so a chunk's logits can be turned into
    the gradients while they are still in cache and then forgotten; [rows, classes] never exists
    whole. The idea is that of Liger Kernel (Hsu et al. 2024) and "Cut Your Losses" (Wijmans et
    al. 2024).
    """

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, table: Tensor, bias: Tensor, targets: Tensor, chunk: int
    ) -> Tensor:
        rows = hidden.shape[0]
        loss = torch.zeros((), dtype=torch.float32, device=hidden.device)
        grad_hidden = torch.empty_like(hidden)
        grad_table = torch.zeros(table.shape, dtype=torch.float32, device=table.device)
        grad_bias = torch.zeros(bias.shape, dtype=torch.float32, device=bias.device)
        weights, offsets = table.to(hidden.dtype), bias.to(hidden.dtype)
        smallest = torch.finfo(torch.float32).tiny
        for start in range(0, rows, chunk):
            part = hidden[start : start + chunk]
            wanted = targets[start : start + chunk]
            row = torch.arange(len(wanted), device=hidden.device)
            # one fused kernel, in fp32 inside whatever the dtype of its input
            shares = torch.softmax(torch.addmm(offsets, part, weights.t()), dim=1)
            loss -= shares[row, wanted].float().clamp_min(smallest).log().sum()
            shares[row, wanted] -= 1
            grad_bias += shares.sum(0)  # accumulated in fp32 inside whatever the dtype
            torch.mm(shares, weights, out=grad_hidden[start : start + chunk])
            grad_table += shares.t() @ part
        ctx.save_for_backward(grad_hidden, grad_table, grad_bias)
        ctx.rows = rows
        return loss / rows

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        hidden, table, bias = ctx.saved_tensors
        # divided here and not before: fp16 would lose the small quotients to underflow
        grad = grad / ctx.rows
        return hidden.mul_(grad), table.mul_(grad), bias.mul_(grad), None, None


def linear_cross_entropy(
    hidden: Tensor, table: Tensor, bias: Tensor, targets: Tensor, chunk: int = CHUNK_ROWS
) -> Tensor:
    """Mean softmax cross-entropy over all classes.

    Args:
        hidden: float [rows, d]; its dtype, or autocast's, is that of the matrix products.
        table: float32 [classes, d], output embeddings.
        bias: float32 [classes]; ``-inf`` takes a class out.
        targets: int64 [rows].
        chunk: rows whose logits are held at once.

    Returns:
        float32 scalar. Differentiable once, by one backward pass, with respect to hidden, table
        and bias. A target whose probability is below 1e-38 counts as 1e-38.
    """
    device = hidden.device.type
    if torch.is_autocast_enabled(device):
        hidden = hidden.to(torch.get_autocast_dtype(device))
    with torch.autocast(device, enabled=False):  # it would sum a copy in fp32
        loss: Tensor = _LinearCrossEntropy.apply(hidden, table, bias, targets, chunk)  # type: ignore[no-untyped-call]
    return loss


def sampled_cross_entropy(
    hidden: Tensor,
    table: Tensor,
    bias: Tensor,
    targets: Tensor,
    negatives: Tensor,
    log_expected: Tensor,
) -> Tensor:
    """Mean softmax cross-entropy over the target and negatives that all rows share.

    Every negative's logit is lowered by the logarithm of how often it was expected in the sample
    (Bengio & Senecal, 2008), so that the sampled partition function estimates the whole one
    without bias. A negative that is a row's target is left out of that row.

    Args:
        hidden: float [rows, d].
        table: float32 [classes, d].
        bias: float32 [classes].
        targets: int64 [rows].
        negatives: int64 [n], drawn with replacement.
        log_expected: float32 [n], ``log(n * q(negative))`` with ``q`` what they were drawn from.

    Returns:
        float32 scalar.
    """
    wanted, others = _sampled_logits(hidden, table, bias, targets, negatives)
    others = (others - log_expected).masked_fill(negatives == targets[:, None], -torch.inf)
    return (torch.logsumexp(torch.cat([wanted, others], dim=1), dim=1) - wanted[:, 0]).mean()


def gbce(
    hidden: Tensor,
    table: Tensor,
    bias: Tensor,
    targets: Tensor,
    negatives: Tensor,
    calibration: float = 0.75,
) -> Tensor:
    """Generalised binary cross-entropy (Petrov & Macdonald, gSASRec, RecSys 2023).

    The target's probability is raised to the power ``beta``, which undoes the overconfidence that
    sampling few negatives brings.

    Args:
        hidden, table, bias, targets, negatives: as in :func:`sampled_cross_entropy`; the negatives
            are drawn uniformly.
        calibration: ``t`` of the paper: 0 is plain binary cross-entropy, 1 fully calibrated.

    Returns:
        float32 scalar.
    """
    rate = min(1.0, len(negatives) / (len(table) - 1))
    beta = rate * (calibration * (1 - 1 / rate) + 1 / rate)
    wanted, others = _sampled_logits(hidden, table, bias, targets, negatives)
    penalties = functional.softplus(others).masked_fill(negatives == targets[:, None], 0)
    return (beta * functional.softplus(-wanted[:, 0]) + penalties.sum(1)).mean()


def _sampled_logits(
    hidden: Tensor, table: Tensor, bias: Tensor, targets: Tensor, negatives: Tensor
) -> tuple[Tensor, Tensor]:
    """float32 logits of the targets [rows, 1] and of the shared negatives [rows, n]."""
    sampled = functional.embedding(negatives, table).to(hidden.dtype)
    others = functional.linear(hidden, sampled).float() + bias[negatives]
    wanted = (hidden.float() * functional.embedding(targets, table)).sum(1) + bias[targets]
    return wanted[:, None], others
