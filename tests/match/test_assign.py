"""One-to-one assignment: the best there is, whatever the shape of the graph."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.match import assign as module
from nadeuri.match.assign import assign

PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
    st.floats(0.01, 0.99),
    max_size=8,
)


def gain(probability: np.ndarray, above: float) -> float:
    """Sum of log odds over the threshold's."""
    odds = np.log(probability / (1 - probability)) - np.log(above / (1 - above))
    return float(odds.sum())


def best_by_trying(pairs: dict[tuple[int, int], float], above: float) -> float:
    likely = {pair: p for pair, p in pairs.items() if p >= above}
    best = 0.0
    for size in range(1, len(likely) + 1):
        for some in combinations(likely, size):
            lefts, rights = zip(*some, strict=True)
            if len(set(lefts)) == len(set(rights)) == size:
                best = max(best, gain(np.array([likely[pair] for pair in some]), above))
    return best


@settings(deadline=None)
@given(PAIRS, st.floats(0.05, 0.9), st.booleans())
def test_no_place_twice_and_no_better_sum(
    pairs: dict[tuple[int, int], float], above: float, sparse: bool
) -> None:
    li, ri = np.array([*pairs, (0, 0)])[:-1].T
    probability = np.array(list(pairs.values()))
    with pytest.MonkeyPatch.context() as patch:
        if sparse:
            patch.setattr(module, "_SMALL", 0)
        chosen = assign(li, ri, probability, above)
    assert len(set(li[chosen])) == len(set(ri[chosen])) == chosen.sum()
    assert (probability[chosen] >= above).all()
    assert gain(probability[chosen], above) == pytest.approx(best_by_trying(pairs, above), abs=1e-6)


@settings(deadline=None)
@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_does_not_matter(
    pairs: dict[tuple[int, int], float], random: object
) -> None:
    items = list(pairs.items())
    shuffled = items[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert chosen_of(items) == chosen_of(shuffled)


def chosen_of(items: list[tuple[tuple[int, int], float]]) -> set[tuple[int, int]]:
    li, ri = np.array([*(pair for pair, _ in items), (0, 0)])[:-1].T
    chosen = assign(li, ri, np.array([p for _, p in items]), 0.3)
    return {pair for (pair, _), kept in zip(items, chosen.tolist(), strict=True) if kept}


def test_a_place_gives_way_to_a_better_whole() -> None:
    li, ri = np.array([0, 0, 1]), np.array([0, 1, 0])
    assert assign(li, ri, np.array([0.9, 0.88, 0.88]), 0.5).tolist() == [False, True, True]
    assert assign(li, ri, np.array([0.99, 0.6, 0.6]), 0.5).tolist() == [True, False, False]


def test_certain_pairs_have_finite_odds() -> None:
    chosen = assign(np.array([0, 0]), np.array([0, 1]), np.array([1.0, 0.0]), 0.5)
    assert chosen.tolist() == [True, False]


def test_a_large_component_is_solved_too() -> None:
    """A chain of places of which every neighbour is a candidate."""
    n = 1_000
    li = np.concatenate([np.arange(n), np.arange(n - 1)])
    ri = np.concatenate([np.arange(n), np.arange(1, n)])
    probability = np.concatenate([np.full(n, 0.8), np.full(n - 1, 0.7)])
    assert assign(li, ri, probability, 0.5).tolist() == [True] * n + [False] * (n - 1)
