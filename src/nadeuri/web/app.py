"""What Streamlit runs for each visitor: the pages and the way between them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import Page

from nadeuri.settings import Settings
from nadeuri.web import chat, planner, review
from nadeuri.web.api import GuideApi
from nadeuri.web.look import PAGE_ICON, show_style, show_way
from nadeuri.web.match_api import MatchApi


@dataclass(frozen=True)
class Entry:
    """One page.

    Attributes:
        label: of the link to it.
        url_path: of its address; an empty one is the page that opens first.
        show: draws it over the API at this address, with this key where the API wants one.
    """

    label: str
    title: str
    icon: str
    url_path: str
    show: Callable[[str, str | None], None]

    def page(self, url: str, key: str | None) -> Page:
        """As Streamlit knows it."""
        return st.Page(
            lambda: self.show(url, key),
            title=self.title,
            icon=f":material/{self.icon}:",
            url_path=self.url_path,
            default=not self.url_path,
        )


PAGES = (
    Entry(
        "맛집 가이드",
        chat.TITLE,
        "restaurant",
        "guide",
        lambda url, key: chat.show(GuideApi(url, key=key)),
    ),
    Entry(
        "플래너",
        planner.TITLE,
        "map",
        "planner",
        lambda url, key: planner.show(MatchApi(url, key=key)),
    ),
    Entry(
        "매칭 검토",
        review.TITLE,
        "rule",
        "review",
        lambda url, key: review.show(MatchApi(url, key=key)),
    ),
)


def run(url: str, key: str | None) -> None:
    """The page that the address names, over the API at ``url``, which may want a key."""
    st.set_page_config(page_icon=PAGE_ICON, layout="wide")
    show_style()
    pages = {entry.label: entry.page(url, key) for entry in PAGES}
    # Streamlit's own menu is a drawer on a phone, which stays open over the page that was chosen
    page = st.navigation(list(pages.values()), position="hidden")
    show_way(pages)
    page.run()


if __name__ == "__main__":
    run(sys.argv[1], Settings.from_env().api_key)
