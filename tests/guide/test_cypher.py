"""What a compiled plan finds is what an oracle finds that goes over the rows of the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.data.places import great_circle_metres
from nadeuri.data.sample.places.write import write_places
from nadeuri.guide import cypher
from nadeuri.guide.cypher import candidates
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.load import load_folder
from nadeuri.guide.plan import Area, Near, OpenAt, Plan, PriceRange, Segment, Without

N_PLACES = 150
_HALF_A_RUNG = 1e-9


class World:
    """The rows of the tables, and the graph of them; no dataclass, for hypothesis prints those."""

    def __init__(self, rows: dict[str, list[dict[str, Any]]], store: LadybugStore) -> None:
        self.rows, self.store = rows, store

    def of(self, table: str) -> dict[str, list[dict[str, Any]]]:
        """Rows of a table by place."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.rows[table]:
            found[row["place_id"]].append(row)
        return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("cypher")
    write_places(folder / "places", N_PLACES, 2_000, 2, 0)
    rows = {
        path.stem: pq.read_table(path).to_pylist() for path in (folder / "places").glob("*.parquet")
    }
    with LadybugStore(folder / "graph") as store:
        load_folder(folder / "places", store, folder / "rejects.parquet")
        yield World(rows, store)


def expected(world: World, plan: Plan) -> dict[str, dict[str, float]]:
    """Ids of the places that fit, with the numbers that the plan asks for."""
    menus, visits, usage, reviews = (
        world.of(name) for name in ("menus", "visits", "usage", "reviews")
    )
    found = {}
    for place in world.rows["places"]:
        key = place["place_id"]
        numbers: dict[str, float] = {}
        if not _is_allowed(place, menus[key], plan):
            continue
        if plan.near and not _is_near(world, place, plan.near, numbers):
            continue
        if (plan.menus or plan.price) and not _has_a_dish(menus[key], plan, numbers):
            continue
        for kind, wanted in (("companion", plan.companions), ("purpose", plan.purposes)):
            if wanted:
                counts = {v["value"]: v["n_visits"] for v in visits[key] if v["kind"] == kind}
                total = sum(counts.values())
                share = sum(counts.get(each, 0) for each in wanted) / total if total else 0.0
                numbers[f"{kind}_share"] = share
        if plan.segments:
            wanted_segments = {(s.dimension, s.value) for s in plan.segments}
            months: dict[str, float] = defaultdict(float)
            for row in usage[key]:
                if (row["dimension"], row["value"]) in wanted_segments:
                    months[row["month"]] += row["share"]
            if not months:
                continue
            numbers["guest_share"] = sum(months.values()) / len(months)
        if plan.qualities:
            said = [set(plan.qualities) & set(row["keywords"]) for row in reviews[key]]
            if not said:
                continue
            numbers["quality_share"] = sum(map(bool, said)) / len(said)
        found[key] = numbers
    least = {
        "companion_share": cypher.LEAST_SHARE,
        "purpose_share": cypher.LEAST_SHARE,
        "quality_share": cypher.LEAST_QUALITY,
    }
    return {
        key: numbers
        for key, numbers in found.items()
        if all(numbers.get(name, 1.0) >= limit - _HALF_A_RUNG for name, limit in least.items())
    }


def _is_allowed(place: dict[str, Any], menus: list[dict[str, Any]], plan: Plan) -> bool:
    def lies_in(area: Area) -> bool:
        if area.village:
            return place["village"] == area.village and place["town"] == area.town
        return place["town"] == area.town if area.town else place["city"] == area.city

    def is_open(at: OpenAt) -> bool:
        days = columns.SEGMENTS[columns.WEEKDAY]
        ways = [(at.weekday, at.minute)]
        if at.minute is not None:
            before = days[days.index(at.weekday) - 1] if at.weekday else None
            ways.append((before, at.minute + 1440))  # type: ignore[arg-type]
        return any(
            (day is None or day not in place["closed_days"])
            and (minute is None or place["opens"] <= minute < place["closes"])
            for day, minute in ways
        )

    without = plan.without
    return (
        (not plan.areas or any(map(lies_in, plan.areas)))
        and (not plan.categories or place["category"] in plan.categories)
        and (not plan.places or place["name"] in plan.places)
        and (plan.open_at is None or is_open(plan.open_at))
        and (not plan.no_waiting or place["waiting_share"] < cypher.HARDLY_WAITING)
        and (plan.reservation != "possible" or place["takes_reservations"])
        and (
            plan.reservation != "not_needed" or place["reservation_share"] < cypher.HARDLY_RESERVED
        )
        and not any(map(lies_in, without.areas))
        and place["category"] not in without.categories
        and place["name"] not in without.places
        and not any(name in menu["name"] for name in without.menus for menu in menus)
    )


def _is_near(world: World, place: dict[str, Any], near: Near, numbers: dict[str, float]) -> bool:
    metres = min(
        float(
            great_circle_metres(
                place["latitude"], place["longitude"], sight["latitude"], sight["longitude"]
            )
        )
        for sight in world.rows["attractions"]
        if sight["name"] == near.attraction
    )
    numbers["metres"] = metres
    return round(metres, 1) <= near.metres


def _has_a_dish(menus: list[dict[str, Any]], plan: Plan, numbers: dict[str, float]) -> bool:
    low = plan.price.min_won if plan.price and plan.price.min_won is not None else 0
    high = plan.price.max_won if plan.price and plan.price.max_won is not None else 10**9
    prices = [
        menu["price"]
        for menu in menus
        if (any(name in menu["name"] for name in plan.menus) if plan.menus else menu["is_main"])
        and low <= menu["price"] <= high
    ]
    if prices:
        numbers["price"] = min(prices)
    return bool(prices)


