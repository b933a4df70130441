"""OpenAPI 3.1 from the wire models: the document describes exactly what is validated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from nadeuri import __version__
from nadeuri.serve.problems import PROBLEM_TYPE, REQUEST_ID
from nadeuri.serve.wire import MAX_CODE, Problem, Wire
from nadeuri.serve.wire_recommend import RecommendationRequest

JSON_TYPE = "application/json"
EVENT_STREAM_TYPE = "text/event-stream"
_BODY_PROBLEMS = {
    "400": "The body is not JSON.",
    "413": "The body is too large.",
    "415": "The body is not application/json.",
    "422": "The body does not fit the schema, or filters by a field the catalogue lacks.",
}
_QUERY_PROBLEMS = {"422": "A parameter is unknown, or its value does not fit."}
PATH_PARAMETER = re.compile(r"\{(\w+)\}")
_REFERENCE = "#/components/schemas/{model}"


@dataclass(frozen=True)
class Operation:
    """One documented route; a request body makes it a POST.

    Attributes:
        path: with parameters in braces, all of them text.
        response: model of a JSON answer; None of a route that answers with text.
        text_types: content types of such text.
        request: model of the body.
        query: model of the query string.
        missing: what a 404 of this route means; None where it cannot happen.
        conflict: what a 409 means; None where it cannot happen.
        events: names of the events of a route that also answers with server-sent events, and the
            models of their data.
        examples: values of parameters, of the path or the query, that are answered with 200.
        body: a request body that is.
    """

    path: str
    summary: str
    response: type[Wire] | None = None
    request: type[Wire] | None = None
    query: type[Wire] | None = None
    missing: str | None = None
    conflict: str | None = None
    events: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    examples: Mapping[str, str] = field(default_factory=dict)
    text_types: Sequence[str] = ()
    body: Mapping[str, Any] | None = None

    @property
    def method(self) -> str:
        return "get" if self.request is None else "post"


def path_example(name: str, value: str | None) -> dict[str, str]:
    """``value`` as the example of a path's parameter; none where no path can carry it.

    Ids come from data: a slash in one is decoded before routes are found, so none is found.
    """
    if value is None or "/" in value or not 0 < len(value) <= MAX_CODE:
        return {}
    return {name: value}


def document(operations: Sequence[Operation], filter_fields: Sequence[str]) -> dict[str, Any]:
    """The OpenAPI document.

    Args:
        filter_fields: what the loaded catalogue can be filtered by; other names are refused.
    """
    models: dict[type[BaseModel], None] = {Problem: None}
    for operation in operations:
        models.update(dict.fromkeys(operation.events.values()))
        if operation.response is not None:
            models[operation.response] = None
        if operation.request is not None:
            models[operation.request] = None
    _, schemas = models_json_schema(
        [(model, "validation") for model in models], ref_template=_REFERENCE
    )
    definitions = schemas["$defs"]
    if RecommendationRequest.__name__ in definitions:
        _restrict_filters(definitions, filter_fields)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Nadeuri",
            "version": __version__,
            "description": f"Errors are problem documents (RFC 9457). A request's {REQUEST_ID} "
            "is returned if it is 1-128 letters, digits, '.', '_' or '-'; else one is made up.",
        },
        "paths": {op.path: {op.method: _describe(op)} for op in operations},
        "components": {
            "schemas": definitions,
            "headers": {
                "RequestId": {"description": "Id of this request.", "schema": {"type": "string"}}
            },
        },
    }


def _restrict_filters(definitions: dict[str, Any], fields: Sequence[str]) -> None:
    filters = definitions[RecommendationRequest.__name__]["properties"]["filters"]
    if fields:
        filters["propertyNames"] = {"enum": list(fields)}
    else:
        filters["maxProperties"] = 0


def _describe(operation: Operation) -> dict[str, Any]:
    responses = {"200": _answer(operation)}
    if operation.events:
        responses["200"]["content"][EVENT_STREAM_TYPE] = {"schema": _stream(operation.events)}
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": PATH_PARAMETER.sub(r"by_\1", operation.path).strip("/").replace("/", "_"),
        "responses": responses,
    }
    if parameters := list(_parameters(operation)):
        described["parameters"] = parameters
    if operation.query is not None:
        for status, meaning in _QUERY_PROBLEMS.items():
            responses[status] = _response(meaning, Problem, PROBLEM_TYPE)
    if operation.missing is not None:
        responses["404"] = _response(operation.missing, Problem, PROBLEM_TYPE)
    if operation.conflict is not None:
        responses["409"] = _response(operation.conflict, Problem, PROBLEM_TYPE)
    if operation.request is not None:
        content: dict[str, Any] = {"schema": _reference(operation.request)}
        if operation.body is not None:
            content["example"] = operation.body
        described["requestBody"] = {"required": True, "content": {JSON_TYPE: content}}
        for status, meaning in _BODY_PROBLEMS.items():
            responses[status] = _response(meaning, Problem, PROBLEM_TYPE)
    responses["503"] = _busy()
    responses["default"] = _response("Any other error.", Problem, PROBLEM_TYPE)
    return described


def _parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    for name in PATH_PARAMETER.findall(operation.path):
        schema = {"type": "string", "minLength": 1, "maxLength": MAX_CODE}
        parameter = {"name": name, "in": "path", "required": True, "schema": schema}
        if name in operation.examples:
            parameter["example"] = operation.examples[name]
        yield parameter
    if operation.query is not None:
        described = operation.query.model_json_schema()
        for name, schema in described["properties"].items():
            # a query string has no null: what may be absent is left out
            schema = {**schema, **next(iter(schema.get("anyOf", [])), {})}
            parameter = {
                "name": name,
                "in": "query",
                "required": name in described.get("required", ()),
                "description": schema.pop("description"),
                "schema": {
                    k: v for k, v in schema.items() if k not in ("anyOf", "title") and v is not None
                },
            }
            if name in operation.examples:
                parameter["example"] = operation.examples[name]
            yield parameter


def _answer(operation: Operation) -> dict[str, Any]:
    if operation.response is not None:
        return _response("OK", operation.response, JSON_TYPE)
    text = {"schema": {"type": "string"}}
    return {
        "description": "OK",
        "headers": {REQUEST_ID: {"$ref": "#/components/headers/RequestId"}},
        "content": dict.fromkeys(operation.text_types, text),
    }


def _busy() -> dict[str, Any]:
    described = _response("The server is busy, or not ready.", Problem, PROBLEM_TYPE)
    described["headers"]["Retry-After"] = {
        "description": "Seconds after which to ask again.",
        "schema": {"type": "integer"},
    }
    return described


def _response(description: str, model: type[Wire], content_type: str) -> dict[str, Any]:
    return {
        "description": description,
        "headers": {REQUEST_ID: {"$ref": "#/components/headers/RequestId"}},
        "content": {content_type: {"schema": _reference(model)}},
    }


def _stream(events: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """The schema of one event; OpenAPI 3.1 has no keyword of its own for the items of a stream."""
    return {
        "description": "Server-sent events, each of them one of these.",
        "oneOf": [_event(name, model) for name, model in events.items()],
    }


def _event(name: str, model: type[BaseModel]) -> dict[str, Any]:
    data = {
        "type": "string",
        "contentMediaType": JSON_TYPE,
        "contentSchema": _reference(model),
    }
    return {
        "type": "object",
        "properties": {"event": {"const": name}, "data": data},
        "required": ["event", "data"],
    }


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(model=model.__name__)}
