"""From the facts of a place to the card that is shown: nothing in it is from anywhere else."""

from __future__ import annotations

from collections.abc import Sequence

from nadeuri.guide.answer import Card, Dish, Quote
from nadeuri.guide.facts import DishFact, PlaceFacts
from nadeuri.guide.plan import MINUTES_A_DAY, Plan
from nadeuri.guide.selection.types import Pick

MOST_DISHES = 6
_EVERY_DAY = "매일"
_OPEN_ALL_DAY = "24시간"


def card_of(facts: PlaceFacts, pick: Pick, plan: Plan | None = None) -> Card:
    """The card of a picked place.

    Args:
        plan: its dishes come first on the menu; without one the main dishes do.
    """
    reviews = {review.review_id: review for review in facts.reviews}
    return Card(
        place_id=facts.place_id,
        name=facts.name,
        category=facts.category,
        address=facts.address,
        latitude=facts.latitude,
        longitude=facts.longitude,
        rating=facts.rating,
        n_reviews=facts.n_reviews,
        hours=hours_text(facts),
        menus=tuple(
            Dish(name=dish.name, price=dish.price)
            for dish in _menu(facts.menus, plan.menus if plan else ())
        ),
        reviews=tuple(
            Quote(
                review_id=review_id,
                source=reviews[review_id].source,
                date=reviews[review_id].date.isoformat(),
                text=text,
            )
            for review_id, text in pick.quotes
        ),
        reason=pick.reason,
    )


def hours_text(facts: PlaceFacts) -> str | None:
    """``"매일 10:00–21:00, 수요일 휴무"``; None where the hours are unknown."""
    days = ", ".join(f"{day}요일" for day in facts.closed_days)
    closed = f"{days} 휴무" if days else ""
    if facts.opens is None or facts.closes is None:
        return closed or None
    times = f"{clock(facts.opens)}–{clock(facts.closes)}"
    if facts.closes - facts.opens >= MINUTES_A_DAY:
        times = _OPEN_ALL_DAY
    return f"{_EVERY_DAY} {times}" + (f", {closed}" if closed else "")


def clock(minute: int) -> str:
    """``"21:00"``; past midnight ``"다음 날 02:00"``, and midnight itself is ``"24:00"``."""
    if minute <= MINUTES_A_DAY:
        return f"{minute // 60:02}:{minute % 60:02}"
    return f"다음 날 {clock(minute - MINUTES_A_DAY)}"


def _menu(dishes: Sequence[DishFact], wanted: Sequence[str]) -> list[DishFact]:
    """The dishes that are asked for, then the main ones, then others."""

    def key(dish: DishFact) -> tuple[bool, bool]:
        return (not any(name in dish.name for name in wanted), not dish.is_main)

    return sorted(dishes, key=key)[:MOST_DISHES]
