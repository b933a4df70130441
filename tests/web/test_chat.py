"""The page, run without a browser, against the real API over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from html_page import levels_left_out
from streamlit.testing.v1 import AppTest

from nadeuri.serve.wire import MAX_CHAT_QUESTION
from nadeuri.web.api import GuideApi
from nadeuri.web.chat import EXAMPLES, MAX_QUESTION

THREAD = "a-thread-of-my-own"
Visit = Callable[..., AppTest]
SCRIPT = """
from nadeuri.web.api import GuideApi
from nadeuri.web.chat import show

show(GuideApi({url!r}))
"""


@pytest.fixture
def visit(api: Any) -> Visit:
    """Opens the page, as a browser does that comes for the first time."""

    def open_page(thread: str | None = None) -> AppTest:
        page = AppTest.from_string(SCRIPT.format(url=api.url), default_timeout=30)
        if thread:
            page.query_params["thread"] = thread
        return _checked(page.run())

    return open_page


def _checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(html.value for html in page.get("html"))


def button(page: AppTest, label: str) -> Any:
    (found,) = [each for each in page.button if label in each.label]
    return found


def thread_of(page: AppTest) -> str:
    given = page.query_params["thread"]
    return given if isinstance(given, str) else given[0]


def ask(page: AppTest, question: str) -> AppTest:
    return _checked(page.chat_input[0].set_value(question).run())


def test_the_first_visit_offers_examples(visit: Visit) -> None:
    page = visit()
    assert [each.label for each in page.button if each.key] == list(EXAMPLES)
    assert len(thread_of(page)) == 32
    assert thread_of(visit()) != thread_of(page)


def test_an_answer_with_places(visit: Visit, api: Any) -> None:
    page = ask(visit(), "애월읍 <i>흑돼지</i>")
    text = said(page)
    assert "애월읍 &lt;i&gt;흑돼지&lt;/i&gt;" in text
    assert "애월 돌담집" in text
    assert "&lt;b&gt;바다 &amp; 별&lt;/b&gt;" in text
    assert "<b>바다" not in text
    assert "<script>" not in text
    assert len(page.get("plotly_chart")) == 1
    assert "MATCH (p:Place)" in page.code[0].value
    assert json.loads(page.json[0].value)["areas"] == [{"city": "제주시", "town": "애월읍"}]
    assert not [each for each in page.button if each.label in EXAMPLES]
    assert levels_left_out(text) == []
    (turn,) = GuideApi(api.url).history(thread_of(page))
    assert turn.question == "애월읍 <i>흑돼지</i>"


def test_an_example_is_asked(visit: Visit) -> None:
    page = _checked(button(visit(), EXAMPLES[0]).click().run())
    assert EXAMPLES[0] in said(page)
    assert "애월 돌담집" in said(page)


def test_a_question_back_is_answered_by_a_button(visit: Visit) -> None:
    page = ask(visit(), "추천해줘")
    assert "어느 지역에서 찾아 드릴까요?" in said(page)
    page = _checked(button(page, "애월읍 흑돼지").click().run())
    assert "애월 돌담집" in said(page)
    assert not [each for each in page.button if "성산읍" in each.label], "it was answered"


def test_a_reload_and_a_restart_of_the_server_lose_nothing(visit: Visit, api: Any) -> None:
    page = ask(ask(visit(), "안녕"), "애월읍 흑돼지")
    assert levels_left_out(said(page)) == []
    api.stop()
    api.start()
    again = visit(thread_of(page))
    assert said(again) == said(page)
    assert thread_of(again) == thread_of(page)


def test_a_new_conversation(visit: Visit) -> None:
    page = ask(visit(), "애월읍 흑돼지")
    before = thread_of(page)
    page = _checked(button(page, "새 대화").click().run())
    assert thread_of(page) != before
    assert "애월 돌담집" not in said(page)
    assert [each.label for each in page.button if each.key] == list(EXAMPLES)


@pytest.mark.parametrize("name", ["short", "../../etc/passwd", "x" * 65, "공백 있는 이름의 대화"])
def test_a_name_that_is_none_gets_a_new_one(visit: Visit, name: str) -> None:
    assert thread_of(visit(name)) != name


def test_an_unknown_conversation_begins(visit: Visit) -> None:
    page = visit(THREAD)
    assert thread_of(page) == THREAD
    assert "안녕하세요!" in said(ask(page, "안녕"))


def test_a_failure_can_be_tried_again(visit: Visit, api: Any) -> None:
    page = ask(visit(), "안녕")
    api.stop()
    page = ask(page, "애월읍 흑돼지")
    (error,) = page.error
    assert "연결하지 못했어요" in error.value
    assert "애월읍 흑돼지" in said(page), "the question is not lost"
    page = _checked(button(page, "다시 시도").click().run())
    assert page.error, "it is still down"
    api.start()
    page = _checked(button(page, "다시 시도").click().run())
    assert not page.error
    assert said(page).count("애월읍 흑돼지</p>") == 1
    assert "애월 돌담집" in said(page)


def test_another_question_after_a_failure(visit: Visit) -> None:
    page = ask(visit(), "고장 난 질문")
    assert "문제가 생겼어요" in page.error[0].value
    page = ask(page, "안녕")
    assert not page.error
    assert "고장" not in said(page)


def test_a_failure_belongs_to_its_conversation(visit: Visit) -> None:
    page = ask(visit(), "고장 난 질문")
    failed_in = thread_of(page)
    page.query_params["thread"] = THREAD
    page = _checked(page.run())
    assert not page.error
    assert "고장" not in said(page)
    page.query_params["thread"] = failed_in
    page = _checked(page.run())
    assert "문제가 생겼어요" in page.error[0].value
    assert button(page, "다시 시도")


def test_a_server_without_a_guide(room_less_url: str) -> None:
    page = AppTest.from_string(SCRIPT.format(url=room_less_url), default_timeout=30)
    page = ask(_checked(page.run()), "안녕")
    assert "맛집 가이드가 없어요" in page.error[0].value


def test_a_server_that_is_down_at_first(visit: Visit, api: Any) -> None:
    api.stop()
    page = visit(THREAD)
    assert "연결하지 못했어요" in page.error[0].value
    assert not page.chat_input
    api.start()
    page = _checked(button(page, "다시 시도").click().run())
    assert not page.error
    assert page.chat_input


def test_the_page_takes_what_the_api_takes() -> None:
    assert MAX_QUESTION == MAX_CHAT_QUESTION
