"""The "for you" room of the API; several models may answer side by side."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, current_app
from werkzeug.exceptions import NotFound

from nadeuri.recommend.predict import Answer, Predictor, Query
from nadeuri.serve import products, travellers
from nadeuri.serve.bodies import json_response, read_body
from nadeuri.serve.openapi import Operation
from nadeuri.serve.room import ROOMS_OF_APP, Room
from nadeuri.serve.wire import MAX_CODE, ServedModel
from nadeuri.serve.wire_recommend import (
    BatchRequest,
    BatchResponse,
    RecommendationRequest,
    RecommendationResponse,
)

PATH = "/v1/recommendations"
BATCH_PATH = f"{PATH}/batch"
MODEL_PATH = f"{PATH}/{{model}}"


@dataclass(frozen=True, kw_only=True)
class RecommenderRoom(Room):
    """A room that recommends; of several, the routes of the first reach all by their names."""

    predictor: Predictor


def room(predictor: Predictor) -> RecommenderRoom:
    """The room over an opened artefact."""
    served = ServedModel.of(
        predictor.artifact.manifest, n_items=predictor.n_items, n_users=len(predictor.users)
    )
    example = {"history": [predictor.most_clicked], "k": 10, "why": True}
    return RecommenderRoom(
        blueprint=_blueprint(predictor),
        operations=_operations(served.model, example),
        served=served,
        filter_fields=predictor.filters.fields,
        annexes=(products.annex(predictor), travellers.annex(predictor)),
        predictor=predictor,
    )


def _operations(model: str, example: dict[str, object]) -> tuple[Operation, ...]:
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
        Operation(
            MODEL_PATH,
            "Items for one traveller by one of the models that are served",
            RecommendationResponse,
            RecommendationRequest,
            missing="No such model is served; those that are are named.",
            examples={"model": model},
            body=example,
        ),
    )


def _blueprint(predictor: Predictor) -> Blueprint:
    routes = Blueprint("recommend", __name__)

    def make_before_the_fork(_: object) -> None:
        _made = predictor.metadata

    routes.record(make_before_the_fork)  # called where these routes are served

    @routes.post(PATH)
    def recommend() -> Response:
        return _recommended(predictor)

    @routes.post(BATCH_PATH)
    def recommend_batch() -> Response:
        queries = [_query(each) for each in read_body(BatchRequest).requests]
        answers = predictor.recommend(queries)
        return json_response(BatchResponse(responses=[_response(answer) for answer in answers]))

    @routes.post(f"{PATH}/<string(maxlength={MAX_CODE}):model>")
    def recommend_by(model: str) -> Response:
        return _recommended(_predictor_of(model))

    return routes


def _predictor_of(model: str) -> Predictor:
    """The recommender of this name among those that the application serves.

    Raises:
        NotFound: there is none.
    """
    rooms = current_app.extensions[ROOMS_OF_APP]
    predictors = {
        each.served.model: each.predictor for each in rooms if isinstance(each, RecommenderRoom)
    }
    if model not in predictors:
        raise NotFound(f"{model}: no such model is served. Served are: {', '.join(predictors)}.")
    return predictors[model]


def _recommended(predictor: Predictor) -> Response:
    query = _query(read_body(RecommendationRequest))
    return json_response(_response(predictor.recommend([query])[0]))


def _query(body: RecommendationRequest) -> Query:
    return Query(
        user=body.user,
        history=body.history,
        k=body.k,
        filters=body.filters,
        exclude_seen=body.exclude_seen,
        why=body.why and (body.user is None or body.history is not None or _tells_histories()),
    )


def _tells_histories() -> bool:
    """Whether stored histories are told: reasons with a filter would count what is in them."""
    return travellers.NAME in current_app.blueprints


def _response(answer: Answer) -> RecommendationResponse:
    return RecommendationResponse.model_validate(answer, strict=False, from_attributes=True)
