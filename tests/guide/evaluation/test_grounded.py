"""A card that says what is not in the tables is caught, whatever part of it says so."""

from __future__ import annotations

from typing import Any

import pytest

from nadeuri.guide.answer import Card, Dish, Quote
from nadeuri.guide.evaluation.grounded import ungrounded
from nadeuri.guide.evaluation.oracle.tables import PlaceTables
from nadeuri.guide.plan import Plan

REASON = (
    "애월읍에 있는 맛집이에요. 부모님과 함께 온 방문이 8%이고, 20대 손님 비중은 40%예요. "
    "흑돼지목살(20,000원)이 있고 한담해안산책로에서 930m 떨어져 있어요. "
    "평점은 4.25점(평가 40개)이에요. "
    "‘고기가 부드러워요’라는 후기가 있어요. 11:00부터 22:00까지 열어요."
)


def card(**changes: Any) -> Card:
    quote = Quote(
        review_id="R1",
        source="나들지도",
        date="2026-05-01",
        text="부모님이 좋아하셨어요. 고기가 부드러워요.",
    )
    fields: dict[str, Any] = {
        "place_id": "P1",
        "name": "가게1",
        "category": "흑돼지",
        "address": "제주특별자치도 제주시 애월읍 애월리 1",
        "latitude": 33.46,
        "longitude": 126.31,
        "rating": 4.25,
        "n_reviews": 2,
        "hours": "매일 11:00–22:00",
        "menus": (Dish(name="흑돼지목살", price=20_000),),
        "reviews": (quote,),
        "reason": REASON,
    }
    return Card(**fields | changes)


def test_a_true_card_has_no_fault(tables: PlaceTables) -> None:
    assert ungrounded(card(), tables) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"place_id": "P9"}, "no such place"),
        ({"name": "가게2"}, "name"),
        ({"category": "카페"}, "category"),
        ({"address": "제주시 연동 2"}, "address"),
        ({"latitude": 33.5}, "latitude"),
        ({"rating": 4.3}, "rating"),
        ({"rating": None}, "rating"),
        ({"n_reviews": 3}, "n_reviews"),
        ({"hours": "매일 11:00–23:00"}, "hours 23:00"),
        ({"menus": (Dish(name="흑돼지목살", price=22_000),)}, "dish"),
        ({"reason": "방문의 9%예요."}, "number 9%"),
        ({"reason": "흑돼지목살이 22,000원이에요."}, "number 22000원"),
        ({"reason": "한담해안산책로에서 1.4km예요."}, "number 1.4km"),
        ({"reason": "평점은 4.8점이에요."}, "number 4.8점"),
        ({"reason": "평가가 900개예요."}, "number 900개"),
        ({"reason": "45분 기다려요."}, "number 45분"),
        ({"reason": "10:30부터 열어요."}, "number 10:30"),
        ({"reason": "70대가 좋아해요."}, "number 70대"),
        ({"reason": "‘인생 최고의 식사’라는 후기가 있어요."}, "quote"),
        ({"reason": "별이 7톨이에요."}, "number 7톨"),
    ],
)
def test_an_invention_is_a_fault(tables: PlaceTables, changes: dict[str, Any], fault: str) -> None:
    faults = ungrounded(card(**changes), tables)
    assert len(faults) == 1
    assert fault in faults[0]


def test_quotes_are_of_that_review(tables: PlaceTables) -> None:
    quote = card().reviews[0]
    for wrong in (
        quote.model_copy(update={"text": "양이 많고 사장님이 친절하세요 또 갈게요"}),
        quote.model_copy(update={"review_id": "R3"}),
        quote.model_copy(update={"date": "2026-05-02"}),
        quote.model_copy(update={"source": "맛길지도"}),
    ):
        assert ungrounded(card(reviews=(wrong,)), tables) == [f"review {wrong.review_id}"]


def test_shares_of_names_together_may_be_said_where_the_plan_asks_for_them(
    tables: PlaceTables,
) -> None:
    said = card(reason="부모님이나 친구와 온 방문이 100%예요.")
    assert ungrounded(said, tables, Plan(companions=("부모님", "친구"))) == []
    assert ungrounded(said, tables, Plan(companions=("부모님",))) != []
