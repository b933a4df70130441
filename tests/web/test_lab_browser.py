"""The lab page in a real Chromium, on a wide window and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from web_browser import IN_CHROMIUM, WIDE, WIDTHS, fits, running_web, watched_page

pytestmark = [
    *IN_CHROMIUM,
    pytest.mark.slow,  # a store and a server that imports MLflow
    pytest.mark.filterwarnings("ignore"),  # of MLflow's own imports
]
NO_API = "http://127.0.0.1:9"
"""The page asks MLflow alone."""


@pytest.fixture(scope="module")
def url(lab_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("log") / "web.log"
    with running_web(NO_API, log, "--home", str(lab_home)) as address:
        yield address


@pytest.mark.parametrize("viewport", WIDTHS)
def test_from_the_verdict_to_one_run(chromium: Any, url: str, viewport: dict[str, int]) -> None:
    with watched_page(chromium, url, viewport) as page:
        page.goto(f"{url}/lab")
        page.locator("h1", has_text="실험실").wait_for()
        page.locator(".nd-lab-verdict strong").wait_for()
        page.locator(".nd-lab-lists").wait_for()
        assert page.locator(".nd-lab-table b").count() == 0
        assert fits(page)
        page.get_by_role("tab", name="학습률 스케줄").click()
        page.get_by_text("지금 설정과 고른 설정").wait_for()
        page.locator(".js-plotly-plot .legendtext", has_text="고름").first.wait_for()
        assert fits(page)
        page.get_by_role("tab", name="길이 x 배치").click()
        page.get_by_text("파레토 경계").first.wait_for()
        assert fits(page)
        page.get_by_role("tab", name="실행 기록").click()
        page.get_by_text("실행 번호").wait_for()
        assert fits(page)
        address = unquote_plus(page.url)
        assert "tab=실행 기록" in address
        assert "run=" in address
        shown = page.locator(".nd-lab-facts").first.text_content()
        page.reload()
        page.get_by_text("실행 번호").wait_for()
        assert page.locator(".nd-lab-facts").first.text_content() == shown


def test_the_whole_report_is_a_file(chromium: Any, url: str, tmp_path: Path) -> None:
    with watched_page(chromium, url, WIDE) as page:
        page.goto(f"{url}/lab")
        page.locator(".nd-lab-verdict").wait_for()
        with page.expect_download() as waited:
            page.get_by_role("button", name="전체 보고서 내려받기").click()
        waited.value.save_as(tmp_path / "report.html")
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")
