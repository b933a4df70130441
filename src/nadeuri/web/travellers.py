"""Who visits: a known traveller, named by what they looked at last, or somebody new."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st

from nadeuri.web.door import ApiError
from nadeuri.web.known_products import learn
from nadeuri.web.memory import remembered
from nadeuri.web.product_cards import image_html
from nadeuri.web.shop_api import ShopApi
from nadeuri.web.shop_types import Traveller
from nadeuri.web.visit import Visit, current_visit, keep_visit

N_TRAVELLERS = 20
N_LAST = 8
_NEW, _NEW_NAME = "", "처음 온 여행자"
_KEY = "traveller"
_NAMED = 2
_MOST_NAME = 16


def choose_traveller(api: ShopApi, visit: Visit) -> Traveller | None:
    """The known traveller that is visiting; None for somebody new, or where none are known.

    Raises:
        ApiError: no answer.
    """
    travellers = {each.user: each for each in _travellers(api)}
    chosen = _chosen(api, visit, travellers)
    if chosen is not None:
        travellers.setdefault(chosen.user, chosen)
    if not travellers:
        return None
    # the visit has the last word: a link may name a traveller, and 처음부터 forgets them
    st.session_state[_KEY] = _NEW if chosen is None else chosen.user
    st.selectbox(
        "여행자",
        [_NEW, *travellers],
        key=_KEY,
        format_func=lambda user: _name(travellers.get(user)),
        on_change=_choose,
    )
    return chosen


def show_last(traveller: Traveller) -> None:
    """What the traveller looked at before this visit."""
    items = "".join(
        f"<li>{image_html(each)}<span>{escape(each.title)}</span></li>"
        for each in traveller.last[:N_LAST]
    )
    st.html(
        f'<h2 class="nd-small">이 여행자가 최근 본 상품 '
        f"<small>모두 {traveller.n_clicks:,}번 봤어요</small></h2>"
        f'<ul class="nd-last" tabindex="0" aria-label="최근 본 상품">{items}</ul>'
    )


def _travellers(api: ShopApi) -> list[Traveller]:
    """Some of those that the server knows; none where it tells of none."""

    def ask() -> list[Traveller]:
        try:
            return api.travellers(N_TRAVELLERS)
        except ApiError as error:
            if error.is_not_offered:
                return []
            raise

    return remembered("travellers", None, ask, "여행자를 불러오고 있어요")


def _chosen(api: ShopApi, visit: Visit, known: Mapping[str, Traveller]) -> Traveller | None:
    """The one of the visit with all their last products; the visit forgets one that is unknown."""
    if visit.user is None:
        return None
    user = visit.user
    try:
        traveller = remembered(
            "traveller", user, lambda: api.traveller(user), "여행자를 불러오고 있어요"
        )
    except ApiError as error:
        if not error.is_not_offered:
            raise
        st.warning("주소에 담긴 여행자를 찾지 못해서 처음 온 여행자로 시작해요.")
        keep_visit(visit.of(None))
        return None
    learn(traveller.last)
    return traveller


def _choose() -> None:
    """Another traveller's visit begins: what was looked at belongs to the one before."""
    user = st.session_state[_KEY] or None
    if user != current_visit().user:
        keep_visit(Visit(user))


def _name(traveller: Traveller | None) -> str:
    if traveller is None:
        return _NEW_NAME
    last = ", ".join(_short(each.title) for each in traveller.last[:_NAMED])
    return f"{last or '아직 본 상품이 없어요'} · 클릭 {traveller.n_clicks:,}번 ({traveller.user})"


def _short(title: str) -> str:
    return title if len(title) <= _MOST_NAME else f"{title[: _MOST_NAME - 1]}…"
