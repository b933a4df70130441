"""Planner and review page in a real Chromium, on a wide window and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from match_double import MatchDouble
from web_browser import IN_CHROMIUM, WIDTHS, fits, running_web, watched_page

pytestmark = IN_CHROMIUM


@pytest.fixture
def url(double: MatchDouble, tmp_path: Path) -> Iterator[str]:
    with running_web(double.url, tmp_path / "web.log") as address:
        yield address


@pytest.fixture(params=WIDTHS)
def page(chromium: Any, url: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    with watched_page(chromium, url, request.param) as opened:
        yield opened


def spots(page: Any) -> list[str]:
    names: list[str] = page.locator(".nd-spot span").all_text_contents()
    return names


def wait_for_spots(page: Any, names: list[str]) -> None:
    page.wait_for_function(
        "names => JSON.stringify(names) == JSON.stringify("
        "[...document.querySelectorAll('.nd-spot span')].map(each => each.textContent))",
        arg=names,
    )


def test_a_plan_and_its_packages(page: Any, url: str) -> None:
    page.goto(f"{url}/planner")
    page.get_by_text("장소를 담으면 여기에 지도가 그려져요").wait_for()
    box = page.get_by_label("장소 찾기")
    box.fill("오사카")  # found while typing, without Enter
    page.get_by_role("button", name="大阪城", exact=False).first.click()
    page.locator(".nd-spot", has_text="오사카성").wait_for()
    page.locator(".js-plotly-plot text", has_text="500 m").first.wait_for()
    page.get_by_role("button", name="하루 더하기").click()
    page.get_by_text("2일차").first.wait_for()
    box.fill("구로몬")
    page.get_by_role("button", name="黒門市場", exact=False).click()
    page.locator(".nd-spot", has_text="구로몬").wait_for()
    box.fill("카페")
    page.locator(".st-key-found").get_by_role("button", name="카페", exact=False).click()
    wait_for_spots(page, ["오사카성", "구로몬 시장", "<b>나 & 너</b> 카페"])
    page.get_by_role("button", name="카페 위로", exact=False).click()
    wait_for_spots(page, ["오사카성", "<b>나 & 너</b> 카페", "구로몬 시장"])
    page.get_by_role("button", name="오사카성 옮기거나 빼기").click()
    page.get_by_role("menuitem", name="2일차로").or_(
        page.get_by_role("option", name="2일차로")
    ).click()
    wait_for_spots(page, ["<b>나 & 너</b> 카페", "구로몬 시장", "오사카성"])

    page.get_by_role("button", name="패키지 찾기").click()
    page.locator(".nd-package").nth(1).wait_for()
    assert page.get_by_text("매핑되지 않아 비교에서 뺀 장소 1곳").is_visible()
    assert page.locator(".nd-rate b").all_text_contents() == ["100%", "50%"]
    assert page.locator(".nd-unmapped b, .nd-package script").count() == 0
    page.get_by_role("button", name="자세히 보고 지도에 표시").click()
    page.locator(".st-key-package-1 .nd-stops").wait_for()
    assert fits(page), "nothing is wider than the window"

    address, before = page.url, spots(page)
    page.reload()
    wait_for_spots(page, before)
    assert page.url == address


def test_from_page_to_page_and_back(page: Any, url: str) -> None:
    page.goto(f"{url}/guide")
    page.get_by_text("제주에서 먹고 마실 곳을 물어보세요").wait_for()
    page.wait_for_url("**thread=**")
    conversation = page.url
    page.get_by_role("link", name="플래너").click()
    page.get_by_role("button", name="오사카 예시 일정").click()
    page.locator(".nd-spot").first.wait_for()
    before = spots(page)
    page.get_by_role("link", name="운영").click()
    page.get_by_role("link", name="장소 매칭 검토").click()
    page.get_by_text("남은 3건").wait_for()
    page.get_by_role("link", name="플래너").click()
    wait_for_spots(page, before)
    page.wait_for_url("**plan=**")
    page.get_by_role("link", name="맛집 챗").click()
    page.wait_for_url(conversation)


def press(page: Any, key: str) -> None:
    """A shortcut, when the page stands still: what is pressed before is of the page before."""
    page.locator('[data-testid=stApp][data-test-script-state="notRunning"]').wait_for()
    page.keyboard.press(key)


def test_reviews_by_keyboard(page: Any, url: str, double: MatchDouble) -> None:
    page.goto(f"{url}/review")
    name = page.get_by_label("검토자 이름")
    name.fill("하나 1234")  # figures typed into a field are no shortcuts
    name.press("Enter")
    decide = page.get_by_role("button", name="모두 아님", exact=False)
    decide.and_(page.locator(":enabled")).wait_for()
    assert fits(page)
    page.locator(".js-plotly-plot text", has_text=" m").first.wait_for()
    page.locator("h1").click()
    press(page, "n")
    page.locator(".nd-pair", has_text="大阪城公園").wait_for()
    press(page, "3")
    page.get_by_text("✓ 근처의 다른 곳").wait_for()
    press(page, "1")
    page.locator(".nd-pair", has_text="쿠로몬이치바").wait_for()
    page.get_by_text("남은 2건").wait_for()
    double.touch("A2", closes=True)
    press(page, "4")
    page.get_by_text("다른 분이 먼저 결정했거나").wait_for()
    page.locator(".nd-pair", has_text="어딘가 카페").wait_for()
    press(page, "0")
    page.get_by_text("모두 끝났어요").wait_for()
    press(page, "z")
    page.locator(".nd-pair", has_text="어딘가 카페").wait_for()
    press(page, "2")
    page.locator(".nd-pair").wait_for(state="hidden")
    page.get_by_text("모두 끝났어요").wait_for()
    assert fits(page)
    assert [(each["left"], each["right"], each["relation"]) for each in double.decided] == [
        ("A1", "G2", "nearby"),
        ("A1", "G1", "same"),
        ("A3", None, "different"),
        ("A3", "G7", "contains"),
    ]
    assert {each["reviewer"] for each in double.decided} == {"하나 1234"}
