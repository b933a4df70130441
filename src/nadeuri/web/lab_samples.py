"""One traveller's lists by several models, side by side, so that a person can judge them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from nadeuri import columns
from nadeuri.web.lab_parts import heading
from nadeuri.web.lab_types import Card, Comparison, SampleList, SampleUser

AT_FIRST = 3
HUES = 6
"""Classes nd-hue-0 and so on."""


def show_samples(
    users: Sequence[SampleUser],
    found: Comparison,
    names: Mapping[str, str],
    paints: Mapping[str, str],
) -> None:
    """A traveller who is chosen, and the lists of the models that are chosen."""
    if not users:
        return
    heading(
        "추천 목록 나란히 보기",
        "무작위로 뽑은 여행자예요. 색은 자주 나오는 도시, ◎는 실제로 다음에 누른 상품이에요.",
    )
    by_id = {user.user: user for user in users}
    chosen = st.selectbox(
        "여행자",
        list(by_id),
        format_func=lambda user: _title(by_id[user]),
        width=460,
    )
    shown = st.pills(
        "모델",
        list(names),
        selection_mode="multi",
        default=first_models(found),
        format_func=lambda name: names[name],
    )
    user = by_id[chosen]
    st.html(history_html(user))
    lists = [each for each in user.lists if each.model in shown]
    if lists:
        st.html(lists_html(lists, names, paints))
    else:
        st.caption("비교할 모델을 골라 주세요.")


def first_models(found: Comparison) -> list[str]:
    """What is shipped, its twin by ids alone, and the best of the others."""
    ranked = sorted(found.models, key=lambda model: -found.test(model)[found.metric].mean)
    shipped = found.model(found.ship)
    twin = columns.ID_TWINS.get(shipped.kind) if shipped else None
    twins = [model.name for model in found.models if model.kind == twin]
    plain = [model.name for model in found.models if model.kind == columns.POPULARITY]
    return list(dict.fromkeys([found.ship, *twins, *plain, *(model.name for model in ranked)]))[
        :AT_FIRST
    ]


def history_html(user: SampleUser) -> str:
    """What the traveller had clicked, and clicked next."""
    chips = "".join(f"<li>{_card(card)}</li>" for card in user.history)
    return (
        f'<div class="nd-lab-history"><h3>최근에 본 상품 '
        f"<small>(모두 {user.clicks:,}개)</small></h3><ol>{chips}</ol>"
        f"<h3>실제로 다음에 누른 상품</h3><ol><li>{_card(user.target)}</li></ol></div>"
    )


def lists_html(
    lists: Sequence[SampleList], names: Mapping[str, str], paints: Mapping[str, str]
) -> str:
    """A column for each model."""
    return f'<div class="nd-lab-lists">{"".join(_list(x, names, paints) for x in lists)}</div>'


def _list(shown: SampleList, names: Mapping[str, str], paints: Mapping[str, str]) -> str:
    hit = f"다음 상품을 {shown.rank}위로 추천" if shown.rank else "다음 상품은 목록에 없음"
    items = "".join(f"<li>{_card(card)}</li>" for card in shown.items)
    name = escape(names.get(shown.model, shown.model))
    return (
        f'<section class="nd-lab-list"><h3><i style="background: {paints[shown.model]}"></i>'
        f"{name}</h3><p>{hit}</p><ol>{items}</ol></section>"
    )


def _card(card: Card) -> str:
    hue = f" nd-hue-{card.hue % HUES}" if card.hue is not None else ""
    target = (
        '<b class="nd-lab-target" title="실제로 다음에 누른 상품">◎</b> ' if card.is_target else ""
    )
    return (
        f'<span class="nd-lab-card{hue}">{target}{escape(card.name)}'
        f"<small>{escape(card.details)}</small></span>"
    )


def _title(user: SampleUser) -> str:
    last = f" · 마지막으로 본 상품 {user.history[-1].name}" if user.history else ""
    return f"여행자 {user.user}{last}"
