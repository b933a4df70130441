"""The products of the served recommender's catalogue: search and details."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from nadeuri.recommend.predict import Predictor
from nadeuri.recommend.products import FACETS
from nadeuri.serve.bodies import json_response, read_query
from nadeuri.serve.openapi import Operation, path_example
from nadeuri.serve.room import Annex
from nadeuri.serve.wire import MAX_CODE
from nadeuri.serve.wire_shop import Product, ProductsQuery, ProductsResponse

PATH = "/v1/products"
PRODUCT_PATH = "/v1/products/{code}"


def annex(predictor: Predictor) -> Annex:
    """The routes over the catalogue of an opened recommender."""
    most_clicked = predictor.most_clicked
    return Annex(
        blueprint=_blueprint(predictor),
        operations=(
            Operation(
                PATH,
                "Products by words, place and kind",
                ProductsResponse,
                query=ProductsQuery,
                examples=path_example("q", most_clicked),
            ),
            Operation(
                PRODUCT_PATH,
                "One product",
                Product,
                missing="There is no such product.",
                examples=path_example("code", most_clicked),
            ),
        ),
    )


def _blueprint(predictor: Predictor) -> Blueprint:
    routes = Blueprint("products", __name__)

    def make_before_the_fork(_: object) -> None:
        _made = predictor.products

    routes.record(make_before_the_fork)  # called where these routes are served

    @routes.get(PATH)
    def search() -> Response:
        asked = read_query(ProductsQuery)
        narrowed = {name: value for name in FACETS if (value := getattr(asked, name))}
        found = predictor.products.search(asked.q, narrowed, offset=asked.offset, limit=asked.limit)
        body: Mapping[str, Any] = {
            "total": found.total,
            "items": [predictor.products.details(item) for item in found.items],
            "facets": found.facets,
        }
        return json_response(
            ProductsResponse.model_validate(body, strict=False, from_attributes=True)
        )

    @routes.get(f"{PATH}/<string(maxlength={MAX_CODE}):code>")
    def product(code: str) -> Response:
        item = predictor.shown.find(code)
        if item == 0:
            raise NotFound(f"{code}: there is no such product.")
        return json_response(Product.model_validate(predictor.products.details(item)))

    return routes
