"""JSON in and out: request bodies and query strings, validated, and answers."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from flask import Response, request
from pydantic import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from nadeuri.serve.openapi import JSON_TYPE
from nadeuri.serve.problems import InvalidRequestError
from nadeuri.serve.wire import Wire

Model = TypeVar("Model", bound=Wire)


def read_body(model: type[Model]) -> Model:
    """The body of the request at hand, validated.

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


def read_query(model: type[Model], *, lists: Collection[str] = ()) -> Model:
    """The query string of the request at hand, validated.

    Args:
        lists: parameters that may be repeated; any other that is given twice is refused.

    Raises:
        InvalidRequestError: not what ``model`` says.
    """
    given: dict[str, object] = {
        name: values if name in lists or len(values) > 1 else values[0]
        for name, values in request.args.lists()
    }
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise InvalidRequestError(error) from error


def json_response(model: Wire) -> Response:
    """A response with ``model`` as its body."""
    return Response(model.model_dump_json(), content_type=JSON_TYPE)
