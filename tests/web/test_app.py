"""What holds on every page, run without a browser before an API that is not there."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from nadeuri.web import app
from nadeuri.web.navigation import MAIN_ID

NOBODY = "http://127.0.0.1:9"
SCRIPT = """
import streamlit as st
from nadeuri.web.app import PAGES

entry = PAGES[{number}]
page = st.Page(lambda: entry.show({url!r}, None), title=entry.title, url_path="it", default=True)
others = [each.page({url!r}, None) for each in PAGES if each.url_path]
st.navigation([page, *others], position="hidden").run()
"""


@pytest.mark.parametrize(
    "number", range(len(app.PAGES)), ids=[entry.url_path or "home" for entry in app.PAGES]
)
def test_the_skip_link_leads_to_the_title(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py", NOBODY, str(tmp_path)])
    page = AppTest.from_string(SCRIPT.format(number=number, url=NOBODY), default_timeout=60).run()
    assert not page.exception, page.exception
    (head,) = re.findall("<h1[^>]*>", "".join(html.value for html in page.get("html")))
    assert f'id="{MAIN_ID}"' in head
    assert 'tabindex="-1"' in head, "it can be focused"
