"""The page of questions and the way between pages in a real Chromium, wide and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from web_browser import (
    IN_CHROMIUM,
    PHONE,
    TIMEOUT_MS,
    WIDE,
    expect,
    fits,
    running_web,
    watched_page,
)

from nadeuri.web.questions import EXAMPLES

pytestmark = IN_CHROMIUM
HERE = ".st-key-way a[aria-current=page]"
LEAST_TARGET_PX = 32


@pytest.fixture(scope="module")
def url(questions_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_web(questions_url, tmp_path_factory.mktemp("web") / "web.log") as address:
        yield address


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])  # one page on a phone in each run
def page(chromium: Any, url: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    with watched_page(chromium, url, request.param) as opened:
        yield opened


def test_a_question_from_example_to_address(page: Any, url: str) -> None:
    page.goto(f"{url}/questions")
    page.get_by_role("button", name=EXAMPLES[0]).click()
    page.locator(".nd-sentence", has_text="오사카").wait_for()
    page.locator(".nd-intent").wait_for()
    box = page.get_by_label("질문", exact=True)
    box.fill("다음 달 둘째 주 일본 2박 3일")
    box.press("Enter")
    page.locator(".nd-entity", has_text="일본").first.wait_for()
    assert page.locator("mark.nd-entity small", has_text="국가").count() == 1
    page.wait_for_url("**q=**")
    assert fits(page), "nothing is wider than the window"
    address = page.url
    page.get_by_role("button", name=EXAMPLES[0]).click()  # of the questions of this visit
    page.locator(".nd-sentence", has_text="오사카").wait_for()
    page.goto(address)
    page.locator(".nd-sentence", has_text="일본").wait_for()
    expect(box).to_have_value("다음 달 둘째 주 일본 2박 3일", timeout=TIMEOUT_MS)


def test_the_way_tells_where_one_is(page: Any, url: str) -> None:
    page.goto(f"{url}/questions")
    page.locator(HERE, has_text="질문 이해").wait_for()
    assert page.title() == "질문 이해 · 나들이"
    way = page.get_by_role("navigation", name="주요 페이지")
    for link in way.get_by_role("link").all():
        assert link.bounding_box()["height"] >= LEAST_TARGET_PX
    way.get_by_role("link", name="플래너").click()
    page.locator(HERE, has_text="플래너").wait_for()
    assert page.locator(HERE).count() == 1
    page.get_by_role("link", name="나들이", exact=True).click()
    page.wait_for_url(lambda address: "planner" not in address)
    assert fits(page)


def test_the_skip_link_leads_past_the_way(page: Any, url: str) -> None:
    page.goto(f"{url}/questions")
    page.locator(HERE).wait_for()
    page.locator(".nd-skip").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id == 'nd-main'")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sheets_follow_the_theme(page: Any, url: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{url}/questions")
    page.locator(HERE).wait_for()
    colour = page.locator(f"{HERE} p").evaluate("each => getComputedStyle(each).color")
    assert colour == {"light": "rgb(174, 77, 11)", "dark": "rgb(255, 154, 82)"}[scheme]
