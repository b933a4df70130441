"""Nearest products by cosine, of one product or of all: exact, or from an index."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from nadeuri.data.sequences import IntArray, ItemArray
from nadeuri.recommend.base import Scores
from nadeuri.recommend.filters import Mask

Vectors = npt.NDArray[np.float32]

_GROUP = 16
"""Products whose scores are compared by their maximum alone at first."""
_ROUNDING = np.float32(1e-5)
"""Two ways of adding up a score differ by less."""
_TIES = 4
"""Groups looked into, for each that has to be; rows with more are looked at as a whole."""
_NONE = -1
_AHEAD = 8
"""Blocks of each thread that are found before they are asked for, at most."""


def unit(vectors: Vectors) -> Vectors:
    """Rows scaled to length 1; a zero row stays zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = vectors / np.maximum(norms, np.float32(1e-12))
    return scaled


class Index(Protocol):
    """Finds nearest products without looking at all of them."""

    def nearest(self, asked: Vectors, k: int) -> tuple[IntArray, Scores]:
        """See :meth:`nadeuri.recommend.coview.ivf.IvfIndex.nearest`."""
        ...


class CosineNeighbours:
    """Product vectors as a recommender: what is nearest to the product that was looked at last.

    Scores are cosines, or with ``keys`` a mean of two. A product without a
    vector cannot be recommended, and nothing is near it.
    """

    def __init__(
        self,
        kind: str,
        vectors: Vectors,
        keys: Vectors | None = None,
        index: Index | None = None,
    ) -> None:
        """
        Args:
            kind: one of ``columns.MODELS``.
            vectors: float32 [n_items + 1, d], rows of length 1 or less; zeros are no vector,
                row 0 is zero.
            keys: float32 [n_items + 1, d], what vectors are multiplied with; the vectors themselves
                where nothing else is given.
            index: of the keys; what asks for a few neighbours asks this first.
        """
        self.kind = kind
        self.vectors = vectors
        self.keys = vectors if keys is None else keys
        self.index = index
        self.known: Mask = np.asarray(vectors.any(axis=1))

    @property
    def n_items(self) -> int:
        return len(self.vectors) - 1

    def score(self, users: IntArray, histories: Sequence[ItemArray]) -> Scores:
        """See :meth:`nadeuri.recommend.base.Recommender.score`."""
        last = np.array([h[-1] if len(h) else 0 for h in histories], dtype=np.int64)
        return self.score_after(last)

    def score_after(self, items: IntArray) -> Scores:
        """How near every product is to each of ``items``; float32 [n, n_items + 1]."""
        scores: Scores = self.vectors[items] @ self.keys.T
        scores[:, ~self.known] = -np.inf
        return scores


def all_neighbours(
    model: CosineNeighbours, k: int, *, block: int = 256
) -> Iterator[tuple[IntArray, ItemArray, Scores]]:
    """The ``k`` nearest products of every product that has a vector, block by block.

    Those that the model's index finds, where it has one, and otherwise exactly. Sorting out
    100,000 scores for each of 100,000 products costs more than the matrix products that make them,
    so only the maxima of groups of products are compared: the ``k`` best are in groups whose
    maximum is among the ``k`` highest, and only those are looked into. Blocks are searched side by
    side, as NumPy lets go of the interpreter while it compares.

    Yields:
        Products int64 [rows], their neighbours int32 [rows, k], nearest first and equal ones by
        index, filled up with 0, and their scores float32 [rows, k], ``-inf`` there.
    """
    known = np.flatnonzero(model.known)
    if model.index is not None:
        for start in range(0, len(known), block):
            items = known[start : start + block]
            yield items, *_indexed(model.index, model.vectors[items], items, k)
        return
    vectors, keys = model.vectors[known], model.keys[known]
    k_found = min(k, len(known) - 1)

    def neighbours_from(start: int) -> tuple[IntArray, ItemArray, Scores]:
        rows = np.arange(start, min(start + block, len(known)))
        lists = np.zeros((len(rows), k), dtype=np.int32)
        scores = np.full((len(rows), k), -np.inf, dtype=np.float32)
        if k_found > 0:
            places, scores[:, :k_found] = _nearest(vectors, keys, rows, k_found)
            lists[:, :k_found] = known[places]
        return known[rows], lists, scores

    threads = len(os.sched_getaffinity(0))
    # one thread in each product: those of two products at a time would only wait for each other
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(threads) as pool:
        for first in range(0, len(known), _AHEAD * threads * block):
            end = min(first + _AHEAD * threads * block, len(known))
            yield from pool.map(neighbours_from, range(first, end, block))


