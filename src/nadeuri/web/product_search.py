"""The way to a product: a search box, and country, city and category to narrow down by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from nadeuri.web.door import ApiError
from nadeuri.web.known_products import learn
from nadeuri.web.look import show_fault
from nadeuri.web.markdown import plain
from nadeuri.web.memory import remembered
from nadeuri.web.shop_api import ShopApi
from nadeuri.web.shop_types import Facets, FacetValue, Products

MAX_QUERY = 100
PAGE = 12
"""Products that are shown at first, and how many more each time."""
MOST = 60

_QUERY, _LIMIT, _FACETS = "product-query", "product-limit", "product-facets"
_FIELDS = {"country": "나라", "city": "도시", "category": "종류"}
_ALL = ""
_NO_ROOM = "이 서버에는 상품 자료가 없어요. 관리자에게 알려 주세요."


def find_products(api: ShopApi) -> Products | None:
    """The inputs, and what they find; None where that is nothing, or no answer: it is told."""
    boxes = st.container(horizontal=True, key="facets", gap="xsmall")
    with boxes:  # before asking: whoever types keeps the box, whatever becomes of that
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
    try:
        found: Products | ApiError = _ask(api)
    except ApiError as error:
        found = error
    with boxes:
        facets: Facets | None = st.session_state.get(_FACETS)
        for field, label in _FIELDS.items() if facets else ():
            _show_facet(field, label, getattr(facets, field))
    if isinstance(found, ApiError):
        show_fault(_NO_ROOM if found.status == 404 else str(found), key="products-again")
        return None
    if not found.items:
        _show_nothing_found()
        return None
    return found


def _ask(api: ShopApi) -> Products:
    """What the inputs find; what to narrow down by is kept for when nothing can be found."""
    query, chosen = _query(), _chosen()
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
    st.session_state[_FACETS] = found.facets
    return found


def _show_nothing_found() -> None:
    """No product is as it was wanted, and a way back to all of them."""
    query = _query()
    said = f"‘{plain(query)}’에 맞는 상품을 찾지 못했어요." if query else "맞는 상품이 없어요."
    st.info(f"{said} 조건을 바꿔 보세요.", icon=":material/search_off:")
    st.button("조건 지우기", icon=":material/filter_alt_off:", on_click=forget_search)


def show_more(found: Products) -> None:
    """A button for more of what was found, while there is more and it can be shown."""
    if len(found.items) < min(found.total, MOST):
        n_more = min(PAGE, found.total - len(found.items))
        st.button(
            f"{n_more}개 더 보기",
            icon=":material/add:",
            on_click=_enlarge,
            args=(len(found.items) + PAGE,),
        )
    elif len(found.items) < found.total:
        st.caption(f"{MOST}개까지 보여 드려요. 조건을 좁혀 보세요.")


def forget_search() -> None:
    """As at the beginning of a visit; a callback."""
    st.session_state[_QUERY] = ""
    for field in _FIELDS:
        st.session_state[_key(field)] = _ALL


def _query() -> str:
    return (st.session_state.get(_QUERY) or "").strip()


def _chosen() -> dict[str, str | None]:
    """The values to narrow down by."""
    return {field: st.session_state.get(_key(field)) or None for field in _FIELDS}


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
    st.session_state[_LIMIT] = ((_query(), *_chosen().values()), min(limit, MOST))


def _key(field: str) -> str:
    return f"product-{field}"
