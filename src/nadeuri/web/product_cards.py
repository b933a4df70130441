"""Products as cards and rows that are links or buttons as a whole; data is escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from functools import lru_cache
from html import escape

import streamlit as st
from streamlit.navigation.page import Page

from nadeuri.web.art import product_art
from nadeuri.web.markdown import plain
from nadeuri.web.shop_types import Product
from nadeuri.web.visit import Visit

PRODUCT_PATH = "product"
CODE = "code"
_MOST_PICTURES = 4096


def show_link(
    product: Product,
    visit: Visit,
    *,
    key: str,
    note: str = "",
    tag: str = "",
    rank: int | None = None,
) -> None:
    """A card that leads to the product's page; in a container ``rows-*`` it is a row.

    Args:
        key: unlike that of any other card of the page.
        note: a sentence below.
        tag: a word beside the kind.
        rank: its place in a list, from 1.
    """
    with st.container(key=f"card-{key}", gap=None):
        st.html(picture_html(product, rank))
        show_product_link(product.title, product.item, visit)
        st.html(facts_html(product, note=note, tag=tag))


def show_choice(
    product: Product,
    visit: Visit,
    *,
    key: str,
    on_click: Callable[[str], None],
) -> None:
    """A card that is a button, called with the product's code; a small link leads to its page."""
    is_seen = product.item in visit.seen
    with st.container(key=f"card-{key}", gap=None):
        st.html(picture_html(product))
        st.button(
            plain(product.title),
            key=f"choose-{key}",
            type="tertiary",
            on_click=on_click,
            args=(product.item,),
            width="stretch",
            wrap=True,
        )
        st.html(facts_html(product, tag="✓ 본 상품" if is_seen else ""))
        with st.container(key=f"more-{key}", gap=None):
            show_product_link("자세히", product.item, visit)


def show_product_link(label: str, code: str, visit: Visit) -> None:
    """A link to the page of a product; whoever follows it has looked at the product."""
    st.page_link(
        _product_page(),
        label=plain(label),
        icon="",
        query_params={CODE: code, **visit.with_seen(code).address},
    )


def picture_html(product: Product, rank: int | None = None) -> str:
    """The product's picture, as wide as its place."""
    number = "" if rank is None else f'<span class="nd-number">{rank}</span>'
    return f'<div class="nd-picture">{number}{image_html(product)}</div>'


def image_html(product: Product) -> str:
    """The picture alone: drawn for this product, and none that was taken of it."""
    address = _art_address(
        product.item, product.title, product.city, product.country, product.category
    )
    return f'<img src="{address}" alt="{escape(product.title)} 그림" width="320" height="240">'


def facts_html(product: Product, *, note: str = "", tag: str = "") -> str:
    """Where it is and what it is, and a sentence about it."""
    mark = f'<span class="nd-tag nd-near">{escape(tag)}</span>' if tag else ""
    return (
        f'<p class="nd-kind">{escape(place_of(product))}</p>'
        f'<p class="nd-counts">{kind_html(product)}{mark}</p>'
        + (f'<p class="nd-why">{escape(note)}</p>' if note else "")
    )


def kind_html(product: Product) -> str:
    """What kind of product it is, if that is known."""
    return (
        f'<span class="nd-tag nd-extra">{escape(product.category)}</span>'
        if product.category
        else ""
    )


def place_of(product: Product) -> str:
    """City and country, as far as they are known; one that is both is said once."""
    return " · ".join(dict.fromkeys(filter(None, [product.city, product.country])))


@lru_cache(_MOST_PICTURES)
def _art_address(
    item: str, name: str, city: str | None, country: str | None, category: str | None
) -> str:
    """A data address: an image of its own, whose ids and styles reach nothing else on the page."""
    svg = product_art(item, name, city, country, category)
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _product_page() -> Page:
    """The product's page by its address: Streamlit finds the one that is registered there."""
    return st.Page(lambda: None, title="상품", url_path=PRODUCT_PATH)