AREAS = st.sampled_from(
    [
        Area(city="제주시"),
        Area(city="서귀포시"),
        Area(town="애월읍"),
        Area(town="성산읍"),
        Area(town="애월읍", village="애월리"),
    ]
)
CATEGORIES = st.sets(st.sampled_from(columns.PLACE_CATEGORIES), min_size=1, max_size=12).map(tuple)
MENUS = st.sampled_from([("파스타",), ("흑돼지", "커피"), ("라떼",), ("없는 음식",)])
PRICES = st.tuples(st.none() | st.integers(0, 15_000), st.none() | st.integers(15_001, 60_000)).map(
    lambda ends: PriceRange(min_won=ends[0], max_won=ends[1])
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "areas": st.lists(AREAS, min_size=1, max_size=2).map(tuple),
    "categories": CATEGORIES,
    "menus": MENUS,
    "price": PRICES,
    "companions": st.sampled_from([("부모님",), ("아이", "연인")]),
    "purposes": st.sampled_from([("데이트",), ("가족 모임", "여행")]),
    "segments": st.sampled_from(
        [
            (Segment(dimension="age", value="60대이상"),),
            (Segment(dimension="age", value="20대"), Segment(dimension="age", value="30대")),
        ]
    ),
    "near": st.builds(Near, attraction=st.just("성산일출봉"), metres=st.sampled_from([2000, 5000])),
    "open_at": st.builds(
        OpenAt,
        weekday=st.none() | st.sampled_from(columns.SEGMENTS[columns.WEEKDAY]),
        minute=st.none() | st.integers(0, 1439),
    ),
    "qualities": st.sampled_from([("뷰가 좋아요",), ("음식이 맛있어요", "조용해요")]),
    "no_waiting": st.just(True),
    "reservation": st.sampled_from(["possible", "not_needed"]),
    "without": st.builds(
        Without,
        areas=st.sampled_from([(), (Area(town="연동"),)]),
        categories=st.sampled_from([(), ("카페", "술집")]),
        menus=st.sampled_from([(), ("피자",)]),
    ),
    "sort": st.sampled_from(["rating", "n_reviews", "distance", "price", "usage_share"]),
}
PLANS = (
    st.sets(st.sampled_from(sorted(FIELDS)), max_size=4)
    .flatmap(lambda names: st.fixed_dictionaries({name: FIELDS[name] for name in sorted(names)}))
    .map(lambda stated: Plan(**stated))
)
"""Plans that state up to four things: of those that state more, most fit no place."""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLANS)
def test_a_query_finds_what_the_tables_say(world: World, plan: Plan) -> None:
    query = candidates(plan, limit=N_PLACES)
    rows = world.store.query(query.cypher, query.parameters)
    wanted = expected(world, plan)
    assert sorted(str(row["place_id"]) for row in rows) == sorted(wanted)
    for row in rows:
        for name, number in wanted[str(row["place_id"])].items():
            assert row[name] == pytest.approx(number, abs=0.06 if name == "metres" else 1e-6)


@pytest.mark.parametrize(
    ("sort", "column", "sign"),
    [("price", "price", 1), ("distance", "metres", 1), ("usage_share", "guest_share", -1)],
)
def test_places_come_in_the_order_asked_for(
    world: World, sort: Any, column: str, sign: int
) -> None:
    plan = Plan(
        price=PriceRange(max_won=100_000),
        near=Near(attraction="성산일출봉", metres=5_000),
        segments=(Segment(dimension="gender", value="여성"),),
        sort=sort,
    )
    query = candidates(plan)
    rows = world.store.query(query.cypher, query.parameters)
    assert len(rows) > 1
    numbers = [sign * float(str(row[column])) for row in rows]
    assert numbers == sorted(numbers)


def test_equal_places_are_ordered_by_their_id_and_the_limit_keeps_the_best(world: World) -> None:
    every = candidates(Plan(), limit=N_PLACES)
    rows = world.store.query(every.cypher, every.parameters)
    keys = [(-float(str(row["fit"])), str(row["place_id"])) for row in rows]
    assert len(rows) == N_PLACES
    assert keys == sorted(keys)
    few = candidates(Plan(), limit=7)
    assert world.store.query(few.cypher, few.parameters) == rows[:7]


def test_values_are_never_in_the_text() -> None:
    hostile = "애월읍') DETACH DELETE p //"
    query = candidates(Plan(areas=(Area(town=hostile),), menus=(hostile,), places=(hostile,)))
    assert hostile not in query.cypher
    assert list(query.parameters.values()).count(hostile) == 2
    assert [hostile] in query.parameters.values()


def test_a_wish_for_distance_or_price_without_either_falls_back_to_the_fit(world: World) -> None:
    for sort in ("distance", "price", "usage_share"):
        query = candidates(Plan(sort=sort))
        assert "ORDER BY fit DESC" in query.cypher
        assert world.store.query(query.cypher, query.parameters)


@pytest.mark.parametrize("name", sorted(FIELDS.keys() - {"sort", "segments"}))
def test_every_condition_leaves_out_some_places_and_keeps_others(world: World, name: str) -> None:
    """Else the comparison with the oracle would say nothing of it. Guests and order drop nobody."""

    def tells_places_apart(value: object) -> bool:
        plan = Plan(**{name: value})  # type: ignore[arg-type]
        return 0 < len(expected(world, plan)) < N_PLACES

    find(FIELDS[name], tells_places_apart)  # raises where there is none
