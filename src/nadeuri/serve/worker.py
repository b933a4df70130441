"""gunicorn's threaded worker with deadlines, and with problem documents for what is no request."""

from __future__ import annotations

import selectors
import socket
import time
import uuid
from concurrent.futures import Future
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

LINGER_S = 2.0
"""As gunicorn's."""

_LOOK_EVERY_S = 0.5
_PIECE_BYTES, _MOST_DRAINED_BYTES = 4096, 1 << 16
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
    """Each connection carries one request, which has to arrive in time.

    After the answer a server lingers until the other side closes as well, or what of the answer is
    under way may be lost (RFC 9112, 9.6). gunicorn waits for that in the thread that accepts
    connections, up to 2 s: a few clients that do not close hold up all others. Here it goes on
    beside the rest.
    """

    def init_process(self) -> None:
        """As gunicorn's; the worker's main thread does not return from it."""
        self._lingering: dict[Any, int] = {}  # connections, oldest first, and the bytes they sent
        super().init_process()

    def handle(self, conn: Any) -> Any:
        """Answer a connection's request, in a thread."""
        if not isinstance(conn.sock, DeadlineSocket):
            conn.sock = DeadlineSocket(conn.sock, self.wsgi.config[READ_TIMEOUT])
        conn.sock.restart()
        return super().handle(conn)

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        """Linger on a connection that was answered, in the main thread."""
        if fs.cancelled() or fs.exception() or fs.result() is not False:
            super().finish_request(conn, fs)
            return
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:  # the other side has gone
            self.nr_conns -= 1
            conn.close()
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + LINGER_S
        self._lingering[conn] = 0
        self.poller.register(conn.sock, selectors.EVENT_READ, lambda _: self._drain(conn))

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """As gunicorn's, but soon enough back to let go of who lingers too long."""
        super().wait_for_and_dispatch_events(min(timeout, _LOOK_EVERY_S))
        now = time.monotonic()
        for conn in [each for each in self._lingering if each.timeout <= now]:
            self._let_go(conn)

    def _drain(self, conn: Any) -> None:
        try:
            n_bytes = len(conn.sock.recv(_PIECE_BYTES))
        except BlockingIOError:
            return
        except OSError:
            n_bytes = 0
        self._lingering[conn] += n_bytes
        if not n_bytes or self._lingering[conn] >= _MOST_DRAINED_BYTES:
            self._let_go(conn)

    def _let_go(self, conn: Any) -> None:
        del self._lingering[conn]
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

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
