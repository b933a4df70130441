"""The page 라벨링 in a real Chromium over the real API, on a wide window and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from labelling_world import CITY, FAMILY, city_room, labelling_room, running_rooms
from labelling_world import write_labelling_store as write_store
from web_browser import IN_CHROMIUM, WIDTHS, fits, running_web, watched_page

from nadeuri.data.questions import Question, Span
from nadeuri.understand.labelling.database import LabellingStore
from nadeuri.understand.labelling.labels import label_of
from nadeuri.understand.labelling.results import Which, results
from nadeuri.understand.labelling.tasks import rank, task_id

pytestmark = IN_CHROMIUM


@pytest.fixture
def store(tmp_path: Path) -> str:
    return write_store(tmp_path)


@pytest.fixture
def url(store: str, tmp_path: Path) -> Iterator[str]:
    with (
        running_rooms([labelling_room(store), city_room()]) as api,
        running_web(api, tmp_path / "web.log") as address,
    ):
        yield f"{address}/label"


@pytest.fixture(params=WIDTHS)
def page(chromium: Any, url: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    with watched_page(chromium, url.removesuffix("/label"), request.param) as opened:
        yield opened


def open_as(page: Any, url: str, annotator: str) -> None:
    page.goto(url)
    call_oneself(page, annotator)
    page.locator(".nd-marker-text").wait_for()


def call_oneself(page: Any, annotator: str) -> None:
    name = page.get_by_label("이름")
    name.fill(annotator)
    name.press("Enter")


def labelled(store: str, which: Which = "final") -> dict[str, Question]:
    with LabellingStore(store) as opened, opened.reading() as connection:
        return {each.id: each for each in results(connection, which)[0]}


def drag_over(page: Any, words: str) -> None:
    """Select these words of the question with the mouse."""
    box = page.evaluate(
        """words => {
            const text = document.querySelector('.nd-marker-text');
            const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
            const range = document.createRange();
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                const at = node.data.indexOf(words);
                if (at < 0) continue;
                range.setStart(node, at);
                range.setEnd(node, at + words.length);
                const { left, right, top, bottom } = range.getBoundingClientRect();
                return { left, right, middle: (top + bottom) / 2 };
            }
        }""",
        words,
    )
    page.mouse.move(box["left"] + 1, box["middle"])
    page.mouse.down()
    page.mouse.move((box["left"] + box["right"]) / 2, box["middle"], steps=4)
    page.mouse.move(box["right"] - 1, box["middle"], steps=4)
    page.mouse.up()
    page.get_by_text(f"고른 글자: ‘{words}’").wait_for()


def marks(page: Any) -> list[tuple[str, str]]:
    found = page.locator(".nd-marker-text mark")
    return [(each.text_content(), each.get_attribute("data-label")) for each in found.all()]


def test_a_question_is_labelled_by_mouse(page: Any, url: str, store: str) -> None:
    open_as(page, url, "지민")
    assert page.locator(".nd-span-hint").get_attribute("data-label") == "지역?"
    assert marks(page) == [], "a suggestion is no label"
    page.get_by_text("모델의 제안 보기").click()
    page.locator(".nd-span-hint").wait_for(state="detached")
    drag_over(page, CITY)
    page.get_by_role("button", name="지역", exact=False).first.click()
    assert marks(page) == [(CITY, "지역")]
    assert page.get_by_role("heading", name="지역").is_visible(), "its guideline"
    page.get_by_role("button", name="저장하고 다음").click()
    page.get_by_text("의도를 먼저 골라 주세요").wait_for()
    page.locator(".nd-choice", has_text="상품 추천").click()
    page.get_by_role("button", name="저장하고 다음").click()
    page.locator(".nd-marker-text", has_text="부산 출발").wait_for()
    assert fits(page), "nothing is wider than the window"
    question = labelled(store)["q1"]
    assert question.entities == ((CITY, "지역"),), "behind five code points that are one character"
    assert question.spans == (Span(len(FAMILY) + 1, len(FAMILY) + 4, "지역"),)
    assert (question.intent, question.annotator) == ("상품 추천", "지민")

    page.reload()
    page.get_by_label("이름").fill("지민")
    page.get_by_label("이름").press("Enter")
    page.locator(".nd-marker-text", has_text="부산 출발").wait_for()
    page.get_by_text("3문항 가운데 1문항 · 내가 한 1문항").wait_for()


def test_everything_by_keyboard(page: Any, url: str, store: str) -> None:
    open_as(page, url, "하나")
    page.locator(".nd-marker-text:focus").wait_for()  # who typed a name goes on with keys
    for state in ("detached", "attached"):  # and so does who has looked without the suggestions
        page.get_by_text("모델의 제안 보기").click()
        page.locator(".nd-span-hint").wait_for(state=state)
    page.keyboard.press("a")
    assert marks(page) == [(CITY, "지역")]
    page.locator(".nd-marker-text").focus()
    page.keyboard.press("Enter")
    page.locator(".nd-marker-text", has_text="부산 출발").wait_for()

    page.keyboard.press("Control+ArrowRight")
    page.keyboard.press("e")
    page.locator(".nd-marker-text").focus()
    page.keyboard.press("ArrowRight")
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("2")
    assert marks(page) == [("부산", "출발지"), ("패키", "지역")]
    page.keyboard.press("z")
    assert marks(page) == [("부산", "출발지")]
    drag_over(page, "다낭")
    page.keyboard.press("1")
    page.locator("mark", has_text="다낭").click()
    page.keyboard.press("2")
    page.locator("mark", has_text="부산").click()
    page.keyboard.press("Delete")
    assert marks(page) == [("다낭", "지역")]
    page.keyboard.press("Shift+1")
    page.keyboard.press("Enter")
    page.locator(".nd-marker-text", has_text="사이판").wait_for()
    page.keyboard.press("b")
    page.locator(".nd-marker-text", has_text="다낭").wait_for()
    assert marks(page) == [("다낭", "지역")]
    page.keyboard.press("Shift+4")
    page.keyboard.press("Enter")
    page.locator(".nd-marker-text", has_text="사이판").wait_for()
    assert page.locator(".nd-marker-text b").count() == 0, "text is text"
    page.keyboard.press("s")
    page.get_by_role("button", name="글이 깨졌거나").wait_for()
    page.keyboard.press("2")
    page.get_by_text("질문을 모두 라벨링했어요").wait_for()
    found = labelled(store)
    assert [found[name].intent for name in ("q1", "q2")] == ["상품 추천", "가격 문의"]
    assert found["q2"].entities == (("다낭", "지역"),)
    with LabellingStore(store) as opened, opened.reading() as connection:
        label = label_of(connection, task_id(found["q2"].text), "하나")
    assert label is not None
    assert label.revision == 2


def test_nobody_goes_on_with_what_another_began(
    page: Any, url: str, tmp_path: Path, store: str
) -> None:
    text = "제주 렌터카 얼마예요?"
    write_store(tmp_path, (text,), double=1.0)
    with LabellingStore(store) as opened, opened.begin() as connection:
        rank(connection, {task_id(text): 0.1})
    open_as(page, url, "지민")
    drag_over(page, "제주")
    page.keyboard.press("2")
    assert marks(page) == [("제주", "지역")]
    call_oneself(page, "하나")  # in the same tab, and is shown the same question
    page.locator(".nd-marker-text mark").wait_for(state="detached")
    page.locator(".nd-marker-text", has_text="제주").wait_for()
    call_oneself(page, "지민")
    page.locator(".nd-marker-text mark", has_text="제주").wait_for()


def test_what_two_people_see_differently_is_settled(
    page: Any, url: str, tmp_path: Path, store: str
) -> None:
    write_store(tmp_path, ("제주 렌터카 얼마예요?",), double=1.0)
    for annotator, key in (("지민", "2"), ("하나", "3")):
        open_as(page, f"{url}?task={task_id('제주 렌터카 얼마예요?')}", annotator)
        page.locator(".nd-marker-text", has_text="제주").wait_for()
        drag_over(page, "제주")
        page.keyboard.press(key)
        page.keyboard.press("Shift+4")
        page.keyboard.press("Enter")
        page.locator(".nd-marker-text", has_text="제주").wait_for(state="detached")
    page.get_by_role("radio", name="이견").or_(page.get_by_role("button", name="이견")).click()
    page.get_by_text("이견 1건 가운데 1번째").wait_for()
    page.wait_for_url("**view=**")
    page.locator(".nd-label-version").nth(1).wait_for()
    assert fits(page)
    page.locator(".nd-marker-text mark", has_text="제주").click()
    page.keyboard.press("3")
    page.get_by_role("button", name="이대로 확정").click()
    page.get_by_text("사람마다 다르게 본 질문이 없어요").wait_for()
    (question,) = labelled(store).values()
    assert question.entities == (("제주", "관광지"),)
    page.get_by_role("radio", name="진행").or_(page.get_by_role("button", name="진행")).click()
    page.get_by_role("heading", name="일치도").wait_for()
    assert page.get_by_role("cell", name="0.00").first.is_visible(), "they agreed on no entity"
    assert fits(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="doccano (확정본)").click()
    assert "관광지" in Path(download.value.path()).read_text()
