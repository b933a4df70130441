"""The operations page: how the service is, what batch jobs do, and doors to people's work."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.navigation.page import Page

from nadeuri.web.look import show_title
from nadeuri.web.ops_api import OpsApi
from nadeuri.web.ops_jobs import show_jobs
from nadeuri.web.ops_status import show_status

TITLE = "운영"
TABS = ("서비스 상태", "배치 작업")
TAB = "tab"
"""Name in the page's address."""
_ABOUT: Mapping[str, str] = {
    "label": "여행자의 질문에 의도와 개체를 표시해요.",
    "review": "두 데이터베이스의 장소가 같은 곳인지 사람이 정해요.",
}


def show(api: OpsApi, doors: Mapping[str, Page]) -> None:
    """The whole page.

    Args:
        doors: pages that are reached from here, by what the links to them say.
    """
    show_title(TITLE)
    _show_doors(doors)
    status, jobs = st.tabs(TABS, key=TAB, bind="query-params", on_change="rerun")
    if jobs.open:
        with jobs:
            show_jobs(api)
    else:
        with status:
            show_status(api)


def _show_doors(doors: Mapping[str, Page]) -> None:
    with st.container(key="ops-doors"):
        for label, page in doors.items():
            with st.container(border=True, key=f"ops-door-{page.url_path}"):
                st.page_link(page, label=label, icon=page.icon)
                if about := _ABOUT.get(page.url_path):
                    st.caption(about)
