"""gunicorn's threaded worker with deadlines, and with problem documents for what is no request."""

from __future__ import annotations

import uuid
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker
from werkzeug.exceptions import RequestTimeout

from nadeuri.serve.deadlines import READ_TIMEOUT, DeadlineSocket
from nadeuri.serve.logs import log_request
from nadeuri.serve.problems import PROBLEM_TYPE, REQUEST_ID
from nadeuri.serve.wire import Problem

_STATUSES: dict[type[Exception], tuple[HTTPStatus, str]] = {
    RequestTimeout: (HTTPStatus.REQUEST_TIMEOUT, "The request took too long to arrive."),
    errors.LimitRequestLine: (HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long."),
    errors.LimitRequestHeaders: (
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "The headers are too many or too long.",
    ),
    errors.ExpectationFailed: (HTTPStatus.EXPECTATION_FAILED, "Expect only 100-continue."),
    # RFC 9112 would have 501 for unknown transfer codings; but it is no failure of the server's
    errors.ParseException: (HTTPStatus.BAD_REQUEST, "This is no request of HTTP/1.1."),
}


class Worker(ThreadWorker):  # type: ignore[misc]
    """Each connection carries one request, which has to arrive in time."""

    def handle(self, conn: Any) -> Any:
        """Answer a connection's request, in a thread."""
        conn.sock = DeadlineSocket(conn.sock, self.wsgi.config[READ_TIMEOUT])
        return super().handle(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer what did not become a request, without a word of what it said."""
        kind = next((each for each in _STATUSES if isinstance(exc, each)), None)
        if kind is None:
            self.log.error("a request failed before it was read", exc_info=exc)
        status, detail = _STATUSES[kind] if kind else (HTTPStatus.INTERNAL_SERVER_ERROR, "")
        request_id = uuid.uuid4().hex
        problem = Problem(title=status.phrase, status=status, detail=detail, request_id=request_id)
        body = problem.model_dump_json().encode()
        log_request(
            request_id=request_id,
            method=getattr(req, "method", None),
            path=None,
            status=status,
            duration=timedelta(0),
            n_bytes=len(body),
        )
        try:
            client.sendall(_head(status, request_id, len(body)) + body)
        except OSError:
            self.log.debug("the answer to a broken request could not be sent")


def _head(status: HTTPStatus, request_id: str, n_bytes: int) -> bytes:
    return (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n"
        f"Content-Type: {PROBLEM_TYPE}\r\nContent-Length: {n_bytes}\r\n"
        f"{REQUEST_ID}: {request_id}\r\n\r\n"
    ).encode()
