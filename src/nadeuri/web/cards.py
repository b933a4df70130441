"""Recommended places as HTML; whatever comes from data is escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from nadeuri.guide.answer import Card, Dish, Quote

_TOWN = re.compile(r"\S+[읍면동](?=\s|$)")


def cards_html(cards: Sequence[Card]) -> str:
    """The cards, side by side where there is room; their parts then line up."""
    items = "".join(_card(number, card) for number, card in enumerate(cards, 1))
    return f'<div class="nd-cards">{items}</div>'


def _card(number: int, card: Card) -> str:
    return (
        '<article class="nd-card"><header>'
        f'<span class="nd-number">{number}</span><div><h2>{escape(card.name)}</h2>'
        f'<p class="nd-kind">{escape(_kind(card))}</p></div>{_rating(card)}</header>'
        f'<p class="nd-reason">{escape(card.reason)}</p>'
        f"{_facts(card)}{_menu(card.menus)}"
        f'<div class="nd-quotes">{"".join(map(_quote, card.reviews))}</div></article>'
    )


def _kind(card: Card) -> str:
    town = _TOWN.search(card.address)
    return " · ".join([card.category, *([town[0]] if town else [])])


def _rating(card: Card) -> str:
    stars = (
        "" if card.rating is None else f'<b aria-label="별점">★ {escape(f"{card.rating:.1f}")}</b>'
    )
    return f'<p class="nd-rating">{stars}<span>후기 {card.n_reviews:,}</span></p>'


def _facts(card: Card) -> str:
    facts = [("주소", card.address), ("영업", card.hours)]
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts if value)
    return f'<dl class="nd-facts">{rows}</dl>'


def _menu(dishes: Sequence[Dish]) -> str:
    rows = "".join(
        f"<li><span>{escape(dish.name)}</span><span>{_won(dish.price)}</span></li>"
        for dish in dishes
    )
    return f'<ul class="nd-menu">{rows}</ul>'


def _won(price: int | None) -> str:
    return "가격 문의" if price is None else f"{price:,}원"


def _quote(quote: Quote) -> str:
    return (
        f'<blockquote class="nd-quote"><p>{escape(quote.text)}</p>'
        f"<footer>{escape(quote.source)} 후기 · {escape(quote.date)}</footer></blockquote>"
    )
