"""Sockets that do not wait for ever: neither for a slow sender nor for a slow reader."""

from __future__ import annotations

import errno
import socket
import time
from typing import Any

from werkzeug.exceptions import RequestTimeout

READ_TIMEOUT = "READ_TIMEOUT_S"
"""The key of an application's time for the reading of a request, in its configuration."""
READ_TIMEOUT_S = 20.0
"""For a whole request, however steadily its bytes drip in: 1 MiB at 420 kbit/s."""
WRITE_TIMEOUT_S = 30.0
"""For one piece of an answer."""


class DeadlineSocket:
    """A connected socket whose request has to be read by a deadline; all else is the socket's."""

    def __init__(self, connected: socket.socket, read_timeout_s: float) -> None:
        self.connected = connected
        self._read_timeout_s = read_timeout_s
        self._deadline = time.monotonic() + read_timeout_s

    def recv(self, size: int) -> bytes:
        """What has come of the request.

        Raises:
            RequestTimeout: the deadline has passed.
        """
        left_s = self._deadline - time.monotonic()
        try:
            if left_s <= 0:
                raise TimeoutError
            self.connected.settimeout(left_s)
            return self.connected.recv(size)
        except TimeoutError:
            raise RequestTimeout(
                f"The request took more than {self._read_timeout_s:g} s to arrive."
            ) from None

    def sendall(self, content: bytes) -> None:
        """Send all of it.

        Raises:
            BrokenPipeError: the other side does not take it.
        """
        self.connected.settimeout(WRITE_TIMEOUT_S)
        try:
            self.connected.sendall(content)
        except TimeoutError as error:
            raise BrokenPipeError(errno.EPIPE, "the answer is not taken") from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connected, name)
