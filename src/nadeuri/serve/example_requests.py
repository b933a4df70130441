"""The example requests of the documented operations, ready to be sent."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from nadeuri.serve.openapi import PATH_PARAMETER, Operation


@dataclass(frozen=True)
class ExampleRequest:
    """A request that a sound model answers with 200.

    Attributes:
        url: path and query string, quoted.
        body: JSON; None of a GET.
    """

    operation: Operation
    method: str
    url: str
    body: bytes | None


def example_requests(operations: Iterable[Operation]) -> list[ExampleRequest]:
    """One request of each operation that has an example of all that it requires."""
    return [_request(each) for each in operations if _is_complete(each)]


def _is_complete(operation: Operation) -> bool:
    required = set(PATH_PARAMETER.findall(operation.path))
    if operation.query is not None:
        fields = operation.query.model_fields
        required |= {name for name, field in fields.items() if field.is_required()}
    has_body = operation.request is None or operation.body is not None
    return has_body and required <= set(operation.examples)


def _request(operation: Operation) -> ExampleRequest:
    values = operation.examples
    path = PATH_PARAMETER.sub(lambda found: quote(values[found[1]], safe=""), operation.path)
    in_query = operation.query.model_fields if operation.query is not None else ()
    query = urlencode({name: value for name, value in values.items() if name in in_query})
    return ExampleRequest(
        operation=operation,
        method=operation.method.upper(),
        url=f"{path}?{query}" if query else path,
        body=None if operation.body is None else _json(operation.body),
    )


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
