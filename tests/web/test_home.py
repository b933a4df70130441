"""The first page, run without a browser, against the double of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from shop_double import POPULAR, ShopDouble
from streamlit.testing.v1 import AppTest

from nadeuri.web import product_search
from nadeuri.web.product_search import MAX_QUERY, PAGE

Visit = Callable[..., AppTest]
SCRIPT = """
from nadeuri.web.home import show
from nadeuri.web.shop_api import ShopApi

show(ShopApi({url!r}))
"""
FIRST = POPULAR[0]


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


def click(page: AppTest, key: str) -> AppTest:
    return checked(page.button(key=key).click().run())


def address(page: AppTest, name: str) -> str:
    value = page.query_params.get(name, "")
    return value if isinstance(value, str) else value[0]


def links(page: AppTest, label: str) -> list[Any]:
    return [each.proto for each in page.get("page_link") if each.proto.label == label]


def offered(page: AppTest) -> list[str]:
    keys = [each.key or "" for each in page.button]
    return [key.removeprefix("choose-look-") for key in keys if key.startswith("choose-look-")]


def test_the_first_visit(visit: Visit) -> None:
    page = visit()
    assert page.selectbox(key="traveller").options[0] == "처음 온 여행자"
    assert "오사카 핵심 일주 1, 오사카 센트럴 호텔 1" in page.selectbox(key="traveller").options[1]
    assert offered(page) == [each["item"] for each in POPULAR[:PAGE]]
    assert "인기 상품" in said(page)
    assert "지금 많은 분이 보는 상품이에요" in said(page)
    assert address(page, "seen") == ""


def test_clicks_change_what_is_recommended_at_once(visit: Visit, shop: ShopDouble) -> None:
    page = click(visit(), "choose-look-PDAD1")
    assert address(page, "seen") == "PDAD1"
    assert "최근 본 다낭 상품과 도시가" in said(page)
    assert "인기 상품" not in said(page)
    assert "✓ 본 상품" in said(page)
    page = click(page, "choose-look-HOSA1")
    assert address(page, "seen") == "PDAD1,HOSA1"
    assert shop.recommended[-1]["history"] == ["PDAD1", "HOSA1"]
    page = click(page, "forget-HOSA1")
    assert address(page, "seen") == "PDAD1"
    page = click(click(page, "choose-look-HOSA1"), "forget-all")
    assert address(page, "seen") == ""
    assert "인기 상품" in said(page)


def test_a_reload_keeps_the_clicks(visit: Visit) -> None:
    page = visit(seen="PDAD1,X%3C1%3E,GONE")
    labels = {each.key: each.label for each in page.button}
    assert labels["forget-PDAD1"] == "다낭 핵심 일주 1"
    assert labels["forget-X<1>"] == r"\<b\>오사카\</b\> \& \*별\* \[특가\]"
    assert labels["forget-GONE"] == "GONE", "what the server does not know is shown by its code"
    assert address(page, "seen") == "PDAD1,X%3C1%3E,GONE"


def test_an_address_of_before_does_not_undo_a_click(visit: Visit) -> None:
    """A second click may come with the address that the first one has outdated."""
    page = click(visit(), "choose-look-PDAD1")
    before = address(page, "seen")
    page = click(page, "choose-look-HOSA1")
    page.query_params["seen"] = before
    assert address(checked(page.run()), "seen") == "PDAD1,HOSA1"


def test_a_known_traveller(visit: Visit, shop: ShopDouble) -> None:
    page = visit()
    page = checked(page.selectbox(key="traveller").set_value("u-일").run())
    assert address(page, "user") == "u-일"
    assert "모두 21번 봤어요" in said(page)
    assert (shop.recommended[-1]["user"], shop.recommended[-1]["history"]) == ("u-일", None)
    assert "최근 본 오사카 상품 3개와" in said(page)
    page = click(page, "choose-look-PDAD1")
    assert shop.recommended[-1]["history"] == ["TOSA1", "HOSA1", "POSA1", "PDAD1"]
    page = checked(page.selectbox(key="traveller").set_value("").run())
    assert (address(page, "user"), address(page, "seen")) == ("", "")


def test_a_traveller_by_link(visit: Visit) -> None:
    assert visit(user="u/2 #").selectbox(key="traveller").value == "u/2 #"
    page = visit(user="nobody")
    assert "찾지 못해서" in page.warning[0].value
    assert address(page, "user") == ""
    assert page.selectbox(key="traveller").value == ""


def test_looking_for_products(visit: Visit) -> None:
    page = visit()
    page = checked(page.text_input[0].set_value("센트럴 호텔").run())
    assert offered(page) == ["HOSA1", "HTYO1", "HDAD1", "HOSA2", "HTYO2", "HDAD2"]
    assert page.selectbox(key="product-country").options == ["나라 전체", "일본 (4)", "베트남 (2)"]
    page = checked(page.selectbox(key="product-city").set_value("다낭").run())
    assert offered(page) == ["HDAD1", "HDAD2"]
    page = checked(page.text_input[0].set_value("*없는* 것").run())
    assert "‘\\*없는\\* 것’에 맞는 상품을 찾지 못했어요" in page.info[0].value
    assert page.selectbox(key="product-city").value == "다낭"
    page = checked(next(each for each in page.button if each.label == "조건 지우기").click().run())
    assert len(offered(page)) == PAGE


def test_more_products(visit: Visit) -> None:
    page = visit()
    more = next(each for each in page.button if each.label == "12개 더 보기")
    page = checked(more.click().run())
    assert len(offered(page)) == 2 * PAGE
    page = checked(page.text_input[0].set_value("오사카").run())
    assert len(offered(page)) == 11


def test_the_last_ones_are_told(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product_search, "MOST", 2 * PAGE)
    page = visit()
    page = checked(next(each for each in page.button if "더 보기" in each.label).click().run())
    assert len(offered(page)) == 2 * PAGE
    assert page.caption[0].value == "24개까지 보여 드려요. 조건을 좁혀 보세요."
    page = checked(page.text_input[0].set_value("오사카").run())
    assert not page.caption


def test_recommendations_lead_to_products(visit: Visit) -> None:
    page = visit(seen="PDAD1")
    link = links(page, "다낭 센트럴 호텔 1")[0]
    assert (link.page, link.query_string) == ("product", "code=HDAD1&seen=PDAD1%2CHDAD1")


def test_two_models_side_by_side(visit: Visit, shop: ShopDouble) -> None:
    page = visit(seen="POSA1", compare="1")
    assert {each["model"] for each in shop.recommended} == {"bert4rec", "meta_bert4rec"}
    text = said(page)
    assert text.index(">BERT4Rec<") < text.index(">Meta-BERT4Rec<")
    assert "두 목록에 모두 있는 상품 <b>" in text
    assert "둘 다 추천" in text
    page = checked(page.toggle[0].set_value(False).run())
    assert address(page, "compare") == ""
    assert "두 목록" not in said(page)
    page = checked(page.toggle[0].set_value(True).run())
    assert address(page, "compare") == "1"


@pytest.mark.parametrize("models", [["meta_bert4rec"], []])
def test_nothing_to_compare(visit: Visit, shop: ShopDouble, models: list[str]) -> None:
    shop.models = models
    page = visit(compare="1")
    assert "나란히 볼 수 없어요" in page.info[0].value
    if models:
        assert "하나(Meta-BERT4Rec)뿐이라" in page.info[0].value
        assert "인기 상품" in said(page)
    else:
        assert "추천 모델이 없어요" in page.error[0].value


def test_a_new_start(visit: Visit) -> None:
    page = click(visit(user="u-일"), "choose-look-PDAD1")
    page = checked(page.text_input[0].set_value("호텔").run())
    page = checked(next(each for each in page.button if each.label == "처음부터").click().run())
    assert (address(page, "user"), address(page, "seen")) == ("", "")
    assert page.text_input[0].value == ""
    assert page.selectbox(key="traveller").value == ""


def test_a_server_that_knows_no_travellers(visit: Visit, shop: ShopDouble) -> None:
    shop.missing.add("/v1/travellers")
    page = visit()
    assert [each.key for each in page.selectbox if each.key == "traveller"] == []
    assert len(offered(page)) == PAGE


def test_a_key_for_some_rooms(visit: Visit, shop: ShopDouble) -> None:
    shop.forbidden = {"/v1/travellers", "/v1/travellers/u3"}
    page = visit(user="u3")
    assert not page.error
    assert "찾지 못해서" in page.warning[0].value
    assert len(offered(page)) == PAGE
    assert "인기 상품" in said(page)


def test_a_key_that_is_not_for_products(visit: Visit, shop: ShopDouble) -> None:
    shop.forbidden.add("/v1/products")
    page = visit()
    (error,) = page.error
    assert "API 키로는" in error.value
    assert "인기 상품" in said(page), "recommendations need them not"


def test_a_search_that_fails_keeps_its_inputs(visit: Visit, shop: ShopDouble) -> None:
    page = checked(visit().selectbox(key="product-country").set_value("일본").run())
    shop.broken.add("/v1/products")
    page = checked(page.text_input[0].set_value("호텔").run())
    assert "문제가 생겼어요" in page.error[0].value
    assert page.text_input[0].value == "호텔"
    assert page.selectbox(key="product-country").value == "일본"
    assert "오사카 (11)" in page.selectbox(key="product-city").options, "of the answer before"
    assert "인기 상품" in said(page)
    shop.broken.clear()
    page = click(page, "products-again")
    assert not page.error
    assert {"HOSA1", "HTYO1", "HOSA2", "HTYO2"} <= set(offered(page))


def test_a_server_without_products(visit: Visit, shop: ShopDouble) -> None:
    shop.missing.add("/v1/products")
    assert "상품 자료가 없어요" in visit().error[0].value


def test_a_server_that_is_down(visit: Visit, shop: ShopDouble) -> None:
    shop.stop()
    page = visit()
    assert "연결하지 못했어요" in page.error[0].value
    shop.start()
    page = checked(next(each for each in page.button if each.label == "다시 시도").click().run())
    assert not page.error
    shop.broken.add("/v1/recommendations")
    page = click(page, f"choose-look-{FIRST['item']}")
    assert "문제가 생겼어요" in page.error[0].value
    assert address(page, "seen") == FIRST["item"], "the click is not lost"
    shop.broken.clear()
    page = checked(next(each for each in page.button if each.label == "다시 시도").click().run())
    assert "최근 본" in said(page)


def test_names_are_no_markup(visit: Visit) -> None:
    page = checked(visit(seen="X%3C1%3E").text_input[0].set_value("x<1>").run())
    assert "<b>오사카" not in said(page)
    assert page.button(key="choose-look-X<1>").label.startswith(r"\<b\>")


def test_the_page_asks_what_the_api_takes() -> None:
    from nadeuri.serve.wire import MAX_CODE, MAX_HISTORY, MAX_K, MAX_TEXT
    from nadeuri.web.product_search import MOST
    from nadeuri.web.recommendations import N_ITEMS
    from nadeuri.web.visit import MAX_CODE as MOST_CODE
    from nadeuri.web.visit import MOST_SEEN, MOST_STORED

    assert max(MOST, N_ITEMS) <= MAX_K
    assert MOST_CODE <= MAX_CODE
    assert MAX_QUERY <= MAX_TEXT
    assert MOST_SEEN + MOST_STORED <= MAX_HISTORY
