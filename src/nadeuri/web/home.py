"""The first page: products to look around in, and what is recommended to whoever looks."""

from __future__ import annotations

import streamlit as st

from nadeuri.web.door import ApiError
from nadeuri.web.known_products import known_products
from nadeuri.web.look import show_fault, show_head, show_section
from nadeuri.web.markdown import plain
from nadeuri.web.product_cards import show_choice
from nadeuri.web.product_search import find_products, forget_search, show_more
from nadeuri.web.recommendations import show_for_you
from nadeuri.web.shop_api import ShopApi
from nadeuri.web.travellers import choose_traveller, show_last
from nadeuri.web.visit import Visit, current_visit, forget, keep_visit, see

TITLE = "어디로 떠나 볼까요?"


def show(api: ShopApi) -> None:
    """The whole page, as Streamlit runs it after each thing that the traveller does."""
    show_head(TITLE, "처음부터", ":material/restart_alt:", _begin_anew)
    try:
        traveller = choose_traveller(api, current_visit())
        visit = current_visit()
        _show_products(api, visit)
        if traveller is not None:
            show_last(traveller)
        _show_seen(api, visit)
    except ApiError as error:
        show_fault(str(error))
        return
    show_for_you(api, visit, traveller)


def _begin_anew() -> None:
    keep_visit(Visit())
    forget_search()


def _show_products(api: ShopApi, visit: Visit) -> None:
    """A strip of products; whoever clicks one has looked at it."""
    show_section("상품 둘러보기", "누르면 본 상품에 담겨요")
    found = find_products(api)
    if found is None:
        return
    with st.container(key="strip", gap=None):
        for each in found.items:
            show_choice(each, visit, key=f"look-{each.item}", on_click=see)
        show_more(found)


def _show_seen(api: ShopApi, visit: Visit) -> None:
    """What was looked at in this visit, newest first; a click takes it out."""
    if not visit.seen:
        return
    st.html(
        f'<h2 class="nd-small">이번에 본 상품 {len(visit.seen)}개 <small>누르면 빠져요</small></h2>'
    )
    products = known_products(api, visit.seen[::-1])
    with st.container(horizontal=True, gap="xsmall", key="seen"):
        for code, product in zip(visit.seen[::-1], products, strict=True):
            st.button(
                plain(product.title),
                key=f"forget-{code}",
                icon=":material/close:",
                icon_position="right",
                on_click=forget,
                args=([code],),
            )
        if len(visit.seen) > 1:
            st.button(
                "모두 지우기",
                key="forget-all",
                type="tertiary",
                icon=":material/delete_sweep:",
                on_click=forget,
                args=(visit.seen,),
            )
