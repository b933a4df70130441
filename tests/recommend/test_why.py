"""What recommended items have in common with a history."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.data.sequences import MetadataField
from nadeuri.recommend.why import MAX_SHARED, SharedMetadata, SharedValue

FIELDS = (
    MetadataField(columns.COUNTRY, columns.CATEGORICAL),
    MetadataField(columns.CITY, columns.CATEGORICAL),
    MetadataField(columns.THEME, columns.MULTI),
    MetadataField(columns.PRICE, columns.NUMERIC),
)


def catalogue(
    places: list[tuple[str | None, str | None]], themes: list[list[str]], **more: list[object]
) -> pa.Table:
    return pa.table(
        {
            columns.ITEM: [f"P{i}" for i in range(len(places))],
            columns.COUNTRY: pa.array([country for country, _ in places], pa.string()),
            columns.CITY: pa.array([city for _, city in places], pa.string()),
            columns.THEME: pa.array(themes, pa.list_(pa.string())),
            columns.PRICE: [100.0] * len(places),
            **more,
        }
    )


def reasons(table: pa.Table, history: list[int], item: int) -> tuple[SharedValue, ...]:
    (found,) = SharedMetadata(table, FIELDS).reasons(np.array(history, np.int32), [item])
    return found


OSAKA, TOKYO, DANANG = ("일본", "오사카"), ("일본", "도쿄"), ("베트남", "다낭")


def test_what_most_share_comes_first_and_then_what_is_rarer() -> None:
    table = catalogue([OSAKA, OSAKA, TOKYO, DANANG, OSAKA], [["온천"], ["가족"], [], [], ["가족"]])
    assert reasons(table, [1, 2, 3, 4], 5) == (
        SharedValue(columns.COUNTRY, "일본", 3),
        SharedValue(columns.CITY, "오사카", 2),
        SharedValue(columns.THEME, "가족", 1),
    )
    assert reasons(table, [1, 2], 5)[:2] == (
        SharedValue(columns.CITY, "오사카", 2),  # as often as its country, and rarer
        SharedValue(columns.COUNTRY, "일본", 2),
    )


def test_numbers_and_missing_values_are_no_reasons() -> None:
    table = catalogue([OSAKA, (None, None)], [[], []])
    assert reasons(table, [1], 2) == ()
    assert reasons(table, [2], 1) == ()


def test_without_a_history_there_is_no_reason() -> None:
    assert reasons(catalogue([OSAKA], [["온천"]]), [], 1) == ()


def test_codes_are_told_by_their_names() -> None:
    table = catalogue([("일본", "OSA")] * 2, [[], []], city_name=["오사카", "오사카"])
    assert [each.value for each in reasons(table, [1], 2)] == ["일본", "오사카"]


values = st.sampled_from(["가", "나", "다", None])


@given(
    st.lists(st.tuples(values, values), min_size=2, max_size=8),
    st.lists(st.lists(st.sampled_from(["ㄱ", "ㄴ", "ㄷ"]), max_size=3), min_size=8, max_size=8),
    st.lists(st.integers(0, 7), max_size=12),
)
def test_counts_are_those_of_the_different_products(
    places: list[tuple[str | None, str | None]], themes: list[list[str]], clicks: list[int]
) -> None:
    themes = themes[: len(places)]
    history = [1 + click % len(places) for click in clicks]
    expected: Counter[tuple[str, str]] = Counter()
    for item in set(history):
        country, city = places[item - 1]
        expected.update([(columns.COUNTRY, country)] if country else [])
        expected.update([(columns.CITY, city)] if city else [])
        expected.update((columns.THEME, theme) for theme in set(themes[item - 1]))
    (country, city), own = places[0], set(themes[0])
    carried = {(columns.COUNTRY, country), (columns.CITY, city)} | {(columns.THEME, t) for t in own}
    shared = {key: count for key, count in expected.items() if key in carried}
    found = reasons(catalogue(places, themes), history, 1)
    assert len(found) == min(MAX_SHARED, len(shared))
    assert all(shared[each.field, each.value] == each.count for each in found)
    assert [each.count for each in found] == sorted(shared.values(), reverse=True)[: len(found)]
    assert found == reasons(catalogue(places, themes), history[::-1], 1)
