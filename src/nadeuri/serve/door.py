"""The door of the API: who may ask, how often, and what the document says of it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import Forbidden, TooManyRequests, Unauthorized

from nadeuri.serve.keys import Key, KeyRing
from nadeuri.serve.rate_limits import Decision, Limit, RateLimits

OPEN_PATHS = frozenset({"/healthz", "/readyz", "/openapi.json"})
"""What needs no key, so that balancers can look and programmers can read. The metrics do need one:
they say how much business there is, and Prometheus can send a key."""
KEY_NAME = "nadeuri.key"
"""Of the WSGI environment: the name of the key, for the log."""

_SCHEME = "ApiKey"
_CHALLENGE = 'Bearer realm="nadeuri"'
_POLICY = '"per-key"'


class NoKeyError(Unauthorized):
    """A request without a key, or with none of ours (RFC 6750)."""

    def __init__(self, description: str, challenge: str) -> None:
        super().__init__(description)
        self._challenge = challenge

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        """Those of an error and the challenge; werkzeug's own would leave the realm unquoted."""
        return [*super().get_headers(*args, **kwargs), ("WWW-Authenticate", self._challenge)]


class Door:
    """Lets requests with a key pass, as often as the key may be used.

    Made before the first fork, for all processes have to count together.
    """

    def __init__(self, keys: Path) -> None:
        """Raises: ConfigError: no file of keys."""
        self._ring = KeyRing(keys)
        self._limits = RateLimits()

    def install(self, app: Flask) -> None:
        """Stand before every route of ``app``; behind what gives requests their ids."""
        app.before_request(self._admit)
        app.after_request(_tell_limit)

    def _admit(self) -> None:
        """Let the request at hand pass.

        Raises:
            NoKeyError: no key, or not one of ours.
            Forbidden: the key is for other rooms.
            TooManyRequests: the key was used too often.
        """
        if request.url_rule is not None and request.url_rule.rule in OPEN_PATHS:
            return
        key = self._key()
        request.environ[KEY_NAME] = key.name
        room = request.blueprint or request.endpoint  # None: an answer of 404 or 405
        if room is not None and key.rooms is not None and room not in key.rooms:
            raise Forbidden(f"This key is for: {', '.join(key.rooms)}.")
        if key.limit is not None:
            decision = self._limits.take(key.digest, key.limit)
            g.rate_limit = (key.limit, decision)
            if not decision.is_allowed:
                wait_s = max(1, math.ceil(decision.retry_after_s))
                raise TooManyRequests(f"Ask again in {wait_s} s.", retry_after=wait_s)

    def _key(self) -> Key:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NoKeyError("Send an API key as Authorization: Bearer KEY.", _CHALLENGE)
        key = self._ring.find(token.strip())
        if key is None:
            raise NoKeyError(
                "There is no such API key, or its time is over.",
                f'{_CHALLENGE}, error="invalid_token"',
            )
        return key


def describe_door(document: dict[str, Any]) -> None:
    """Say in an OpenAPI document what a door asks for and answers."""
    document["components"]["securitySchemes"] = {
        _SCHEME: {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key. Keys with a limit are told about it in RateLimit and "
            "RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers).",
        }
    }
    for path, methods in document["paths"].items():
        if path in OPEN_PATHS:
            continue
        for operation in methods.values():
            operation["security"] = [{_SCHEME: []}]
            problem = operation["responses"]["default"]
            operation["responses"] |= {
                "401": _with_header(problem, "There is no such key.", "WWW-Authenticate", "string"),
                "403": {**problem, "description": "The key is for other rooms."},
                "429": _with_header(problem, "The key was used too often.", "Retry-After"),
            }


def _with_header(
    problem: dict[str, Any], description: str, header: str, kind: str = "integer"
) -> dict[str, Any]:
    headers = {**problem["headers"], header: {"schema": {"type": kind}}}
    return {**problem, "description": description, "headers": headers}


def _tell_limit(response: Response) -> Response:
    limit: Limit
    decision: Decision
    if "rate_limit" in g:
        limit, decision = g.rate_limit
        window_s = max(1, math.ceil(limit.interval_s * limit.burst))
        response.headers["RateLimit-Policy"] = f"{_POLICY};q={limit.burst};w={window_s}"
        full_after_s = math.ceil(decision.full_after_s)
        response.headers["RateLimit"] = f"{_POLICY};r={decision.remaining};t={full_after_s}"
    return response
