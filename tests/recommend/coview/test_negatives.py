from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.recommend.coview.negatives import NegativeTable, draw, negative_table


def expected_shares(table: NegativeTable, kind: int) -> np.ndarray:
    """How likely each token of a kind is drawn, by the table itself."""
    start, end = table.starts[kind], table.starts[kind + 1]
    shares = np.zeros(end - start)
    for place in range(start, end):
        shares[place - start] += table.chances[place]
        shares[table.aliases[place] - start] += 1 - table.chances[place]
    return shares / (end - start)


@given(
    counts=st.lists(st.integers(0, 10_000), min_size=1, max_size=60),
    exponent=st.sampled_from([0.0, 0.5, 0.75, 1.0]),
)
def test_the_table_holds_the_shares(counts: list[int], exponent: float) -> None:
    n = len(counts)
    starts = np.array([1, 1 + n, 1 + 2 * n])
    table = negative_table(np.array([0, *counts, *counts[::-1]], float), starts, exponent)
    weights = np.array([count**exponent if count else 0 for count in counts], float)
    if not weights.any():
        weights[:] = 1
    expected = weights / weights.sum()
    np.testing.assert_allclose(expected_shares(table, 0), expected, atol=1e-5)
    np.testing.assert_allclose(expected_shares(table, 1), expected[::-1], atol=1e-5)
    assert not expected_shares(table, 0)[weights == 0].any()


@pytest.mark.parametrize("exponent", [0.0, 0.75, 1.0])
def test_tokens_are_drawn_by_frequency(exponent: float) -> None:
    counts = np.array([0, 1, 2, 0, 40, 100, 7, 8, 9], float)
    table = negative_table(counts, np.array([1, 6, 9]), exponent)
    for kind, (start, end) in enumerate([(1, 6), (6, 9)]):
        state, found = np.uint64(1), np.zeros(len(counts))
        for _ in range(40_000):
            state, token = draw(table, kind, np.uint64(state))
            found[token] += 1
        own = counts[start:end]
        expected = np.where(own > 0, own**exponent, 0)
        np.testing.assert_allclose(found[start:end] / 40_000, expected / expected.sum(), atol=0.01)
        assert found[start:end].sum() == 40_000
