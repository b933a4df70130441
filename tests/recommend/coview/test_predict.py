from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from nadeuri import columns
from nadeuri.errors import ArtifactError, QueryError, UnknownItemError
from nadeuri.recommend.coview import ivf
from nadeuri.recommend.coview.predict import AlsoViewed, Query

Make = Callable[..., AlsoViewed]


def codes(model: AlsoViewed, code: str, k: int = 12, **rules: object) -> list[str]:
    return [each.item for each in model.answer(Query(code, k=k, **rules)).items]  # type: ignore[arg-type]


def test_the_nearest_first(make_viewed: Make) -> None:
    model = make_viewed(on_sale=[], trip=[])
    assert codes(model, "P06", k=4) == ["P05", "P07", "P04", "P08"]
    answer = model.answer(Query("P06", k=3))
    assert answer.source == "viewed"
    assert [each.rank for each in answer.items] == [1, 2, 3]
    assert answer.items[0].score > answer.items[2].score


def test_what_is_not_on_sale_is_left_out(make_viewed: Make) -> None:
    model = make_viewed(trip=[])
    assert "P05" not in codes(model, "P06")
    assert "P04" in codes(model, "P06")  # nothing is said of it


def test_one_departure_of_a_trip(make_viewed: Make) -> None:
    model = make_viewed(on_sale=[])
    assert codes(model, "P06", k=4) == ["P05", "P07", "P04", "P08"]
    assert "P03" not in codes(model, "P06")  # P04 is the nearer one of its trip
    assert "P01" not in codes(model, "P02")  # the trip that is looked at


def test_rules_of_a_query(make_viewed: Make) -> None:
    model = make_viewed(on_sale=[], trip=[])
    vietnam = set(codes(model, "P06", same_country=True))
    assert vietnam == {"P03", "P09"}  # P12 is there too, but has no vector
    filtered = codes(model, "P06", filters={columns.CITY: ["오사카"]})
    assert filtered == ["P07", "P04", "P10", "P01"]
    diverse = codes(model, "P06", k=12, per_city=1)
    assert diverse == ["P05", "P07", "P03"]
    answer = model.answer(Query("P06", filters={columns.CITY: ["아틀란티스"]}))
    assert (answer.items, dict(answer.unknown_filters)) == ((), {columns.CITY: ("아틀란티스",)})
    with pytest.raises(QueryError):
        model.answer(Query("P06", filters={"colour": ["red"]}))


def test_new_products_and_unknown_ones(make_viewed: Make) -> None:
    model = make_viewed(on_sale=[], trip=[])
    assert model.answer(Query("P11")).source == "metadata"
    assert codes(model, "P11", k=1) == ["P10"]
    popular = model.answer(Query("P12", k=4))
    assert popular.source == "popular"
    # first its own city (다낭), the most clicked one before; then anywhere
    assert [each.item for each in popular.items] == ["P03", "P06", "P09", "P01"]


def test_a_half_empty_catalogue(make_viewed: Make) -> None:
    cities = [None if i % 2 else "오사카" for i in range(12)]
    model = make_viewed(city=cities, country=[], on_sale=[], trip=[])
    assert codes(model, "P06", k=12, per_city=2, same_country=True) == [
        *("P05", "P07", "P04", "P08", "P02", "P10"),
    ]


def test_of_several_cities_the_first_counts(make_viewed: Make) -> None:
    """A catalogue may have lists: a tour of two cities in two countries."""
    cities = [["오사카", "교토"], ["도쿄"], [], None, *[["다낭", "오사카"]] * 8]
    countries = [["일본", "한국"], ["일본"], ["일본"], None, *[["베트남"]] * 8]
    model = make_viewed(city=cities, country=countries, on_sale=[], trip=[])
    assert codes(model, "P02", same_country=True) == ["P01", "P03"]
    assert codes(model, "P06", per_city=1) == ["P05", "P04", "P03", "P02", "P01"]
    assert set(codes(model, "P08", filters={columns.CITY: ["교토"]})) == {"P01"}


def test_an_unknown_code_names_the_nearest(make_viewed: Make) -> None:
    with pytest.raises(UnknownItemError, match="P06"):
        make_viewed().answer(Query("PO6"))


def test_a_damaged_artefact(make_viewed: Make) -> None:
    with pytest.raises(ArtifactError, match="does not fit"):
        make_viewed(
            **{name: [] for name in (columns.CITY, columns.COUNTRY, columns.NAME)},
            item=["P01"],
            on_sale=["Y"],
            trip=[None],
            clicks=[1],
        )


@pytest.mark.parametrize("make_viewed", ["indexed"], indirect=True)
def test_a_damaged_index(make_viewed: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = ivf.Cells(np.zeros((3, 2), np.float32), np.full(13, 3, dtype=np.int32))
    monkeypatch.setattr(ivf, "divide", lambda keys: cells)
    with pytest.raises(ArtifactError, match="damaged index"):
        make_viewed()
