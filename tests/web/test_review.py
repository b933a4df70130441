"""The review page, run without a browser, against the double of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from html_page import levels_left_out
from match_double import MatchDouble
from streamlit.testing.v1 import AppTest

from nadeuri.web.review import MAX_REVIEWER

Visit = Callable[[], AppTest]
SCRIPT = """
from nadeuri.web.match_api import MatchApi
from nadeuri.web.review import show

show(MatchApi({url!r}))
"""


@pytest.fixture
def visit(double: MatchDouble) -> Visit:
    """Opens the page, as a browser does that comes for the first time."""

    def open_page() -> AppTest:
        page = AppTest.from_string(SCRIPT.format(url=double.url), default_timeout=30)
        return checked(page.run())

    return open_page


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(html.value for html in page.get("html"))


def button(page: AppTest, label: str) -> Any:
    (found,) = [each for each in page.button if each.label == label]
    return found


def click(page: AppTest, label: str) -> AppTest:
    return checked(button(page, label).click().run())


def signed(page: AppTest, name: str = "지민") -> AppTest:
    return checked(page.text_input[0].set_value(name).run())


def progress(page: AppTest) -> str:
    (found,) = page.get("progress")
    text: str = found.proto.text
    return text


def test_a_place_and_its_candidates(visit: Visit) -> None:
    page = visit()
    text = said(page)
    assert "오사카성 &lt;천수각&gt;" in text
    assert "<천수각>" not in text
    assert levels_left_out(text) == []
    for shown in (
        "大阪城天守閣",
        "Osaka Castle",
        "tourist_attraction",
        "1 Osakajo, Chuo-ku",
        "62%",
    ):
        assert shown in text
    assert "후보 1번</b>은 ‘포함’이라고 했어요" in text
    assert len(page.radio[0].options) == 3
    assert len(page.get("plotly_chart")) == 1
    assert progress(page) == "남은 3건 · 이번에 본 0건"


def test_nobody_decides_without_a_name(visit: Visit) -> None:
    page = visit()
    assert "검토자 이름" in page.info[0].value
    names = ("같은 곳", "포함", "근처의 다른 곳", "다른 곳", "모두 아님")
    assert all(button(page, name).disabled for name in names)
    assert all(button(signed(page, "  "), name).disabled for name in names)
    assert not any(button(signed(page), name).disabled for name in names)


def test_decisions(visit: Visit, double: MatchDouble) -> None:
    page = click(signed(visit()), "같은 곳")
    assert "쿠로몬이치바" in said(page)
    assert progress(page) == "남은 2건 · 이번에 본 1건"
    page = click(page, "모두 아님")
    assert "좌표가 없어서" in said(page)
    page = click(page, "근처의 다른 곳")
    assert "모두 끝났어요" in page.success[0].value
    keys = ("left", "right", "relation", "reviewer", "version")
    assert [tuple(each[key] for key in keys) for each in double.decided] == [
        ("A1", "G1", "same", "지민", 1),
        ("A2", None, "different", "지민", 1),
        ("A3", "G7", "nearby", "지민", 1),
    ]


def test_candidate_after_candidate(visit: Visit, double: MatchDouble) -> None:
    page = click(signed(visit()), "포함")
    assert page.radio[0].value == 1, "the first one that nothing was said of"
    assert "✓ 포함" in page.radio[0].options[0]
    assert "大阪城公園" in said(page)
    page = click(click(page, "다음 후보"), "다음 후보")
    assert page.radio[0].value == 0, "round and round"
    page = checked(page.radio[0].set_value(2).run())
    page = click(page, "다른 곳")
    assert [each["right"] for each in double.decided] == ["G1", "G9"]
    assert page.radio[0].value == 1


def test_looking_again(visit: Visit, double: MatchDouble) -> None:
    page = click(signed(visit()), "같은 곳")
    assert "‘같은 곳’" in page.caption[0].value
    page = click(page, "다시 보기")
    assert "오사카성 &lt;천수각&gt;" in said(page)
    page = click(page, "모두 아님")
    assert [each["right"] for each in double.decided] == ["G1", None]
    assert "쿠로몬이치바" in said(page)


def test_a_conflict_is_told_and_the_next_one_is_shown(visit: Visit, double: MatchDouble) -> None:
    page = signed(visit())
    double.touch("A1", closes=True)
    page = click(page, "같은 곳")
    assert "다른 분이 먼저" in page.warning[0].value
    assert "쿠로몬이치바" in said(page)
    assert not double.decided
    page = click(page, "같은 곳")
    assert not page.warning
    assert [each["left"] for each in double.decided] == ["A2"]


def test_putting_off(visit: Visit) -> None:
    page = visit()
    for _ in range(3):
        page = click(page, "건너뛰기")
    assert "건너뛴 3건만 남았어요" in page.info[0].value
    page = click(page, "건너뛴 것 보기")
    assert "오사카성" in said(page)


def test_a_server_that_is_down(visit: Visit, double: MatchDouble) -> None:
    page = signed(visit())
    double.stop()
    page = click(page, "같은 곳")
    assert "결정은 저장되지 않았어요" in page.error[0].value
    assert "오사카성" in said(page)
    page = click(page, "새로 고침")
    assert "연결하지 못했어요" in page.error[0].value
    double.start()
    page = click(click(page, "다시 시도"), "같은 곳")
    assert [each["left"] for each in double.decided] == ["A1"], "the name is still there"
    assert "쿠로몬이치바" in said(page)


def test_nothing_to_review(visit: Visit, double: MatchDouble) -> None:
    double.reviews = []
    assert "모두 끝났어요" in visit().success[0].value


def test_a_place_without_candidates(visit: Visit, double: MatchDouble) -> None:
    double.reviews = [double.reviews[0] | {"candidates": []}]
    page = signed(visit())
    assert "후보가 없어요" in said(page)
    assert button(page, "같은 곳").disabled
    assert "모두 끝났어요" in click(page, "모두 아님").success[0].value


def test_a_server_without_reviews(api: Any) -> None:
    page = checked(AppTest.from_string(SCRIPT.format(url=api.url), default_timeout=30).run())
    assert "검토할 장소 자료가 없어요" in page.error[0].value


def test_the_page_takes_what_the_api_takes() -> None:
    from nadeuri.serve.wire_match import MAX_REVIEWER as MOST
    from nadeuri.serve.wire_match import MAX_REVIEWS
    from nadeuri.web.review_queue import PART

    assert MAX_REVIEWER <= MOST
    assert PART <= MAX_REVIEWS
