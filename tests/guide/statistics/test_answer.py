"""What is said of a statistic: right numbers, right particles, whole sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.plan import (
    Area,
    Measure,
    Near,
    OpenAt,
    Pick,
    Plan,
    PriceRange,
    Segment,
    Statistic,
    Without,
)
from nadeuri.guide.statistics.answer import answer_statistic

SHOWN = ("P00002", "P00005", "P00001")
HALLIM_CAFES: dict[str, Any] = {"areas": (Area(town="한림읍"),), "categories": ("카페",)}
THIRTIES = (Segment(dimension="age", value="30대"),)


@pytest.fixture(scope="module")
def graph(tiny_graph: Path) -> Iterator[LadybugStore]:
    """The tiny graph with room for the plans of many queries."""
    with LadybugStore(tiny_graph, read_only=True) as store:
        yield store


def of(measure: Measure, pick: Pick = "value", **stated: Any) -> Plan:
    statistic = Statistic(measure=measure, pick=pick, month=stated.pop("month", None))
    return Plan(intent="statistic", statistic=statistic, **stated)


@pytest.mark.parametrize(
    ("plan", "text"),
    [
        (
            of("usage_share", "highest", segments=THIRTIES, **HALLIM_CAFES),
            "한림읍 카페 중 30대 이용 비중이 가장 높은 곳은 협재 초록카페예요. "
            "30대가 26.7%를 차지해요. "
            "그다음은 다방 새벽마을(25.1%), 협재서재 커피바(20.7%) 순이에요.",
        ),
        (
            of("rating", **HALLIM_CAFES),
            "한림읍 카페 3곳의 평점은 평균 4.38점이에요. "
            "가장 낮은 곳은 3.76점, 가장 높은 곳은 4.8점이에요.",
        ),
        (of("n_places", areas=(Area(town="구좌읍"),)), "구좌읍 맛집·카페는 1곳이에요."),
        (of("n_places", categories=("뷔페",)), "제주 뷔페는 찾지 못했어요."),
        (
            of("n_places", "highest", categories=("흑돼지",)),
            "제주 흑돼지가 가장 많은 읍·면·동은 애월읍이에요. 4곳이에요. "
            "그다음은 서홍동(1곳)이에요.",
        ),
        (of("rating", places=("없는 가게",)), "없는 가게에 대한 평점 정보가 없어요."),
        (
            of("hours", places=("고운마루",)),
            "고운마루는 14:00부터 22:00까지 열어요. 화요일은 쉬어요.",
        ),
        (of("hours", places=("포구집",)), "포구집은 매일 06:00부터 19:00까지 열어요."),
        (
            of("hours", "highest"),
            "제주 맛집·카페 중 가장 늦게까지 여는 곳은 함덕밭담 와인룸이에요. "
            "다음 날 01:30까지 열어요. "
            "그다음은 금성 검은돌흑돼지(24:00), 소길 섬숯불(23:00) 순이에요.",
        ),
        (
            of("reservation", "highest", **HALLIM_CAFES),
            "한림읍 카페는 예약 방문 비중이 모두 0%예요.",
        ),
        (
            of("reservation", places=("고운마루",)),
            "고운마루는 예약을 받아요. 방문의 40.9%가 예약한 방문이에요.",
        ),
        (of("reservation", places=("포구국수마당",)), "포구국수마당은 예약을 받지 않아요."),
        (
            of("price", places=("고운마루",), menus=("흑돼지목살",)),
            "고운마루는 흑돼지목살이 23,500원이에요.",
        ),
        (
            of("price", "lowest", menus=("아메리카노",), **HALLIM_CAFES),
            "한림읍 카페 중 아메리카노 가격이 가장 싼 곳은 다방 새벽마을이에요. "
            "아메리카노가 5,200원이에요. "
            "그다음은 협재서재 커피바(5,300원), 협재 초록카페(5,600원) 순이에요.",
        ),
        (
            of("quality", places=("바당마을",), qualities=("조용해요",)),
            "바당마을은 '조용해요' 평이 있는 리뷰가 없어요.",
        ),
        (
            of("address", places=("포구집",)),
            "포구집은 제주특별자치도 제주시 우도면 오봉리 2988-10에 있어요.",
        ),
        (
            of("visit_share", places=("고운마루",), companions=("혼자",)),
            "고운마루는 혼자 하는 방문이 1.6%를 차지해요.",
        ),
        (
            of("rating", relation="about_shown"),
            "아직 보여 드린 가게가 없어요. 가게 이름을 알려 주세요.",
        ),
    ],
    ids=lambda value: str(value.statistic) if isinstance(value, Plan) else "",
)
def test_an_answer(graph: LadybugStore, plan: Plan, text: str) -> None:
    assert answer_statistic(plan, graph).text == text


def test_it_names_the_places_and_shows_the_query(graph: LadybugStore) -> None:
    plan = of("usage_share", "highest", segments=THIRTIES, **HALLIM_CAFES)
    found = answer_statistic(plan, graph)
    assert found.place_ids == ("P00005", "P00007", "P00006")
    assert [row["place_id"] for row in found.rows] == list(found.place_ids)
    assert graph.query(found.query.cypher, found.query.parameters) == list(found.rows)
    assert ["age:30대"] in found.query.parameters.values()


def test_shown_places_come_in_their_order(graph: LadybugStore) -> None:
    found = answer_statistic(of("address", relation="about_shown"), graph, shown=SHOWN)
    assert found.place_ids == SHOWN
    second = of("hours", relation="about_shown", shown=(2,))
    text = answer_statistic(second, graph, shown=SHOWN).text
    assert text.startswith("협재 초록카페는 09:00부터 19:30까지")


def test_a_dish_that_only_some_of_them_have(graph: LadybugStore) -> None:
    plan = of("price", relation="about_shown", menus=("흑돼지목살",))
    text = answer_statistic(plan, graph, shown=("P00005", "P00001")).text
    assert text == "고운마루는 흑돼지목살이 23,500원이에요. 나머지 1곳은 정보가 없어요."


def test_which_places_were_looked_at_is_said(graph: LadybugStore) -> None:
    plan = of(
        "rating",
        "highest",
        areas=(Area(city="제주시"),),
        near=Near(attraction="협재해수욕장", metres=2_500),
        open_at=OpenAt(weekday="토", minute=13 * 60),
        menus=("라떼",),
        price=PriceRange(max_won=9_000),
        companions=("아이",),
        without=Without(categories=("술집",), shown=True),
    )
    text = answer_statistic(plan, graph, shown=("P00006",)).text
    assert text.startswith(
        "술집·보여 드린 곳을 뺀 제주시 협재해수욕장 2.5km 안 토요일 13:00에 여는 9,000원 이하 "
        "라떼 파는 아이 손님이 많은 맛집·카페 중 평점이 가장 높은 곳은 협재 초록카페예요."
    )


def test_a_month_is_heeded_or_it_says_so(graph: LadybugStore) -> None:
    plan = of("usage_share", "highest", segments=THIRTIES, month=9)
    assert "9월 30대 이용 비중이" in answer_statistic(plan, graph).text
    overall = answer_statistic(of("rating", "highest", month=9), graph).text
    assert overall.endswith("(월별로는 손님 구성만 알 수 있어서 전체 기간으로 말씀드렸어요.)")


NAMES = st.sampled_from(["고운마루", "L7", "카페 307", "포구집", "없는 곳", "<b>", "{0}"])
PLANS = st.builds(
    of,
    st.sampled_from(get_args(Measure)),
    st.sampled_from(get_args(Pick)),
    month=st.none() | st.integers(1, 12),
    areas=st.lists(st.sampled_from([Area(city="제주시"), Area(town="연동")]), max_size=2),
    categories=st.lists(st.sampled_from(columns.PLACE_CATEGORIES), max_size=3),
    menus=st.lists(NAMES, max_size=2),
    places=st.lists(NAMES, max_size=2),
    companions=st.lists(st.sampled_from(columns.COMPANIONS), max_size=3),
    purposes=st.lists(st.sampled_from(columns.PURPOSES), max_size=2),
    qualities=st.lists(st.sampled_from(["조용해요", "뷰가 좋아요"]), max_size=2),
    segments=st.lists(
        st.sampled_from(
            [
                Segment(dimension=dimension, value=value)
                for dimension, values in columns.SEGMENTS.items()
                for value in values
            ]
        ),
        max_size=3,
    ),
    open_at=st.none() | st.builds(OpenAt, minute=st.none() | st.integers(0, 1_439)),
    no_waiting=st.booleans(),
    reservation=st.sampled_from([None, "possible", "not_needed"]),
    without=st.builds(Without, shown=st.booleans(), menus=st.lists(NAMES, max_size=1)),
    relation=st.sampled_from(["new", "refine", "about_shown"]),
    shown=st.lists(st.integers(1, 9), max_size=3),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=PLANS, n_shown=st.integers(0, 3))
def test_any_plan_has_an_answer(graph: LadybugStore, plan: Plan, n_shown: int) -> None:
    found = answer_statistic(plan, graph, shown=SHOWN[:n_shown])
    assert re.search("요[.](?:$|[)])|[.][)]$", found.text)
    assert "None" not in found.text
    assert "  " not in found.text
    assert not re.search(r"%(?:가|를|로)?(?:이에요|을|은|과)", found.text)
    assert len(found.place_ids) == len(set(found.place_ids)) <= 9
    assert len(found.rows) <= 300
