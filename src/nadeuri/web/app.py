"""What Streamlit runs for each visitor: the pages and the way between them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from nadeuri.settings import Settings
from nadeuri.web import chat, home, lab, label, ops, planner, product, questions, review
from nadeuri.web.api import GuideApi
from nadeuri.web.label_api import LabelApi
from nadeuri.web.look import show_style
from nadeuri.web.match_api import MatchApi
from nadeuri.web.navigation import BRAND, PAGE_ICON, show_way
from nadeuri.web.ops_api import OpsApi
from nadeuri.web.question_api import QuestionApi
from nadeuri.web.shop_api import ShopApi


@dataclass(frozen=True)
class Entry:
    """One page.

    Attributes:
        label: of the link to it.
        title: of the page; the window's is that and the brand.
        icon: of the page, one of Material Symbols.
        url_path: of its address; an empty one is the page that opens first.
        show: draws it over the API at this address, with this key where the API wants one.
        is_in_way: whether every page has a link to it; else the operations page has one.
    """

    label: str
    title: str
    icon: str
    url_path: str
    show: Callable[[str, str | None], None]
    is_in_way: bool = True

    def page(self, url: str, key: str | None) -> Page:
        """As Streamlit knows it."""
        return st.Page(
            lambda: self.show(url, key),
            title=f"{self.title} · {BRAND}",
            icon=f":material/{self.icon}:",
            url_path=self.url_path,
            default=not self.url_path,
        )


PAGES = (
    Entry("홈", home.TITLE, "home", "", lambda url, key: home.show(ShopApi(url, key=key))),
    Entry(
        "상품",
        product.TITLE,
        "luggage",
        "product",
        lambda url, key: product.show(ShopApi(url, key=key)),
    ),
    Entry(
        "질문 이해",
        questions.TITLE,
        "search_insights",
        "questions",
        lambda url, key: questions.show(QuestionApi(url, key=key)),
    ),
    Entry(
        "맛집 챗",
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
        "실험실",
        lab.TITLE,
        "science",
        "lab",
        lambda url, key: lab.show(read_settings().tracking_uri),
    ),
    Entry(
        "운영",
        ops.TITLE,
        "monitoring",
        "ops",
        lambda url, key: ops.show(OpsApi(url, key=key), pages_behind(url, key)),
    ),
    Entry(
        label.TITLE,
        label.TITLE,
        "ink_highlighter",
        "label",
        lambda url, key: label.show(LabelApi(url, key=key)),
        is_in_way=False,
    ),
    Entry(
        review.TITLE,
        review.TITLE,
        "rule",
        "review",
        lambda url, key: review.show(MatchApi(url, key=key)),
        is_in_way=False,
    ),
)


def read_settings() -> Settings:
    """Of the environment; a work folder may follow the API's address on the command line."""
    return Settings.from_env(home=Path(sys.argv[2]) if len(sys.argv) > 2 else None)


def run(url: str, key: str | None) -> None:
    """The page that the address names, over the API at ``url``, which may want a key."""
    st.set_page_config(page_icon=PAGE_ICON, layout="wide")
    show_style()
    pages = [entry.page(url, key) for entry in PAGES]
    # Streamlit's own menu is a drawer on a phone, which stays open over the page that was chosen
    current = st.navigation(pages, position="hidden")
    linked = {
        entry.label: page for entry, page in zip(PAGES, pages, strict=True) if entry.is_in_way
    }
    show_way(pages[0], linked, current)
    current.run()


def pages_behind(url: str, key: str | None) -> dict[str, Page]:
    """Pages that only the operations page has links to, by their labels."""
    return {entry.label: entry.page(url, key) for entry in PAGES if not entry.is_in_way}


if __name__ == "__main__":
    run(sys.argv[1], read_settings().api_key)
