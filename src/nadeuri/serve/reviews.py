"""The room of the API where people decide which places are the same.

A decision is kept at once and wins over every model; the mapping follows with the next run of
``nadeuri match run`` or ``nadeuri match export``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Connection
from werkzeug.exceptions import Conflict, NotFound

from nadeuri import columns
from nadeuri.match.store import reviews
from nadeuri.match.store.database import MappingStore
from nadeuri.match.store.reviews import Review, StaleReviewError
from nadeuri.serve.bodies import json_response, read_body, read_query
from nadeuri.serve.openapi import Operation, path_example
from nadeuri.serve.per_process import OnePerProcess
from nadeuri.serve.room import Room
from nadeuri.serve.wire import MAX_CODE, ServedModel
from nadeuri.serve.wire_match import (
    DecisionRequest,
    DecisionResponse,
    ReviewAnswer,
    ReviewsQuery,
    ReviewsResponse,
)

PATH = "/v1/places/reviews"
DECISION_PATH = "/v1/places/reviews/{left}"


def room(
    open_store: Callable[[], MappingStore], served: ServedModel, *, example: str | None = None
) -> Room:
    """The room over a mapping store.

    Args:
        open_store: called once in each process that serves, for no fork may share a connection.
        example: a place that people are asked about.
    """
    store = OnePerProcess(open_store)
    return Room(
        blueprint=_blueprint(store),
        operations=(
            Operation(
                PATH, "Places that people are asked about", ReviewsResponse, query=ReviewsQuery
            ),
            Operation(
                DECISION_PATH,
                "Decide about a place and a candidate",
                DecisionResponse,
                DecisionRequest,
                missing="Nobody is asked about such a place, or it has no such candidate.",
                conflict="Somebody else decided meanwhile, or new evidence came; look again.",
                examples=path_example("left", example),
            ),
        ),
        served=served,
        start=store.get,
        stop=store.close,
    )


def _blueprint(store: OnePerProcess[MappingStore]) -> Blueprint:
    routes = Blueprint("reviews", __name__)

    @routes.get(PATH)
    def queue() -> Response:
        asked = read_query(ReviewsQuery)
        with store.get().reading() as connection:
            found = reviews.open_reviews(connection, asked.limit, asked.offset)
            n_open = len(reviews.open_lefts(connection))
        return json_response(
            ReviewsResponse(reviews=[_answer(each) for each in found], n_open=n_open)
        )

    @routes.post(f"/v1/places/reviews/<string(maxlength={MAX_CODE}):left>")
    def decide(left: str) -> Response:
        said = read_body(DecisionRequest)
        with store.get().begin() as connection:
            return json_response(_decided(connection, unicodedata.normalize("NFC", left), said))

    return routes


def _decided(connection: Connection, left: str, said: DecisionRequest) -> DecisionResponse:
    """Keep what was said.

    Raises:
        NotFound: nobody is asked about the place, or it has no such candidate.
        Conflict: it is at another version.
    """
    review = None if "\0" in left else reviews.review_of(connection, left)
    if review is None:
        raise NotFound(f"{left}: nobody is asked about such a place.")
    candidates = {each[columns.RIGHT] for each in review.evidence["candidates"]}
    is_strange = said.right is not None and said.right not in candidates
    if is_strange and said.version == review.revision:
        raise NotFound(f"{said.right} is no candidate of {left}.")
    try:
        reviews.decide(
            connection, left, said.right, said.relation, said.reviewer, revision=said.version
        )
    except StaleReviewError as error:
        raise Conflict(str(error)) from error
    after = reviews.review_of(connection, left) or review
    return DecisionResponse(n_open=len(reviews.open_lefts(connection)), version=after.revision)


def _answer(review: Review) -> ReviewAnswer:
    known = review.evidence
    return ReviewAnswer.model_validate(
        {
            "left": _named(known["place"], review.left),
            "candidates": [_named(each, each[columns.RIGHT]) for each in known["candidates"]],
            "evidence": {
                "reason": review.reason,
                "doubt": review.doubt,
                "said": known["said"],
                "lost_to": known.get("lost_to"),
                "fault": known.get("fault"),
            },
            "version": review.revision,
        },
        strict=False,
    )


def _named(place: Mapping[str, Any], place_id: str) -> dict[str, Any]:
    """A row of evidence with its id, and a name whatever is known."""
    return {columns.NAME: place_id, **place, columns.PLACE_ID: place_id}
