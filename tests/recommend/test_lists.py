from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nadeuri import columns
from nadeuri.data.sequences import CATALOGUE, Dataset, MetadataField, SequenceStore
from nadeuri.data.splits import Cases
from nadeuri.recommend.features import FieldBags, field_bags
from nadeuri.recommend.lists import (
    coherence,
    describe_lists,
    gini,
    history_lists,
    popularity_percentiles,
)

CITIES = ["오사카", "오사카", "오사카", "다낭", None, None]
THEMES = [["가족", "바다"], ["가족"], ["온천"], None, [], ["바다", "가족", "바다"]]


def store_of(histories: list[list[int]]) -> SequenceStore:
    offsets = np.concatenate([[0], np.cumsum([len(h) for h in histories])]).astype(np.int64)
    items = np.concatenate([np.asarray(h, np.int32) for h in histories])
    return SequenceStore(offsets, items, np.arange(len(items)), np.zeros(len(items), np.int32))


@pytest.fixture
def bags(tmp_path: Path) -> dict[str, FieldBags]:
    table = pa.table({columns.CITY: CITIES, columns.THEME: THEMES})
    pq.write_table(table, tmp_path / CATALOGUE)
    fields = (
        MetadataField(columns.CITY, "categorical"),
        MetadataField(columns.THEME, "multi"),
    )
    dataset = Dataset(tmp_path, store_of([[1]]), fields, {"n_items": 6, "name": "six"})
    return {field.name: field for field in field_bags(dataset, [columns.CITY, columns.THEME])}


def lists_of(*rows: list[int]) -> np.ndarray:
    return np.array(rows, np.int32)


def test_coherence_of_a_categorical_field(bags: dict[str, FieldBags]) -> None:
    shares, bits = coherence(
        lists_of([1, 2, 3, 4], [1, 2, 0, 0], [1, 4, 5, 6], [5, 6, 0, 0]), bags[columns.CITY]
    )
    # the last list has no city at all and is left out; a missing city counts in the length
    assert shares == pytest.approx([3 / 4, 1.0, 1 / 4])
    assert bits == pytest.approx([0.25 * 2 + 0.75 * np.log2(4 / 3), 0.0, 1.0])


def test_coherence_of_a_multi_valued_field(bags: dict[str, FieldBags]) -> None:
    shares, bits = coherence(lists_of([1, 2, 3, 6], [3, 4, 5, 0]), bags[columns.THEME])
    assert shares == pytest.approx([3 / 4, 1 / 3])  # family is carried by items 1, 2 and 6
    weights = np.array([0.5 + 1 + 0.5, 0.5 + 0.5, 1.0]) / 4
    assert bits == pytest.approx([-(weights * np.log2(weights)).sum(), 0.0])


def test_coherence_without_lists(bags: dict[str, FieldBags]) -> None:
    shares, bits = coherence(np.zeros((0, 10), np.int32), bags[columns.CITY])
    assert len(shares) == len(bits) == 0


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([4, 4, 4, 4], 0.0), ([0, 0, 0, 8], 0.75), ([1, 2, 3, 4], 0.25), ([0, 0], 0.0)],
)
def test_gini(counts: list[int], expected: float) -> None:
    assert gini(np.array(counts)) == pytest.approx(expected)


def test_gini_is_the_mean_absolute_difference() -> None:
    counts = np.random.default_rng(1).poisson(3, 200)
    pairwise = np.abs(counts[:, None] - counts[None, :]).mean() / (2 * counts.mean())
    assert gini(counts) == pytest.approx(pairwise)


def test_popularity_percentiles() -> None:
    percentiles = popularity_percentiles(np.array([0, 7, 1, 1, 0]))  # padding, then items 1 to 4
    assert percentiles[1:].tolist() == [7 / 8, 4 / 8, 4 / 8, 1 / 8]
    assert percentiles[1:].mean() == 0.5


def test_history_lists_are_recent_and_distinct() -> None:
    store = store_of([[9, 1, 2, 1, 3, 7], [5, 6]])
    cases = Cases(np.array([0, 1]), np.array([5, 7]), np.array([7, 6], np.int32))
    assert history_lists(store, cases, 3).tolist() == [[3, 1, 2], [5, 0, 0]]


def test_describe_lists(bags: dict[str, FieldBags]) -> None:
    percentiles = popularity_percentiles(np.array([0, 6, 5, 4, 3, 2, 1]))
    lists = lists_of([1, 2, 3], [1, 2, 4])
    figures = describe_lists(lists, percentiles, [bags[columns.CITY]], k=2)
    assert figures == {
        columns.COVERAGE: pytest.approx(2 / 6),
        columns.POPULARITY_PERCENTILE: pytest.approx((11 / 12 + 9 / 12) / 2),
        columns.GINI: pytest.approx(4 / 6),
        columns.coherence(columns.CITY): 1.0,
        columns.entropy(columns.CITY): 0.0,
    }
