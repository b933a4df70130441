"""A stop that a load balancer sees coming: first not ready, then no longer there."""

from __future__ import annotations

import mmap
import signal
import time
from typing import Any

from flask import Flask, request
from gunicorn.arbiter import Arbiter
from werkzeug.exceptions import ServiceUnavailable

DRAINING_OF_APP = "nadeuri-draining"
"""The key of an application's :class:`Draining` among its extensions."""

_READINESS = "readyz"


class Draining:
    """Whether the server is about to stop, in memory that its processes share.

    It is made before the first fork and switched on by the process that forks.
    """

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 1)

    def __bool__(self) -> bool:
        return self._shared[0] != 0

    def begin(self) -> None:
        """From now on nobody is ready, in any process."""
        self._shared[0] = 1


def register(app: Flask, draining: Draining) -> None:
    """Let readiness end when the server is about to stop."""
    app.extensions[DRAINING_OF_APP] = draining

    @app.before_request
    def refuse_readiness() -> None:
        if draining and request.endpoint == _READINESS:
            raise ServiceUnavailable("The server is about to stop.")


class DrainingArbiter(Arbiter):  # type: ignore[misc]
    """gunicorn's master process, which after SIGTERM serves on for a while without being ready.

    A load balancer stops sending meanwhile, so that nobody meets a closed door. A second SIGTERM
    ends the wait.
    """

    def __init__(self, *args: Any, drain_s: float) -> None:
        super().__init__(*args)
        self._drain_s = drain_s
        self._stop_at: float | None = None

    def handle_term(self) -> None:
        """Begin to drain, or stop."""
        self._draining.begin()
        if self._drain_s and self._stop_at is None:
            self._stop_at = time.monotonic() + self._drain_s
            self.log.info("Not ready any more; stopping in %g s", self._drain_s)
        else:
            super().handle_term()

    def wait_for_signals(self, timeout: float = 1.0) -> list[int]:
        """As gunicorn does; the end of the wait is one more SIGTERM."""
        if self._stop_at is None:
            return list(super().wait_for_signals(timeout))
        left = self._stop_at - time.monotonic()
        signals = list(super().wait_for_signals(min(timeout, max(left, 0.01))))
        return [*signals, signal.SIGTERM] if time.monotonic() >= self._stop_at else signals

    @property
    def _draining(self) -> Draining:
        found: Draining = self.app.wsgi().extensions[DRAINING_OF_APP]
        return found
