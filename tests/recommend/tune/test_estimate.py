from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.data.sequences import Dataset, SequenceStore
from nadeuri.data.splits import Split
from nadeuri.recommend.config import Bert4RecConfig
from nadeuri.recommend.tune.estimate import LENGTHS, estimate_length, lengths_to_try

MODEL = Bert4RecConfig(max_len=20, dim=8)


def with_lengths(dataset: Dataset, lengths: list[int]) -> tuple[Dataset, Split]:
    """A data set whose users have training histories of these lengths."""
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    clicks = np.zeros(offsets[-1], dtype=np.int64)
    items = np.ones(offsets[-1], dtype=np.int32)
    store = SequenceStore(offsets, items, clicks, items)
    nothing = Split("all", offsets[1:], None, None)  # type: ignore[arg-type]
    return replace(dataset, sequences=store), nothing


def test_what_a_limit_keeps(travel_dataset: Dataset) -> None:
    dataset, split = with_lengths(travel_dataset, [2] * 6 + [10] * 2 + [100] * 2)
    estimate = estimate_length(dataset, split, MODEL)
    at_ten = next(option for option in estimate.options if option.max_len == 10)
    assert at_ten.clicks_kept == pytest.approx((12 + 20 + 20) / (12 + 20 + 200))
    assert at_ten.users_whole == pytest.approx(0.8)
    assert estimate.recommended == 10  # eight of ten histories are read whole
    assert estimate.quantiles[0.5] == 2
    assert (estimate.longest, estimate.mean) == (100, pytest.approx(23.2))


def test_cost_is_relative_to_the_limit_in_use_and_stops_growing(travel_dataset: Dataset) -> None:
    dataset, split = with_lengths(travel_dataset, [30] * 10)
    costs = {
        option.max_len: option.relative_cost
        for option in estimate_length(dataset, split, replace_len(200)).options
    }
    assert costs[200] == 1
    assert costs[30] == 1  # nobody clicked more often
    # tokens alone would be a third; attention makes long sequences dearer than that
    assert 0.2 < costs[10] < 1 / 3


def replace_len(max_len: int) -> Bert4RecConfig:
    return MODEL.model_copy(update={"max_len": max_len})


def test_lengths_to_try_are_different_questions(travel_dataset: Dataset) -> None:
    dataset, split = with_lengths(travel_dataset, [12] * 10)  # 20 and 30 would read the same
    estimate = estimate_length(dataset, split, replace_len(50), also=[17])
    assert estimate.recommended == 15
    assert lengths_to_try(estimate, 50) == (5, 15, 50)
    assert 17 in {option.max_len for option in estimate.options}


@given(st.lists(st.integers(2, 2000), min_size=1, max_size=30), st.integers(2, 1500))
def test_any_lengths_give_an_ordered_estimate(
    travel_dataset: Dataset, lengths: list[int], limit: int
) -> None:
    dataset, split = with_lengths(travel_dataset, lengths)
    estimate = estimate_length(dataset, split, replace_len(limit))
    options = estimate.options
    for figure in ("max_len", "clicks_kept", "users_whole", "relative_cost"):
        values = [getattr(option, figure) for option in options]
        assert values == sorted(values)
    assert limit in {option.max_len for option in options}
    assert estimate.recommended in LENGTHS
    tried = lengths_to_try(estimate, limit)
    assert {limit, estimate.recommended} <= set(tried)
    assert len(tried) <= 5
