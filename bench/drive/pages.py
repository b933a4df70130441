"""The pages, what shows first on each, and what a person does there until the answer is seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

_ASKED_GUIDE = "60대 부모님과 가기 좋은 애월읍 흑돼지 맛집 추천해줘"
_ASKED = "다음 달 일본 부모님과 갈만한 2박 3일 패키지 추천"
_PERSON = "지민"


@dataclass(frozen=True)
class Driven:
    """One page.

    Attributes:
        name: of its picture.
        path: of its address.
        content: selector of what, besides its title, makes it more than a frame.
        act: what a person does there; returns when all is seen that must be.
    """

    name: str
    path: str
    content: str
    act: Callable[[Page], None]


def _home(page: Page) -> None:
    """Somebody new looks at two products, and what is recommended follows; then both models."""
    recommended = page.locator(".st-key-grid-for-you")
    expect(recommended.locator("img").first).to_be_visible()
    strip = page.locator(".st-key-strip")
    for number in (0, 1):
        strip.get_by_role("button").nth(number).click()
        page.get_by_text(f"이번에 본 상품 {number + 1}개").wait_for()
    page.get_by_text("지금 보는 상품으로 고른 추천").wait_for()
    page.get_by_text("두 모델 비교").click()
    both, lonely = page.locator(".nd-versus"), page.get_by_text("나란히 볼 수 없어요")
    both.or_(lonely).first.wait_for()


def _product(page: Page) -> None:
    """Somebody looks for a product, opens it, and looks at what others also viewed."""
    page.locator(".st-key-grid-found").get_by_role("link").first.click()
    page.wait_for_url("**code=**")
    page.get_by_role("heading", name="다른 여행자가 함께 본 상품").wait_for()
    page.locator(".st-key-grid-also-viewed img").first.wait_for()


def _questions(page: Page) -> None:
    """Somebody asks, and sees which words mean what."""
    box = page.get_by_role("textbox").first
    box.fill(_ASKED)
    box.press("Enter")
    page.locator("mark, .nd-entity").first.wait_for()
    page.get_by_text("일본").first.wait_for()


def _guide(page: Page) -> None:
    """Somebody asks for a place to eat, and sees why three fit."""
    box = page.locator("[data-testid=stChatInput] textarea")
    box.fill(_ASKED_GUIDE)
    box.press("Enter")
    page.locator(".nd-card").first.wait_for()
    page.get_by_text("근거 보기").wait_for()


def _planner(page: Page) -> None:
    """Somebody takes an example, and sees which package fits, on a map."""
    page.get_by_role("button", name="예시 일정").click()
    page.locator(".nd-spot").first.wait_for()
    page.get_by_role("button", name="패키지 찾기").click()
    page.get_by_text("일치율").first.wait_for()
    page.locator(".js-plotly-plot").first.wait_for()


def _lab(page: Page) -> None:
    """Somebody opens each tab; one without a study says how to make it."""
    tabs = page.get_by_role("tab")
    if tabs.count() == 0:
        page.get_by_text("아직 기록된 실험이 없어요").wait_for()
        return
    _open_each(page, tabs)


def _ops(page: Page) -> None:
    """Somebody looks whether all is well, and at the jobs."""
    _open_each(page, page.get_by_role("tab"))
    page.get_by_role("link", name=re.compile("라벨링")).first.wait_for()


def _label(page: Page) -> None:
    """An annotator says who they are, and gets a question or hears that there is none."""
    box = page.get_by_label("이름", exact=True)
    box.fill(_PERSON)
    box.press("Enter")
    page.get_by_text(re.compile("문항 가운데|질문이 아직 없어요|질문이 없어요")).first.wait_for()


def _review(page: Page) -> None:
    """A planner says who they are, and may then decide."""
    box = page.get_by_label("검토자 이름")
    box.fill(_PERSON)
    box.press("Enter")
    page.locator(".nd-pair").wait_for()
    decide = page.get_by_role("button", name="모두 아님", exact=False)
    expect(decide).to_be_enabled()
    page.locator(".js-plotly-plot").first.wait_for()


def _open_each(page: Page, tabs: Locator) -> None:
    """Open each tab; back at the first, which is the one to be looked at."""
    tabs.first.wait_for()
    for number in [*range(1, tabs.count()), 0]:
        tabs.nth(number).click()
        expect(tabs.nth(number)).to_have_attribute("aria-selected", "true")
        settle(page)


def settle(page: Page) -> None:
    """Wait until the server has nothing more to show, and the browser the scripts to show it."""
    page.locator('[data-testid=stApp][data-test-script-state="notRunning"]').wait_for()
    expect(page.locator("[data-testid=stSpinner], [data-testid=stSkeleton]")).to_have_count(0)


PAGES = (
    Driven("home", "", ".st-key-strip img", _home),
    Driven("product", "product", ".nd-lead", _product),
    Driven("questions", "questions", ".nd-lead", _questions),
    Driven("guide", "guide", ".nd-lead", _guide),
    Driven("planner", "planner", ".nd-lead", _planner),
    Driven("lab", "lab", ".nd-lead", _lab),
    Driven("ops", "ops", "[role=tab]", _ops),
    Driven("label", "label", ".nd-lead", _label),
    Driven("review", "review", ".nd-pair", _review),
)
"""All of them; not every server has each."""
