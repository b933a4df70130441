"""The oracle on tables of three places, and beside the compiled queries on the tiny graph."""

from __future__ import annotations

from pathlib import Path

import pytest

from nadeuri.guide.cypher import candidates
from nadeuri.guide.evaluation.oracle.fitting import allowed, fitting
from nadeuri.guide.evaluation.oracle.tables import PlaceTables
from nadeuri.guide.evaluation.read import PARTS, Part, read_shipped
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.plan import Area, Near, OpenAt, Plan, PriceRange, Segment, Without

P1, P2, P3 = "P1", "P2", "P3"
TWENTIES, SIXTIES = (Segment(dimension="age", value=value) for value in ("20대", "60대이상"))


@pytest.mark.parametrize(
    ("plan", "ids"),
    [
        (Plan(), {P1, P2, P3}),
        (Plan(areas=(Area(city="제주시"),)), {P1, P2}),
        (Plan(areas=(Area(city="제주시", town="연동"),)), {P2}),
        (Plan(areas=(Area(town="애월읍", village="애월리"), Area(town="중문동"))), {P1, P3}),
        (Plan(areas=(Area(town="한림읍", village="애월리"),)), set()),
        (Plan(categories=("흑돼지",)), {P1, P3}),
        (Plan(places=("가게2",)), {P2}),
        (Plan(menus=("목살",)), {P1, P3}),
        (Plan(price=PriceRange(max_won=10_000)), set()),  # main dishes only
        (Plan(price=PriceRange(min_won=22_000, max_won=30_000)), {P2, P3}),
        (Plan(menus=("찌개",), price=PriceRange(max_won=10_000)), {P1}),
        (Plan(menus=("목살",), price=PriceRange(max_won=21_999)), {P1}),
        (Plan(near=Near(attraction="한담해안산책로", metres=1_000)), {P1}),
        (Plan(near=Near(attraction="한담해안산책로", metres=3_000)), {P1, P2}),
        (Plan(near=Near(attraction="어디에도 없는 곳")), set()),
        (Plan(no_waiting=True), {P1}),  # below .2, not at it
        (Plan(reservation="possible"), {P1, P3}),
        (Plan(reservation="not_needed"), {P2}),
        (Plan(open_at=OpenAt(minute=1319)), {P1, P2, P3}),
        (Plan(open_at=OpenAt(minute=1320)), {P2}),  # they close at 22:00
        (Plan(open_at=OpenAt(minute=60)), {P2}),  # still open from the day before
        (Plan(open_at=OpenAt(weekday="화", minute=60)), set()),  # which was a Monday
        (Plan(open_at=OpenAt(weekday="월", minute=60)), {P2}),  # which was a Sunday
        (Plan(open_at=OpenAt(weekday="월")), {P1, P3}),
        (Plan(companions=("부모님",)), {P1}),  # .08 is enough, .079 is not
        (Plan(companions=("부모님", "친구")), {P1, P2}),
        (Plan(purposes=("회식",)), {P1}),
        (Plan(qualities=("조용해요",)), {P1, P3}),
        (Plan(qualities=("조용해요", "친절해요")), {P1, P3}),
        (Plan(segments=(TWENTIES,)), {P1, P2}),
        (Plan(segments=(SIXTIES,)), set()),
        (Plan(without=Without(areas=(Area(city="제주시"),))), {P3}),
        (Plan(without=Without(categories=("술집",))), {P1, P3}),
        (Plan(without=Without(menus=("모둠",))), {P1, P2}),
        (Plan(without=Without(places=("가게1",))), {P2, P3}),
        (Plan(categories=("흑돼지",), qualities=("양이 많아요",)), {P1}),
    ],
)
def test_places_that_a_plan_means(tables: PlaceTables, plan: Plan, ids: set[str]) -> None:
    assert fitting(tables, plan) == ids
    assert fitting(tables, plan) <= allowed(tables, plan)


def test_wishes_are_not_what_must_hold(tables: PlaceTables) -> None:
    plan = Plan(categories=("흑돼지",), companions=("부모님",), qualities=("양이 많아요",))
    assert allowed(tables, plan) == {P1, P3}


@pytest.mark.parametrize("part", PARTS)
def test_the_compiled_query_of_every_gold_plan_finds_the_same(
    part: Part, tiny_tables: PlaceTables, tiny_graph: Path
) -> None:
    plans = [
        turn.plan
        for conversation in read_shipped(part).conversations
        for turn in conversation.turns
        if turn.plan is not None and turn.plan.intent == "recommend"
    ]
    n_found = 0
    with LadybugStore(tiny_graph, read_only=True) as store:
        for plan in plans:
            query = candidates(plan, limit=len(tiny_tables.places))
            rows = store.query(query.cypher, query.parameters)
            assert {row["place_id"] for row in rows} == fitting(tiny_tables, plan), plan
            n_found += len(rows)
    assert n_found > 20
