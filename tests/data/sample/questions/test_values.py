"""Values of slots: dates, stays, parties, budgets, and places that belong together."""

from __future__ import annotations

import re

import numpy as np
import pytest

from nadeuri import columns
from nadeuri.data.sample.questions.places import (
    ABROAD,
    AT_HOME,
    draw_places,
    has_reserved,
    reserved_places,
)
from nadeuri.data.sample.questions.values import (
    budget,
    date,
    draw_value,
    near_day,
    party,
    season,
    stay,
    together,
)
from nadeuri.errors import DataError


def test_stays_have_at_least_a_day_more_than_nights() -> None:
    rng = np.random.default_rng(0)
    drawn = {stay(rng) for _ in range(500)}
    assert {"2박 3일", "3박5일", "일주일"} <= drawn
    for text in drawn:
        if found := re.fullmatch(r"(\d+)박 ?(\d+)일", text):
            assert 1 <= int(found[2]) - int(found[1]) <= 2


def test_budgets_name_an_amount() -> None:
    rng = np.random.default_rng(0)
    drawn = {budget(rng) for _ in range(4_000)}
    assert {"100만원대", "백만원 안쪽"} <= drawn
    assert all("만" in text for text in drawn)


def test_dates_are_varied_and_possible() -> None:
    rng = np.random.default_rng(0)
    drawn = {date(rng) for _ in range(3_000)}
    assert {"다음 달 둘째 주", "7월 말", "추석 연휴", "여름방학", "다음 주 금요일"} <= drawn
    assert len(drawn) > 600
    for text in drawn:
        if found := re.match(r"(\d+)월 ?(\d+)일", text):
            assert 1 <= int(found[1]) <= 12
            assert 1 <= int(found[2]) <= 28
    assert "7월 30일~28일" not in drawn


def test_other_values_of_the_rules() -> None:
    rng = np.random.default_rng(0)
    assert {"겨울", "올겨울"} <= {season(rng) for _ in range(200)}
    assert {"오늘", "내일"} <= {near_day(rng) for _ in range(1_000)}
    assert {"둘이", "셋이서"} <= {together(rng) for _ in range(100)}
    parties = {party(rng) for _ in range(3_000)}
    assert {"4인 가족", "성인 2명 아이 1명", "4pax", "세 명"} <= parties


def test_an_unknown_pool_is_named() -> None:
    with pytest.raises(DataError, match=r"\{없음\} is no pool"):
        draw_value(np.random.default_rng(0), "없음", unseen=False)


def test_places_of_a_question_belong_together() -> None:
    rng = np.random.default_rng(0)
    pairs = set()
    for _ in range(3_000):
        drawn = draw_places(rng, ["국가", "지역", "관광지"], "", unseen=False)
        pairs.add(tuple(drawn[pool][0] for pool in ("국가", "지역", "관광지")))
    assert ("일본", "오사카", "오사카성") in pairs
    cities = {(city, country) for country, city, _ in pairs}
    assert ("다낭", "베트남") in cities
    assert len(dict(cities)) == len(cities)  # no city in two countries
    assert not any(map(has_reserved, (name for triple in pairs for name in triple)))


def test_second_names_differ_from_the_first() -> None:
    rng = np.random.default_rng(0)
    for unseen in (False, True):
        for _ in range(100):
            drawn = draw_places(rng, ["지역", "지역2", "관광지", "관광지2"], "", unseen=unseen)
            assert len({name for name, _ in drawn.values()}) == 4


def test_unseen_draws_have_a_reserved_name() -> None:
    rng = np.random.default_rng(0)
    reserved = reserved_places()
    for pool, label in (
        ("국가", columns.COUNTRY_LABEL),
        ("지역", columns.REGION_LABEL),
        ("관광지", columns.SIGHT_LABEL),
    ):
        for _ in range(50):
            name, drawn_label = draw_places(rng, [pool], "", unseen=True)[pool]
            assert drawn_label == label
            assert name in reserved[label]


def test_scope_keeps_to_one_side_of_the_border() -> None:
    rng = np.random.default_rng(0)
    for unseen in (False, True):
        home = {draw_places(rng, ["지역"], AT_HOME, unseen=unseen)["지역"][0] for _ in range(200)}
        away = {draw_places(rng, ["지역"], ABROAD, unseen=unseen)["지역"][0] for _ in range(200)}
        assert home.isdisjoint(away)


def test_labels_of_states_and_areas() -> None:
    rng = np.random.default_rng(0)
    countries = {draw_places(rng, ["국가"], "", unseen=False)["국가"][0] for _ in range(1_000)}
    cities = {draw_places(rng, ["지역"], "", unseen=False)["지역"][0] for _ in range(1_500)}
    assert {"대만", "싱가포르", "몰디브", "일본"} <= countries
    assert {"괌", "하와이", "홍콩", "마카오", "사이판", "제주"} <= cities
    assert not countries & cities
    assert "대한민국" not in countries
