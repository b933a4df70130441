"""What a load test asks of the API: one entry for each operation of its OpenAPI document.

Standard library only: Locust reads this in a virtual environment of its own.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Endpoint:
    """An operation of the API under load.

    Attributes:
        name: what samples, figures and JMeter's thread groups are called.
        path: as the OpenAPI document has it.
        field: what a right answer has: a field of its JSON, or any text where there is none.
        event: of a stream of events, the one that ends it.
        weight: of 100 requests of a mixed load, about so many are of this kind.
        may_be_empty: so may a right answer be, where there is nothing to tell.
        accepted: statuses that are right answers.
        writes: it changes what the service keeps; asked only where that is wanted.
    """

    name: str
    method: str
    path: str
    field: str | None
    weight: int
    event: str | None = None
    may_be_empty: bool = False
    accepted: tuple[int, ...] = (200,)
    writes: bool = False

    def is_answer(self, body: bytes) -> bool:
        """Is ``body`` what this endpoint answers with?

        Only looked at as deeply as is cheap: the field's name, and the end of a JSON text.
        """
        if self.event is not None:
            return f"event: {self.event}\n".encode() in body and body.endswith(b"\n\n")
        if self.field is None:
            return bool(body) or self.may_be_empty
        return f'"{self.field}"'.encode() in body and body.rstrip().endswith(b"}")


ENDPOINTS = (
    Endpoint("recommendations", "POST", "/v1/recommendations", "items", 30),
    Endpoint("recommendations_batch", "POST", "/v1/recommendations/batch", "responses", 2),
    Endpoint("recommendations_by_model", "POST", "/v1/recommendations/{model}", "items", 2),
    Endpoint("products", "GET", "/v1/products", "facets", 4),
    Endpoint("product", "GET", "/v1/products/{code}", "clicks", 2),
    Endpoint("product_map", "GET", "/v1/products/map", "panels", 1),
    Endpoint("travellers", "GET", "/v1/travellers", "travellers", 1),
    Endpoint("traveller", "GET", "/v1/travellers/{user}", "n_clicks", 1),
    Endpoint("also_viewed", "GET", "/v1/products/{code}/also-viewed", "items", 30),
    Endpoint("questions", "POST", "/v1/questions", "entities", 15),
    Endpoint("questions_batch", "POST", "/v1/questions/batch", "answers", 1),
    Endpoint("packages", "POST", "/v1/packages/match", "packages", 6),
    Endpoint("places", "GET", "/v1/places", "places", 6),
    Endpoint("place_match", "POST", "/v1/places/match", "candidates", 2),
    Endpoint("cities", "GET", "/v1/places/cities", "cities", 2),
    Endpoint("reviews", "GET", "/v1/places/reviews", "n_open", 2),
    Endpoint(
        "review_decision",
        "POST",
        "/v1/places/reviews/{left}",
        "version",
        1,
        accepted=(200, 409),
        writes=True,
    ),
    Endpoint("jobs", "GET", "/v1/jobs", "n_jobs", 1),
    Endpoint("job", "GET", "/v1/jobs/{id}", "failures", 1),
    Endpoint("failed_requests", "GET", "/v1/failed-requests", "n_failed", 1),
    Endpoint("mapping_versions", "GET", "/v1/mapping/versions", "versions", 1),
    Endpoint("labelling_next", "POST", "/v1/labelling/next", "n_mine", 1, writes=True),
    Endpoint("labelling_task", "GET", "/v1/labelling/tasks/{task}", "text", 1),
    Endpoint(
        "labelling_label",
        "POST",
        "/v1/labelling/tasks/{task}/label",
        "revision",
        1,
        accepted=(200, 409),
        writes=True,
    ),
    Endpoint("labelling_skip", "POST", "/v1/labelling/tasks/{task}/skip", "task", 1, writes=True),
    Endpoint(
        "labelling_verdict",
        "POST",
        "/v1/labelling/tasks/{task}/verdict",
        "revision",
        1,
        accepted=(200, 409),
        writes=True,
    ),
    Endpoint("labelling_disputes", "GET", "/v1/labelling/disagreements", "n_disputed", 1),
    Endpoint("labelling_progress", "GET", "/v1/labelling/progress", "agreement", 1),
    Endpoint("labelling_export", "GET", "/v1/labelling/export", None, 1, may_be_empty=True),
    Endpoint("chat", "POST", "/v1/guide/chat", None, 2, event="answer"),
    Endpoint("chat_thread", "GET", "/v1/guide/threads/{thread}", "turns", 2),
    Endpoint("health", "GET", "/healthz", "status", 1),
    Endpoint("ready", "GET", "/readyz", "models", 1),
    Endpoint("metrics", "GET", "/metrics", None, 1),
)
BY_NAME = {endpoint.name: endpoint for endpoint in ENDPOINTS}


def covered(document: Mapping[str, Any]) -> list[Endpoint]:
    """The endpoints that an OpenAPI document has.

    Raises:
        LookupError: the document has an operation that no load test asks for.
    """
    served = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    known = {(endpoint.method, endpoint.path): endpoint for endpoint in ENDPOINTS}
    if strange := sorted(served - known.keys()):
        raise LookupError(f"bench/load/endpoints.py has no endpoint for {strange}; add it")
    return [endpoint for key, endpoint in known.items() if key in served]


def shares(endpoints: Collection[Endpoint]) -> dict[str, float]:
    """The share of each endpoint's requests in a load of all of them; they sum to 1."""
    whole = sum(endpoint.weight for endpoint in endpoints)
    return {endpoint.name: endpoint.weight / whole for endpoint in endpoints}


@dataclass(frozen=True)
class Request:
    """One request to an endpoint.

    Attributes:
        path: with its parameters and query string filled in, percent-encoded.
        body: JSON text; empty for a GET.
    """

    endpoint: Endpoint
    path: str
    body: str = ""

    def encoded(self, host: str, key: str | None = None) -> bytes:
        """The bytes of an HTTP/1.1 request that asks for the connection to be closed."""
        body = self.body.encode()
        lines = [
            f"{self.endpoint.method} {self.path} HTTP/1.1",
            f"Host: {host}",
            "Connection: close",
        ]
        if key is not None:
            lines.append(f"Authorization: Bearer {key}")
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


Requests = Mapping[str, Sequence[Request]]
"""Endpoint's name -> what it is asked, in turn."""


def json_text(value: object) -> str:
    """``value`` as JSON on one line, Korean readable."""
    return json.dumps(value, ensure_ascii=False)
