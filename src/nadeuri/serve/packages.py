"""The room of the API that finds packages for an itinerary, and places by name."""

from __future__ import annotations

from flask import Blueprint, Response

from nadeuri.match.packages import Stop
from nadeuri.match.predict import PackageFinder
from nadeuri.serve.bodies import json_response, read_body, read_query
from nadeuri.serve.openapi import Operation
from nadeuri.serve.room import Room
from nadeuri.serve.wire import ServedModel
from nadeuri.serve.wire_match import (
    CitiesResponse,
    PackagesRequest,
    PackagesResponse,
    PlacesQuery,
    PlacesResponse,
)

PATH = "/v1/packages/match"
PLACES_PATH = "/v1/places"
CITIES_PATH = "/v1/places/cities"


def room(finder: PackageFinder) -> Room:
    """The room over an opened artefact, warmed up."""
    finder.warm_up()
    return Room(
        blueprint=_blueprint(finder),
        operations=_operations(finder.mapped_place),
        served=ServedModel.of(finder.artifact.manifest, n_items=finder.n_packages),
    )


def _operations(place_id: str) -> tuple[Operation, ...]:
    stop = {"place_id": place_id, "day": 1, "order": 1}
    return (
        Operation(
            PATH,
            "Packages that fit an itinerary",
            PackagesResponse,
            PackagesRequest,
            body={"stops": [stop]},
        ),
        Operation(
            PLACES_PATH,
            "Places by name",
            PlacesResponse,
            query=PlacesQuery,
            examples={"q": "시장"},
        ),
        Operation(CITIES_PATH, "Cities with places and packages", CitiesResponse),
    )


def _blueprint(finder: PackageFinder) -> Blueprint:
    routes = Blueprint("packages", __name__)
    cities = CitiesResponse.model_validate(
        {"cities": finder.cities}, strict=False, from_attributes=True
    )

    @routes.post(PATH)
    def match() -> Response:
        asked = read_body(PackagesRequest)
        stops = [Stop(each.place_id, each.day, each.order, each.name) for each in asked.stops]
        answer = finder.match(stops, ids=asked.ids, k=asked.k, city=asked.city)
        return json_response(
            PackagesResponse.model_validate(answer, strict=False, from_attributes=True)
        )

    @routes.get(PLACES_PATH)
    def places() -> Response:
        asked = read_query(PlacesQuery)
        found = finder.search(asked.q, city=asked.city, limit=asked.limit)
        return json_response(
            PlacesResponse.model_validate({"places": found}, strict=False, from_attributes=True)
        )

    @routes.get(CITIES_PATH)
    def every_city() -> Response:
        return json_response(cities)

    return routes
