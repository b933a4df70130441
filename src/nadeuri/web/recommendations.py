"""The personalised area: what a model recommends to this visit, or what two models do."""

from __future__ import annotations

from html import escape

import streamlit as st

from nadeuri.web.address import show_switch
from nadeuri.web.comparison import Mix, pair_of, shared_items
from nadeuri.web.comparison_cards import versus_html
from nadeuri.web.door import ApiError
from nadeuri.web.known_products import learn
from nadeuri.web.look import show_fault, show_section
from nadeuri.web.memory import remembered
from nadeuri.web.model_names import model_name
from nadeuri.web.product_cards import show_link
from nadeuri.web.shop_api import ShopApi
from nadeuri.web.shop_types import Recommendations, Recommended, Traveller
from nadeuri.web.visit import Visit
from nadeuri.web.why import why_text

N_ITEMS = 10
COMPARE = "compare"
_NO_MODEL = "이 서버에는 추천 모델이 없어요. 관리자에게 알려 주세요."
_BOTH = "둘 다 추천"


def show_for_you(api: ShopApi, visit: Visit, traveller: Traveller | None) -> None:
    """The whole area; a failure is told in it."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        show_section(_heading(visit), width="content")
        is_comparing = show_switch("두 모델 비교", COMPARE)
    try:
        pair = pair_of(_recommenders(api)) if is_comparing else None
        if pair is None:
            _show_one(api, visit, traveller, is_lonely=is_comparing)
        else:
            _show_two(api, visit, traveller, pair)
    except ApiError as error:
        show_fault(_NO_MODEL if error.status == 404 else str(error))


def _heading(visit: Visit) -> str:
    if visit.seen:
        return "지금 보는 상품으로 고른 추천"
    return "이 여행자를 위한 추천" if visit.user else "여행자님을 위한 추천"


def _show_one(
    api: ShopApi,
    visit: Visit,
    traveller: Traveller | None,
    *,
    is_lonely: bool,
) -> None:
    """One model's list.

    Args:
        is_lonely: two were wanted, and there are no two.
    """
    if is_lonely:
        _tell_of_the_only_model(api)
    answer = _recommend(api, visit, traveller)
    _tell_if_popular(answer)
    with st.container(key="grid-for-you", gap=None):
        for each in answer.items:
            show_link(
                each,
                visit,
                key=f"for-you-{each.rank}",
                note=_why(answer, each),
                rank=each.rank,
            )


def _show_two(
    api: ShopApi,
    visit: Visit,
    traveller: Traveller | None,
    pair: tuple[str, str],
) -> None:
    """Two models' lists side by side, and what they do differently above them."""
    answers = [_recommend(api, visit, traveller, model) for model in pair]
    _tell_if_popular(answers[0])
    lists = [answer.items for answer in answers]
    both = shared_items(*lists)
    names = [model_name(model) for model in pair]
    st.html(versus_html(names, [Mix.of(each) for each in lists], len(both)))
    for column, model, answer in zip(st.columns(2, gap="medium"), pair, answers, strict=True):
        with column:
            st.html(f'<h3 class="nd-model">{escape(model_name(model))}</h3>')
            with st.container(key=f"rows-{model}", gap=None):
                for each in answer.items:
                    show_link(
                        each,
                        visit,
                        key=f"{model}-{each.rank}",
                        note=_why(answer, each),
                        tag=_BOTH if each.item in both else "",
                        rank=each.rank,
                    )


def _recommend(
    api: ShopApi, visit: Visit, traveller: Traveller | None, model: str | None = None
) -> Recommendations:
    history = visit.history(traveller)
    answer = remembered(
        f"recommendations-{model}",
        (visit.user, tuple(history)),
        lambda: api.recommend(N_ITEMS, user=visit.user, history=history, model=model),
        "추천을 고르고 있어요",
    )
    learn(answer.items)
    return answer


def _recommenders(api: ShopApi) -> list[str]:
    return remembered("recommenders", None, api.recommenders, "추천 모델을 확인하고 있어요")


def _tell_if_popular(answer: Recommendations) -> None:
    if answer.source == "popular":
        st.html(
            '<p class="nd-note"><span class="nd-tag nd-near">인기 상품</span> '
            "아직 본 상품이 없어서 많은 분이 보는 상품을 보여 드려요. "
            "위에서 상품을 누르면 추천이 바로 바뀌어요.</p>"
        )


def _tell_of_the_only_model(api: ShopApi) -> None:
    names = [model_name(each) for each in _recommenders(api)]
    only = f"추천 모델이 하나({names[0]})뿐이라" if names else "추천 모델이 없어서"
    st.info(
        f"이 서버에는 {only} 나란히 볼 수 없어요. 모델을 하나 더 서비스하면 비교할 수 있어요.",
        icon=":material/compare_arrows:",
    )


def _why(answer: Recommendations, each: Recommended) -> str:
    return why_text(each.why or (), is_popular=answer.source == "popular")
