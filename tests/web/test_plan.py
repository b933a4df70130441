"""The traveller's plan and its text."""

from __future__ import annotations

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.web.match_types import Place
from nadeuri.web.plan import MOST_DAYS, MOST_PLACES, Plan

Step = tuple[str, int, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "out", "day", "no day", "earlier", "later", "on"]),
        st.integers(0, 7),
        st.integers(0, 3),
    ),
    max_size=25,
)


def place(number: int) -> Place:
    return Place(place_id=f"G{number}", name=f"곳 {number} 🏯", latitude=34.67123, longitude=135.5)


def built(doing: list[Step]) -> Plan:
    plan = Plan()
    for what, number, day in doing:
        day = day % len(plan.days)
        plan = {
            "add": lambda p, n, d: p.with_place(place(n), d),
            "out": lambda p, n, d: p.without_place(f"G{n}"),
            "day": lambda p, n, d: p.with_day(),
            "no day": lambda p, n, d: p.without_day(d),
            "earlier": lambda p, n, d: p.earlier(f"G{n}"),
            "later": lambda p, n, d: p.later(f"G{n}"),
            "on": lambda p, n, d: p.on_day(f"G{n}", d),
        }[what](plan, number, day)
    return plan


def ids(plan: Plan) -> list[list[str]]:
    return [[spot.place_id for spot in day] for day in plan.days]


@given(steps)
def test_no_place_twice_and_a_day_at_least(doing: list[Step]) -> None:
    plan = built(doing)
    flat = [each for day in ids(plan) for each in day]
    assert len(flat) == len(set(flat)) == len(plan)
    assert 1 <= len(plan.days) <= MOST_DAYS
    assert [(stop.place_id, stop.day) for stop in plan.stops()] == [
        (each, number) for number, day in enumerate(ids(plan), 1) for each in day
    ]


@given(steps)
def test_the_text_says_it_all(doing: list[Step]) -> None:
    plan = built(doing)
    text = plan.to_text()
    assert text.isascii()
    assert not set(text) & set("+/=&?# ")
    assert Plan.from_text(text) == plan


@given(steps, st.integers(0, 7))
def test_up_and_down_go_through_all_positions(doing: list[Step], number: int) -> None:
    """From the very top to the very end and back; the order of the others stays."""
    plan = built([*doing, ("add", number, 0)])
    mine = f"G{number}"
    others = [each for day in ids(plan) for each in day if each != mine]
    seen = []
    for _ in range(100):
        plan = plan.earlier(mine)
    assert ids(plan)[0][0] == mine
    for _ in range(100):
        seen.append(ids(plan))
        after = plan.later(mine)
        if after == plan:
            break
        assert after.earlier(mine) == plan, "one step back"
        plan = after
    assert ids(plan)[-1][-1] == mine
    assert len(seen) == len(others) + len(plan.days), "each position once"
    assert [each for day in ids(plan) for each in day if each != mine] == others


def test_another_day() -> None:
    plan = Plan(((), ())).with_place(place(1), 0).with_place(place(2), 1)
    assert ids(plan.on_day("G1", 1)) == [[], ["G2", "G1"]]
    assert ids(plan.without_day(0)) == [["G2"]]
    assert Plan().without_day(0) == Plan()
    assert ids(plan.later("G1")) == [[], ["G1", "G2"]]
    assert ids(plan.earlier("G2")) == [["G1", "G2"], []]


def test_what_is_not_there_changes_nothing() -> None:
    plan = Plan().with_place(place(1), 0)
    assert plan.with_place(place(1), 0) is plan
    for same in (plan.earlier("G9"), plan.later("G9"), plan.on_day("G9", 0)):
        assert same == plan
    assert plan.without_place("G9") == plan


def test_the_korean_name_is_kept() -> None:
    market = Place(place_id="G1", name="黒門市場", agency_name="구로몬 시장")
    cafe = Place(place_id="G2", name="하나 Cafe", agency_name="하나 카페")
    tower = Place(place_id="G3", name="Tsutenkaku")
    plan = Plan().with_place(market, 0).with_place(cafe, 0).with_place(tower, 0)
    assert [spot.name for spot in plan.days[0]] == ["구로몬 시장", "하나 Cafe", "Tsutenkaku"]


def test_there_is_an_end() -> None:
    plan = Plan()
    for number in range(MOST_PLACES + 5):
        plan = plan.with_place(place(number), 0).with_day()
    assert len(plan) == MOST_PLACES
    assert len(plan.days) == MOST_DAYS
    assert Plan.from_text(plan.to_text()) == plan


def packed(text: str) -> str:
    return base64.urlsafe_b64encode(zlib.compress(text.encode())).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "가나다",
        "eNpd",
        packed("{}"),
        packed("[]"),
        packed("[[[1,2,3,4]]]"),
        packed('[[["G1","곳",91.0,0.0]]]'),
        packed('[[["G1","곳",NaN,0.0]]]'),
        packed('[[["G1","곳",1.0,1.0],["G1","곳",1.0,1.0]]]'),
        packed(f"[{'[],' * MOST_DAYS}[]]"),
        packed("[" + " " * 10_000_000),
        "A" * 20_000,
    ],
)
def test_what_is_no_plan(text: str) -> None:
    assert Plan.from_text(text) is None


@given(st.text() | st.binary().map(lambda each: base64.urlsafe_b64encode(each).decode()))
def test_no_text_breaks_it(text: str) -> None:
    plan = Plan.from_text(text)
    assert plan is None or isinstance(plan, Plan)
