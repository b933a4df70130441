"""The guide's page: a conversation. Its name is in the address, so a reload goes on."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from html import escape

import streamlit as st

from nadeuri.guide.answer import Answer, Card, Progress, Turn
from nadeuri.web.api import GuideApi
from nadeuri.web.cards import cards_html
from nadeuri.web.details import show_details
from nadeuri.web.door import ApiError
from nadeuri.web.island import island_figure
from nadeuri.web.look import show_fault, show_head, show_lead
from nadeuri.web.markdown import plain

TITLE = "제주 맛집 가이드"
EXAMPLES = (
    "60대 부모님과 가기 좋은 애월읍 흑돼지 맛집 추천해줘",
    "웨이팅 없는 성산읍 해물 요리 알려줘",
    "30대 이용 비중이 가장 높은 한림읍 카페는?",
    "협재해수욕장 근처에서 아이랑 먹기 좋은 2만원 이하 점심",
)
MAX_QUESTION = 500
"""What the API takes."""

_THREAD = "thread"
_TURNS, _ASKED, _FAULT = "turns", "asked", "fault"
_THREAD_NAME = re.compile("[A-Za-z0-9_-]{16,64}")
_NO_ROOM = "이 서버에는 맛집 가이드가 없어요. 관리자에게 알려 주세요."
_GUIDE_ICON, _TRAVELLER_ICON = ":material/restaurant:", ":material/person:"


def show(api: GuideApi) -> None:
    """The whole page, as Streamlit runs it after each thing that the traveller does."""
    thread = _thread()
    show_head(TITLE, "새 대화", ":material/add_comment:", _begin_anew)
    try:
        turns = _turns(api, thread)
    except ApiError as error:
        show_fault(str(error))
        return
    typed = st.chat_input("어떤 곳을 찾으세요?", max_chars=MAX_QUESTION)
    asked = typed or st.session_state.pop(_ASKED, None)
    if asked:
        st.session_state.pop(_FAULT, None)
    fault = _fault(thread)
    if not (turns or asked or fault):
        _show_examples()
    for number, turn in enumerate(turns):
        _show_question(turn.question)
        with st.chat_message("assistant", avatar=_GUIDE_ICON):
            is_last = number == len(turns) - 1 and not asked
            _show_answer(turn.answer, key=f"{number}", may_choose=is_last)
    if asked:
        _ask(api, thread, asked)
    elif fault:
        question, message = fault
        _show_question(question)
        show_fault(message, _ask_next, (question,))


def _thread() -> str:
    """The conversation that the address names, or one that it names from now on.

    Coming back from another page, that is the one of before: links to pages name none.
    """
    thread = st.query_params.get(_THREAD, "")
    if _THREAD_NAME.fullmatch(thread):
        return thread
    if not thread and _TURNS in st.session_state:
        thread, _ = st.session_state[_TURNS]
    else:
        thread = uuid.uuid4().hex
        st.session_state[_TURNS] = (thread, [])
    st.query_params[_THREAD] = thread
    return thread


def _turns(api: GuideApi, thread: str) -> list[Turn]:
    """The conversation so far, asked for once in a visit."""
    known, turns = st.session_state.get(_TURNS, (None, []))
    if known != thread:
        turns = api.history(thread)
        st.session_state[_TURNS] = (thread, turns)
    return list(turns)


def _fault(thread: str) -> tuple[str, str] | None:
    """The last question of this conversation and what went wrong with it."""
    failed_in, question, message = st.session_state.get(_FAULT, (None, "", ""))
    return (question, message) if failed_in == thread else None


def _begin_anew() -> None:
    st.query_params.clear()
    for name in (_TURNS, _ASKED, _FAULT):
        st.session_state.pop(name, None)


def _show_examples() -> None:
    show_lead(
        "제주에서 먹고 마실 곳을 물어보세요. 누구와 가는지, 어느 동네인지, "
        "무엇을 먹고 싶은지 말해 주시면 어울리는 곳을 세 군데까지 골라 드려요."
    )
    with st.container(horizontal=True, key="examples"):
        for number, example in enumerate(EXAMPLES):
            st.button(example, key=f"example-{number}", on_click=_ask_next, args=(example,))


def _ask_next(question: str) -> None:
    st.session_state[_ASKED] = question


def _show_question(question: str) -> None:
    with st.chat_message("user", avatar=_TRAVELLER_ICON):
        st.html(_paragraph(question))


def _show_answer(answer: Answer, *, key: str, may_choose: bool) -> None:
    st.html(_paragraph(answer.text))
    if answer.cards:
        st.html(cards_html(answer.cards))
        _show_map(answer.cards, key)
    if may_choose and answer.choices:
        with st.container(horizontal=True, key="choices"):
            for number, choice in enumerate(answer.choices):
                st.button(
                    plain(choice),
                    key=f"choice-{key}-{number}",
                    on_click=_ask_next,
                    args=(choice,),
                )
    show_details(answer)


def _show_map(cards: Sequence[Card], key: str) -> None:
    with st.container(key=f"map-{key}"):
        st.plotly_chart(
            island_figure(cards),
            key=f"island-{key}",
            config={"displayModeBar": False, "scrollZoom": False},
            alt=f"지도: {', '.join(card.name for card in cards)}",
        )


def _ask(api: GuideApi, thread: str, question: str) -> None:
    """Ask, show what is being done meanwhile, and draw the page anew with what came of it."""
    _show_question(question)
    with (
        st.chat_message("assistant", avatar=_GUIDE_ICON),
        st.status("질문을 살펴보고 있어요", expanded=True) as status,
    ):
        try:
            for said in api.ask(question, thread):
                if isinstance(said, Progress):
                    status.update(label=plain(said.text))
                    st.caption(plain(said.text))
                else:
                    _, turns = st.session_state[_TURNS]
                    turn = Turn(question=question, answer=said)
                    st.session_state[_TURNS] = (thread, [*turns, turn])
        except ApiError as error:
            message = _NO_ROOM if error.status == 404 else str(error)
            st.session_state[_FAULT] = (thread, question, message)
    st.rerun()


def _paragraph(text: str) -> str:
    return f'<p class="nd-said">{escape(text)}</p>'
