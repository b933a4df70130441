"""The "for you" room of the API."""

from __future__ import annotations

from typing import TypeVar

from flask import Blueprint, Response, request
from pydantic import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from nadeuri.recommend.predict import Answer, Predictor, Query
from nadeuri.serve.openapi import JSON_TYPE, Operation
from nadeuri.serve.problems import InvalidRequestError
from nadeuri.serve.room import Room
from nadeuri.serve.wire import (
    BatchRequest,
    BatchResponse,
    RecommendationRequest,
    RecommendationResponse,
    ServedModel,
    Wire,
)

Model = TypeVar("Model", bound=Wire)

PATH = "/v1/recommendations"
BATCH_PATH = f"{PATH}/batch"

OPERATIONS = (
    Operation(PATH, "Items for one traveller", RecommendationResponse, RecommendationRequest),
    Operation(BATCH_PATH, "Items for several travellers", BatchResponse, BatchRequest),
)


def room(predictor: Predictor) -> Room:
    """The room over an opened artefact."""
    return Room(
        blueprint=_blueprint(predictor),
        operations=OPERATIONS,
        served=ServedModel.of(
            predictor.artifact.manifest, n_items=predictor.n_items, n_users=len(predictor.users)
        ),
        filter_fields=predictor.filters.fields,
    )


def _blueprint(predictor: Predictor) -> Blueprint:
    routes = Blueprint("recommend", __name__)

    @routes.post(PATH)
    def recommend() -> Response:
        query = _query(_body(RecommendationRequest))
        return _json(_response(predictor.recommend([query])[0]))

    @routes.post(BATCH_PATH)
    def recommend_batch() -> Response:
        queries = [_query(each) for each in _body(BatchRequest).requests]
        answers = predictor.recommend(queries)
        return _json(BatchResponse(responses=[_response(answer) for answer in answers]))

    return routes


def _body(model: type[Model]) -> Model:
    """The request's body, validated.

    Raises:
        UnsupportedMediaType: not declared as JSON.
        RequestEntityTooLarge: longer than the application allows.
        InvalidRequestError: not JSON, or not what ``model`` says.
    """
    if not request.is_json:
        raise UnsupportedMediaType(f"Send the body as Content-Type: {JSON_TYPE}.")
    content = request.get_data(cache=False)
    if len(content) == request.max_content_length:
        raise RequestEntityTooLarge
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise InvalidRequestError(error) from error


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


def _json(model: Wire) -> Response:
    return Response(model.model_dump_json(), content_type=JSON_TYPE)
