"""The tab of the service: is it ready, what does it serve, how busy is it, how much memory."""

from __future__ import annotations

import time

import streamlit as st

from nadeuri.web.door import ApiError
from nadeuri.web.look import show_section
from nadeuri.web.ops_api import OpsApi
from nadeuri.web.ops_cards import (
    counters_html,
    memory_html,
    models_html,
    operations_html,
    tiles_html,
)
from nadeuri.web.ops_metrics import Reading, Visit
from nadeuri.web.ops_types import Ready
from nadeuri.web.ops_words import time_span

EVERY_S = 5.0
_LIVE, _VISIT, _SEEN = "ops-live", "ops-visit", "ops-seen"


def show_status(api: OpsApi) -> None:
    """The tab; what changes is drawn anew every few seconds, unless that is paused."""
    is_live = st.toggle(
        f"{EVERY_S:.0f}초마다 새로 고침", value=True, key=_LIVE, persist_state="session"
    )
    st.fragment(_show_now, run_every=EVERY_S if is_live else None)(api, is_live)


def _show_now(api: OpsApi, is_live: bool) -> None:
    visit: Visit = st.session_state.setdefault(_VISIT, Visit())
    try:
        ready = api.ready()
    except ApiError as error:
        _show_down(api, error, is_live)
        return
    st.session_state[_SEEN] = time.time()
    _show_headline(ready, is_live)
    try:
        reading = api.metrics()
    except ApiError as error:
        is_kept = error.status in (401, 403)
        st.info(
            "이 화면의 API 키로는 지표를 볼 수 없어요." if is_kept else str(error),
            icon=":material/lock:" if is_kept else ":material/cloud_off:",
        )
    else:
        visit.add(reading)
        _show_traffic(visit, reading)
    show_section("제공하는 모델")
    st.html(models_html(ready))


def _show_headline(ready: Ready, is_live: bool) -> None:
    refused = len(ready.refused)
    tag = "nd-missing" if refused else "nd-exact"
    words = f"새 모델 {refused}개를 거절하고 있어요" if refused else "모두 정상이에요"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(
            f'<p class="nd-headline" role="status"><span class="nd-tag {tag}">준비됨</span> '
            f"{len(ready.models)}가지를 제공해요. {words}.</p>"
        )
        if not is_live:
            st.button("지금 새로 고침", key="ops-refresh", icon=":material/refresh:")


def _show_down(api: OpsApi, error: ApiError, is_live: bool) -> None:
    """Nothing to show but that, since when, and that the page keeps looking."""
    if error.status == 503 and api.is_alive():
        words = "서비스가 켜지는 중이거나 멈추는 중이에요."
    elif error.status is None:
        words = "서비스가 응답하지 않아요."
    else:
        words = f"서비스가 상태를 알려 주지 않아요 (HTTP {error.status})."
    seen = st.session_state.get(_SEEN)
    since = f"{time_span(time.time() - seen)} 전까지는 정상이었어요. " if seen else ""
    follows = (
        f"{EVERY_S:.0f}초마다 다시 확인하고, 돌아오면 바로 보여 드려요."
        if is_live
        else "새로 고침이 멈춰 있어요."
    )
    st.html(
        '<div class="nd-down" role="status"><span class="nd-tag nd-missing">응답 없음</span>'
        f"<p><b>{words}</b></p><p>{since}{follows}</p></div>"
    )
    st.button("지금 확인", key="ops-again", icon=":material/refresh:")


def _show_traffic(visit: Visit, reading: Reading) -> None:
    series = visit.series()
    st.html(tiles_html(reading, series, series[-1] if series else None))
    traffic, seconds = visit.traffic()
    since = "켜진 뒤" if len(visit.readings) == 1 else "최근"
    show_section("기능별 요청", f"빠르기와 오류는 {since} {time_span(seconds)} 동안")
    if traffic:
        st.html(operations_html(reading.operations, traffic))
    else:
        st.html('<p class="nd-none">아직 들어온 요청이 없어요. 상태 확인 요청은 빼고 세요.</p>')
    show_section("메모리와 안전장치")
    st.html(memory_html(reading.processes, reading.worker_limit) + counters_html(reading))
