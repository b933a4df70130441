"""Rank and lead within groups, against a loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.match.ranking import count_within, lead_within, rank_within

ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(-3, 3)), max_size=20)


@given(ROWS)
def test_ranks_leads_and_counts(rows: list[tuple[int, int]]) -> None:
    groups = np.array([group for group, _ in rows], np.int64)
    scores = np.array([score for _, score in rows], np.float64)
    ranks, leads, counts = (
        rank_within(groups, scores),
        lead_within(groups, scores),
        count_within(groups),
    )
    for i, (group, score) in enumerate(rows):
        others = [s for j, (g, s) in enumerate(rows) if g == group and j != i]
        before = sum(g == group and (s, -j) > (score, -i) for j, (g, s) in enumerate(rows))
        assert ranks[i] == before
        assert counts[i] == len(others) + 1
        expected = score - max(others) if others else np.nan
        assert leads[i] == pytest.approx(expected, nan_ok=True)


def test_unknown_scores_come_last() -> None:
    assert rank_within(np.zeros(3, np.int64), np.array([np.nan, -5.0, 2.0])).tolist() == [2, 1, 0]
