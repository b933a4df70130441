"""The way between the pages: brand, links, and what tells a screen reader where it is."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import streamlit as st
from streamlit.navigation.page import Page

BRAND = "나들이"
MAIN_ID = "nd-main"
"""Of a page's title, which the skip link goes to."""

_LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">'
    '<rect width="48" height="48" rx="13" fill="#f07a2b"/>'
    '<circle cx="33" cy="15" r="6.5" fill="#ffe3b0"/>'
    '<path d="M0 33Q9 20 17 27T33 25T48 30V35Q48 48 35 48H13Q0 48 0 35z" fill="#1f7a68"/>'
    '<path d="M20 48C18 41 31 39 27 34S21 31 24 28" fill="none" stroke="#fff4dd" stroke-width="4"'
    ' stroke-linecap="round"/></svg>'
)
PAGE_ICON = f"data:image/svg+xml,{quote(_LOGO)}"
_SKIP = f'<a class="nd-skip" href="#{MAIN_ID}" target="_self">본문으로 건너뛰기</a>'
_TELL = """<script>
(function tell(tries) {
  const way = document.querySelector(".st-key-way");
  const links = way ? way.querySelectorAll("a") : [];
  if (links.length < %(count)d) {
    if (tries) setTimeout(tell, 100, tries - 1);
    return;
  }
  way.setAttribute("role", "navigation");
  way.setAttribute("aria-label", "주요 페이지");
  links.forEach((link, number) => {
    if (number === %(here)d) {
      link.setAttribute("aria-current", "page");
      const left = link.offsetLeft - way.offsetLeft;
      if (left + link.offsetWidth > way.clientWidth) way.scrollLeft = left - 40;
    } else link.removeAttribute("aria-current");
  });
})(100);
</script>"""
"""Streamlit's links to pages say nothing of which one is shown, and stand in no landmark.

Ours alone: nothing from outside gets into it but two numbers.
"""


def show_way(home: Page, pages: Mapping[str, Page], current: Page) -> None:
    """The brand, which leads to ``home``, and links to ``pages`` by their short names.

    ``current`` is marked where it is one of them.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="top"):
        with st.container(key="brand"):
            st.page_link(home, label=BRAND)
        with st.container(horizontal=True, gap="xxsmall", key="way"):
            for label, page in pages.items():
                st.page_link(page, label=label)
        paths = [page.url_path for page in pages.values()]
        here = paths.index(current.url_path) if current.url_path in paths else -1
        tell = _TELL % {"count": len(paths), "here": here}
        logo = f"<style>:root {{ --nd-logo: url('{PAGE_ICON}') }}</style>"
        st.html(f"{_SKIP}{logo}{tell}", unsafe_allow_javascript=True)
