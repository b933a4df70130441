"""The double of the shop's API answers as the API does: its wire models read the answers."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest
from shop_double import ShopDouble

from nadeuri.serve import wire

wire_shop = pytest.importorskip("nadeuri.serve.wire_shop")
wire_recommend = pytest.importorskip("nadeuri.serve.wire_recommend")


@pytest.mark.parametrize(
    ("path", "body", "model"),
    [
        ("/v1/products?q=&limit=3", None, wire_shop.ProductsResponse),
        ("/v1/products/POSA1", None, wire_shop.Product),
        ("/v1/products/map", None, wire_shop.ProductMapResponse),
        (
            "/v1/products/POSA1/also-viewed?k=3&same_country=true&per_city=2",
            None,
            wire.AlsoViewedResponse,
        ),
        ("/v1/travellers?limit=3", None, wire_shop.TravellersResponse),
        ("/v1/travellers/u3", None, wire_shop.Traveller),
        (
            "/v1/recommendations/bert4rec",
            {"user": None, "history": ["POSA1"], "k": 4, "why": True},
            wire_recommend.RecommendationResponse,
        ),
        ("/readyz", None, wire.Readiness),
    ],
)
def test_the_double_answers_as_the_api_does(
    shop: ShopDouble, path: str, body: Any, model: Any
) -> None:
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(shop.url + path, sent, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        model.model_validate_json(response.read())
