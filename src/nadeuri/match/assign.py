"""Global one-to-one assignment of candidate pairs, in which a place may stay without a match.

The sum of the log odds of the chosen pairs is as high as it can be, where a pair at the threshold
counts nothing: choosing it is as good as leaving both places without a match. Components of the
graph of pairs are solved apart, by the Jonker-Volgenant algorithm.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nadeuri.errors import MissingExtraError

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

_CERTAIN = 1e-9  # log odds are finite
_LEAST_GAIN = 1e-12  # a sparse cost of 0 would be no pair at all
_SMALL = 200  # places of a side of a component that is solved as a full matrix


def assign(li: Indices, ri: Indices, probability: Floats, above: float) -> Truths:
    """Which pairs to choose, so that no place is in two of them; bool [n].

    Args:
        li, ri: places of each pair; no pair twice.
        probability: that the pair is a match.
        above: pairs with less than this are never chosen.
    """
    chosen = np.zeros(len(li), bool)
    rows = np.flatnonzero(probability >= above)
    if not len(rows):
        return chosen
    gain = _log_odds(probability[rows]) - _log_odds(np.array([above]))[0] + _LEAST_GAIN
    order = np.lexsort((ri[rows], li[rows]))  # the answer must not hang on the order of the pairs
    rows, gain = rows[order], gain[order]
    component = _components(li[rows], ri[rows])
    by_component = np.argsort(component, kind="stable")
    ends = np.cumsum(np.bincount(component))
    for some in np.split(by_component, ends[:-1]):
        kept = some if len(some) == 1 else some[_best(li[rows[some]], ri[rows[some]], gain[some])]
        chosen[rows[kept]] = True
    return chosen


def _log_odds(probability: Floats) -> Floats:
    inside = np.clip(probability, _CERTAIN, 1 - _CERTAIN)
    return np.log(inside) - np.log1p(-inside)


def _components(li: Indices, ri: Indices) -> Indices:
    """Number of the connected component that each pair belongs to."""
    try:
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import connected_components
    except ImportError as error:
        raise MissingExtraError("scipy", "match") from error
    lefts, first = np.unique(li, return_inverse=True)
    rights, second = np.unique(ri, return_inverse=True)
    n = len(lefts) + len(rights)
    links = coo_matrix((np.ones(len(li), bool), (first, second + len(lefts))), shape=(n, n))
    _, labels = connected_components(links, directed=False)
    return np.asarray(labels[first], np.int64)


def _best(li: Indices, ri: Indices, gain: Floats) -> Indices:
    """Positions of the pairs of the best assignment of one component."""
    lefts, first = np.unique(li, return_inverse=True)
    rights, second = np.unique(ri, return_inverse=True)
    if max(len(lefts), len(rights)) <= _SMALL:
        return _best_of_full(first, second, gain, (len(lefts), len(rights)))
    return _best_of_sparse(first, second, gain, (len(lefts), len(rights)))


def _best_of_full(first: Indices, second: Indices, gain: Floats, shape: tuple[int, int]) -> Indices:
    from scipy.optimize import linear_sum_assignment

    gains = np.zeros(shape)  # no pair gains nothing, like no match
    gains[first, second] = gain
    position = np.full(shape, -1)
    position[first, second] = np.arange(len(first))
    found: Indices = position[linear_sum_assignment(gains, maximize=True)]
    return found[found >= 0]


def _best_of_sparse(
    first: Indices, second: Indices, gain: Floats, shape: tuple[int, int]
) -> Indices:
    """With a column more for each left place, which stands for no match."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    n_left, n_right = shape
    alone = np.arange(n_left)
    costs = csr_matrix(
        (
            np.concatenate([-gain, np.full(n_left, -_LEAST_GAIN / 2)]),
            (np.concatenate([first, alone]), np.concatenate([second, n_right + alone])),
        ),
        shape=(n_left, n_right + n_left),
    )
    rows, columns = min_weight_full_bipartite_matching(costs)
    partner = np.full(n_left, -1)
    partner[rows] = columns
    return np.flatnonzero(partner[first] == second)
