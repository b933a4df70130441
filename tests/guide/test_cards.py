"""Cards show the facts, in Korean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nadeuri.guide.answer import Dish
from nadeuri.guide.cards import MOST_DISHES, card_of, hours_text
from nadeuri.guide.facts import DishFact, PlaceFacts, facts_of
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.plan import Plan
from nadeuri.guide.selection.types import Pick


@pytest.fixture(scope="module")
def place(tiny_store: LadybugStore) -> PlaceFacts:
    return facts_of(tiny_store, ["P00001"])["P00001"]


@pytest.mark.parametrize(
    ("opens", "closes", "closed", "said"),
    [
        (600, 1260, ("수",), "매일 10:00–21:00, 수요일 휴무"),
        (545, 1260, (), "매일 09:05–21:00"),
        (1020, 1560, ("화", "목"), "매일 17:00–다음 날 02:00, 화요일, 목요일 휴무"),
        (1020, 1440, (), "매일 17:00–24:00"),
        (0, 1440, (), "매일 24시간"),
        (None, 1260, ("일",), "일요일 휴무"),
        (None, None, (), None),
    ],
)
def test_opening_hours(
    place: PlaceFacts,
    opens: int | None,
    closes: int | None,
    closed: tuple[str, ...],
    said: str | None,
) -> None:
    assert hours_text(replace(place, opens=opens, closes=closes, closed_days=closed)) == said


def test_a_card_shows_the_place_and_the_reviews_as_they_were_picked(place: PlaceFacts) -> None:
    first, second = place.reviews
    quotes = ((second.review_id, "고쳐 쓴 후기"), (first.review_id, first.text))
    card = card_of(place, Pick(place.place_id, "가깝고 맛있어요.", quotes))
    assert (card.place_id, card.name, card.address) == (place.place_id, place.name, place.address)
    assert (card.latitude, card.longitude) == (place.latitude, place.longitude)
    assert (card.rating, card.n_reviews) == (place.rating, place.n_reviews)
    assert card.reason == "가깝고 맛있어요."
    assert [(quote.review_id, quote.text) for quote in card.reviews] == list(quotes)
    assert card.reviews[0].source == second.source
    assert card.reviews[0].date == second.date.isoformat()


def test_dishes_asked_for_come_first_then_main_ones(place: PlaceFacts) -> None:
    dishes = [DishFact(f"반찬 {number}", 1_000, False) for number in range(5)]
    menus = (*dishes, DishFact("오겹살", 20_000, True), DishFact("흑돼지김치찌개", None, False))
    full = replace(place, menus=menus)
    pick = Pick(place.place_id, "좋아요.", ())
    card = card_of(full, pick, Plan(menus=("김치찌개",)))
    assert card.menus[:2] == (Dish(name="흑돼지김치찌개"), Dish(name="오겹살", price=20_000))
    assert len(card.menus) == MOST_DISHES
    assert card_of(full, pick).menus[0].name == "오겹살"
