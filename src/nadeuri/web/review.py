"""The review page: people decide which places of the two databases are the same, one at a time."""

from __future__ import annotations

import streamlit as st

from nadeuri.web.door import ApiError
from nadeuri.web.look import show_fault, show_head, show_lead
from nadeuri.web.markdown import plain
from nadeuri.web.match_api import MatchApi
from nadeuri.web.match_types import Relation, Review
from nadeuri.web.place_maps import pair_figure
from nadeuri.web.review_cards import (
    NONE_NAME,
    RELATION_NAMES,
    candidate_label,
    evidence_html,
    names,
    pair_html,
)
from nadeuri.web.review_queue import Queue

TITLE = "장소 매칭 검토"
MAX_REVIEWER = 50

_QUEUE, _REVIEWER, _CANDIDATE, _FAULT = (
    "review-queue",
    "review-reviewer",
    "review-candidate",
    "review-fault",
)
_NO_ROOM = "이 서버에는 검토할 장소 자료가 없어요. 관리자에게 알려 주세요."
_RELATIONS: tuple[tuple[Relation, str, str], ...] = (
    ("same", "1", ":material/check_circle:"),
    ("contains", "2", ":material/join_inner:"),
    ("nearby", "3", ":material/near_me:"),
    ("different", "4", ":material/block:"),
)
_HELP: dict[Relation, str] = {
    "same": "두 장소가 같은 곳이에요",
    "contains": "한 곳이 다른 곳 안에 있거나 그 일부예요",
    "nearby": "가까이 있지만 다른 곳이에요",
    "different": "서로 관계없는 곳이에요",
}


def show(api: MatchApi) -> None:
    """The whole page, as Streamlit runs it after each thing that the reviewer does."""
    queue = st.session_state.setdefault(_QUEUE, Queue())
    show_head(TITLE, "새로 고침", ":material/refresh:", _refresh)
    reviewer = _reviewer()
    try:
        with st.spinner("검토할 장소를 불러오고 있어요"):
            review = queue.current(api)
    except ApiError as error:
        show_fault(_NO_ROOM if error.status == 404 else str(error))
        return
    _show_progress(queue)
    _tell(queue)
    if review is None:
        _show_end(queue)
    else:
        _show_review(api, queue, review, reviewer)


def _refresh() -> None:
    st.session_state[_QUEUE] = Queue()
    st.session_state.pop(_FAULT, None)


def _reviewer() -> str:
    """Who decides; kept while the session lasts."""
    name = st.text_input(
        "검토자 이름",
        key=_REVIEWER,
        max_chars=MAX_REVIEWER,
        placeholder="결정에 함께 기록돼요",
        persist_state="session",
        width=280,
    )
    return (name or "").strip()


def _show_progress(queue: Queue) -> None:
    n_open = queue.n_open or 0
    n_all = n_open + queue.n_decided
    skipped = f" · 건너뛴 {queue.n_skipped:,}건" if queue.n_skipped else ""
    st.progress(
        queue.n_decided / n_all if n_all else 1.0,
        text=f"남은 {n_open:,}건 · 이번에 본 {queue.n_decided:,}건{skipped}",
    )


def _tell(queue: Queue) -> None:
    """What came of the last decision, and a way back to it."""
    if fault := st.session_state.pop(_FAULT, None):
        st.error(f"{fault} 결정은 저장되지 않았어요.", icon=":material/cloud_off:")
    if queue.notice:
        st.warning(queue.notice, icon=":material/group:")
        queue.notice = ""
    if queue.last is None:
        return
    said = NONE_NAME if queue.last.right is None else RELATION_NAMES[queue.last.relation]
    with st.container(horizontal=True, vertical_alignment="center", key="last"):
        st.caption(f"방금 {plain(queue.last.review.left.name)}: ‘{said}’", width="content")
        st.button(
            "다시 보기",
            icon=":material/undo:",
            type="tertiary",
            shortcut="Z",
            on_click=queue.look_again,
        )


