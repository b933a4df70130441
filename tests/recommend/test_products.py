"""Looking through the products of a catalogue."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pyarrow as pa
import pytest

from nadeuri import columns
from nadeuri.data.sequences import MetadataField
from nadeuri.errors import QueryError
from nadeuri.recommend.filters import CatalogueFilters
from nadeuri.recommend.products import MAX_FACET_VALUES, FacetValue, FoundProducts, Products
from nadeuri.recommend.shown import ShownItems

FIELDS = (
    MetadataField(columns.CITY, columns.CATEGORICAL),
    MetadataField(columns.THEME, columns.MULTI),
    MetadataField(columns.PRICE, columns.NUMERIC),
)
TABLE = pa.table(
    {
        columns.ITEM: ["POSA1", "POSA2", "HTYO1", "PDAD1", "X9"],
        columns.NAME: ["오사카 미식 여행", "오사카성 Night Tour", "도쿄 호텔", "다낭 가족", None],
        columns.COUNTRY: ["일본", "일본", "일본", "베트남", None],
        columns.CITY: ["OSA", "OSA", "TYO", "DAD", None],
        "city_name": ["오사카", "오사카", "도쿄", "다낭", None],
        columns.CATEGORY: ["패키지", "투어", "호텔", "패키지", None],
        columns.THEME: pa.array([["미식"], [], None, ["가족", "휴양"], []], pa.list_(pa.string())),
        columns.PRICE: [639900.0, 29.5, None, 1e9, 0.0],
        columns.CLICKS: [5, 9, 5, 0, 1],
    }
)


def products(table: pa.Table = TABLE) -> Products:
    return Products(table, FIELDS, CatalogueFilters(table), ShownItems(table))


def search(words: str = "", offset: int = 0, limit: int = 10, **narrowed: str) -> FoundProducts:
    return products().search(words, narrowed, offset=offset, limit=limit)


def facet(found: FoundProducts, name: str) -> dict[str, int]:
    return {each.value: each.count for each in found.facets[name]}


def test_most_clicked_first_and_then_in_order() -> None:
    found = search()
    assert (found.total, found.items) == (5, (2, 1, 3, 5, 4))
    assert search(offset=1, limit=2).items == (1, 3)
    assert search(offset=9).items == ()
    assert search(offset=9).total == 5


@pytest.mark.parametrize(
    ("words", "items"),
    [
        ("오사카성", (2,)),
        ("오 사 카", (2, 1)),
        (unicodedata.normalize("NFD", "오사카"), (2, 1)),
        ("night", (2,)),
        ("NIGHTTOUR", (2,)),
        ("posa", (2, 1)),
        ("x9", (5,)),
        ("  ", (2, 1, 3, 5, 4)),
        ("여행POSA", ()),
        ("\n", (2, 1, 3, 5, 4)),
        ("\0", ()),
        ("없음", ()),
        (".*", ()),
    ],
)
def test_words_are_looked_for_in_name_and_code(words: str, items: tuple[int, ...]) -> None:
    found = search(words)
    assert (found.items, found.total) == (items, len(items))


def test_facets_count_what_their_choice_would_leave() -> None:
    found = search(country="일본", category="패키지")
    assert found.items == (1,)
    assert facet(found, columns.CITY) == {"오사카": 1}
    assert facet(found, columns.COUNTRY) == {"일본": 1, "베트남": 1}, "its own choice is open"
    assert facet(found, columns.CATEGORY) == {"패키지": 1, "투어": 1, "호텔": 1}
    everything = search()
    assert everything.facets[columns.COUNTRY] == (FacetValue("일본", 3), FacetValue("베트남", 1))


def test_each_of_several_values_counts() -> None:
    cities = pa.array([["오사카", "교토"], ["오사카"], [], None, ["교토"]], pa.list_(pa.string()))
    found = products(TABLE.drop_columns(["city_name"]).set_column(3, columns.CITY, cities))
    everything = found.search("", {}, offset=0, limit=10)
    assert facet(everything, columns.CITY) == {"오사카": 2, "교토": 2}
    assert found.search("", {columns.CITY: "교토"}, offset=0, limit=10).items == (1, 5)
    told = [found.summary(item)[columns.CITY] for item in range(1, 6)]
    assert told == ["오사카, 교토", "오사카", None, None, "교토"]


def test_a_city_is_chosen_by_its_name_or_its_code() -> None:
    assert search(city="오사카").items == search(city="OSA").items == (2, 1)
    assert search(city="평양").total == 0


def test_a_column_that_the_catalogue_lacks() -> None:
    bare = products(TABLE.select([columns.ITEM, columns.CLICKS]))
    found = bare.search("posa", {}, offset=0, limit=10)
    assert found.items == (2, 1)
    assert dict(found.facets) == {columns.COUNTRY: (), columns.CITY: (), columns.CATEGORY: ()}
    assert bare.details(1) == {
        columns.ITEM: "POSA1",
        **dict.fromkeys((columns.NAME, columns.COUNTRY, columns.CITY, columns.CATEGORY)),
        columns.CLICKS: 5,
        "fields": {},
    }
    with pytest.raises(QueryError, match=r"filters\.city: no such field"):
        bare.search("", {columns.CITY: "OSA"}, offset=0, limit=10)


def test_details_are_the_metadata_as_text() -> None:
    found = products()
    assert found.summary(1) == {
        columns.ITEM: "POSA1",
        columns.NAME: "오사카 미식 여행",
        columns.COUNTRY: "일본",
        columns.CITY: "오사카",
        columns.CATEGORY: "패키지",
        columns.CLICKS: 5,
    }
    fields = [found.details(item)["fields"] for item in (1, 2, 3, 4)]
    assert fields[0] == {"city": ["오사카"], "theme": ["미식"], "price": ["639900"]}
    assert fields[1] == {"city": ["오사카"], "theme": [], "price": ["29.5"]}
    assert fields[2] == {"city": ["도쿄"], "theme": [], "price": []}
    assert fields[3] == {"city": ["다낭"], "theme": ["가족", "휴양"], "price": ["1000000000"]}


def test_of_many_values_those_with_most_products_are_told() -> None:
    n_cities = MAX_FACET_VALUES + 50
    cities = [f"도시{i % n_cities}" for i in range(n_cities + 10)]
    table = pa.table(
        {
            columns.ITEM: [f"P{i}" for i in range(len(cities))],
            columns.CITY: cities,
            columns.CLICKS: [0] * len(cities),
        }
    )
    told = products(table).search("", {}, offset=0, limit=1).facets[columns.CITY]
    assert len(told) == MAX_FACET_VALUES
    assert [each.count for each in told[:11]] == [2] * 10 + [1]
    assert all(Counter(cities)[each.value] == each.count for each in told)
