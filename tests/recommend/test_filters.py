"""Catalogue filters against a plain reading of the table."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.errors import QueryError
from nadeuri.recommend.filters import CatalogueFilters

VALUES = ["서울", "부산", "제주", ""]
cells = st.none() | st.sampled_from(VALUES)
lists = st.none() | st.lists(cells, max_size=3)


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(st.tuples(cells, lists), min_size=1, max_size=20),
    city=st.none() | st.lists(st.sampled_from([*VALUES, "평양"]), min_size=1, max_size=3),
    theme=st.none() | st.lists(st.sampled_from([*VALUES, "평양"]), min_size=1, max_size=3),
    dictionary=st.booleans(),
)
def test_masks_agree_with_reading_every_row(
    rows: list[tuple[str | None, list[str | None] | None]],
    city: list[str] | None,
    theme: list[str] | None,
    dictionary: bool,
) -> None:
    cities = pa.array([row[0] for row in rows], pa.string())
    catalogue = pa.table(
        {
            "item": [str(i) for i in range(len(rows))],
            "city": cities.dictionary_encode() if dictionary else cities,
            "theme": pa.array([row[1] for row in rows], pa.list_(pa.string())),
        }
    )
    wanted = {k: v for k, v in {"city": city, "theme": theme}.items() if v is not None}
    mask, unknown = CatalogueFilters(catalogue).mask(wanted)
    assert mask.tolist() == [
        False,
        *(
            (city is None or row[0] in city)
            and (theme is None or any(v in theme for v in row[1] or [] if v is not None))
            for row in rows
        ),
    ]
    carried = {
        "city": {row[0] for row in rows},
        "theme": {value for row in rows for value in row[1] or []},
    }
    assert unknown == {
        name: missing
        for name, values in wanted.items()
        if (missing := tuple(v for v in values if v not in carried[name]))
    }


def test_text_columns_are_filters_and_others_are_not() -> None:
    catalogue = pa.table(
        {"item": ["a"], "name": ["b"], "city": ["c"], "price": [1.0], "theme": [["x"]]}
    )
    filters = CatalogueFilters(catalogue)
    assert filters.fields == ("city", "theme")
    with pytest.raises(QueryError, match=r"filters\.price: no such field.*city, theme"):
        filters.mask({"price": ["1"]})


def test_a_field_with_100k_values() -> None:
    n = 100_000
    catalogue = pa.table(
        {"item": [str(i) for i in range(n)], "seller": [f"s{i}" for i in range(n)]}
    )
    mask, _ = CatalogueFilters(catalogue).mask({"seller": ["s0", "s99999"]})
    assert mask.nonzero()[0].tolist() == [1, 100_000]


def test_decomposed_hangul_is_the_same_value() -> None:
    catalogue = pa.table({"item": ["a", "b"], "city": ["서울", "부산"]})
    mask, unknown = CatalogueFilters(catalogue).mask({"city": ["\u1109\u1165\u110b\u116e\u11af"]})
    assert mask.tolist() == [False, True, False]
    assert unknown == {}
