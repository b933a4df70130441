"""Skip-gram with negative sampling, click by click, compiled by Numba.

A step of word2vec (Mikolov et al., NIPS 2013) is a few products of short vectors. Tensor operations
cost more to call than to compute here, and a batch of them sees its own effect only afterwards;
compiled loops that learn from every click before they read the next are several times faster and
better. All pairs of a click share its negatives (Ji et al., "Parallelizing Word2Vec in Shared and
Distributed Memory", IEEE TPDS 2019), weighted so that the expected loss is that of ``negatives``
draws for every pair.

Rows move by Adagrad (Duchi, Hazan, Singer, JMLR 2011) on the mean square of each row's gradients:
rare products learn in few steps, frequent ones calm down. One accumulator per row, as in fbgemm's
row-wise Adagrad, costs next to nothing: the gradient of a predicted row is a multiple of the
predicting one.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple, TypeVar

import numba
import numpy as np
import numpy.typing as npt

from nadeuri.data.sequences import IntArray
from nadeuri.recommend.coview.negatives import NegativeTable, draw
from nadeuri.recommend.coview.tokens import NOTHING, FloatMatrix

FloatVector = npt.NDArray[np.float32]
F = TypeVar("F")

_LARGEST = np.float32(30)
"""Scores are cut off here, where the sigmoid is 0 or 1 to all digits."""
_EPSILON = np.float32(1e-20)


class Tables(NamedTuple):
    """What is learned.

    Attributes:
        inputs, outputs: float32 [tokens, d], vectors of predicting and of predicted tokens.
        input_squares, output_squares: float32 [tokens], Adagrad's accumulators.
    """

    inputs: FloatMatrix
    outputs: FloatMatrix
    input_squares: FloatVector
    output_squares: FloatVector


class Pairs(NamedTuple):
    """Which tokens predict which, and how much each pair counts.

    Attributes:
        between: float32 [width, width], weight of a pair from different clicks by its kinds.
        within: the same for a pair within one click.
        negatives: draws that a pair is told apart from.
        shared: draws that are made for them, for each click and kind of token.
    """

    between: FloatMatrix
    within: FloatMatrix
    negatives: int
    shared: int


def _compiled(function: F) -> F:
    # without the flags that let LLVM assume finite numbers: a training that diverges must say so
    compiled: Any = numba.njit(
        cache=True, error_model="numpy", fastmath={"reassoc", "contract", "arcp", "nsz"}
    )(function)
    return compiled  # type: ignore[no-any-return]


@_compiled
def learn(
    tables: Tables,
    tokens: IntArray,
    sessions: IntArray,
    reach: IntArray,
    pairs: Pairs,
    noise: NegativeTable,
    lr: np.float32,
    seed: int,
) -> tuple[float, float]:
    """Learn from clicks one after another; ``tables`` change in place.

    Args:
        tokens: int64 [clicks, width]; ``NOTHING`` where a click has no token of a kind.
        sessions: int64 [clicks], equal for the clicks of a session, which lie together.
        reach: int64 [clicks], how many clicks to either side each one predicts.
        lr: rate of Adagrad.
        seed: of the negatives, not 0.

    Returns:
        Mean over pairs of ``-log s(u v) - negatives * E[log s(-u n)]``, each by its weight, and the
        root mean square norm of the gradients of predicting vectors; 0 without a pair.
    """
    n_clicks, width = tokens.shape
    negatives = np.empty((width, pairs.shared), np.int64)
    gradient = np.empty(tables.inputs.shape[1], np.float32)
    state = np.uint64(seed)
    loss, total, squares, steps = 0.0, 0.0, 0.0, 0
    for click in range(n_clicks):
        first = click
        while first > max(0, click - reach[click]) and sessions[first - 1] == sessions[click]:
            first -= 1
        last = click
        while last < min(n_clicks - 1, click + reach[click]) and (
            sessions[last + 1] == sessions[click]
        ):
            last += 1
        if first == last:
            continue
        for kind in range(width):
            for number in range(pairs.shared):
                state, negatives[kind, number] = draw(noise, kind, state)
        for kind in range(width):
            token = tokens[click, kind]
            if token == NOTHING:
                continue
            own_loss, weight = _predict(
                tables, token, kind, tokens, click, first, last, negatives, pairs, lr, gradient
            )
            if weight > 0:
                squares += float(_follow(tables, token, gradient, lr))
                steps += 1
                loss += own_loss
                total += weight
    return loss / max(total, 1e-9), math.sqrt(squares / max(steps, 1))


@_compiled
def _predict(
    tables: Tables,
    token: int,
    kind: int,
    tokens: IntArray,
    click: int,
    first: int,
    last: int,
    negatives: IntArray,
    pairs: Pairs,
    lr: np.float32,
    gradient: FloatVector,
) -> tuple[float, float]:
    """Let one token of ``click`` predict those of the clicks from ``first`` to ``last``.

    Leaves what moves the token's own vector in ``gradient``; returns loss and weight.
    """
    centre = tables.inputs[token]
    size = np.float32(0)
    for place in range(len(centre)):
        size += centre[place] * centre[place]
        gradient[place] = 0
    size /= np.float32(len(centre))
    loss, total = 0.0, 0.0
    for other_kind in range(tokens.shape[1]):
        weight = np.float32(0)
        for other in range(first, last + 1):
            context = tokens[other, other_kind]
            own = (pairs.within if other == click else pairs.between)[kind, other_kind]
            if own > 0 and context != NOTHING:
                loss += _move(tables, centre, size, context, own, np.float32(1), lr, gradient)
                weight += own
        if weight > 0:
            total += float(weight)
            share = weight * np.float32(pairs.negatives) / np.float32(pairs.shared)
            for negative in negatives[other_kind]:
                loss += _move(tables, centre, size, negative, share, np.float32(-1), lr, gradient)
    return loss, total


@_compiled
def _move(
    tables: Tables,
    centre: FloatVector,
    size: np.float32,
    token: int,
    weight: np.float32,
    sign: np.float32,
    lr: np.float32,
    gradient: FloatVector,
) -> float:
    """Move the output vector of ``token`` towards ``centre`` (sign 1) or away (-1); its loss.

    Args:
        size: mean square of ``centre``.
        gradient: the pull on ``centre`` is added to it.
    """
    output = tables.outputs[token]
    score = np.float32(0)
    for place in range(len(centre)):
        score += centre[place] * output[place]
    odds = np.exp(-sign * min(max(score, -_LARGEST), _LARGEST))  # against what should be
    pull = weight * sign * odds / (np.float32(1) + odds)
    tables.output_squares[token] += pull * pull * size
    step = lr * pull / np.sqrt(tables.output_squares[token] + _EPSILON)
    for place in range(len(centre)):
        gradient[place] += pull * output[place]
        output[place] += step * centre[place]
    return float(weight) * math.log1p(odds)


@_compiled
def _follow(tables: Tables, token: int, gradient: FloatVector, lr: np.float32) -> np.float32:
    """Move the input vector of ``token``; returns the squared norm of its gradient."""
    vector = tables.inputs[token]
    square = np.float32(0)
    for place in range(len(vector)):
        square += gradient[place] * gradient[place]
    tables.input_squares[token] += square / np.float32(len(vector))
    step = lr / np.sqrt(tables.input_squares[token] + _EPSILON)
    for place in range(len(vector)):
        vector[place] += step * gradient[place]
    return square
