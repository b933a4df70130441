"""What every recommender offers, and the one way from scores to a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nadeuri.data.sequences import IntArray, ItemArray

Scores = npt.NDArray[np.float32]


class Recommender(Protocol):
    """A fitted model. Fitting is a function of its own module (``fit(...) -> Recommender``)."""

    @property
    def kind(self) -> str:
        """One of ``columns.MODELS``."""
        ...

    @property
    def n_items(self) -> int: ...

    def score(self, users: IntArray, histories: Sequence[ItemArray]) -> Scores:
        """Score every item for every case.

        Args:
            users: int64 [batch_size], user index; models that know only items ignore it.
            histories: item indices clicked so far, oldest first, one array per case.

        Returns:
            float32 [batch_size, n_items + 1]; column 0 (padding) is ``-inf``.
        """
        ...


def exclude(scores: Scores, items: Sequence[ItemArray]) -> None:
    """Set the scores of ``items[row]`` to ``-inf`` in place; [batch_size, n_items + 1]."""
    for row, seen in enumerate(items):
        scores[row, seen] = -np.inf


def top_k(scores: Scores, k: int) -> tuple[ItemArray, Scores]:
    """Best ``k`` items per row, best first; equal scores go to the smaller item index.

    Args:
        scores: float32 [batch_size, n_items + 1].

    Returns:
        Item indices int32 [batch_size, k] and their scores float32 [batch_size, k]. A row with
        fewer than ``k`` finite scores is filled up with item 0 and ``-inf``.
    """
    k = min(k, scores.shape[1])
    threshold = _reached_by_k(scores, k)
    items = np.zeros((len(scores), k), dtype=np.int32)
    values = np.full((len(scores), k), -np.inf, dtype=np.float32)
    for row, lowest in enumerate(threshold):
        candidates = np.flatnonzero(scores[row] >= lowest)
        best = candidates[np.argsort(-scores[row, candidates], kind="stable")][:k]
        best = best[np.isfinite(scores[row, best])]
        items[row, : len(best)] = best
        values[row, : len(best)] = scores[row, best]
    return items, values


def _reached_by_k(scores: Scores, k: int) -> Scores:
    """A value per row that at least ``k``, and rarely many more, scores reach; [batch_size].

    The ``k``-th largest of the maxima of ``8 k`` groups of columns is such a value, five times
    cheaper than the ``k``-th largest score itself at 12,000 items.
    """
    n_groups = 8 * k
    group_size = scores.shape[1] // n_groups
    if group_size >= 2:
        grouped = scores[:, : group_size * n_groups].reshape(len(scores), group_size, n_groups)
        scores = grouped.max(axis=1)
    return np.asarray(np.partition(scores, -k, axis=1)[:, -k])


def evenly_spaced(total: int, most: int) -> IntArray:
    """Rising positions, int64, of at most ``most`` of ``total`` things: equally far apart."""
    return np.linspace(0, total - 1, min(total, most)).round().astype(np.int64)
