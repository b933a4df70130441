"""The tab of batch jobs: jobs by state, one job, requests to run again, versions of the mapping.

Nothing here starts a job, which would cost money: the page shows the command that does.
"""

from __future__ import annotations

import streamlit as st

from nadeuri.web.door import ApiError
from nadeuri.web.look import show_fault, show_section
from nadeuri.web.ops_api import OpsApi
from nadeuri.web.ops_jobs_cards import (
    failures_html,
    job_facts_html,
    job_html,
    requests_html,
    state_of,
    versions_html,
)
from nadeuri.web.ops_types import Jobs
from nadeuri.web.ops_words import STATES

PART = 10
"""Jobs, failed requests or versions on a page."""
RUN = "nadeuri match run --left agency.csv --right other.csv --batch"
RETRY = "nadeuri match retry\n" + RUN
SERVE = "nadeuri serve --match-db sqlite:///match.sqlite"
_STATE, _PAGE, _JOB = "state", "page", "job"
_CHOICE, _ALL = "ops-state", "all"


def show_jobs(api: OpsApi) -> None:
    """The tab; which job, state and page, the address says."""
    try:
        job_id = st.query_params.get(_JOB)
        if job_id is not None:
            _show_job(api, job_id)
        else:
            _show_all(api)
    except ApiError as error:
        if error.status == 404:
            _show_no_room()
        else:
            show_fault(str(error))


def _show_no_room() -> None:
    st.info("이 서버에는 매핑 데이터베이스가 없어요. 이렇게 켜면 여기서 볼 수 있어요.",
            icon=":material/database_off:")  # fmt: skip
    st.code(SERVE, language="sh", wrap_lines=True)


def _show_all(api: OpsApi) -> None:
    state = st.query_params.get(_STATE)
    state = state if state in STATES else None
    with st.spinner("배치 작업을 불러오고 있어요"):
        told = _jobs(api, state)
    st.html(requests_html(told.requests))
    show_section("배치 작업")
    if not told.states:
        st.info(
            "아직 배치 작업이 없어요. 애매한 장소가 많으면 매칭 실행이 언어 모델에게 "
            "한꺼번에 물어보고, 그 작업이 여기에 나와요.",
            icon=":material/inbox:",
        )
        st.code(RUN, language="sh", wrap_lines=True)
    else:
        _show_list(told, state)
    if told.requests.failed:
        _show_failed(api)
    _show_versions(api)


def _jobs(api: OpsApi, state: str | None) -> Jobs:
    """The page of jobs that the address asks for; beyond the last one, the last one."""
    page = _page()
    told = api.jobs(state, PART, PART * (page - 1))
    last = max(1, -(-told.n_jobs // PART))
    if page <= last:
        return told
    _turn(last)
    return api.jobs(state, PART, PART * (last - 1))


def _show_list(told: Jobs, state: str | None) -> None:
    n_of = {_ALL: sum(each.n_jobs for each in told.states)}
    n_of |= {each.state: each.n_jobs for each in told.states}
    n_of.setdefault(state or _ALL, 0)
    st.session_state[_CHOICE] = state or _ALL
    st.selectbox(
        "상태",
        list(n_of),
        key=_CHOICE,
        format_func=lambda each: f"{_state_name(each)} ({n_of[each]:,})",
        on_change=_choose_state,
        width=280,
    )
    if not told.jobs:
        st.info("이 조건에 맞는 작업이 없어요.", icon=":material/search_off:")
    for job in told.jobs:
        with st.container(border=True, key=f"job-{job.id}", horizontal=True,
                          vertical_alignment="center"):  # fmt: skip
            st.html(job_html(job))
            st.button("자세히", key=f"open-{job.id}", icon=":material/open_in_full:",
                      help=f"작업 {job.id}", on_click=_open, args=(job.id,))  # fmt: skip
    _show_pages(told.n_jobs)


def _show_pages(n_all: int) -> None:
    n_pages, page = -(-n_all // PART), _page()
    if n_pages < 2:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("이전", icon=":material/chevron_left:", disabled=page <= 1,
                  on_click=_turn, args=(page - 1,))  # fmt: skip
        st.caption(f"{page:,} / {n_pages:,} 쪽", width="content")
        st.button("다음", icon=":material/chevron_right:", icon_position="right",
                  disabled=page >= n_pages, on_click=_turn, args=(page + 1,))  # fmt: skip


def _show_job(api: OpsApi, job_id: str) -> None:
    st.button("모든 작업", icon=":material/arrow_back:", on_click=_close)
    try:
        with st.spinner("작업을 불러오고 있어요"):
            job = api.job(job_id)
    except ApiError as error:
        if error.status == 404:
            st.info("그런 번호의 작업이 없어요.", icon=":material/search_off:")
            return
        raise
    state = state_of(job)
    show_section(f"작업 {job.id}", tag=(state.name, state.tone))
    st.html(job_facts_html(job))
    if job.failures:
        shown = len(job.failures)
        more = f"최근 {shown:,}건만 보여요" if job.n_failures > shown else ""
        show_section(f"잘못된 일 {job.n_failures:,}건", more)
        st.html(failures_html(job.failures, with_state=True))
        if any(each.state == "failed" for each in job.failures):
            _show_retry()


def _show_failed(api: OpsApi) -> None:
    told = api.failed(PART)
    more = f"처음 {len(told.requests):,}건만 보여요" if told.n_failed > len(told.requests) else ""
    show_section(f"다시 할 요청 {told.n_failed:,}건", more)
    st.html(failures_html(told.requests, with_state=False))
    _show_retry()


def _show_retry() -> None:
    st.caption("이 명령이 실패한 요청을 다시 보내요. 언어 모델 비용이 들어요.")
    st.code(RETRY, language="sh", wrap_lines=True)


def _show_versions(api: OpsApi) -> None:
    told = api.versions(PART)
    more = f"최근 {len(told.versions):,}개만 보여요" if told.n_versions > len(told.versions) else ""
    show_section("매핑 버전", more)
    if not told.versions:
        st.info("아직 매핑을 만들지 않았어요.", icon=":material/layers_clear:")
        st.code(RUN.removesuffix(" --batch"), language="sh", wrap_lines=True)
        return
    st.html(versions_html(told.versions))
    earlier = [each.number for each in told.versions if not each.is_current]
    if earlier:
        st.caption(
            "앞 버전으로 되돌리는 명령이에요. 지우는 것은 없고, 같은 내용의 새 버전이 생겨요."
        )
        st.code(
            f'nadeuri match rollback {earlier[0]} --note "되돌리는 까닭"',
            language="sh",
            wrap_lines=True,
        )
    st.caption("데이터베이스가 기본 위치에 없으면 명령에 --store 주소를 붙여 주세요.")


def _state_name(state: str) -> str:
    if state == _ALL:
        return "전체"
    return STATES[state].name if state in STATES else state


def _page() -> int:
    text = st.query_params.get(_PAGE, "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _choose_state() -> None:
    state = st.session_state[_CHOICE]
    st.query_params.pop(_PAGE, None)
    if state == _ALL:
        st.query_params.pop(_STATE, None)
    else:
        st.query_params[_STATE] = state


def _turn(page: int) -> None:
    st.query_params[_PAGE] = str(page)


def _open(job_id: str) -> None:
    st.query_params[_JOB] = job_id


def _close() -> None:
    st.query_params.pop(_JOB, None)
