"""How a pair stands among the other pairs of its place: rank and lead."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


def rank_within(groups: Indices, scores: Floats) -> Indices:
    """Position of each row in its group, the highest score at 0; ties by row; int64 [n].

    What is not a number comes last.
    """
    order, first = _sorted(groups, scores)
    ranks = np.empty(len(groups), np.int64)
    ranks[order] = np.arange(len(groups)) - first
    return ranks


def lead_within(groups: Indices, scores: Floats) -> Floats:
    """Score less the best of the others of the group, not a number where there are none."""
    order, first = _sorted(groups, scores)
    ordered = scores[order]
    position = np.arange(len(groups))
    behind = np.minimum(first + 1, len(groups) - 1)
    has_others = groups[order][behind] == groups[order]
    has_others &= behind != first
    second = np.where(has_others, ordered[behind], np.nan)
    best_other = np.where(position == first, second, ordered[first])
    lead = np.empty(len(groups))
    lead[order] = ordered - best_other
    return lead


def count_within(groups: Indices) -> Indices:
    """How many rows the group of each row has; int64 [n]."""
    return np.bincount(groups)[groups] if len(groups) else np.zeros(0, np.int64)


def _sorted(groups: Indices, scores: Floats) -> tuple[Indices, Indices]:
    """Order of the rows by group and falling score, and where in it each one's group starts."""
    order = np.lexsort((-scores, groups))
    ordered = groups[order]
    starts = np.ones(len(groups), bool)
    starts[1:] = ordered[1:] != ordered[:-1]
    return order, np.maximum.accumulate(np.where(starts, np.arange(len(groups)), 0))
