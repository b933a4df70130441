"""The planner's page, run without a browser, against the double of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from html_page import levels_left_out
from match_double import MatchDouble
from streamlit.testing.v1 import AppTest

from nadeuri.web.plan import Plan
from nadeuri.web.plan_editor import MAX_QUERY, N_EXAMPLE

Visit = Callable[..., AppTest]
SCRIPT = """
from nadeuri.web.match_api import MatchApi
from nadeuri.web.planner import show

show(MatchApi({url!r}))
"""


@pytest.fixture
def visit(double: MatchDouble) -> Visit:
    """Opens the page, as a browser does that comes for the first time."""

    def open_page(**address: str) -> AppTest:
        page = AppTest.from_string(SCRIPT.format(url=double.url), default_timeout=30)
        for name, value in address.items():
            page.query_params[name] = value
        return checked(page.run())

    return open_page


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(html.value for html in page.get("html"))


def button(page: AppTest, label: str) -> Any:
    (found,) = [each for each in page.button if label in each.label]
    return found


def click(page: AppTest, label: str) -> AppTest:
    return checked(button(page, label).click().run())


def look_for(page: AppTest, query: str) -> AppTest:
    return checked(page.text_input[0].set_value(query).run())


def days(page: AppTest) -> list[list[str]]:
    text = page.query_params.get("plan", "")
    plan = Plan.from_text(text if isinstance(text, str) else text[0]) if text else Plan()
    assert plan is not None
    return [[spot.name for spot in day] for day in plan.days]


def test_the_first_visit(visit: Visit) -> None:
    page = visit()
    assert page.selectbox[0].options == ["오사카 · 패키지 2개", "다낭 · 패키지 0개"]
    assert "가고 싶은 곳을" in said(page)
    assert "지도가 그려져요" in said(page)
    assert button(page, "패키지 찾기").disabled
    assert days(page) == [[]]
    assert page.query_params["city"] in ("OSA", ["OSA"])


def test_looking_for_places_and_adding_them(visit: Visit) -> None:
    page = look_for(visit(), "Osaka castle")
    labels = [each.label for each in page.button if each.key and each.key.startswith("add-")]
    assert labels[0] == "오사카성  \n:small[:gray[Osaka Castle · 大阪城 · castle]]"
    page = click(page, "大阪城")
    assert days(page) == [["오사카성"]]
    assert button(page, "大阪城").disabled, "it is in the plan"
    page = click(click(page, "오사카성 공원"), "하루 더하기")
    page = click(look_for(page, "구로몬"), "黒門市場")
    assert days(page) == [["오사카성", "오사카성 공원"], ["구로몬 시장"]]
    assert len(page.get("plotly_chart")) == 1
    page = checked(page.segmented_control[0].set_value(1).run())
    page = click(look_for(page, "쓰텐"), "쓰텐카쿠")
    assert days(page)[0][-1] == "쓰텐카쿠 타워"


def test_moving_and_taking_out(visit: Visit) -> None:
    page = click(visit(), "예시 일정")
    first, second = days(page)
    assert len(first) + len(second) == N_EXAMPLE
    page = click(page, f"{first[1]} 위로")
    assert days(page)[0][:2] == [first[1], first[0]]
    page = click(page, f"{first[2]} 아래로")
    assert days(page)[1][0] == first[2]
    menu = page.menu_button(key="menu-G1")
    assert menu.options == ["2일차로", "빼기"]
    page = checked(menu.click("2일차로").run())
    assert days(page) == [[first[1]], [first[2], *second, "오사카성"]]
    page = checked(page.menu_button(key="menu-G1").click("빼기").run())
    assert days(page) == [[first[1]], [first[2], *second]]


def test_an_empty_day_can_go(visit: Visit) -> None:
    page = click(click(visit(), "예시 일정"), "하루 더하기")
    assert len(days(page)) == 3
    assert len(days(click(page, "이 날 지우기"))) == 2


def test_a_reload_keeps_the_plan(visit: Visit) -> None:
    page = click(visit(), "예시 일정")
    text = page.query_params["plan"]
    again = visit(plan=text if isinstance(text, str) else text[0], city="DAD")
    assert days(again) == days(page)
    assert again.selectbox[0].value == "DAD"
    assert "오사카성" in said(again)


def test_an_address_of_before_does_not_undo_a_click(visit: Visit) -> None:
    """A second click may come with the address that the first one has outdated."""
    page = click(look_for(visit(), "오사카성"), "大阪城")
    before = page.query_params["plan"]
    page = click(page, "오사카성 공원")
    page.query_params["plan"] = before
    assert days(checked(page.run()))[0] == ["오사카성", "오사카성 공원"]


def test_an_address_that_holds_no_plan(visit: Visit) -> None:
    page = visit(plan="nonsense", city="nowhere")
    assert "읽지 못해서" in page.warning[0].value
    assert days(page) == [[]]
    assert page.selectbox[0].value == "OSA"
    page = click(page, "예시 일정")
    assert days(page)[0]
    assert not page.warning


def test_packages(visit: Visit) -> None:
    page = click(look_for(click(visit(), "예시 일정"), "카페"), "카페")
    page = click(page, "패키지 찾기")
    text = said(page)
    assert "매핑되지 않아 비교에서 뺀 장소 1곳" in text
    assert levels_left_out(text) == []
    assert "&lt;b&gt;나 &amp; 너&lt;/b&gt; 카페" in text
    assert "<b>나" not in text
    assert text.index("오사카 핵심 &lt;3일&gt;") < text.index("오사카 느긋한 여행")
    assert text.count('<div class="nd-stops">') == 1, "one is open"
    assert "근처 120 m" in text
    page = click(page, "자세히 보고 지도에 표시")
    later = said(page)
    assert later.count('<div class="nd-stops">') == 1
    assert "근처 120 m" not in later


def test_a_changed_plan_is_to_be_asked_again(visit: Visit, double: MatchDouble) -> None:
    page = click(click(visit(), "예시 일정"), "패키지 찾기")
    page = checked(page.menu_button(key="menu-G1").click("빼기").run())
    assert "오사카 핵심" not in said(page)
    assert "다시 찾아 보세요" in page.caption[-1].value
    assert "오사카 핵심" in said(click(page, "패키지 찾기"))
    assert double.asked.count("/v1/packages/match") == 2


def test_nothing_to_compare_and_nothing_alike(visit: Visit) -> None:
    page = click(click(look_for(visit(), "카페"), "카페"), "패키지 찾기")
    assert "연결된 곳이 없어서" in page.info[0].value
    page = click(click(look_for(visit(), "비밀의 곳 9"), "비밀의 곳 9"), "패키지 찾기")
    assert "겹치는 패키지가 없어요" in page.info[0].value


def test_a_new_plan(visit: Visit) -> None:
    page = click(click(visit(), "예시 일정"), "패키지 찾기")
    page = click(page, "새 일정")
    assert days(page) == [[]]
    assert "오사카 핵심" not in said(page)
    assert "plan" not in page.query_params


def test_no_place_by_that_name(visit: Visit) -> None:
    page = look_for(visit(), "*없는* 곳")
    assert "‘\\*없는\\* 곳’에 가까운 장소를 찾지 못했어요" in page.info[0].value


def test_a_city_without_examples(visit: Visit) -> None:
    page = click(visit(city="DAD"), "다낭 예시 일정")
    assert "예시로 보여 드릴 장소가 없어요" in page.error[0].value


def test_a_server_that_is_down(visit: Visit, double: MatchDouble) -> None:
    double.stop()
    page = visit()
    assert "연결하지 못했어요" in page.error[0].value
    assert not page.text_input
    double.start()
    page = click(page, "다시 시도")
    assert not page.error
    double.stop()
    page = click(page, "예시 일정")
    assert "연결하지 못했어요" in page.error[0].value
    page = look_for(page, "오사카")
    assert "연결하지 못했어요" in page.error[0].value
    double.start()
    page = click(click(page, "다시 시도"), "大阪城")
    double.stop()
    page = click(page, "패키지 찾기")
    assert "연결하지 못했어요" in page.error[0].value
    assert days(page) == [["오사카성"]], "the plan is not lost"


def test_a_server_without_packages(api: Any) -> None:
    page = checked(AppTest.from_string(SCRIPT.format(url=api.url), default_timeout=30).run())
    assert "패키지 자료가 없어요" in page.error[0].value


def test_no_cities(visit: Visit, double: MatchDouble) -> None:
    double.cities = []
    assert "아직 등록된 도시가 없어요" in visit().info[0].value


def test_the_page_takes_what_the_api_takes() -> None:
    from nadeuri.serve.wire_match import MAX_DAY, MAX_STOPS
    from nadeuri.serve.wire_match import MAX_QUERY as MOST
    from nadeuri.web.plan import MOST_DAYS, MOST_PLACES

    assert MAX_QUERY == MOST
    assert MOST_PLACES <= MAX_STOPS
    assert MOST_DAYS <= MAX_DAY
