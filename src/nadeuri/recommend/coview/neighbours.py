"""Nearest products by cosine: exact, for the whole catalogue in blocks of matrix products."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from nadeuri.data.sequences import IntArray, ItemArray
from nadeuri.recommend.base import Scores
from nadeuri.recommend.filters import Mask

Vectors = npt.NDArray[np.float32]

_GROUP = 16
"""Products whose scores are compared by their maximum alone at first."""
_ROUNDING = np.float32(1e-5)
"""Two ways of adding up a score differ by less."""


def unit(vectors: Vectors) -> Vectors:
    """Rows scaled to length 1; a zero row stays zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = vectors / np.maximum(norms, np.float32(1e-12))
    return scaled


class CosineNeighbours:
    """Product vectors as a recommender: what is nearest to the product that was looked at last.

    Scores are cosines, or with ``keys`` a mean of two. A product without a
    vector cannot be recommended, and nothing is near it.
    """

    def __init__(self, kind: str, vectors: Vectors, keys: Vectors | None = None) -> None:
        """
        Args:
            kind: one of ``columns.MODELS``.
            vectors: float32 [n_items + 1, d], rows of length 1 or zero; row 0 is zero.
            keys: float32 [n_items + 1, d], what vectors are multiplied with; the vectors themselves
                where nothing else is given.
        """
        self.kind = kind
        self.vectors = vectors
        self.keys = vectors if keys is None else keys
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

    Exact. Sorting out 100,000 scores for each of 100,000 products costs more than the matrix
    products that make them, so only the maxima of groups of products are compared: the ``k`` best
    are in groups whose maximum is among the ``k`` highest, and only those are looked into.

    Yields:
        Products int64 [rows], their neighbours int32 [rows, k], nearest first and equal ones by
        index, filled up with 0, and their scores float32 [rows, k], ``-inf`` there.
    """
    known = np.flatnonzero(model.known)
    vectors, keys = model.vectors[known], model.keys[known]
    k_found = min(k, len(known) - 1)
    for start in range(0, len(known), block):
        rows = np.arange(start, min(start + block, len(known)))
        lists = np.zeros((len(rows), k), dtype=np.int32)
        scores = np.full((len(rows), k), -np.inf, dtype=np.float32)
        if k_found > 0:
            places, scores[:, :k_found] = _nearest(vectors, keys, rows, k_found)
            lists[:, :k_found] = known[places]
        yield known[rows], lists, scores


def _nearest(vectors: Vectors, keys: Vectors, rows: IntArray, k: int) -> tuple[IntArray, Scores]:
    """Places of the ``k`` nearest others of some rows, and their scores; both [rows, k]."""
    n_groups = -(-len(keys) // _GROUP)
    maxima = _group_maxima(vectors[rows], keys, n_groups)
    n_best = min(k + 1, n_groups)  # one more: the vector itself is in one of them
    limit = np.partition(maxima, n_groups - n_best, axis=1)[:, n_groups - n_best]
    owners, groups = np.nonzero(maxima >= limit[:, None] - _ROUNDING)
    places = groups[:, None] + n_groups * np.arange(_GROUP)
    exists = places < len(keys)
    owners = np.broadcast_to(owners[:, None], places.shape)[exists]
    places = places[exists]
    scores = np.einsum("nd,nd->n", vectors[rows[owners]], keys[places])
    scores[places == rows[owners]] = -np.inf
    order = np.lexsort((places, -scores, owners))
    firsts = np.searchsorted(owners[order], np.arange(len(rows)))
    best = order[firsts[:, None] + np.arange(k)]
    return places[best], scores[best]


def _group_maxima(asked: Vectors, keys: Vectors, n_groups: int) -> Scores:
    """Highest score of ``asked`` with each group; group ``g`` is the places ``g + i n_groups``.

    Returns:
        float32 [len(asked), n_groups].
    """
    maxima = np.full((len(asked), n_groups), -np.inf, dtype=np.float32)
    for first in range(0, len(keys), n_groups):
        scores = asked @ keys[first : first + n_groups].T
        np.maximum(maxima[:, : scores.shape[1]], scores, out=maxima[:, : scores.shape[1]])
    return maxima
