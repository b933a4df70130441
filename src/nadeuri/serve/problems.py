"""Errors leave as ``application/problem+json`` (RFC 9457); every response has a request id."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Sequence
from functools import cache

from flask import Flask, Response, g, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from nadeuri.errors import QueryError, UnknownItemError
from nadeuri.serve.wire import FieldProblem, Problem

REQUEST_ID = "X-Request-ID"
PROBLEM_TYPE = "application/problem+json"
ROUTE = "nadeuri.route"
"""Of the WSGI environment: the template of the route that answers; absent where there is none."""
_CONVERTER = re.compile(r"<(?:[^<>]*:)?(\w+)>")
_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_MAX_ERRORS = 20

logger = logging.getLogger(__name__)


class InvalidRequestError(Exception):
    """A request's body or query string is not what its model says."""

    def __init__(self, error: ValidationError) -> None:
        super().__init__(str(error))
        self.errors = error.errors(include_url=False, include_context=False, include_input=False)


def register(app: Flask) -> None:
    """Install request ids and error handlers."""
    app.before_request(_take_request_id)
    app.after_request(_return_request_id)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(InvalidRequestError, _invalid)
    app.register_error_handler(UnknownItemError, _unknown)
    app.register_error_handler(Exception, _any)


def problem_of(error: Exception, request_id: str) -> Problem:
    """What is said of an error while a request was answered.

    Of an internal one the traceback goes to the log, and the caller gets the id to ask about.
    """
    if isinstance(error, QueryError):
        return Problem(
            title="Invalid request", status=422, detail=str(error), request_id=request_id
        )
    logger.error("request %s failed", request_id, exc_info=error, extra={"request_id": request_id})
    detail = f"Quote request id {request_id}."
    return Problem(title="Internal Server Error", status=500, detail=detail, request_id=request_id)


def _take_request_id() -> None:
    """Take over the caller's id if it is safe to log, else draw one; and note the route."""
    given = request.headers.get(REQUEST_ID, "")
    g.request_id = given if _ACCEPTED_ID.fullmatch(given) else uuid.uuid4().hex
    if request.url_rule is not None:
        request.environ[ROUTE] = _template(request.url_rule.rule)


@cache
def _template(rule: str) -> str:
    """A rule of Flask's as OpenAPI writes it: ``/items/<string:item>`` as ``/items/{item}``."""
    return _CONVERTER.sub(r"{\1}", rule)


def _return_request_id(response: Response) -> Response:
    response.headers[REQUEST_ID] = g.request_id
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    headers = [
        (name, value)
        for name, value in error.get_response().headers
        if name.lower() not in ("content-type", "content-length")
    ]  # keeps Allow of a 405
    response = _problem(status, error.name, error.description or "")
    response.headers.extend(headers)
    return response


def _invalid(error: InvalidRequestError) -> Response:
    problems = [
        FieldProblem(field=".".join(map(str, each["loc"])), message=each["msg"])
        for each in error.errors[:_MAX_ERRORS]
    ]
    if error.errors[0]["type"] == "json_invalid":
        return _problem(400, "Not JSON", problems[0].message)
    detail = "; ".join(f"{each.field or 'request'}: {each.message}" for each in problems)
    return _problem(422, "Invalid request", detail, problems)


def _unknown(error: UnknownItemError) -> Response:
    return _problem(404, "Not Found", str(error))


def _any(error: Exception) -> Response:
    return problem_response(problem_of(error, g.request_id))


def _problem(status: int, title: str, detail: str, errors: Sequence[FieldProblem] = ()) -> Response:
    return problem_response(
        Problem(
            title=title, status=status, detail=detail, request_id=g.request_id, errors=list(errors)
        )
    )


def problem_response(problem: Problem) -> Response:
    """A response that is ``problem``."""
    return Response(problem.model_dump_json(), problem.status, content_type=PROBLEM_TYPE)
