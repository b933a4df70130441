"""The room of the API that says which place of the other database a place is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from nadeuri import columns
from nadeuri.match.place_index import PlaceIndex, PlaceMatch
from nadeuri.serve.bodies import json_response, read_body
from nadeuri.serve.openapi import Operation
from nadeuri.serve.room import Room
from nadeuri.serve.wire import ServedModel
from nadeuri.serve.wire_places import PlaceMatchRequest, PlaceMatchResponse

PATH = "/v1/places/match"


def room(index: PlaceIndex) -> Room:
    """The room over an opened index."""
    return Room(
        blueprint=_blueprint(index),
        operations=(
            Operation(
                PATH,
                "Which place of the other database it is",
                PlaceMatchResponse,
                PlaceMatchRequest,
                body={columns.NAME: index.a_name},
            ),
        ),
        served=ServedModel.of(index.artifact.manifest, n_items=index.n_places),
    )


def _blueprint(index: PlaceIndex) -> Blueprint:
    routes = Blueprint("places", __name__)

    @routes.post(PATH)
    def match() -> Response:
        asked = read_body(PlaceMatchRequest)
        return json_response(_response(index.match(_row(asked), asked.k)))

    return routes


def _row(asked: PlaceMatchRequest) -> dict[str, Any]:
    """The place as a row of the table of places."""
    where = asked.position
    texts = asked.model_dump(exclude={"k", "position"}, exclude_none=True)
    return {
        **{name: text.strip() or None for name, text in texts.items()},
        columns.LATITUDE: where and where.latitude,
        columns.LONGITUDE: where and where.longitude,
    }


def _response(found: PlaceMatch) -> PlaceMatchResponse:
    candidates = [
        {**each.place, columns.PROBABILITY: each.probability, columns.METRES: each.metres}
        for each in found.candidates
    ]
    return PlaceMatchResponse.model_validate(
        {"decision": found.decision, "candidates": candidates}, strict=False
    )
