"""The "others also viewed" room of the API."""

from __future__ import annotations

from flask import Blueprint, Response

from nadeuri import columns
from nadeuri.recommend.coview.predict import AlsoViewed, Query
from nadeuri.serve.bodies import json_response, read_query
from nadeuri.serve.openapi import Operation
from nadeuri.serve.room import Room
from nadeuri.serve.wire import MAX_CODE, AlsoViewedQuery, AlsoViewedResponse, ServedModel

PATH = "/v1/products/{code}/also-viewed"
_LISTS = ("city",)


def room(model: AlsoViewed) -> Room:
    """The room over an opened artefact."""
    return Room(
        blueprint=_blueprint(model),
        operations=(
            Operation(
                PATH,
                "What others also viewed beside a product",
                AlsoViewedResponse,
                query=AlsoViewedQuery,
                missing="There is no such product; the nearest codes are named.",
                examples={"code": model.most_viewed},
            ),
        ),
        served=ServedModel.of(model.artifact.manifest, n_items=model.n_items),
    )


def _blueprint(model: AlsoViewed) -> Blueprint:
    routes = Blueprint("also_viewed", __name__)

    @routes.get(f"/v1/products/<string(maxlength={MAX_CODE}):code>/also-viewed")
    def also_viewed(code: str) -> Response:
        asked = read_query(AlsoViewedQuery, lists=_LISTS)
        answer = model.answer(
            Query(
                item=code,
                k=asked.k,
                filters={columns.CITY: asked.city} if asked.city else {},
                same_country=asked.same_country,
                per_city=asked.per_city,
            )
        )
        body = AlsoViewedResponse.model_validate(answer, strict=False, from_attributes=True)
        return json_response(body)

    return routes
