"""What a compiled statistic finds is what an oracle finds that goes over the rows of the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Any, get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from statistics_oracle import (
    Place,
    World,
    expected_ranking,
    is_selected,
    value_of,
)

from nadeuri import columns
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.load import load_folder
from nadeuri.guide.plan import Area, Measure, Pick, Plan, PriceRange, Segment, Statistic, Without
from nadeuri.guide.statistics.asked import asked_of
from nadeuri.guide.statistics.compile import compile_statistic


@pytest.fixture(scope="module")
def world(place_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The tiny sample world with gaps: every kind of value is missing somewhere."""
    folder = tmp_path_factory.mktemp("gaps")
    (folder / "places").mkdir()
    rows: dict[str, list[Place]] = {}
    for path in sorted(place_folder.glob("*.parquet")):
        table = pq.read_table(path)
        rows[path.stem] = with_gaps(path.stem, table.to_pylist())
        found = pa.Table.from_pylist(rows[path.stem], schema=table.schema)
        pq.write_table(found, folder / "places" / path.name)
    with LadybugStore(folder / "graph", memory_bytes=256 << 20) as store:
        assert not load_folder(folder / "places", store, folder / "rejects.parquet").rejected
    with LadybugStore(folder / "graph", read_only=True) as store:
        yield World(rows, store)


def with_gaps(table: str, rows: list[Place]) -> list[Place]:
    def number(row: Place) -> int:
        return int(row["place_id"][1:])

    match table:
        case "places":
            for row in rows:
                for at, name in enumerate(
                    ("waiting_share", "waiting_minutes", "reservation_share", "opens")
                ):
                    if number(row) % 7 == at:
                        row[name] = None
                if number(row) % 7 == 3:
                    row["closes"] = None
                if number(row) % 7 == 4:
                    row["takes_reservations"] = None
            return rows
        case "menus":
            for at, row in enumerate(rows):
                row["price"] = None if at % 9 == 0 else row["price"]
            return [row for row in rows if number(row) % 11]
        case "ratings" | "usage":
            return [row for row in rows if number(row) % 6]
        case "visits":
            return [row for row in rows if (number(row) + (row["kind"] == "companion")) % 8]
        case "reviews":
            return [row for row in rows if number(row) % 10]
        case _:
            return rows


# --- plans ----------------------------------------------------------------------------------------

