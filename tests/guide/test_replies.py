"""What the guide says besides recommendations and numbers."""

from __future__ import annotations

import re

import pytest

from nadeuri.guide import replies
from nadeuri.guide.pipeline import _graph
from nadeuri.guide.plan import Area, Near, OpenAt, Plan, PriceRange, Segment, Without

AEWOL = Area(city="제주시", town="애월읍")


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan(), []),
        (Plan(areas=(AEWOL,), categories=("흑돼지",)), ["애월읍", "흑돼지"]),
        (Plan(areas=(Area(city="제주시"),)), ["제주시"]),
        (Plan(near=Near(attraction="성산일출봉", metres=1_500)), ["성산일출봉 1.5km 이내"]),
        (Plan(near=Near(attraction="성산일출봉", metres=500)), ["성산일출봉 500m 이내"]),
        (Plan(price=PriceRange(max_won=20_000)), ["2만원 이하"]),
        (Plan(price=PriceRange(min_won=15_500)), ["15,500원 이상"]),
        (Plan(price=PriceRange(min_won=10_000, max_won=15_000)), ["1만원~15,000원"]),
        (Plan(price=PriceRange()), []),
        (Plan(price=PriceRange(max_won=0)), ["0원 이하"]),
        (Plan(segments=(Segment(dimension="age", value="60대이상"),)), ["60대 이상"]),
        (Plan(segments=(Segment(dimension="weekday", value="토"),)), ["토요일"]),
        (Plan(segments=(Segment(dimension="hour", value="11-14"),)), ["11-14시"]),
        (Plan(open_at=OpenAt(weekday="일", minute=22 * 60)), ["일요일 오후 10시 영업"]),
        (Plan(open_at=OpenAt(minute=30)), ["오전 12시 30분 영업"]),
        (Plan(open_at=OpenAt(minute=12 * 60)), ["오후 12시 영업"]),
        (Plan(open_at=OpenAt()), []),
        (Plan(no_waiting=True, reservation="possible"), ["웨이팅 거의 없음", "예약 가능"]),
        (
            Plan(without=Without(areas=(AEWOL,), categories=("술집",), places=("고운마루",))),
            ["애월읍 제외", "술집 제외", "고운마루 제외"],
        ),
    ],
)
def test_conditions_are_told_in_a_few_words(plan: Plan, said: list[str]) -> None:
    assert replies.conditions_of(plan) == said


def test_the_number_found_is_said_and_whether_more_were_wanted() -> None:
    plan = Plan(categories=("카페",), n_wanted=2)
    assert replies.found(plan, 2) == "말씀하신 조건(카페)에 잘 맞는 곳을 두 곳 골랐어요."
    assert replies.found(plan, 1) == "말씀하신 조건(카페)에 꼭 맞는 곳은 한 곳뿐이에요."
    assert "세 곳" in replies.found(Plan(), 3)
    assert "뿐이에요" in replies.found(Plan(), 1)


def test_many_conditions_are_cut() -> None:
    plan = Plan(menus=tuple(f"음식{number}" for number in range(9)))
    assert "음식5 등)" in replies.found(plan, 3)
    assert "음식6" not in replies.found(plan, 3)


def test_nothing_found_names_the_conditions_and_the_one_in_the_way() -> None:
    plan = Plan(categories=("카페",), price=PriceRange(max_won=1_000))
    assert "조건(카페, 1,000원 이하)" in replies.nothing_found(plan, left_out=False)
    assert "보여 드린 곳 말고는" in replies.nothing_found(plan, left_out=True)
    assert "보여 드린 곳 말고는" in replies.nothing_found(Plan(), left_out=True)
    assert replies.without(plan, "price", 4, is_all=True) == (
        "‘1,000원 이하’ 조건을 빼면 4곳이 있어요."
    )
    assert "60곳 넘게" in replies.without(plan, "categories", 60, is_all=False)


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("고마워요!", "기뻐요"),
        ("너 누구야", "안내원"),
        ("안녕", "안녕하세요"),
        ("ㅋㅋ", "안녕하세요"),
    ],
)
def test_small_talk(question: str, word: str) -> None:
    assert word in replies.chat(question)


def test_every_node_says_what_it_does() -> None:
    for node in _graph(tops_up=True).nodes:
        assert re.fullmatch("[가-힣 ]+요", replies.progress_of(node))
