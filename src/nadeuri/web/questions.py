"""The page that shows how a question is understood: what it names, and what it asks for."""

from __future__ import annotations

import unicodedata

import streamlit as st

from nadeuri.web.door import ApiError
from nadeuri.web.look import show_fault, show_head, show_lead
from nadeuri.web.markdown import plain
from nadeuri.web.question_api import QuestionApi
from nadeuri.web.question_cards import entities_html, has_entities, intent_html, sentence_html
from nadeuri.web.question_types import Understood

TITLE = "질문 이해"
EXAMPLES = (
    "추석 연휴에 부모님과 갈 만한 오사카 패키지 추천해줘",
    "다음 달 어른 2명 아이 1명 다낭 3박 5일 얼마예요?",
    "100만원대로 갈 수 있는 동남아 허니문 있어?",
    "제주 2박 3일 코스 짜줘",
    "인천 출발 대한항공 하와이 항공권",
    "12월 삿포로 날씨 어때요?",
)
MAX_QUESTION = 500
"""Characters; the API takes more, a person does not."""
MOST_KEPT = 20
"""Questions of a visit."""

_ADDRESS = "q"
_TEXT, _SHOWN, _KEPT = "questions-text", "questions-shown", "questions-kept"
_SHORT = 60
_NO_ROOM = "이 서버에는 질문을 이해하는 모델이 없어요. 관리자에게 알려 주세요."


def show(api: QuestionApi) -> None:
    """The whole page, as Streamlit runs it after each thing that the traveller does."""
    show_head(TITLE, "새 질문", ":material/restart_alt:", _begin_anew)
    text = _asked()
    _show_form()
    if not text:
        show_lead(
            "여행 질문을 한 줄 써 보세요. 나라와 도시, 날짜, 인원, 예산 같은 말을 찾아 표시하고, "
            "무엇을 바라는 질문인지 알려 드려요."
        )
        _show_examples()
    else:
        _show_answer(api, text)
    _show_kept(text)


def _asked() -> str:
    """The question that the address names; the box says the same when that has changed.

    Coming back from another page, that is the last one: links to pages name none.
    """
    text = _tidy(st.query_params.get(_ADDRESS, ""))
    kept = _kept()
    if not text and kept and _ADDRESS not in st.query_params and _TEXT not in st.session_state:
        text = next(reversed(kept))
        st.query_params[_ADDRESS] = text
    if _TEXT not in st.session_state or st.session_state.get(_SHOWN) != text:
        st.session_state[_TEXT] = text
    st.session_state[_SHOWN] = text
    return text


def _tidy(text: str) -> str:
    """One line in NFC, as the API counts it, and no longer than the box allows."""
    return unicodedata.normalize("NFC", " ".join(text.split()))[:MAX_QUESTION]


def _kept() -> dict[str, Understood]:
    """Question -> answer, of this visit, oldest first."""
    kept: dict[str, Understood] = st.session_state.setdefault(_KEPT, {})
    return kept


def _show_form() -> None:
    with st.form("questions", border=False):
        st.text_input(
            "질문",
            key=_TEXT,
            max_chars=MAX_QUESTION,
            placeholder="예: 다음 달 부모님과 오사카 3박 4일 패키지 있어요?",
        )
        st.form_submit_button(
            "이해하기", type="primary", icon=":material/search_insights:", on_click=_ask_typed
        )


def _show_examples() -> None:
    st.html('<h2 class="nd-heading">이렇게 물어보세요</h2>')
    with st.container(horizontal=True, key="examples"):
        for number, example in enumerate(EXAMPLES):
            st.button(example, key=f"example-{number}", on_click=_ask, args=(example,))


def _show_answer(api: QuestionApi, text: str) -> None:
    try:
        understood = _understood(api, text)
    except ApiError as error:
        show_fault(_NO_ROOM if error.status == 404 else str(error))
        return
    st.html(sentence_html(understood))
    st.html(intent_html(understood.intent))
    if has_entities(understood):
        st.html(f'<h2 class="nd-heading">찾은 것</h2>{entities_html(understood)}')
    else:
        st.info(
            "나라, 도시, 날짜, 인원, 예산 같은 말을 찾지 못했어요. "
            "‘다음 달 오사카 3박 4일’처럼 조금 더 써 보세요.",
            icon=":material/search_off:",
        )


def _understood(api: QuestionApi, text: str) -> Understood:
    """Asked for once in a visit."""
    kept = _kept()
    if text not in kept:
        with st.spinner("질문을 읽고 있어요"):
            kept[text] = api.understand(text)
        while len(kept) > MOST_KEPT:
            del kept[next(iter(kept))]
    return kept[text]


def _show_kept(text: str) -> None:
    """The other questions of this visit, newest first."""
    others = [each for each in reversed(_kept()) if each != text]
    if not others:
        return
    st.html('<h2 class="nd-heading">이번에 물어본 질문</h2>')
    with st.container(gap="xxsmall", key="asked"):
        for number, each in enumerate(others):
            short = each if len(each) <= _SHORT else f"{each[:_SHORT]}…"
            st.button(
                plain(short),
                key=f"asked-{number}",
                type="tertiary",
                icon=":material/history:",
                on_click=_ask,
                args=(each,),
            )


def _begin_anew() -> None:
    st.query_params.clear()
    st.session_state[_TEXT] = ""


def _ask_typed() -> None:
    _ask(st.session_state[_TEXT])


def _ask(text: str) -> None:
    st.query_params[_ADDRESS] = st.session_state[_TEXT] = _tidy(text)
