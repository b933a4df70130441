"""What ``streamlit run`` runs: the pages and the way between them. ``nadeuri web`` starts it.

streamlit run app.py -- http://127.0.0.1:8000
"""

from __future__ import annotations

import sys

import streamlit as st

from nadeuri.settings import Settings
from nadeuri.web import chat, planner, review
from nadeuri.web.api import GuideApi
from nadeuri.web.look import PAGE_ICON, show_style, show_way
from nadeuri.web.match_api import MatchApi


def run(url: str, key: str | None) -> None:
    """The page that the address names, over the API at ``url``, which may want a key."""
    st.set_page_config(page_icon=PAGE_ICON, layout="wide")
    show_style()
    pages = {
        "맛집 가이드": st.Page(
            lambda: chat.show(GuideApi(url, key=key)),
            title=chat.TITLE,
            icon=":material/restaurant:",
            url_path="guide",
            default=True,
        ),
        "플래너": st.Page(
            lambda: planner.show(MatchApi(url, key=key)),
            title=planner.TITLE,
            icon=":material/map:",
            url_path="planner",
        ),
        "매칭 검토": st.Page(
            lambda: review.show(MatchApi(url, key=key)),
            title=review.TITLE,
            icon=":material/rule:",
            url_path="review",
        ),
    }
    # Streamlit's own menu is a drawer on a phone, which stays open over the page that was chosen
    page = st.navigation(list(pages.values()), position="hidden")
    show_way(pages)
    page.run()


if __name__ == "__main__":
    run(sys.argv[1], Settings.from_env().api_key)
