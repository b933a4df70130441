"""Where people disagree about a question: their versions side by side, and what is to hold."""

from __future__ import annotations

import streamlit as st

from nadeuri.understand.labels import Scheme
from nadeuri.web.door import ApiError
from nadeuri.web.label_api import LabelApi
from nadeuri.web.label_cards import version_html
from nadeuri.web.label_types import Dispute, Label
from nadeuri.web.markdown import plain
from nadeuri.web.marker import said_in, show_marker
from nadeuri.web.match_api import ConflictError

_MARKER, _AT = "verdict-marker", "dispute-at"
_FAULT, _ATTEMPT = "dispute-fault", "dispute-attempt"


def show(api: LabelApi, scheme: Scheme, annotator: str) -> None:
    """One disagreement at a time.

    Raises:
        ApiError: no answer.
    """
    at = st.session_state.get(_AT, 0)
    with st.spinner("이견을 불러오고 있어요"):
        told = api.disputes(1, at)
        if not told.disputes and at:  # others have decided meanwhile
            at = st.session_state[_AT] = 0
            told = api.disputes(1, 0)
    if fault := st.session_state.pop(_FAULT, None):
        st.warning(fault, icon=":material/group:")
    if not told.disputes:
        st.success("사람마다 다르게 본 질문이 없어요.", icon=":material/task_alt:")
        return
    _show_way(at, told.n_disputed)
    (dispute,) = told.disputes
    _show_versions(api, dispute, annotator)
    _show_marker(api, scheme, dispute, annotator)


def _show_way(at: int, n: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="dispute-way"):
        st.markdown(f"이견 {n:,}건 가운데 {at + 1:,}번째", width="content")
        st.button("이전", disabled=at == 0, on_click=_go, args=(at - 1,))
        st.button("다음", disabled=at + 1 >= n, on_click=_go, args=(at + 1,))


def _go(at: int) -> None:
    st.session_state[_AT] = at


def _show_versions(api: LabelApi, dispute: Dispute, annotator: str) -> None:
    columns = st.columns(min(len(dispute.labels), 3))
    for number, label in enumerate(dispute.labels):
        others = [each for each in dispute.labels if each is not label]
        with columns[number % len(columns)]:
            st.html(version_html(dispute.task.text, label, others))
            st.button(
                f"{plain(label.annotator)} 판으로 확정",
                key=f"verdict-{dispute.task.task}-{number}",
                icon=":material/gavel:",
                on_click=_decide,
                args=(api, dispute, annotator, label),
            )


def _show_marker(api: LabelApi, scheme: Scheme, dispute: Dispute, annotator: str) -> None:
    first = dispute.labels[0]
    st.html('<h2 class="nd-label-part">고쳐서 확정하기</h2>')
    show_marker(
        _MARKER,
        scheme,
        dispute.task,
        spans=first.spans,
        intent=first.intent,
        draft=f"verdict-{dispute.task.task}-{first.revision}-{annotator}",
        attempt=st.session_state.get(_ATTEMPT, 0),
        suggestion=None,
        save="이대로 확정",
        may_skip=False,
        may_go_back=False,
        on_said=lambda: _take(api, dispute, annotator),
    )


def _take(api: LabelApi, dispute: Dispute, annotator: str) -> None:
    said = said_in(_MARKER)
    if said is not None and said.action == "save" and said.task == dispute.task.task:
        label = Label(annotator=annotator, spans=said.spans, intent=said.intent, revision=0)
        _decide(api, dispute, annotator, label)


def _decide(api: LabelApi, dispute: Dispute, annotator: str, label: Label) -> None:
    st.session_state[_ATTEMPT] = st.session_state.get(_ATTEMPT, 0) + 1
    try:
        api.save(dispute.task.task, annotator, label.spans, label.intent, 0, verdict=True)
    except ConflictError:
        st.session_state[_FAULT] = "다른 분이 먼저 정했거나, 이제는 이견이 없는 질문이에요."
    except ApiError as error:
        st.session_state[_FAULT] = f"{error} 확정하지 못했어요."