AREAS = st.sampled_from(
    [Area(city="제주시"), Area(city="서귀포시"), Area(town="한림읍"), Area(town="애월읍")]
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "areas": st.lists(AREAS, min_size=1, max_size=2).map(tuple),
    "categories": st.sets(st.sampled_from(columns.PLACE_CATEGORIES), min_size=8).map(tuple),
    "menus": st.sampled_from([("라떼", "국수"), ("흑돼지", "아메리카노"), ("없는 음식",)]),
    "price": st.sampled_from([PriceRange(max_won=20_000), PriceRange(min_won=6_000)]),
    "companions": st.sampled_from([("부모님",), ("아이", "연인"), ("단체",)]),
    "purposes": st.sampled_from([("데이트",), ("가족 모임", "여행")]),
    "qualities": st.sampled_from([("뷰가 좋아요",), ("음식이 맛있어요", "조용해요")]),
    "segments": st.sampled_from(
        [
            (Segment(dimension="age", value="60대이상"),),
            (Segment(dimension="age", value="20대"), Segment(dimension="age", value="30대")),
            (Segment(dimension="age", value="40대"), Segment(dimension="gender", value="여성")),
            (Segment(dimension="weekday", value="화"),),
        ]
    ),
    "no_waiting": st.just(True),
    "reservation": st.just("possible"),
    "without": st.builds(
        Without,
        areas=st.sampled_from([(), (Area(town="연동"),)]),
        categories=st.sampled_from([(), ("카페", "술집")]),
        menus=st.sampled_from([(), ("국수",)]),
    ),
    "places": st.sampled_from([("고운마루", "바당마을"), ("포구집",), ("없는 가게",)]),
}
SUBJECTS = {
    "usage_share": ("segments",),
    "visit_share": ("companions", "purposes"),
    "quality": ("qualities",),
    "price": ("menus",),
}
MEASURES = [measure for measure in get_args(Measure) if measure not in ("menus", "reviews")]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Statistic plans that name what they measure, and select by up to two more fields."""
    measure = draw(st.sampled_from(MEASURES))
    names = draw(st.sets(st.sampled_from(sorted(FIELDS)), max_size=2))
    if subjects := SUBJECTS.get(measure):
        names |= draw(st.sets(st.sampled_from(subjects), min_size=1))
    stated = {name: draw(FIELDS[name]) for name in sorted(names)}
    statistic = Statistic(
        measure=measure,
        pick=draw(st.sampled_from(get_args(Pick))),
        month=draw(st.sampled_from([None, None, 9, 10])),
    )
    return Plan(intent="statistic", statistic=statistic, **stated)


def ask(world: World, plan: Plan, shown: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    query = compile_statistic(plan, asked_of(plan, shown))
    return world.store.query(query.cypher, query.parameters)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_a_statistic_is_what_the_tables_say(world: World, plan: Plan) -> None:
    assert plan.statistic is not None
    measure, pick = plan.statistic.measure, plan.statistic.pick
    chosen = [each for each in world.places.values() if is_selected(world, each, plan, measure)]
    rows = ask(world, plan)
    if measure == "n_places":
        check_counts(rows, chosen, pick)
        return
    if measure == "address":
        check_each(world, rows, {place["place_id"]: place["address"] for place in chosen})
        return
    values = {each["place_id"]: value_of(world, each, plan, measure, pick) for each in chosen}
    if measure == "hours" and pick == "value":
        check_each(world, rows, values)
    elif pick != "value":
        ranking = expected_ranking(values, lowest=pick == "lowest")[:3]
        assert [row["place_id"] for row in rows] == ranking
        assert [row["value"] for row in rows] == pytest.approx([values[key] for key in ranking])
    elif plan.places:
        has_rows = {
            key: value
            for key, value in values.items()
            if value is not None
            or measure in ("rating", "waiting_share", "waiting_minutes")
            or measure == "reservation"
        }
        check_each(world, rows, has_rows)
    else:
        check_average(rows, [value for value in values.values() if value is not None])


def check_counts(rows: list[dict[str, Any]], chosen: list[Place], pick: Pick) -> None:
    if pick == "value":
        assert rows == [{"value": len(chosen)}]
        return
    counts = Counter(place["town"] for place in chosen)
    sign = 1 if pick == "lowest" else -1
    towns = sorted(counts, key=lambda town: (sign * counts[town], town))[:3]
    assert rows == [{"town": town, "value": counts[town]} for town in towns]


def check_each(world: World, rows: list[dict[str, Any]], values: dict[str, Any]) -> None:
    """Places with the most reviews come first; three are told unless more are named."""
    order = sorted(values, key=lambda key: (-len(world.of("reviews", key)), key))[:3]
    assert [row["place_id"] for row in rows] == order
    for row in rows:
        found = row.get("value", row.get("address", row.get("closes")))
        value = values[row["place_id"]]
        assert found == (value if isinstance(value, str | None) else pytest.approx(value))


def check_average(rows: list[dict[str, Any]], values: list[float]) -> None:
    (row,) = rows
    assert row["n_places"] == len(values)
    if values:
        assert row["value"] == pytest.approx(fmean(values))
        assert (row["low"], row["high"]) == pytest.approx((min(values), max(values)))
    else:
        assert row["value"] is None


# --- what else is asked ---------------------------------------------------------------------------


def of(measure: Measure, pick: Pick = "value", **stated: Any) -> Plan:
    statistic = Statistic(measure=measure, pick=pick, month=stated.pop("month", None))
    return Plan(intent="statistic", statistic=statistic, **stated)


def test_places_shown_before_are_asked_about_by_position(world: World) -> None:
    shown = ("P00020", "P00001", "P00005")
    about: dict[str, Any] = {"relation": "about_shown"}
    assert {row["place_id"] for row in ask(world, of("rating", **about), shown)} == set(shown)
    rows = ask(world, of("address", shown=(2,), **about), shown)
    assert [row["name"] for row in rows] == ["고운마루"]
    assert ask(world, of("rating", shown=(3, 7), **about), shown[:2]) == []
    ranked = ask(world, of("price", "lowest", **about), shown)
    lows = {
        key: value_of(world, world.places[key], of("price"), "price", "lowest") for key in shown
    }
    assert [row["place_id"] for row in ranked] == expected_ranking(lows, lowest=True)


def test_what_else_a_question_says_does_not_select_among_places_shown(world: World) -> None:
    """The second one, the one with the noodles: how late is it open?"""
    plan = of("hours", relation="about_shown", shown=(1,), menus=("없는 음식",))
    assert [row["place_id"] for row in ask(world, plan, ("P00001",))] == ["P00001"]


def test_places_shown_before_can_be_left_out(world: World) -> None:
    plan = of("rating", "highest")
    first = str(ask(world, plan)[0]["place_id"])
    others = plan.model_copy(update={"without": Without(shown=True)})
    rows = ask(world, others, (first,))
    assert len(rows) == 3
    assert first not in {row["place_id"] for row in rows}


def test_menus_are_told_dish_by_dish(world: World) -> None:
    rows = ask(world, of("menus", places=("고운마루",)))
    menus = world.of("menus", "P00001")
    assert [(row["menu"], row["price"]) for row in rows] == [
        (menu["name"], menu["price"])
        for menu in sorted(menus, key=lambda menu: (not menu["is_main"], menu["name"]))
    ]
    some = ask(world, of("menus", places=("고운마루",), menus=("흑돼지",)))
    assert {row["menu"] for row in some} == {m["name"] for m in menus if "흑돼지" in m["name"]}


def test_reviews_are_told_by_their_keywords(world: World) -> None:
    rows = ask(world, of("reviews", places=("고운마루",)))
    reviews = world.of("reviews", "P00001")
    counts = Counter(word for row in reviews for word in row["keywords"])
    order = sorted(counts, key=lambda word: (-counts[word], word))
    assert [row["keyword"] for row in rows] == order
    assert [row["share"] for row in rows] == pytest.approx(
        [counts[word] / len(reviews) for word in order]
    )


@pytest.mark.parametrize(
    ("measure", "instead"),
    [("usage_share", "n_reviews"), ("visit_share", "n_reviews"), ("quality", "rating")],
)
def test_a_share_of_nobody_is_how_many_come_or_how_good_it_is(
    world: World, measure: Measure, instead: Measure
) -> None:
    assert ask(world, of(measure, "highest")) == ask(world, of(instead, "highest"))


def test_values_are_never_in_the_text() -> None:
    hostile = "애월읍') DETACH DELETE p //"
    for measure in get_args(Measure):
        plan = of(
            measure,
            areas=(Area(town=hostile),),
            menus=(hostile,),
            places=(hostile,),
            companions=(hostile,),
            purposes=(hostile,),
            qualities=(hostile,),
            segments=(Segment(dimension="age", value=hostile),),
        )
        query = compile_statistic(plan, asked_of(plan, (hostile,)))
        assert hostile not in query.cypher


@pytest.mark.parametrize("measure", MEASURES)
def test_some_places_have_no_value_and_others_do(world: World, measure: Measure) -> None:
    """Else the comparison with the oracle would say nothing of nulls."""
    if measure in ("n_places", "n_reviews", "address"):
        return
    subjects: dict[str, Any] = {
        "segments": (Segment(dimension="age", value="30대"),),
        "companions": ("부모님",),
        "qualities": ("조용해요",),
    }
    plan = of(measure, **subjects)
    values = [value_of(world, each, plan, measure, "value") for each in world.places.values()]
    assert None in values
    assert len(set(values)) > 5
