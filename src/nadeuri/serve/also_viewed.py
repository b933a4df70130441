"""The "others also viewed" room of the API."""

from __future__ import annotations

from flask import Blueprint, Response, request
from pydantic import ValidationError

from nadeuri import columns
from nadeuri.recommend.coview.predict import AlsoViewed, Query
from nadeuri.serve.openapi import JSON_TYPE, Operation
from nadeuri.serve.problems import InvalidRequestError
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
        asked = _asked()
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
        return Response(body.model_dump_json(), content_type=JSON_TYPE)

    return routes


def _asked() -> AlsoViewedQuery:
    """The query string, validated; a parameter that is given twice is refused unless it is a list.

    Raises:
        InvalidRequestError: not what the model says.
    """
    given: dict[str, object] = {
        name: values if name in _LISTS or len(values) > 1 else values[0]
        for name, values in request.args.lists()
    }
    try:
        return AlsoViewedQuery.model_validate(given)
    except ValidationError as error:
        raise InvalidRequestError(error) from error
