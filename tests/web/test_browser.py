"""The guide's page in a real Chromium, on a wide window and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from web_browser import IN_CHROMIUM, WIDTHS, fits, running_web, watched_page

INPUT = "[data-testid=stChatInput] textarea"

pytestmark = IN_CHROMIUM


@pytest.fixture(params=WIDTHS)
def page(chromium: Any, api: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The page, opened, in front of the small guide."""
    with (
        running_web(api.url, tmp_path / "web.log") as url,
        watched_page(chromium, url, request.param) as opened,
    ):
        opened.goto(f"{url}/guide")
        opened.wait_for_selector(INPUT)
        yield opened


def ask(page: Any, question: str) -> None:
    box = page.locator(INPUT)
    box.fill(question)
    box.press("Enter")


def test_a_conversation(page: Any, api: Any) -> None:
    ask(page, "느리게 애월읍 흑돼지")
    page.get_by_text("질문을 읽고 있어요").first.wait_for()  # while it is still at it
    page.locator(".nd-card").nth(1).wait_for()
    assert page.locator(".nd-card h2").all_text_contents() == ["애월 돌담집", "<b>바다 & 별</b>"]
    assert page.locator(".nd-card script, .nd-card b:not([aria-label])").count() == 0
    page.locator(".js-plotly-plot text", has_text="애월").first.wait_for()
    assert fits(page), "nothing is wider than the window"

    page.get_by_text("근거 보기").click()
    page.get_by_text("MATCH (p:Place)").first.wait_for()
    page.locator(".nd-steps").wait_for()
    assert fits(page)

    address = page.url
    assert re.search(r"\?thread=[0-9a-f]{32}$", address)
    api.stop()
    api.start()
    page.reload()
    page.locator(".nd-card").nth(1).wait_for()
    assert page.url == address

    page.get_by_role("button", name="새 대화").click()
    page.get_by_text("제주에서 먹고 마실 곳을 물어보세요").wait_for()
    assert page.url != address


def test_a_question_back_and_a_server_that_is_down(page: Any, api: Any) -> None:
    ask(page, "추천해줘")
    choice = page.get_by_role("button", name="애월읍 흑돼지", exact=True)
    choice.wait_for()
    api.stop()
    choice.click()
    page.get_by_text("서버에 연결하지 못했어요").wait_for()
    assert fits(page)
    api.start()
    page.get_by_role("button", name="다시 시도").click()
    page.locator(".nd-card").nth(1).wait_for()
