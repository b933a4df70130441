"""The page in a real Chromium, on a wide window and on a phone."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api")
from screenshot import CHROMIUM, FLAGS  # noqa: E402 (it imports playwright)

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
INPUT = "[data-testid=stChatInput] textarea"
TIMEOUT_MS = 60_000

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"there is no {CHROMIUM}"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page_url(api: Any, tmp_path: Path) -> Iterator[str]:
    """``nadeuri web`` in front of the small guide."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (tmp_path / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "nadeuri", "web", "--api", api.url, "--port", str(port)],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(url, process, tmp_path / "web.log")
        yield url
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0, "SIGTERM stops it in order"


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):
                return
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def page(chromium: Any, page_url: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The page, opened; in the end it has asked nobody but its own server, and logged no error."""
    context = chromium.new_context(viewport=request.param, locale="ko-KR")
    opened = context.new_page()
    opened.set_default_timeout(TIMEOUT_MS)
    elsewhere: list[str] = []
    errors: list[str] = []
    opened.on(
        "request",
        lambda sent: (
            elsewhere.append(sent.url)
            if not sent.url.startswith((page_url, page_url.replace("http", "ws"), "data:", "blob:"))
            else None
        ),
    )
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(page_url)
    opened.wait_for_selector(INPUT)
    yield opened
    assert not elsewhere
    assert not errors
    context.close()


def ask(page: Any, question: str) -> None:
    box = page.locator(INPUT)
    box.fill(question)
    box.press("Enter")


def test_a_conversation(page: Any, api: Any) -> None:
    ask(page, "느리게 애월읍 흑돼지")
    page.get_by_text("질문을 읽고 있어요").first.wait_for()  # while it is still at it
    page.locator(".nd-card").nth(1).wait_for()
    assert page.locator(".nd-card h3").all_text_contents() == ["애월 돌담집", "<b>바다 & 별</b>"]
    assert page.locator(".nd-card script, .nd-card b:not([aria-label])").count() == 0
    page.locator(".js-plotly-plot text", has_text="애월").first.wait_for()
    assert _fits(page), "nothing is wider than the window"

    page.get_by_text("근거 보기").click()
    page.get_by_text("MATCH (p:Place)").first.wait_for()
    page.locator(".nd-steps").wait_for()
    assert _fits(page)

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
    page.get_by_text("가이드 서버에 연결하지 못했어요").wait_for()
    assert _fits(page)
    api.start()
    page.get_by_role("button", name="다시 시도").click()
    page.locator(".nd-card").nth(1).wait_for()


def _fits(page: Any) -> bool:
    width = page.evaluate("document.documentElement.scrollWidth")
    fits: bool = width <= page.viewport_size["width"]
    return fits
