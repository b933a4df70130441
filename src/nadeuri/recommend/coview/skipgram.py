"""Skip-gram with negative sampling, as matrix products.

word2vec (Mikolov et al., NIPS 2013) takes pair after pair, each with its own negatives. Here a
block of neighbouring clicks is multiplied with the clicks around it, which holds all of its pairs
at once, and all clicks of a batch share their negatives, weighted so that the expected loss is that
of ``negatives`` draws for every pair. Shared negatives are from Ji et al., "Parallelizing Word2Vec
in Shared and Distributed Memory" (IEEE TPDS 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from nadeuri.recommend.coview.batching import BLOCK, NO_SESSION
from nadeuri.recommend.coview.tokens import NOTHING

_OUTSIDE = NO_SESSION - 1
"""Session of the places before and after a batch: equal to no other."""


@dataclass(frozen=True)
class Pairs:
    """Which tokens predict which, and how much each pair counts.

    Attributes:
        window: how many clicks to either side a click can reach.
        negatives: draws that a pair is told apart from.
        between: float32 [width, width], weight of a pair from different clicks by its kinds.
        within: the same for a pair within one click.
    """

    window: int
    negatives: int
    between: Tensor
    within: Tensor


def skip_gram_loss(
    inputs: Tensor,
    outputs: Tensor,
    tokens: Tensor,
    sessions: Tensor,
    reach: Tensor,
    negatives: Tensor,
    pairs: Pairs,
) -> Tensor:
    """Mean loss of a pair: ``-log s(u v) - negatives * E[log s(-u n)]``.

    Args:
        inputs, outputs: float32 [tokens, d], vectors of predicting and of predicted tokens.
        tokens: int64 [clicks, width]; the number of clicks is a multiple of ``BLOCK``.
        sessions, reach: int64 [clicks].
        negatives: int64 [width, shared].

    Returns:
        float32 scalar, 0 without a pair. Its gradients are sparse: each row that the batch
        touched, once. In full precision whatever autocast says: the products are small, and
        conversions would cost what they save.
    """
    loss: Tensor = _SkipGram.apply(inputs, outputs, tokens, sessions, reach, negatives, pairs)  # type: ignore[no-untyped-call]
    return loss


class _SkipGram(torch.autograd.Function):
    """Computes gradients in the forward pass, where scores and vectors are at hand."""

    @staticmethod
    def forward(
        ctx: Any,
        inputs: Tensor,
        outputs: Tensor,
        tokens: Tensor,
        sessions: Tensor,
        reach: Tensor,
        negatives: Tensor,
        pairs: Pairs,
    ) -> Tensor:
        clicks, width = tokens.shape
        drawn = torch.cat([tokens.flatten(), negatives.flatten()])
        rows, place = torch.unique(drawn, return_inverse=True)
        place, negative_place = place[: clicks * width], place[clicks * width :]
        known, predicted = inputs.index_select(0, rows), outputs.index_select(0, rows)
        with torch.autocast(inputs.device.type, enabled=False):
            centres, contexts = known.index_select(0, place), predicted.index_select(0, place)
            others = predicted.index_select(0, negative_place)
            weights = _weights(tokens, sessions, reach, pairs)
            loss, grad_centres, grad_contexts = _attract(centres, contexts, weights, pairs.window)
            by_kind = weights.view(clicks * width, -1, width).sum(1)
            pushed, grad_others = _repel(centres, others, by_kind, pairs.negatives, grad_centres)
            total = by_kind.sum().clamp_min(1)
            grad_inputs = torch.zeros_like(known).index_add_(0, place, grad_centres)
            grad_outputs = torch.zeros_like(predicted).index_add_(0, place, grad_contexts)
            grad_outputs.index_add_(0, negative_place, grad_others)
        ctx.shape = inputs.shape
        ctx.save_for_backward(rows, grad_inputs.div_(total), grad_outputs.div_(total))
        return (loss + pushed) / total

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        rows, *gradients = ctx.saved_tensors
        sparse = (
            torch.sparse_coo_tensor(
                rows[None], values * grad, ctx.shape, is_coalesced=True, check_invariants=False
            )
            for values in gradients
        )
        return (*sparse, None, None, None, None, None)


def _weights(tokens: Tensor, sessions: Tensor, reach: Tensor, pairs: Pairs) -> Tensor:
    """Weight of each token of a block against each token around it.

    Returns:
        float32 [blocks, BLOCK * width, (BLOCK + 2 * window) * width].
    """
    width, window = tokens.shape[1], pairs.window
    around = BLOCK + 2 * window
    real = tokens != NOTHING
    own = torch.arange(BLOCK, device=tokens.device)[:, None] + window
    distance = (torch.arange(around, device=tokens.device) - own).abs()
    session_around = _padded(sessions, window, _OUTSIDE).unfold(0, around, BLOCK)
    same = sessions.view(-1, BLOCK, 1) == session_around[:, None]
    near = same & (distance <= reach.view(-1, BLOCK, 1)) & (distance > 0)
    between = near[..., None, :, None] * pairs.between[:, None]
    within = (distance == 0)[:, None, :, None] * pairs.within[:, None]
    real_around = _padded(real, window, False).unfold(0, around, BLOCK).transpose(1, 2)
    exist = real.view(-1, BLOCK, width, 1, 1) & real_around[:, None, None]
    return ((between + within) * exist).view(-1, BLOCK * width, around * width)


def _padded(x: Tensor, window: int, value: float) -> Tensor:
    """``window`` more places before and after, along the first dimension."""
    edge = x.new_full((window, *x.shape[1:]), value)
    return torch.cat([edge, x, edge])


def _attract(
    centres: Tensor, contexts: Tensor, weights: Tensor, window: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Loss of the pairs that occurred, and its gradients to centres and contexts [tokens, d]."""
    dim = centres.shape[1]
    width = weights.shape[1] // BLOCK
    step, edge = BLOCK * width, window * width
    blocks = centres.view(-1, step, dim)
    padded = _padded(contexts, edge, 0)
    around = padded.unfold(0, step + 2 * edge, step).transpose(1, 2).contiguous()
    shares = torch.bmm(blocks, around.transpose(1, 2)).sigmoid_()
    loss = -(shares.clamp_min(1e-12).log_().mul_(weights)).sum()
    pull = shares.sub_(1).mul_(weights)
    grad_around = torch.bmm(pull.transpose(1, 2), blocks)
    # what overlaps is added up: the blocks' own places, and those shared with either neighbour
    grad = torch.zeros(len(contexts) + 2 * edge, dim, device=centres.device)
    size = len(contexts)
    grad[edge : edge + size] += grad_around[:, edge : edge + step].flatten(0, 1)
    grad[:size].view(-1, step, dim)[:, :edge] += grad_around[:, :edge]
    grad[2 * edge :].view(-1, step, dim)[:, step - edge :] += grad_around[:, edge + step :]
    return loss, torch.bmm(pull, around).flatten(0, 1), grad[edge : edge + size]


def _repel(
    centres: Tensor, others: Tensor, by_kind: Tensor, negatives: int, grad_centres: Tensor
) -> tuple[Tensor, Tensor]:
    """Loss against the shared negatives, and its gradient to them; adds that to the centres.

    Args:
        others: [width * shared, d], the negatives of each kind one after another.
        by_kind: [tokens, width], weight of each token's pairs by the kind of what it predicts.
    """
    shared = len(others) // by_kind.shape[1]
    push = (by_kind * (negatives / shared)).repeat_interleave(shared, dim=1)
    shares = (centres @ others.t()).sigmoid_()
    loss = -((1 - shares).clamp_min_(1e-12).log_().mul_(push)).sum()
    shares.mul_(push)
    grad_centres.addmm_(shares, others)
    return loss, shares.t() @ centres
