"""Truths worked out by hand on tables of three places."""

from __future__ import annotations

from typing import Any

import pytest

from nadeuri.errors import QueryError
from nadeuri.guide.evaluation.oracle.statistics import Truth, truth
from nadeuri.guide.evaluation.oracle.tables import PlaceTables
from nadeuri.guide.plan import Area, Plan, Segment, Statistic

TWENTIES = Segment(dimension="age", value="20대")
JEJU_CITY = (Area(city="제주시"),)


def asked(measure: Any, pick: Any = "value", month: int | None = None, **fields: Any) -> Plan:
    statistic = Statistic(measure=measure, pick=pick, month=month)
    return Plan(intent="statistic", statistic=statistic, **fields)


def first(name: str, others: set[str], number: float) -> Truth:
    return Truth(frozenset({name}), frozenset(others), (number,))


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (asked("n_places", areas=JEJU_CITY), Truth(numbers=(2,))),
        (asked("n_places", categories=("카페",)), Truth(numbers=(0,), is_known=False)),
        (
            asked("usage_share", "highest", segments=(TWENTIES,)),
            first("가게2", {"가게1"}, 45.0),
        ),
        (
            asked("usage_share", "highest", month=8, segments=(TWENTIES,)),
            first("가게1", {"가게2"}, 50.0),
        ),
        (asked("visit_share", "highest", companions=("친구",)), first("가게2", {"가게1"}, 92.1)),
        (asked("visit_share", "lowest", companions=("친구",)), first("가게1", {"가게2"}, 92.0)),
        (asked("rating", "highest"), first("가게3", {"가게1"}, 4.5)),
        (asked("rating", places=("가게1",)), Truth((), (), (4.25,), (frozenset({"가게1"}),))),
        (asked("n_reviews", "highest"), first("가게1", {"가게2", "가게3"}, 2.0)),
        (asked("price", "lowest", menus=("흑돼지",)), first("가게1", {"가게3"}, 20_000)),
        (asked("price", "highest", menus=("흑돼지",)), first("가게3", {"가게1"}, 60_000)),
        (asked("price", menus=("흑돼지",)), Truth(numbers=(30_500,))),  # 20,000 and 41,000
        (
            asked("price", places=("가게3",)),
            Truth(numbers=(22_000, 60_000), wordings=(frozenset({"가게3"}),)),
        ),
        (asked("waiting_minutes", "highest"), first("가게2", {"가게1", "가게3"}, 40.0)),
        (asked("waiting_share", "lowest", areas=JEJU_CITY), first("가게1", {"가게2"}, 10.0)),
        (
            asked("quality", "highest", qualities=("조용해요",)),
            first("가게3", {"가게1", "가게2"}, 100),
        ),
        (
            asked("address", places=("가게2",)),
            Truth(wordings=(frozenset({"제주특별자치도 제주시 연동 2"}),)),
        ),
        (
            asked("menus", places=("가게1",)),
            Truth(wordings=(frozenset({"흑돼지목살", "된장찌개"}),)),
        ),
        (
            asked("reviews", places=("가게1",)),
            Truth(wordings=(frozenset({"조용해요", "양이 많아요"}),)),
        ),
        (
            asked("hours", places=("가게2",)),
            Truth(
                wordings=(
                    frozenset({"17:00"}),
                    frozenset({"26:00", "02:00"}),
                    frozenset({"월"}),
                )
            ),
        ),
        (asked("rating", places=("없는 가게",)), Truth(is_known=False)),
    ],
)
def test_truths(tables: PlaceTables, plan: Plan, expected: Truth) -> None:
    found = truth(tables, plan)
    assert found.numbers == pytest.approx(expected.numbers)
    assert (set(found.winners), set(found.others)) == (set(expected.winners), set(expected.others))
    assert found.wordings == expected.wordings
    assert found.is_known == expected.is_known


def test_what_is_measured_selects_no_place(tables: PlaceTables) -> None:
    """.079 of the visits would be too few to recommend it to parents."""
    found = truth(tables, asked("visit_share", "lowest", companions=("부모님",)))
    assert found.winners == {"가게2"}


def test_places_that_were_shown_are_asked_one_by_one(tables: PlaceTables) -> None:
    plan = asked("waiting_minutes", relation="about_shown", shown=(1, 2))
    found = truth(tables, plan, about=["P3", "P2"])
    assert found.numbers == (12.0, 40.0)
    assert found.wordings == (frozenset({"가게3"}), frozenset({"가게2"}))
    takes = truth(tables, asked("reservation", relation="about_shown"), about=["P1", "P2"])
    assert takes.wordings[2] != takes.wordings[3], "one takes reservations, the other does not"


def test_equal_places_all_win(tables: PlaceTables) -> None:
    found = truth(tables, asked("waiting_minutes", "lowest"))
    assert found.winners == {"가게1", "가게3"}


def test_what_it_has_no_definition_for_is_an_error(tables: PlaceTables) -> None:
    mixed = (TWENTIES, Segment(dimension="gender", value="여성"))
    for plan in (
        Plan(),
        asked("n_places", "highest"),
        asked("hours", "highest"),
        asked("usage_share", segments=mixed),
        asked("visit_share"),
    ):
        with pytest.raises(QueryError, match="oracle"):
            truth(tables, plan)
