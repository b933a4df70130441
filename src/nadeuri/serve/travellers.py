"""Travellers whom the served recommender knows, and what they looked at: personal data."""

from __future__ import annotations

from itertools import islice

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from nadeuri.data.sequences import ItemArray
from nadeuri.recommend.predict import Predictor
from nadeuri.recommend.shown import nfc
from nadeuri.serve.bodies import json_response, read_query
from nadeuri.serve.openapi import Operation, path_example
from nadeuri.serve.room import Annex
from nadeuri.serve.wire import MAX_CODE
from nadeuri.serve.wire_shop import (
    MAX_LAST,
    MAX_LAST_IN_LIST,
    ShownProduct,
    Traveller,
    TravellersQuery,
    TravellersResponse,
)

NAME = "travellers"
"""Of the blueprint."""
PATH = "/v1/travellers"
TRAVELLER_PATH = "/v1/travellers/{user}"


def annex(predictor: Predictor) -> Annex:
    """The routes over the histories of an opened recommender."""
    example = next((user for user, _ in predictor.users.evenly(1)), None)
    return Annex(
        blueprint=_blueprint(predictor),
        operations=(
            Operation(PATH, "Known travellers", TravellersResponse, query=TravellersQuery),
            Operation(
                TRAVELLER_PATH,
                "One known traveller",
                Traveller,
                missing="There is no such traveller.",
                examples=path_example("user", example),
            ),
        ),
        is_personal=True,
    )


def _blueprint(predictor: Predictor) -> Blueprint:
    routes = Blueprint(NAME, __name__)

    @routes.get(PATH)
    def travellers() -> Response:
        asked = read_query(TravellersQuery)
        told = [
            _traveller(predictor, user, history, MAX_LAST_IN_LIST)
            for user, history in predictor.users.evenly(asked.limit)
        ]
        return json_response(TravellersResponse(travellers=told))

    @routes.get(f"{PATH}/<string(maxlength={MAX_CODE}):user>")
    def traveller(user: str) -> Response:
        history = predictor.users.find(nfc(user))
        if history is None:
            raise NotFound(f"{user}: there is no such traveller.")
        return json_response(_traveller(predictor, nfc(user), history, MAX_LAST))

    return routes


def _traveller(predictor: Predictor, user: str, history: ItemArray, most: int) -> Traveller:
    """A traveller with the ``most`` different products that they looked at last."""
    last = islice(dict.fromkeys(history[::-1].tolist()), most)
    return Traveller(
        user=user,
        n_clicks=len(history),
        last=[ShownProduct.model_validate(predictor.products.summary(item)) for item in last],
    )
