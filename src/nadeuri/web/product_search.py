"""The way to a product: a search box, and country, city and category to narrow down by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from nadeuri.web.known_products import learn
from nadeuri.web.markdown import plain
from nadeuri.web.memory import remembered
from nadeuri.web.shop_api import ShopApi
from nadeuri.web.shop_types import FacetValue, Products

MAX_QUERY = 100
PAGE = 12
"""Products that are shown at first, and how many more each time."""
MOST = 60

_QUERY, _LIMIT = "product-query", "product-limit"
_FACETS = {"country": "나라", "city": "도시", "category": "종류"}
_ALL = ""


def find_products(api: ShopApi) -> Products:
    """The inputs, and what they find.

    Raises:
        ApiError: no answer; ``status`` 404: the server has no products.
    """
    boxes = st.container(horizontal=True, key="facets", gap="xsmall")
    query = _query()
    chosen = {field: st.session_state.get(_key(field), _ALL) or None for field in _FACETS}
    asked = (query, *chosen.values())
    if st.session_state.get(_LIMIT, (asked,))[0] != asked:
        st.session_state.pop(_LIMIT)
    _, limit = st.session_state.get(_LIMIT, (asked, PAGE))
    found = remembered(
        "products",
        (asked, limit),
        lambda: api.products(query, **chosen, limit=limit),
        "상품을 찾고 있어요",
    )
    learn(found.items)
    with boxes:
        st.text_input(
            "상품 찾기",
            key=_QUERY,
            type="search",
            live=True,
            max_chars=MAX_QUERY,
            placeholder="상품 이름이나 코드",
            label_visibility="collapsed",
            persist_state="session",
        )
        for field, label in _FACETS.items():
            _show_facet(field, label, getattr(found.facets, field))
    return found


def show_nothing_found() -> None:
    """No product is as it was wanted, and a way back to all of them."""
    query = _query()
    said = f"‘{plain(query)}’에 맞는 상품을 찾지 못했어요." if query else "맞는 상품이 없어요."
    st.info(f"{said} 조건을 바꿔 보세요.", icon=":material/search_off:")
    st.button("조건 지우기", icon=":material/filter_alt_off:", on_click=forget_search)


def show_more(found: Products) -> None:
    """A button for more of what was found, while there is more."""
    if len(found.items) < min(found.total, MOST):
        n_more = min(PAGE, found.total - len(found.items))
        st.button(
            f"{n_more}개 더 보기",
            icon=":material/add:",
            on_click=_enlarge,
            args=(len(found.items) + PAGE,),
        )


def forget_search() -> None:
    """As at the beginning of a visit; a callback."""
    st.session_state[_QUERY] = ""
    for field in _FACETS:
        st.session_state[_key(field)] = _ALL


def _query() -> str:
    return (st.session_state.get(_QUERY) or "").strip()


def _show_facet(field: str, label: str, values: Sequence[FacetValue]) -> None:
    """A choice among the values; the chosen one is among them even if nothing has it now."""
    key = _key(field)
    names = {each.value: f"{each.value} ({each.count:,})" for each in values}
    if chosen := st.session_state.get(key):
        names.setdefault(chosen, chosen)
    st.selectbox(
        label,
        [_ALL, *names],
        key=key,
        format_func=lambda value: _facet_name(names, value, label),
        label_visibility="collapsed",
        persist_state="session",
    )


def _facet_name(names: Mapping[str, str], value: str, label: str) -> str:
    return names.get(value, value) if value else f"{label} 전체"


def _enlarge(limit: int) -> None:
    chosen = (st.session_state.get(_key(field), _ALL) or None for field in _FACETS)
    st.session_state[_LIMIT] = ((_query(), *chosen), min(limit, MOST))


def _key(field: str) -> str:
    return f"product-{field}"
