"""Packages as HTML."""

from __future__ import annotations

import pytest
from html_page import HtmlPage
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.web.match_types import MatchedStop, Package, Stop
from nadeuri.web.package_cards import package_html, unmapped_html


def stop(name: str, day: int, order: int = 1, reason: str | None = None) -> Stop:
    return Stop(place_id=name, name=name, day=day, order=order, reason=reason)


def package(name: str = "오사카 3일") -> Package:
    return Package(
        item="OSA-101",
        name=name,
        city="OSA",
        nights=2,
        price=599_000.0,
        rate=0.825,
        day_coverage=0.7,
        order_agreement=1.0,
        matched=(
            MatchedStop(stop=stop("성", 1), package_stop=stop("성", 2), metres=0.0, exact=True),
            MatchedStop(
                stop=stop("시장", 2), package_stop=stop("골목", 1), metres=1234.0, exact=False
            ),
        ),
        missing=(stop("박물관", 1, 2),),
        extra=(stop("탑", 3), stop("신사", 2), stop("", 3, 2)),
    )


def test_what_a_package_shows() -> None:
    page = HtmlPage(package_html(package(), 1, "오사카", is_open=True))
    texts = page.texts
    assert texts[:5] == [
        "1",
        "오사카 3일",
        "오사카 · 2박 3일 · 599,000원 · OSA-101",
        "82%",
        "일치율",
    ]
    assert texts[5:9] == ["같은 곳 1", "근처 1", "빠진 곳 1", "더 가는 곳 3"]
    assert texts[9] == "하루에 갈 곳이 대부분 같은 날에 있어요 (70%), 가는 순서는 같아요 (100%)."
    assert texts[10:16] == ["내 일정 1일차", "같은 곳", "성", "패키지 2일차", "빠진 곳", "박물관"]
    assert texts[16:20] == ["내 일정 2일차", "근처 1.2 km", "시장", "패키지 1일차 · 골목"]
    assert texts[20:] == ["패키지가 더 가는 곳", "2일차", "신사", "3일차", "탑, 이름 없는 장소"]


def test_a_closed_one_is_short() -> None:
    html = package_html(package(), 2, None, is_open=False)
    assert "내 일정" not in html
    assert HtmlPage(html).texts[2].startswith("OSA · 2박"), "the code where no name is known"


def test_what_the_catalogue_does_not_say_is_left_out() -> None:
    bare = package().model_copy(
        update={"name": None, "city": None, "nights": None, "price": None, "extra": ()}
    )
    texts = HtmlPage(package_html(bare, 1, None, is_open=True)).texts
    assert texts[1:3] == ["OSA-101", "OSA-101"]
    assert "패키지가 더 가는 곳" not in texts
    assert not any("더 가는 곳" in text for text in texts)


def test_one_place_has_no_order() -> None:
    alone = package().model_copy(update={"matched": package().matched[:1]})
    assert "순서" not in package_html(alone, 1, None, is_open=False)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (1.0, "그대로예요"),
        (0.66, "대부분"),
        (0.5, "절반쯤"),
        (0.1, "많이 달라요"),
        (0.0, "많이 달라요"),
    ],
)
def test_days_in_words(share: float, words: str) -> None:
    html = package_html(
        package().model_copy(update={"day_coverage": share}), 1, None, is_open=False
    )
    assert words in html.split("(")[0]


def test_places_left_out_of_the_comparison() -> None:
    page = HtmlPage(unmapped_html([stop("카페 <b>", 2, reason="no_mapping"), stop("집", 1)]))
    assert page.texts[0] == "매핑되지 않아 비교에서 뺀 장소 2곳"
    assert page.texts[1:3] == ["카페 <b> ", "2일차 · 여행사 장소와 아직 연결되지 않은 곳"]
    assert page.texts[4] == "1일차"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")))
def test_no_text_becomes_markup(text: str) -> None:
    hostile = package(text).model_copy(
        update={
            "city": text,
            "item": text,
            "missing": (stop(text, 1),),
            "extra": (stop(text, 1),),
        }
    )
    allowed = HtmlPage(package_html(package(), 1, "오사카", is_open=True))
    for html in (
        package_html(hostile, 1, None, is_open=True),
        unmapped_html([stop(text, 1, reason=text)]),
    ):
        page = HtmlPage(html)
        assert set(page.tags) <= set(allowed.tags)
        assert page.attributes <= allowed.attributes
