"""The operations page in a real Chromium, over the real API, on a wide window and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ops_served import OpsServer
from web_browser import IN_CHROMIUM, WIDTHS, fits, running_web, watched_page

pytestmark = IN_CHROMIUM


@pytest.fixture
def served(every_job: str) -> Iterator[OpsServer]:
    server = OpsServer(every_job)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def url(served: OpsServer, tmp_path: Path) -> Iterator[str]:
    with running_web(served.url, tmp_path / "web.log") as address:
        yield address


@pytest.mark.parametrize("viewport", WIDTHS)
def test_an_operator_looks_around(
    chromium: Any, url: str, served: OpsServer, viewport: dict[str, int]
) -> None:
    with watched_page(chromium, url, viewport) as page:
        page.goto(f"{url}/ops")
        page.get_by_text("모두 정상이에요").wait_for()
        page.locator("img.nd-course").first.wait_for()  # refreshed by itself, twice
        assert fits(page)
        served.stop()
        page.get_by_text("서비스가 응답하지 않아요").wait_for()
        assert fits(page)
        served.start()
        page.get_by_text("모두 정상이에요").wait_for()

        page.get_by_role("tab", name="배치 작업").click()
        page.wait_for_url("**tab=**")
        page.locator(".nd-job").nth(9).wait_for()
        assert page.locator(".nd-table script, .nd-table b b, .nd-failures script").count() == 0
        assert fits(page)
        page.get_by_role("button", name="자세히").last.click()
        page.wait_for_url("**job=1")
        page.get_by_text("실제 질문 30, 답 15").wait_for()
        assert fits(page)
        page.reload()
        page.get_by_text("실제 질문 30, 답 15").wait_for()
        page.get_by_role("button", name="모든 작업").click()
        page.locator(".nd-job").nth(9).wait_for()

        page.get_by_role("link", name="장소 매칭 검토").click()
        page.get_by_role("heading", name="장소 매칭 검토").wait_for()
