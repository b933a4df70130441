"""The "others also viewed" room of the API."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from nadeuri import columns
from nadeuri.recommend.coview.map_file import MapPanel, read_map
from nadeuri.recommend.coview.predict import AlsoViewed, Query
from nadeuri.serve.bodies import json_response, read_query
from nadeuri.serve.openapi import JSON_TYPE, Operation, path_example
from nadeuri.serve.room import Room
from nadeuri.serve.wire import MAX_CODE, AlsoViewedQuery, AlsoViewedResponse, ServedModel
from nadeuri.serve.wire_shop import ProductMapResponse

PATH = "/v1/products/{code}/also-viewed"
MAP_PATH = "/v1/products/map"
_LISTS = ("city",)


def room(model: AlsoViewed) -> Room:
    """The room over an opened artefact; the map is documented where the artefact has one."""
    panels = read_map(model.artifact, model.shown)
    drawn = Operation(MAP_PATH, "Products on a plane, alike ones side by side", ProductMapResponse)
    return Room(
        blueprint=_blueprint(model, panels),
        operations=(
            *([drawn] if panels else []),
            Operation(
                PATH,
                "What others also viewed beside a product",
                AlsoViewedResponse,
                query=AlsoViewedQuery,
                missing="There is no such product; the nearest codes are named.",
                examples=path_example("code", model.most_viewed),
            ),
        ),
        served=ServedModel.of(model.artifact.manifest, n_items=model.n_items),
    )


def _blueprint(model: AlsoViewed, panels: Sequence[MapPanel]) -> Blueprint:
    routes = Blueprint("also_viewed", __name__)
    drawn = _map(model, panels).model_dump_json()  # once: it is long and always the same

    @routes.get(MAP_PATH)
    def product_map() -> Response:
        if not panels:
            raise NotFound("These vectors have no map; see nadeuri recommend map --help.")
        return Response(drawn, content_type=JSON_TYPE)

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


def _map(model: AlsoViewed, panels: Sequence[MapPanel]) -> ProductMapResponse:
    told = [
        {
            "model": panel.model,
            "points": [
                {**model.shown.facts(each.item), "x": each.x, "y": each.y, "is_new": each.is_new}
                for each in panel.points
            ],
        }
        for panel in panels
    ]
    return ProductMapResponse.model_validate({"panels": told})
