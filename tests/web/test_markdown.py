"""Text that must not be read as Markdown."""

from __future__ import annotations

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from nadeuri.web.markdown import plain


def rendered(markdown: str) -> str:
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown)
    return html.removeprefix("<p>").removesuffix("</p>\n")


@given(st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1))
def test_the_text_is_shown_as_it_is(text: str) -> None:
    assert unescape(rendered(plain(text))) == " ".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "![그림](http://example.org/x.png)",
        "[여기](http://example.org)",
        "<img src=x onerror=alert(1)>",
        "**굵게** _기울임_ `코드` ~~지움~~",
        "# 제목\n- 하나\n1. 둘",
        "&lt;b&gt;",
        "\\*",
    ],
)
def test_no_markup_is_left(text: str) -> None:
    html = rendered(plain(text))
    assert "<" not in html
    assert unescape(html) == " ".join(text.split())
