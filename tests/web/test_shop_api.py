"""The pages' way to products, travellers and recommendations, over sockets."""

from __future__ import annotations

import pytest
from shop_double import ShopDouble

from nadeuri.errors import ConfigError
from nadeuri.web.door import ApiError
from nadeuri.web.shop_api import ShopApi
from nadeuri.web.shop_types import FacetValue


def test_products_by_name_code_and_filters(shop: ShopDouble) -> None:
    api = ShopApi(f"{shop.url}/")
    found = api.products("센트럴 호텔", country="일본", limit=2)
    assert [each.item for each in found.items] == ["HOSA1", "HTYO1"]
    assert found.total == 4
    assert found.facets.city == (
        FacetValue(value="오사카", count=2),
        FacetValue(value="도쿄", count=2),
    )
    assert [each.item for each in api.products("a&b=c#d/é", limit=2).items] == []
    assert api.products("x<1>", limit=2).items[0].title == "<b>오사카</b> & *별* [특가]"


def test_one_product(shop: ShopDouble) -> None:
    api = ShopApi(shop.url)
    product = api.product("X<1>")
    assert (product.city, product.fields["city"], product.clicks) == ("오사카", ("OSA",), 1)
    with pytest.raises(ApiError) as caught:
        api.product("a/b?c")
    assert caught.value.status == 404


def test_neighbours_and_the_map(shop: ShopDouble) -> None:
    api = ShopApi(shop.url)
    told = api.also_viewed("POSA1", 5, same_country=True, per_city=2)
    assert told.source == "viewed"
    assert {each.country for each in told.items} == {"일본"}
    assert [each.city for each in told.items].count("오사카") == 2
    assert api.also_viewed("NEW1", 3, same_country=False, per_city=None).source == "metadata"
    panels = api.product_map().panels
    assert [each.model for each in panels] == ["prod2vec", "meta_prod2vec"]
    assert [each.item for each in panels[1].points if each.is_new] == ["NEW1"]


def test_travellers(shop: ShopDouble) -> None:
    api = ShopApi(shop.url)
    assert [each.user for each in api.travellers(2)] == ["u-일", "u/2 #"]
    traveller = api.traveller("u/2 #")
    assert ([each.item for each in traveller.last], traveller.n_clicks) == (["PDAD1", "FDAD1"], 14)
    with pytest.raises(ApiError) as caught:
        api.traveller("nobody")
    assert caught.value.status == 404


def test_recommendations(shop: ShopDouble) -> None:
    api = ShopApi(shop.url)
    assert api.recommenders() == ["meta_bert4rec", "bert4rec"]
    popular = api.recommend(3, user=None, history=[])
    assert (popular.source, popular.items[0].why) == ("popular", ())
    told = api.recommend(3, user=None, history=["POSA1"])
    assert [each.city for each in told.items] == ["오사카"] * 3
    assert told.items[0].why is not None
    assert {each.field for each in told.items[0].why} >= {"city", "country"}
    other = api.recommend(3, user=None, history=["POSA1"], model="bert4rec")
    assert {each.category for each in other.items} == {"패키지"}
    assert shop.recommended[0]["history"] is None
    assert [each["model"] for each in shop.recommended] == [None, None, "bert4rec"]


def test_failures_are_told_in_korean(shop: ShopDouble) -> None:
    api = ShopApi(shop.url)
    shop.broken.add("/v1/products")
    with pytest.raises(ApiError, match="문제가 생겼어요"):
        api.products(limit=1)
    shop.stop()
    with pytest.raises(ApiError, match="연결하지 못했어요") as caught:
        api.recommenders()
    assert caught.value.status is None


def test_an_answer_of_another_shape(shop: ShopDouble) -> None:
    with pytest.raises(ApiError, match="끊겼어요"):
        ShopApi(shop.url).product("map")  # which is no product


def test_only_http() -> None:
    with pytest.raises(ConfigError, match="give its address"):
        ShopApi("file:///etc/passwd")
