"""Home and product pages in a real Chromium, on a wide window and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from shop_double import ShopDouble
from web_browser import IN_CHROMIUM, WIDTHS, fits, running_web, watched_page

pytestmark = IN_CHROMIUM
LEAST_PX = 32
"""Of what a finger is to hit."""
SMALL = f"""
selector => [...document.querySelectorAll(selector)].filter(each => {{
    const over = getComputedStyle(each, '::after');
    const box = over.content == '""' ? each.closest('[class*=st-key-card-]') : each;
    const {{width, height}} = box.getBoundingClientRect();
    return width < {LEAST_PX} || height < {LEAST_PX};
}}).map(each => each.outerHTML)
"""
FIRST_POINT = """
code => {
    const map = document.querySelector('.js-plotly-plot');
    const trace = map.data[0], at = trace.customdata.findIndex(each => each[0] == code);
    const {xaxis, yaxis} = map._fullLayout, box = map.getBoundingClientRect();
    return [box.x + xaxis._offset + xaxis.l2p(trace.x[at]),
            box.y + yaxis._offset + yaxis.l2p(trace.y[at])];
}
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The pages before a double of the API, for all tests of this file."""
    double = ShopDouble()
    double.start()
    with running_web(double.url, tmp_path_factory.mktemp("web") / "web.log") as address:
        yield address
    double.stop()


@pytest.fixture(params=WIDTHS)
def page(chromium: Any, served: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    with watched_page(chromium, served, request.param) as opened:
        yield opened


def card(page: Any, name: str, place: str) -> Any:
    """A card of a strip, grid or list of rows by the name of its product."""
    return page.locator(f".st-key-{place} [class*='st-key-card-']", has_text=name).first


def press(card: Any) -> None:
    """Click on the picture, over which the card's link or button is laid."""
    card.locator("img").click(force=True)


def test_clicking_around_at_home(page: Any, served: str) -> None:
    page.goto(served)
    page.get_by_text("아직 본 상품이 없어서").wait_for()
    press(card(page, "다낭 핵심 일주 1", "strip"))
    page.wait_for_url("**seen=PDAD1")
    page.get_by_text("최근 본 다낭 상품과").first.wait_for()
    page.get_by_text("아직 본 상품이 없어서").wait_for(state="detached")
    button = card(page, "오사카 핵심 일주 1", "strip").get_by_role("button")
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_text("최근 본 오사카 상품과").first.wait_for()
    assert fits(page), "nothing is wider than the window"
    assert page.evaluate(SMALL, "[class*=st-key-card-] :is(a, button), .st-key-seen button") == []
    assert page.locator("img:not([alt])").count() == 0

    address = page.url
    page.reload()
    page.get_by_role("button", name="다낭 핵심 일주 1").last.wait_for()
    assert page.url == address
    page.locator(".st-key-seen").get_by_role("button", name="오사카 핵심 일주 1").click()
    page.wait_for_url("**seen=PDAD1")

    page.get_by_text("두 모델 비교").click()
    page.locator(".nd-versus").wait_for()
    assert page.locator(".nd-versus thead th").all_text_contents() == ["BERT4Rec", "Meta-BERT4Rec"]
    page.locator(".st-key-rows-meta_bert4rec [class*='st-key-card-']").nth(9).wait_for()
    assert fits(page)


def test_from_home_to_a_product_its_neighbour_and_back(page: Any, served: str) -> None:
    page.goto(f"{served}/?seen=PDAD1")
    press(card(page, "다낭 센트럴 호텔 1", "grid-for-you"))
    page.get_by_role("heading", name="다낭 센트럴 호텔 1", level=1).wait_for()
    page.wait_for_url(re.compile(r"/product\?code=HDAD1&seen=PDAD1(,|%2C)HDAD1"))
    page.get_by_text("함께 본 상품이에요").wait_for()
    assert fits(page)
    card(page, "다낭 시티 투어 1", "grid-also-viewed").get_by_role("link").click()
    page.get_by_role("heading", name="다낭 시티 투어 1", level=1).wait_for()
    page.locator(".st-key-strip-seen [class*='st-key-card-']").nth(1).wait_for()
    page.go_back()
    page.get_by_role("heading", name="다낭 센트럴 호텔 1", level=1).wait_for()
    page.get_by_role("link", name="홈").click()
    page.locator(".st-key-seen").get_by_role("button", name="다낭 시티 투어 1").wait_for()
    assert "TDAD1" in page.url


def test_a_point_of_the_map_opens_its_product(page: Any, served: str) -> None:
    page.goto(f"{served}/product?code=POSA1")
    page.locator(".js-plotly-plot text", has_text="다낭").wait_for()
    assert page.locator("[aria-label^='Prod2Vec 상품 지도']").count() == 1
    page.locator(".js-plotly-plot").scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # the map's own layer for the pointer comes after its words
    x, y = page.evaluate(FIRST_POINT, "PTYO1")
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)
    page.locator(".hovertext").first.wait_for()
    page.mouse.click(x, y)
    page.get_by_role("heading", name="도쿄 핵심 일주 1", level=1).wait_for()
    page.get_by_role("tab", name="Meta-Prod2Vec").click()
    page.locator("[aria-label^='Meta-Prod2Vec 상품 지도'] text", has_text="도쿄").first.wait_for()
    assert fits(page)
