"""A place is recommended only if every condition holds and every wish is backed by a fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.guide.cypher import candidates
from nadeuri.guide.facts import DishFact, PlaceFacts
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.plan import Area, Near, OpenAt, Plan, PriceRange, Segment, Without
from nadeuri.guide.selection.fit import misfits, ranked
from nadeuri.guide.selection.types import Candidate

FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "areas": st.sampled_from(
        [(Area(city="제주시"),), (Area(town="애월읍"),), (Area(town="한림읍", village="협재리"),)]
    ),
    "categories": st.sets(st.sampled_from(columns.PLACE_CATEGORIES), min_size=5).map(tuple),
    "menus": st.sampled_from([("흑돼지",), ("국수", "라떼")]),
    "price": st.sampled_from([PriceRange(max_won=10_000), PriceRange(min_won=20_000)]),
    "companions": st.sampled_from([("부모님",), ("아이", "연인"), ("반려동물",)]),
    "purposes": st.sampled_from([("데이트",), ("가족 모임", "여행")]),
    "segments": st.sampled_from(
        [(Segment(dimension="age", value="60대이상"),), (Segment(dimension="weekday", value="화"),)]
    ),
    "near": st.builds(Near, attraction=st.sampled_from(["협재해수욕장", "성산일출봉"])),
    "open_at": st.builds(
        OpenAt,
        weekday=st.none() | st.sampled_from(columns.SEGMENTS[columns.WEEKDAY]),
        minute=st.none() | st.integers(0, 1439),
    ),
    "qualities": st.sampled_from([("조용해요",), ("뷰가 좋아요", "친절해요")]),
    "no_waiting": st.just(True),
    "reservation": st.sampled_from(["possible", "not_needed"]),
    "without": st.builds(
        Without,
        areas=st.sampled_from([(), (Area(town="애월읍"),)]),
        categories=st.sampled_from([(), ("카페", "흑돼지")]),
        menus=st.sampled_from([(), ("김치찌개",)]),
        places=st.sampled_from([(), ("고운마루",)]),
    ),
    "sort": st.sampled_from([None, "rating", "n_reviews", "distance", "price", "usage_share"]),
}
PLANS = (
    st.sets(st.sampled_from(sorted(FIELDS)), max_size=4)
    .flatmap(lambda names: st.fixed_dictionaries({name: FIELDS[name] for name in sorted(names)}))
    .map(lambda stated: Plan(**stated))
)


@pytest.fixture(scope="module")
def store(tiny_graph: Path) -> Iterator[LadybugStore]:
    """With the usual memory: ladybug keeps the plans of all the queries."""
    with LadybugStore(tiny_graph, read_only=True) as opened:
        yield opened


def of(facts: PlaceFacts, similarity: float | None = None, **numbers: float) -> Candidate:
    return Candidate(facts, numbers, similarity, "graph")


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(plan=PLANS)
def test_what_fits_by_its_facts_is_what_the_query_finds(
    places: dict[str, PlaceFacts], store: LadybugStore, plan: Plan
) -> None:
    query = candidates(plan, limit=100)
    rows = {str(row.pop("place_id")): row for row in store.query(query.cypher, query.parameters)}
    for place_id, facts in places.items():
        numbers = {name: float(str(value)) for name, value in rows.get(place_id, {}).items()}
        faults = misfits(plan, of(facts, **numbers))
        if place_id not in rows:
            assert faults
        elif faults:
            assert faults == ("guests",)
            assert numbers["guest_share"] == 0, "nobody of those asked for comes"


@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        (Plan(areas=(Area(town="한림읍"),)), "area"),
        (Plan(categories=("카페",)), "category"),
        (Plan(menus=("커피",)), "dish or price"),
        (Plan(price=PriceRange(max_won=20_000)), "dish or price"),
        (Plan(near=Near(attraction="곽지해수욕장", metres=500)), "distance"),
        (Plan(open_at=OpenAt(weekday="화")), "opening hours"),
        (Plan(open_at=OpenAt(minute=22 * 60)), "opening hours"),
        (Plan(no_waiting=True), "waiting"),
        (Plan(reservation="not_needed"), "needs a reservation"),
        (Plan(without=Without(menus=("소주",))), "refused dish"),
        (Plan(companions=("반려동물",)), "companions"),
        (Plan(purposes=("혼밥",)), "purposes"),
        (Plan(qualities=("커피가 맛있어요",)), "qualities"),
        (Plan(segments=(Segment(dimension="weekday", value="화"),)), "guests"),
    ],
)
def test_what_is_missing_is_named(pork: PlaceFacts, plan: Plan, fault: str) -> None:
    assert misfits(plan, of(pork)) == (fault,)


def test_what_is_unknown_fits_no_condition(pork: PlaceFacts) -> None:
    blank = replace(
        pork, opens=None, closes=None, waiting_share=None, reservation_share=None, guests={},
        takes_reservations=None, menus=(DishFact("흑돼지목살", None, True),),
    )  # fmt: skip
    asked = Plan(
        price=PriceRange(max_won=90_000),
        open_at=OpenAt(minute=18 * 60),
        no_waiting=True,
        reservation="possible",
        segments=(Segment(dimension="age", value="20대"),),
    )
    assert len(misfits(asked, of(blank))) == 5
    assert misfits(Plan(menus=("흑돼지",)), of(blank)) == ()


def test_past_midnight_belongs_to_the_day_before(pork: PlaceFacts) -> None:
    late = replace(pork, opens=18 * 60, closes=26 * 60, closed_days=("화",))

    def fits(weekday: Any, hour: int) -> bool:
        return not misfits(Plan(open_at=OpenAt(weekday=weekday, minute=60 * hour)), of(late))

    assert fits("월", 23)
    assert fits("화", 1)
    assert not fits("수", 1)
    assert not fits("화", 23)
    assert fits("월", 1)
    assert not fits("월", 2)


def test_order_by_shares_similarity_and_ratings_that_count(pork: PlaceFacts) -> None:
    def order(plan: Plan, *given: Candidate) -> list[str]:
        found = [each.facts.place_id for each in ranked(plan, given)]
        assert found == [each.facts.place_id for each in ranked(plan, given[::-1])]
        return found

    def place(place_id: str, **changes: Any) -> PlaceFacts:
        return replace(pork, place_id=place_id, **changes)

    parents = Plan(companions=("부모님",))
    few, many = place("a", companions={"부모님": 0.1}), place("b", companions={"부모님": 0.4})
    assert order(parents, of(few), of(many)) == ["b", "a"]
    assert order(parents, of(few, 0.9), of(many, 0.1)) == ["a", "b"]
    assert order(Plan(), of(few), of(many)) == ["a", "b"], "equal but for what nobody asked for"
    perfect = place("c", rating=5.0, n_ratings=1)
    proven = place("d", rating=4.7, n_ratings=400)
    assert order(Plan(), of(perfect), of(proven)) == ["d", "c"], "one rating proves little"
    assert order(Plan(sort="rating"), of(proven), of(perfect)) == ["c", "d"], "but it was asked for"
    groups = place("e", companions={"단체": 0.5, "부모님": 0.1})
    assert order(Plan(party_size=10), of(few), of(groups)) == ["e", "a"]
    assert order(parents, of(few, 0.5), of(place("z", companions={"부모님": 0.1}))) == ["a", "z"]


@pytest.mark.parametrize("sort", ["rating", "n_reviews", "distance", "price", "usage_share"])
def test_the_order_asked_for_is_that_of_the_query(
    places: dict[str, PlaceFacts], store: LadybugStore, sort: Any
) -> None:
    plan = Plan(
        price=PriceRange(max_won=100_000),
        near=Near(attraction="협재해수욕장", metres=5_000),
        segments=(Segment(dimension="gender", value="여성"),),
        sort=sort,
    )
    query = candidates(plan)
    found = [str(row["place_id"]) for row in store.query(query.cypher, query.parameters)]
    assert len(found) > 2
    again = [each.facts.place_id for each in ranked(plan, [of(places[each]) for each in found])]

    def value(place_id: str) -> object:
        facts = places[place_id]
        return {"rating": facts.rating, "n_reviews": facts.n_reviews}.get(sort, place_id)

    assert list(map(value, again)) == list(map(value, found))