def _indexed(index: Index, vectors: Vectors, items: IntArray, k: int) -> tuple[ItemArray, Scores]:
    """What an index finds beside ``items`` themselves, as :func:`all_neighbours` yields it."""
    found, scores = index.nearest(vectors, k + 1)
    scores[found == items[:, None]] = -np.inf
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    scores = np.take_along_axis(scores, order, 1)
    lists = np.where(np.isneginf(scores), 0, np.take_along_axis(found, order, 1))
    return lists.astype(np.int32), scores


def _nearest(vectors: Vectors, keys: Vectors, rows: IntArray, k: int) -> tuple[IntArray, Scores]:
    """Places of the ``k`` nearest others of some rows, and their scores; both [rows, k]."""
    n_groups = -(-len(keys) // _GROUP)
    maxima = _group_maxima(vectors[rows], keys, n_groups)
    n_best = min(k + 1, n_groups)  # one more: the vector itself is in one of them
    limit = np.partition(maxima, n_groups - n_best, axis=1)[:, n_groups - n_best]
    is_close = maxima >= limit[:, None] - _ROUNDING
    n_close = is_close.sum(1)
    places = np.empty((len(rows), k), dtype=np.int64)
    scores = np.empty((len(rows), k), dtype=np.float32)
    few = n_close <= _TIES * n_best
    if few.any():
        groups = _listed(is_close[few])
        members = groups[:, :, None] + n_groups * np.arange(_GROUP)
        members[groups == _NONE] = len(keys)
        members = members.reshape(len(groups), -1)
        places[few], scores[few] = _best(vectors, keys, rows[few], members, k)
    everything = np.arange(len(keys))[None]
    for row in np.flatnonzero(~few):  # equal vectors by the hundred, as of products without clicks
        places[row], scores[row] = _best(vectors, keys, rows[row : row + 1], everything, k)
    return places, scores


def _listed(chosen: npt.NDArray[np.bool_]) -> IntArray:
    """Columns that are chosen in each row, filled up with ``_NONE``; int64 [rows, most]."""
    owners, columns = np.nonzero(chosen)
    counts = np.bincount(owners, minlength=len(chosen))
    listed = np.full((len(chosen), counts.max(initial=0)), _NONE, dtype=np.int64)
    listed[owners, np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)] = columns
    return listed


def _best(
    vectors: Vectors, keys: Vectors, rows: IntArray, candidates: IntArray, k: int
) -> tuple[IntArray, Scores]:
    """The ``k`` best of each row's candidates (places; ``len(keys)`` and above are none)."""
    exists = (candidates < len(keys)) & (candidates != rows[:, None])
    close = keys[np.where(exists, candidates, 0)]
    scores = np.where(exists, np.einsum("rd,rcd->rc", vectors[rows], close), -np.inf)
    order = np.lexsort((candidates, -scores))[:, :k]
    return np.take_along_axis(candidates, order, 1), np.take_along_axis(scores, order, 1)


def _group_maxima(asked: Vectors, keys: Vectors, n_groups: int) -> Scores:
    """Highest score of ``asked`` with each group; group ``g`` is the places ``g + i n_groups``.

    Returns:
        float32 [len(asked), n_groups].
    """
    maxima = np.full((len(asked), n_groups), -np.inf, dtype=np.float32)
    full = np.empty_like(maxima)  # fresh memory for each product would cost more than the product
    for first in range(0, len(keys), n_groups):
        members = keys[first : first + n_groups]
        scores = (
            full if len(members) == n_groups else np.empty((len(asked), len(members)), np.float32)
        )
        np.matmul(asked, members.T, out=scores)
        np.maximum(maxima[:, : len(members)], scores, out=maxima[:, : len(members)])
    return maxima
