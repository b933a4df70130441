"""OpenAPI 3.1 from the wire models: the document describes exactly what is validated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic.json_schema import models_json_schema

from nadeuri import __version__
from nadeuri.serve.problems import PROBLEM_TYPE, REQUEST_ID
from nadeuri.serve.wire import Problem, RecommendationRequest, Wire

JSON_TYPE = "application/json"
_BODY_PROBLEMS = {
    "400": "The body is not JSON.",
    "413": "The body is too large.",
    "415": "The body is not application/json.",
    "422": "The body does not fit the schema, or filters by a field the catalogue lacks.",
}
_REFERENCE = "#/components/schemas/{model}"


@dataclass(frozen=True)
class Operation:
    """One documented route; a request body makes it a POST."""

    path: str
    summary: str
    response: type[Wire]
    request: type[Wire] | None = None


def document(operations: Sequence[Operation], filter_fields: Sequence[str]) -> dict[str, Any]:
    """The OpenAPI document.

    Args:
        filter_fields: what the loaded catalogue can be filtered by; other names are refused.
    """
    models: dict[type[Wire], None] = {Problem: None}
    for operation in operations:
        models[operation.response] = None
        if operation.request is not None:
            models[operation.request] = None
    _, schemas = models_json_schema(
        [(model, "validation") for model in models], ref_template=_REFERENCE
    )
    definitions = schemas["$defs"]
    filters = definitions[RecommendationRequest.__name__]["properties"]["filters"]
    if filter_fields:
        filters["propertyNames"] = {"enum": list(filter_fields)}
    else:
        filters["maxProperties"] = 0
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Nadeuri",
            "version": __version__,
            "description": f"Errors are problem documents (RFC 9457). A request's {REQUEST_ID} "
            "is returned if it is 1-128 letters, digits, '.', '_' or '-'; else one is made up.",
        },
        "paths": {op.path: {_method(op): _describe(op)} for op in operations},
        "components": {
            "schemas": definitions,
            "headers": {
                "RequestId": {"description": "Id of this request.", "schema": {"type": "string"}}
            },
        },
    }


def _method(operation: Operation) -> str:
    return "get" if operation.request is None else "post"


def _describe(operation: Operation) -> dict[str, Any]:
    responses = {"200": _response("OK", operation.response, JSON_TYPE)}
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": operation.path.strip("/").replace("/", "_"),
        "responses": responses,
    }
    if operation.request is not None:
        described["requestBody"] = {
            "required": True,
            "content": {JSON_TYPE: {"schema": _reference(operation.request)}},
        }
        for status, meaning in _BODY_PROBLEMS.items():
            responses[status] = _response(meaning, Problem, PROBLEM_TYPE)
    responses["default"] = _response("Any other error.", Problem, PROBLEM_TYPE)
    return described


def _response(description: str, model: type[Wire], content_type: str) -> dict[str, Any]:
    return {
        "description": description,
        "headers": {REQUEST_ID: {"$ref": "#/components/headers/RequestId"}},
        "content": {content_type: {"schema": _reference(model)}},
    }


def _reference(model: type[Wire]) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(model=model.__name__)}
