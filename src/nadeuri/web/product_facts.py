"""What the catalogue says of a product, in words; whatever comes from data is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from nadeuri.columns import CATEGORY, CITY, COUNTRY, NIGHTS, ON_SALE, PRICE, YES
from nadeuri.web.product_cards import image_html, kind_html, place_of
from nadeuri.web.shop_types import Product
from nadeuri.web.why import FIELD_NAMES

_IN_HEAD = {COUNTRY, CITY, CATEGORY}


def head_html(product: Product) -> str:
    """Picture, place and kind, and every field that the catalogue fills."""
    clicks = "" if product.clicks is None else f"<span>조회 {product.clicks:,}회</span>"
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in _facts(product)
    )
    return (
        f'<div class="nd-product"><div class="nd-picture">{image_html(product)}</div><div>'
        f'<p class="nd-place">{escape(place_of(product))}</p>'
        f'<p class="nd-counts">{kind_html(product)}{clicks}</p>'
        f'<dl class="nd-facts">{rows}</dl></div></div>'
    )


def _facts(product: Product) -> list[tuple[str, str]]:
    """Names of fields and their values; those that the head has already are left out."""
    facts = [
        (FIELD_NAMES.get(field, field), _value(field, values))
        for field, values in product.fields.items()
        if values and field not in _IN_HEAD
    ]
    return [*facts, ("상품 코드", product.item)]


def _value(field: str, values: Sequence[str]) -> str:
    if field == PRICE and (number := _number(values[0])) is not None:
        return f"{number:,.0f}원"
    if field == NIGHTS and (number := _number(values[0])) is not None:
        return f"{number:.0f}박 {number + 1:.0f}일" if number else "숙박 없음"
    if field == ON_SALE:
        return "판매 중" if values[0] == YES else "판매하지 않음"
    return ", ".join(values)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
