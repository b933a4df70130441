"""A product's page: what it is, what others viewed beside it, and where it lies on the map."""

from __future__ import annotations

import streamlit as st

from nadeuri.web.address import show_switch
from nadeuri.web.door import ApiError
from nadeuri.web.known_products import known_products, learn
from nadeuri.web.look import show_fault, show_lead, show_section, show_title
from nadeuri.web.markdown import plain
from nadeuri.web.memory import remembered
from nadeuri.web.product_cards import CODE, show_link
from nadeuri.web.product_facts import head_html
from nadeuri.web.product_map_view import show_map
from nadeuri.web.product_search import find_products, show_more
from nadeuri.web.shop_api import ShopApi
from nadeuri.web.shop_types import AlsoViewed, Product
from nadeuri.web.visit import current_visit, see

TITLE = "상품"
N_NEIGHBOURS = 10
MOST_PER_CITY = 2
_OPENED = "product-opened"
_SOURCES = {
    "viewed": "다른 여행자들이 이 상품을 볼 때 함께 본 상품이에요.",
    "metadata": "신상품이라 아직 본 사람이 없어서, 도시와 종류 같은 정보가 비슷한 상품을 골랐어요.",
    "popular": "아직 이 상품에 대해 아는 것이 적어서, 많은 분이 보는 상품을 보여 드려요.",
}
_SOURCE_NAMES = {"viewed": "함께 본 상품", "metadata": "신상품", "popular": "인기 상품"}


def show(api: ShopApi) -> None:
    """The whole page, as Streamlit runs it after each thing that the traveller does."""
    code = st.query_params.get(CODE, "")
    if not code:
        show_title(TITLE)
        show_lead("상품을 고르면 어떤 상품인지, 다른 여행자가 무엇을 함께 봤는지 보여 드려요.")
        _show_search(api)
        return
    try:
        product = remembered("product", code, lambda: api.product(code), "상품을 불러오고 있어요")
    except ApiError as error:
        show_title(TITLE)
        if error.status != 404:
            show_fault(str(error))
            return
        st.warning(f"‘{plain(code)}’ 상품을 찾지 못했어요. 이름으로 찾아 보세요.")
        _show_search(api)
        return
    try:
        _show_product(api, product)
    except ApiError as error:
        show_fault(str(error))


def _show_product(api: ShopApi, product: Product) -> None:
    """The product and what is beside it.

    Raises:
        ApiError: no answer; what came before it is shown.
    """
    learn([product])
    if st.session_state.get(_OPENED) != product.item or product.item not in current_visit().seen:
        see(product.item)
        st.session_state[_OPENED] = product.item
    show_title(product.title)
    st.html(head_html(product))
    neighbours = _show_also_viewed(api, product)
    show_map(api, product, neighbours)
    _show_seen(api, product)


def _show_search(api: ShopApi) -> None:
    """Products to go to."""
    found = find_products(api)
    if found is None:
        return
    visit = current_visit()
    with st.container(key="grid-found", gap=None):
        for each in found.items:
            show_link(each, visit, key=f"found-{each.item}")
    show_more(found)


def _show_also_viewed(api: ShopApi, product: Product) -> list[Product]:
    """The neighbours, which are shown; none where nothing is known of them."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        show_section("다른 여행자가 함께 본 상품", width="content")
        with st.container(horizontal=True, width="content", key="also-viewed-options"):
            same_country = show_switch("같은 나라만", "same_country")
            few_per_city = show_switch(f"도시별 최대 {MOST_PER_CITY}개", "per_city")
    answer = _also_viewed(api, product, same_country=same_country, few_per_city=few_per_city)
    if answer is None or not answer.items:
        st.info(
            "이 상품과 함께 본 상품이 아직 없어요."
            if answer is None
            else "조건에 맞는 상품이 없어요. 조건을 꺼 보세요.",
            icon=":material/search_off:",
        )
        return []
    name, said = _SOURCE_NAMES[answer.source], _SOURCES[answer.source]
    st.html(f'<p class="nd-note"><span class="nd-tag nd-near">{name}</span> {said}</p>')
    visit = current_visit()
    with st.container(key="grid-also-viewed", gap=None):
        for each in answer.items:
            show_link(each, visit, key=f"also-{each.rank}", rank=each.rank)
    return list(answer.items)


def _also_viewed(
    api: ShopApi, product: Product, *, same_country: bool, few_per_city: bool
) -> AlsoViewed | None:
    """None where the server tells nothing of it."""
    per_city = MOST_PER_CITY if few_per_city else None
    try:
        answer = remembered(
            "also-viewed",
            (product.item, same_country, per_city),
            lambda: api.also_viewed(
                product.item, N_NEIGHBOURS, same_country=same_country, per_city=per_city
            ),
            "함께 본 상품을 찾고 있어요",
        )
    except ApiError as error:
        if not error.is_not_offered:
            raise
        return None
    learn(answer.items)
    return answer


def _show_seen(api: ShopApi, product: Product) -> None:
    """The way back to what was looked at before, newest first."""
    visit = current_visit()
    codes = [code for code in reversed(visit.seen) if code != product.item]
    if not codes:
        return
    show_section("이번에 본 다른 상품")
    products = known_products(api, codes)
    with st.container(key="strip-seen", gap=None):
        for code, each in zip(codes, products, strict=True):
            show_link(each, visit, key=f"seen-{code}")
