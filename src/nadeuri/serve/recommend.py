"""The "for you" room of the API."""

from __future__ import annotations

from flask import Blueprint, Response

from nadeuri.recommend.predict import Answer, Predictor, Query
from nadeuri.serve.bodies import json_response, read_body
from nadeuri.serve.openapi import Operation
from nadeuri.serve.room import Room
from nadeuri.serve.wire import (
    BatchRequest,
    BatchResponse,
    RecommendationRequest,
    RecommendationResponse,
    ServedModel,
)

PATH = "/v1/recommendations"
BATCH_PATH = f"{PATH}/batch"


def room(predictor: Predictor) -> Room:
    """The room over an opened artefact."""
    return Room(
        blueprint=_blueprint(predictor),
        operations=_operations({"history": [predictor.most_clicked], "k": 10}),
        served=ServedModel.of(
            predictor.artifact.manifest, n_items=predictor.n_items, n_users=len(predictor.users)
        ),
        filter_fields=predictor.filters.fields,
    )


def _operations(example: dict[str, object]) -> tuple[Operation, ...]:
    return (
        Operation(
            PATH,
            "Items for one traveller",
            RecommendationResponse,
            RecommendationRequest,
            body=example,
        ),
        Operation(
            BATCH_PATH,
            "Items for several travellers",
            BatchResponse,
            BatchRequest,
            body={"requests": [example, {"k": 3}]},
        ),
    )


def _blueprint(predictor: Predictor) -> Blueprint:
    routes = Blueprint("recommend", __name__)

    @routes.post(PATH)
    def recommend() -> Response:
        query = _query(read_body(RecommendationRequest))
        return json_response(_response(predictor.recommend([query])[0]))

    @routes.post(BATCH_PATH)
    def recommend_batch() -> Response:
        queries = [_query(each) for each in read_body(BatchRequest).requests]
        answers = predictor.recommend(queries)
        return json_response(BatchResponse(responses=[_response(answer) for answer in answers]))

    return routes


def _query(body: RecommendationRequest) -> Query:
    return Query(
        user=body.user,
        history=body.history,
        k=body.k,
        filters=body.filters,
        exclude_seen=body.exclude_seen,
    )


def _response(answer: Answer) -> RecommendationResponse:
    return RecommendationResponse.model_validate(answer, strict=False, from_attributes=True)
