"""Training losses."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


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
        grad_bias = torch.zeros_like(bias)
        transposed = table.t()
        for start in range(0, rows, chunk):
            part = hidden[start : start + chunk]
            wanted = targets[start : start + chunk]
            logits = torch.addmm(bias.to(part.dtype), part, transposed).float()
            log_total = torch.logsumexp(logits, dim=1)
            picked = logits.gather(1, wanted[:, None])[:, 0]
            loss += (log_total - picked).sum()
            # softmax - one_hot, in place of the logits
            grad = torch.exp(logits.sub_(log_total[:, None]), out=logits)
            grad[torch.arange(len(wanted), device=grad.device), wanted] -= 1
            grad_bias += grad.sum(0)
            grad = grad.to(part.dtype)
            grad_hidden[start : start + chunk] = grad @ table
            grad_table += grad.t() @ part
        ctx.save_for_backward(
            grad_hidden / rows, (grad_table / rows).to(table.dtype), grad_bias / rows
        )
        return loss / rows

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        hidden, table, bias = ctx.saved_tensors
        return hidden * grads[0], table * grads[0], bias * grads[0], None, None


def linear_cross_entropy(
    hidden: Tensor, table: Tensor, bias: Tensor, targets: Tensor, chunk: int = 512
) -> Tensor:
    """Mean softmax cross-entropy over all classes.

    Args:
        hidden: float [rows, d].
        table: float [classes, d], output embeddings, of ``hidden``'s dtype.
        bias: float32 [classes].
        targets: int64 [rows].
        chunk: rows whose logits are held at once.

    Returns:
        float32 scalar. Differentiable once with respect to hidden, table and bias.
    """
    loss: Tensor = _LinearCrossEntropy.apply(hidden, table, bias, targets, chunk)  # type: ignore[no-untyped-call]
    return loss