def _show_end(queue: Queue) -> None:
    if queue.n_skipped and queue.n_open:
        st.info(f"건너뛴 {queue.n_skipped:,}건만 남았어요.", icon=":material/snooze:")
        st.button("건너뛴 것 보기", type="primary", on_click=queue.unskip)
    else:
        st.success("검토할 장소가 없어요. 모두 끝났어요!", icon=":material/task_alt:")


def _show_review(api: MatchApi, queue: Queue, review: Review, reviewer: str) -> None:
    left = review.left
    chosen = _choose_candidate(queue, review)
    facts, picture = st.columns([6, 5], gap="medium")
    # before what it is about: whoever sees a place has its buttons, and not those of the one before
    _show_decisions(api, queue, review, chosen, reviewer)
    with facts:
        if chosen is None:
            show_lead(f"{left.name}: 후보가 없어요.")
        else:
            st.html(pair_html(left, review.candidates[chosen], chosen + 1))
        st.html(evidence_html(review))
    with picture:
        _show_map(review, chosen)


def _choose_candidate(queue: Queue, review: Review) -> int | None:
    """The number (from 0) of the candidate that is looked at; at first, one not yet judged."""
    candidates = review.candidates
    if not candidates:
        return None
    said = queue.said_of(review)
    key = f"{_CANDIDATE}-{review.left.place_id}-{review.version}"
    first = next((n for n, each in enumerate(candidates) if each.place_id not in said), 0)
    chosen: int = st.radio(
        "후보",
        range(len(candidates)),
        index=first,
        key=key,
        format_func=lambda n: plain(
            candidate_label(candidates[n], n + 1, said.get(candidates[n].place_id))
        ),
    )
    if len(candidates) > 1:
        st.button(
            "다음 후보",
            icon=":material/arrow_forward:",
            shortcut="N",
            on_click=_choose,
            args=(key, (chosen + 1) % len(candidates)),
        )
    return chosen


def _choose(key: str, number: int) -> None:
    st.session_state[key] = number


def _show_map(review: Review, chosen: int | None) -> None:
    figure = pair_figure(review, -1 if chosen is None else chosen)
    if figure is None:
        st.html('<p class="nd-empty-map">이 장소는 좌표가 없어서 지도에 그릴 수 없어요.</p>')
        return
    with st.container(key="map-pair"):
        st.plotly_chart(
            figure,
            key=f"pair-{review.left.place_id}-{chosen}",
            config={"displayModeBar": False, "scrollZoom": False},
            alt=f"지도: {names([review.left, *review.candidates])}",
        )
    st.caption("★ 여행사 장소 · 숫자는 후보")


def _show_decisions(
    api: MatchApi, queue: Queue, review: Review, chosen: int | None, reviewer: str
) -> None:
    """The buttons; nothing can be decided without a name."""
    if not reviewer:
        st.info("검토자 이름을 쓰면 결정할 수 있어요.", icon=":material/badge:")
    candidate = None if chosen is None else review.candidates[chosen]
    # of this place only: a late click on a button of the place before reaches none
    suffix = f"{review.left.place_id}-{review.version}"
    with st.container(horizontal=True, key="decisions"):
        for relation, key, icon in _RELATIONS:
            st.button(
                RELATION_NAMES[relation],
                key=f"{relation}-{suffix}",
                icon=icon,
                shortcut=key,
                help=_HELP[relation],
                type="primary" if relation == "same" else "secondary",
                disabled=candidate is None or not reviewer,
                on_click=_decide,
                args=(api, queue, review, candidate and candidate.place_id, relation, reviewer),
            )
        st.button(
            NONE_NAME,
            key=f"none-{suffix}",
            icon=":material/close:",
            shortcut="0",
            help="후보 가운데 같은 곳이 없어요",
            disabled=not reviewer,
            on_click=_decide,
            args=(api, queue, review, None, "different", reviewer),
        )
        st.button(
            "건너뛰기",
            icon=":material/skip_next:",
            shortcut="S",
            type="tertiary",
            on_click=queue.skip,
            args=(review,),
        )


def _decide(
    api: MatchApi,
    queue: Queue,
    review: Review,
    right: str | None,
    relation: Relation,
    reviewer: str,
) -> None:
    try:
        queue.decide(api, review, right, relation, reviewer)
    except ApiError as error:
        st.session_state[_FAULT] = str(error)
