"""Batches are within all limits, and nothing waits for ever."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.match.jobs.shards import Limits, Row, cut

rows = st.lists(st.builds(Row, st.integers(), st.integers(1, 50), st.integers(1, 50)), min_size=1)


@given(rows, st.integers(1, 6), st.integers(50, 200), st.integers(0, 300), st.booleans())
def test_the_longest_start_that_fits(
    waiting: list[Row], max_rows: int, max_bytes: int, budget: int, alone: bool
) -> None:
    limits = Limits(max_rows=max_rows, max_bytes=max_bytes)
    taken = cut(waiting, limits, budget, alone=alone)
    assert taken == waiting[: len(taken)]

    def fits(some: list[Row]) -> bool:
        n_bytes, tokens = sum(row.n_bytes for row in some), sum(row.tokens for row in some)
        return len(some) <= max_rows and n_bytes <= max_bytes and tokens <= budget

    assert fits(taken) or (alone and len(taken) == 1)
    if len(taken) < len(waiting):
        assert not fits(waiting[: len(taken) + 1])
    assert taken or not alone


def test_limits_of_the_api_are_the_default() -> None:
    many = [Row(number, 1, 1) for number in range(50_001)]
    assert len(cut(many, Limits(), float("inf"), alone=True)) == 50_000
    large = [Row(number, 90_000_000, 1) for number in range(3)]
    assert len(cut(large, Limits(), float("inf"), alone=True)) == 2


@pytest.mark.parametrize(("alone", "n"), [(True, 1), (False, 0)])
def test_one_that_is_too_large_goes_alone(alone: bool, n: int) -> None:
    assert len(cut([Row(1, 10, 10), Row(2, 1, 1)], Limits(), 5, alone=alone)) == n
