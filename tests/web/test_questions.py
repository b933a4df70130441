"""The page of questions, run without a browser, over the real room with a small trained model."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from nadeuri.web.questions import EXAMPLES, MAX_QUESTION

Visit = Callable[..., AppTest]
SCRIPT = """
from nadeuri.web.question_api import QuestionApi
from nadeuri.web.questions import show

show(QuestionApi({url!r}, timeout_s=30))
"""
ASKED = "다음 달 둘째 주 일본 2박 3일"


@pytest.fixture
def visit(questions_url: str) -> Visit:
    """Opens the page, as a browser does that comes for the first time."""

    def open_page(url: str = questions_url, **address: str) -> AppTest:
        page = AppTest.from_string(SCRIPT.format(url=url), default_timeout=60)
        for name, value in address.items():
            page.query_params[name] = value
        return checked(page.run())

    return open_page


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(str(getattr(html, "value", "")) for html in page.get("html"))


def click(page: AppTest, label: str) -> AppTest:
    (found,) = [each for each in page.button if label in each.label]
    return checked(found.click().run())


def asked(page: AppTest) -> Any:
    return page.query_params.get("q")


def test_a_first_visit_shows_examples(visit: Visit) -> None:
    page = visit()
    assert "여행 질문을 한 줄 써 보세요" in said(page)
    page = click(page, EXAMPLES[0])
    assert asked(page) == EXAMPLES[0]
    assert page.text_input[0].value == EXAMPLES[0]
    assert "nd-sentence" in said(page)


def test_a_typed_question_is_understood_and_is_in_the_address(visit: Visit) -> None:
    page = visit()
    page.text_input[0].set_value(f"  {ASKED}\n")
    page = click(page, "이해하기")
    assert asked(page) == ASKED
    assert "<small>국가</small>" in said(page)
    assert "2박 3일</td>" in said(page)
    assert "일본" in said(page)
    assert "여행 질문을 한 줄" not in said(page)


def test_the_address_alone_asks(visit: Visit) -> None:
    page = visit(q=ASKED)
    assert page.text_input[0].value == ASKED
    assert "nd-entities" in said(page)


def test_earlier_questions_can_be_asked_again(visit: Visit) -> None:
    page = click(visit(q=ASKED), "새 질문")
    assert asked(page) is None
    assert "여행 질문을 한 줄" in said(page)
    page = click(page, ASKED)
    assert asked(page) == ASKED
    assert "이번에 물어본 질문" not in said(page)


def test_nothing_found_is_told(visit: Visit) -> None:
    page = visit(q="ㅋㅋ")
    assert "nd-sentence" in said(page)
    assert page.info or "nd-entities" in said(page)


@pytest.mark.parametrize(
    "text",
    [
        "👨‍👩‍👧 " * 40,
        "é" * 300,
        "\u202eעברית ABC",
        "가" * 10_000,
        "<script>alert(1)</script>",
        "\x00\x07 일본",
    ],
)
def test_odd_texts_are_shown_as_text(visit: Visit, text: str) -> None:
    page = visit(q=text)
    assert "<script" not in said(page)
    assert len(page.text_input[0].value or "") <= MAX_QUESTION
    assert re.search(r'<p class="nd-sentence" dir="auto">', said(page))


def test_blank_is_no_question(visit: Visit) -> None:
    assert "여행 질문을 한 줄" in said(visit(q="  \n "))


def test_a_server_without_questions(visit: Visit, room_less_url: str) -> None:
    page = visit(room_less_url, q=ASKED)
    assert "질문을 이해하는 모델이 없어요" in page.error[0].value
    checked(page.button[-1].click().run())


def test_a_server_that_is_away(visit: Visit) -> None:
    page = visit("http://127.0.0.1:9", q=ASKED)
    assert "연결하지 못했어요" in page.error[0].value
    assert any("다시 시도" in each.label for each in page.button)
