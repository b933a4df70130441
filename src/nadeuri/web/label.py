"""The page where questions are labelled, disagreements are settled, and progress is seen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import streamlit as st

from nadeuri.understand.labels import Scheme, load_scheme
from nadeuri.web import label_disputes, label_progress
from nadeuri.web.door import ApiError
from nadeuri.web.label_api import LabelApi
from nadeuri.web.label_desk import Desk
from nadeuri.web.label_types import Counts, Task
from nadeuri.web.look import show_fault, show_head, show_lead
from nadeuri.web.markdown import plain
from nadeuri.web.marker import said_in, show_marker

TITLE = "질문 라벨링"
MAX_ANNOTATOR = 100
"""What the API takes."""

_DESK, _FAULT, _TASK = "label-desk", "label-fault", "task"
_ANNOTATOR, _MARKER, _HINTS = "annotator", "label-marker", "label-hints"
_VIEWS: Mapping[str, str] = {"label": "라벨링", "disputes": "이견", "progress": "진행"}
_TASK_ID = re.compile("[0-9a-f]{16}")
_FAILED: Mapping[str, str] = {
    "save": "저장하지 못했어요.",
    "skip": "건너뛰지 못했어요.",
    "back": "이전 질문을 불러오지 못했어요.",
}
_NO_ROOM = (
    "이 서버에는 라벨링할 질문이 없어요. "
    "nadeuri label import 명령으로 질문을 넣고 서버를 다시 시작해 주세요."
)


def show(api: LabelApi) -> None:
    """The whole page, as Streamlit runs it after each thing that the annotator does."""
    show_head(TITLE, "새로 고침", ":material/refresh:", _refresh)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="label-who"):
        annotator = _annotator()
        view = _view()
    try:
        if view == "progress":
            label_progress.show(api)
        elif not annotator:
            _show_welcome()
        elif view == "disputes":
            label_disputes.show(api, _scheme(), annotator)
        else:
            _show_task(api, annotator)
    except ApiError as error:
        show_fault(_NO_ROOM if error.status == 404 else str(error))


def _refresh() -> None:
    for name in (_DESK, _FAULT):
        st.session_state.pop(name, None)


def _annotator() -> str:
    """Who labels; kept while the session lasts."""
    name = st.text_input(
        "이름",
        key=_ANNOTATOR,
        max_chars=MAX_ANNOTATOR,
        placeholder="라벨에 함께 기록돼요",
        persist_state="session",
        width=240,
    )
    return (name or "").strip()


def _view() -> str:
    chosen = st.segmented_control(
        "보기",
        list(_VIEWS),
        key="view",
        default="label",
        required=True,
        format_func=_VIEWS.__getitem__,
        bind="query-params",
        label_visibility="collapsed",
    )
    return chosen or "label"


def _show_welcome() -> None:
    show_lead(
        "여행자의 질문에서 나라, 지역, 날짜 같은 말에 라벨을 붙이고 의도를 골라 주세요. "
        "위에 이름을 쓰면 첫 질문이 나와요. 일부 질문은 두 사람이 따로 라벨을 붙여서, "
        "서로 얼마나 같은지 ‘진행’에서 볼 수 있어요."
    )


def _show_task(api: LabelApi, annotator: str) -> None:
    desk: Desk = st.session_state.get(_DESK) or Desk(annotator)
    if desk.annotator != annotator:
        desk = Desk(annotator)
        st.query_params.pop(_TASK, None)  # it names what the one before was looking at
    st.session_state[_DESK] = desk
    with st.spinner("질문을 불러오고 있어요"):
        task = desk.current(api, _wanted())
    _tell(desk)
    if desk.counts is not None:
        _show_counts(desk, desk.counts)
    if task is None:
        st.query_params.pop(_TASK, None)
        _show_end(desk.counts)
        return
    st.query_params[_TASK] = task.task
    _show_marker(api, desk, task)


def _wanted() -> str:
    """The question that the address names."""
    task = st.query_params.get(_TASK, "")
    return task if _TASK_ID.fullmatch(task) else ""


def _tell(desk: Desk) -> None:
    if fault := st.session_state.pop(_FAULT, None):
        st.error(f"{fault} 표시한 것은 그대로 있어요.", icon=":material/cloud_off:")
    if desk.notice:
        st.warning(desk.notice, icon=":material/group:")
        desk.notice = ""


def _show_counts(desk: Desk, counts: Counts) -> None:
    speed = "" if desk.seconds is None else f" · 문항당 {desk.seconds:.0f}초"
    st.progress(
        counts.labelled / counts.tasks if counts.tasks else 1.0,
        text=f"{counts.tasks:,}문항 가운데 {counts.labelled:,}문항 · "
        f"내가 한 {desk.n_mine:,}문항{speed}",
    )


def _show_end(counts: Counts | None) -> None:
    if counts is None or not counts.tasks:
        show_lead("라벨링할 질문이 아직 없어요. nadeuri label import 명령으로 넣어 주세요.")
    elif counts.complete + counts.withdrawn >= counts.tasks:
        st.success("질문을 모두 라벨링했어요!", icon=":material/task_alt:")
    else:
        st.info(
            "지금 보여 드릴 질문이 없어요. 남은 질문은 다른 분이 보고 있거나, "
            "이미 라벨을 붙였거나 건너뛴 질문이에요.",
            icon=":material/hourglass_empty:",
        )


def _show_marker(api: LabelApi, desk: Desk, task: Task) -> None:
    mine = task.mine
    with st.container(horizontal=True, vertical_alignment="center", key="label-about"):
        st.caption(f"질문 {plain(task.question)} · 출처 {plain(task.source)}", width="content")
        hints = st.toggle("모델의 제안 보기", value=True, key=_HINTS, persist_state="session")
    show_marker(
        _MARKER,
        _scheme(),
        task,
        spans=() if mine is None else mine.spans,
        intent=None if mine is None else mine.intent,
        draft=f"{task.task}-{task.revision}-{desk.annotator}",
        attempt=desk.attempt,
        suggestion=desk.suggestion(api) if hints and mine is None else None,
        save="저장하고 다음",
        may_skip=mine is None,
        may_go_back=desk.may_go_back,
        on_said=lambda: _take(api, desk),
    )


def _take(api: LabelApi, desk: Desk) -> None:
    said = said_in(_MARKER)
    if said is None:
        return
    st.query_params.pop(_TASK, None)
    try:
        desk.take(api, said)
    except ApiError as error:
        st.session_state[_FAULT] = f"{error} {_FAILED[said.action]}"


@cache
def _scheme() -> Scheme:
    return load_scheme()
