"""A product's page, run without a browser, against the double of the API."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from shop_double import ShopDouble
from streamlit.testing.v1 import AppTest

Visit = Callable[..., AppTest]
SCRIPT = """
from nadeuri.web.product import show
from nadeuri.web.shop_api import ShopApi

show(ShopApi({url!r}))
"""


@pytest.fixture
def visit(shop: ShopDouble) -> Visit:
    """Opens the page, as a browser does that comes for the first time."""

    def open_page(**address: str) -> AppTest:
        page = AppTest.from_string(SCRIPT.format(url=shop.url), default_timeout=60)
        for name, value in address.items():
            page.query_params[name] = value
        return checked(page.run())

    return open_page


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(html.value for html in page.get("html"))


def address(page: AppTest, name: str) -> str:
    value = page.query_params.get(name, "")
    return value if isinstance(value, str) else value[0]


def linked(page: AppTest) -> list[str]:
    return [each.proto.label for each in page.get("page_link")]


def test_a_product_and_its_neighbours(visit: Visit) -> None:
    page = visit(code="POSA1", seen="PDAD1")
    text = said(page)
    assert ">오사카 핵심 일주 1</h1>" in text
    assert "399,900원" in text
    assert "함께 본 상품이에요" in text
    assert linked(page)[:2] == ["오사카 센트럴 호텔 1", "오사카 시티 투어 1"]
    assert linked(page)[-1] == "다낭 핵심 일주 1", "the way back"
    assert address(page, "seen") == "PDAD1,POSA1", "who opens it has looked at it"
    link = page.get("page_link")[0].proto
    assert link.query_string == "code=HOSA1&seen=PDAD1%2CPOSA1%2CHOSA1"


def test_looking_again_counts_as_the_last_look(visit: Visit) -> None:
    page = visit(code="POSA1", seen="POSA1,PDAD1")
    assert address(page, "seen") == "PDAD1,POSA1"
    assert address(checked(page.run()), "seen") == "PDAD1,POSA1"


@pytest.mark.parametrize(
    ("code", "name", "words"),
    [("NEW1", "신상품", "정보가 비슷한"), ("X<1>", "인기 상품", "아는 것이 적어서")],
)
def test_where_neighbours_come_from(visit: Visit, code: str, name: str, words: str) -> None:
    text = said(visit(code=code))
    assert f">{name}<" in text
    assert words in text


def test_options_of_the_neighbours(visit: Visit, shop: ShopDouble) -> None:
    page = visit(code="PDAD1", same_country="1")
    assert all("다낭" in label for label in linked(page))
    page = checked(page.toggle(key="switch-per_city").set_value(True).run())
    assert len(linked(page)) == 2
    assert (address(page, "same_country"), address(page, "per_city")) == ("1", "1")
    page = checked(page.toggle(key="switch-same_country").set_value(False).run())
    assert len(linked(page)) == 6
    assert address(page, "same_country") == ""
    assert shop.asked.count("/v1/products/PDAD1") == 1, "asked for once"


def test_the_map(visit: Visit) -> None:
    page = visit(code="POSA1")
    (chart,) = page.get("plotly_chart")
    assert "Prod2Vec 상품 지도: 상품 31개 가운데 오사카 핵심 일주 1" in chart.proto.alt
    assert [each.label for each in page.tabs] == ["Prod2Vec", "Meta-Prod2Vec"]
    assert ">다낭 <small>10</small>" in said(page)
    page = checked(page.segmented_control[0].set_value("country").run())
    assert ">베트남 <small>10</small>" in said(page)


def test_a_product_that_is_not_on_the_map(visit: Visit) -> None:
    assert "이 지도에 없어요" in visit(code="NEW1").caption[0].value


def test_a_server_without_a_map(visit: Visit, shop: ShopDouble) -> None:
    shop.missing.add("/v1/products/map")
    page = visit(code="POSA1")
    assert "상품 지도가 없어요" in said(page)
    assert not page.get("plotly_chart")


def test_a_product_that_nothing_is_known_of(visit: Visit, shop: ShopDouble) -> None:
    shop.missing.add("/v1/products/POSA1/also-viewed")
    page = visit(code="POSA1")
    assert "함께 본 상품이 아직 없어요" in page.info[0].value
    assert len(page.get("plotly_chart")) == 1


def test_a_product_that_is_none(visit: Visit) -> None:
    page = visit(code="*no* <b>", seen="POSA1")
    assert "‘\\*no\\* \\<b\\>’ 상품을 찾지 못했어요" in page.warning[0].value
    assert len(linked(page)) == 12, "products to go to"
    assert address(page, "seen") == "POSA1"


def test_without_a_code_there_is_a_search(visit: Visit) -> None:
    page = visit()
    assert "상품을 고르면" in said(page)
    page = checked(page.text_input[0].set_value("도쿄").run())
    assert len(linked(page)) == 10
    page = checked(page.text_input[0].set_value("없는 것").run())
    assert "찾지 못했어요" in page.info[0].value


def test_a_server_that_is_down(visit: Visit, shop: ShopDouble) -> None:
    shop.stop()
    page = visit(code="POSA1")
    assert "연결하지 못했어요" in page.error[0].value
    shop.start()
    page = checked(next(each for each in page.button if each.label == "다시 시도").click().run())
    assert "오사카 핵심 일주 1" in said(page)


def test_the_page_has_a_title_whatever_comes(visit: Visit, shop: ShopDouble) -> None:
    shop.broken.add("/v1/products/POSA1")
    page = visit(code="POSA1")
    assert "문제가 생겼어요" in page.error[0].value
    assert ">상품</h1>" in said(page)


def test_a_key_for_some_rooms(visit: Visit, shop: ShopDouble) -> None:
    """What stands beside the product is left out where the key of the pages is not for it."""
    shop.forbidden = {"/v1/products/map", "/v1/products/POSA1/also-viewed", "/v1/products/PDAD1"}
    page = visit(code="POSA1", seen="PDAD1")
    assert not page.error
    assert "399,900원" in said(page)
    assert "함께 본 상품이 아직 없어요" in page.info[0].value
    assert "상품 지도가 없어요" in said(page)
    assert linked(page) == ["PDAD1"], "the way back, by its code"


def test_a_server_without_products(visit: Visit, shop: ShopDouble) -> None:
    shop.missing.add("/v1/products")
    assert "상품 자료가 없어요" in visit().error[0].value


def test_names_are_no_markup(visit: Visit) -> None:
    text = said(visit(code="X<1>"))
    assert "&lt;b&gt;오사카&lt;/b&gt;" in text
    assert "<b>오사카" not in text
    assert "<dt>표기</dt><dd>&lt;i&gt;&amp;</dd>" in text
