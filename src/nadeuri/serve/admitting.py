"""gunicorn's threaded worker with admission: it sheds load before memory grows.

gunicorn's own hands every connection to the thread pool, behind all others and however many they
are (1000 by default), lets a silent one hold a thread for five seconds, and closes each connection
in its main loop, which waits for the peer up to two seconds. Here the main loop waits for the head
of a request, decides who begins (:mod:`nadeuri.serve.overload`) and closes without waiting.
"""

from __future__ import annotations

import selectors
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import cached_property, partial
from itertools import islice
from typing import Any

from gunicorn.workers.gthread import TConn

from nadeuri.errors import ConfigError
from nadeuri.serve.deadlines import READ_TIMEOUT
from nadeuri.serve.draining import DRAINING_OF_APP
from nadeuri.serve.logs import log_request
from nadeuri.serve.memory import process_memory
from nadeuri.serve.metrics import METRICS_OF_APP, Metrics
from nadeuri.serve.overload import Kind, Lane, Limits, Verdict, kind_of, refusal, request_id_of
from nadeuri.serve.rolling import ask_for_replacement
from nadeuri.serve.room import hurry_rooms, long_paths
from nadeuri.serve.worker import Worker

WAITING_PER_SLOT = 128
WAIT_S, PATIENCE_S = 1.0, 5.0
"""The longest wait under a load that stays too high; how long a stall may be that nobody notices
but by waiting: a worker is replaced, the host gives its processors to others."""
LONG = Limits(slots=16, waiting=64, wait_s=WAIT_S, patience_s=PATIENCE_S)
VITAL = Limits(slots=1, waiting=64, wait_s=5.0, patience_s=5.0)
ACCEPTED_AT_ONCE = 64
BUSY_SWITCH_S = 0.0005
HEAD_BYTES = 16_384
"""Of a longer head the rest is left to gunicorn."""
LINGER_S = 2.0
LINGER_BYTES = 1 << 21
"""What a refused caller may still send; were it not read, the kernel would reset the connection and
with it the answer."""
HURRY_S = 5.0
"""Before the grace period ends, what still goes on is told to come to an end."""
SETTLED_S = 30.0
"""A younger worker is not replaced because of its memory: the next would be no smaller."""

_TURN_S = 1.0
_REPLACED_WITHIN_S = 60.0
"""A worker that asked for it ends by itself then: a master that is not ours does not hear it."""


class _Connection(TConn):  # type: ignore[misc]
    """A connection and how far it is.

    Attributes:
        bare: the socket itself, whatever gunicorn wraps around it.
        seen: bytes of the request's head that had come when it was last looked at.
        kind: its lane, once it was let in.
        left: bytes that may still come while it is closed.
    """

    seen = 0
    kind = Kind.QUICK
    left = LINGER_BYTES

    def __init__(self, cfg: Any, client: socket.socket, *names: Any) -> None:
        super().__init__(cfg, client, *names)
        self.bare = client


class AdmittingWorker(Worker):
    """A threaded worker with lanes; connections serve one request each."""

    max_requests: int
    private_limit: int | None = None
    """Private memory in bytes beyond which a worker is replaced."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # the main loop decides when to recycle, not whichever request happens to be the last
        self._recycle_after, self.max_requests = self.max_requests, sys.maxsize
        quick = Limits(
            self.cfg.threads, WAITING_PER_SLOT * self.cfg.threads, WAIT_S, patience_s=PATIENCE_S
        )
        self._lanes: dict[Kind, Lane[_Connection]] = {
            Kind.QUICK: Lane(quick),
            Kind.LONG: Lane(LONG),
            Kind.VITAL: Lane(VITAL),
        }
        self._arriving: dict[_Connection, float] = {}
        self._closing: dict[_Connection, float] = {}
        self._is_busy = False
        self._switch_s = sys.getswitchinterval()
        self._next_turn = 0.0
        self._n_shed = 0
        self._since = time.monotonic()
        self._asked_at: float | None = None
        self._stopping_since: float | None = None
        self._hurried = False

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Refuse what this worker does not do.

        Raises:
            ConfigError: connections are to be kept open or encrypted.
        """
        if cfg.keepalive or cfg.is_ssl:
            raise ConfigError(
                "gunicorn: keepalive and TLS are left to the load balancer; unset them"
            )

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """A thread for each slot; admission sees to it that none is asked for more."""
        return ThreadPoolExecutor(sum(lane.limits.slots for lane in self._lanes.values()))

    def accept(self, listener: Any) -> None:
        """Take a connection and wait for its request; where some wait already, take several.

        A turn of the main loop may take as long as other threads hold the interpreter, and whoever
        is to be refused should hear so soon. While there is room, other workers may have it.
        """
        for _ in range(ACCEPTED_AT_ONCE):
            if not self._accept_one(listener) or self._lanes[Kind.QUICK].deadline is None:
                return

    def _accept_one(self, listener: Any) -> bool:
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return False
        self.nr_conns += 1
        conn = _Connection(self.cfg, client, address, listener.getsockname())
        if not self._read_head(conn):
            self._arriving[conn] = time.monotonic() + self.wsgi.config[READ_TIMEOUT]
            self.poller.register(client, selectors.EVENT_READ, partial(self._arrived, conn))
        return True

    def set_accept_enabled(self, enabled: bool) -> None:
        """When the server stops, take those who have connected already and close the door."""
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive and self.wsgi.extensions[DRAINING_OF_APP]:
            for listener in self.sockets:
                while self.nr_conns < self.worker_connections and self._accept_one(listener):
                    pass
                listener.close()

    def handle(self, conn: _Connection) -> object:
        """Answer a request, in a thread of the pool."""
        try:
            return super().handle(conn)
        finally:
            with suppress(OSError):
                conn.bare.shutdown(socket.SHUT_WR)

    def finish_request(self, conn: _Connection, fs: Future[Any]) -> None:
        """A request has been answered: close its connection, begin with the next."""
        lane = self._lanes[conn.kind]
        self._close(conn)
        if (following := lane.leave()) is not None:
            self.enqueue_req(following)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """As gunicorn does, and what is due by the clock."""
        now = time.monotonic()
        super().wait_for_and_dispatch_events(min(timeout, max(self._next_due(now) - now, 0.0)))
        now = time.monotonic()
        for conn in list(_until(self._arriving, now)):
            del self._arriving[conn]
            self.poller.unregister(conn.bare)
            self._refuse_slow(conn)
        for lane in self._lanes.values():
            for conn in lane.overdue(now):
                self._refuse(conn, "waited")
        for conn in list(_until(self._closing, now)):
            self._closed(conn)
        self._make_way()
        if now >= self._next_turn:
            self._next_turn = now + _TURN_S
            self._turn(now)

    def _make_way(self) -> None:
        """While requests wait, give this thread the interpreter ten times as soon.

        It needs it after every call to a socket, and waits for it each time as long as the others
        compute: with Python's 5 ms, refusals would take longer than the wait that they follow.
        """
        is_busy = self._lanes[Kind.QUICK].deadline is not None
        if is_busy != self._is_busy:
            self._is_busy = is_busy
            sys.setswitchinterval(BUSY_SWITCH_S if is_busy else self._switch_s)

    def _next_due(self, now: float) -> float:
        dues = [now + _TURN_S]
        for each in (self._arriving, self._closing):
            dues.extend(islice(each.values(), 1))  # they are in the order of time
        dues.extend(lane.deadline for lane in self._lanes.values() if lane.deadline is not None)
        return min(dues)

    def _arrived(self, conn: _Connection, client: socket.socket) -> None:
        if self._read_head(conn):
            del self._arriving[conn]

    def _read_head(self, conn: _Connection) -> bool:
        """Look at what came without taking it away; let the request in once its head is there.

        Returns:
            Whether the connection needs to be looked at no more.
        """
        try:
            head = conn.bare.recv(HEAD_BYTES, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            head = b""
        is_whole = b"\r\n\r\n" in head or len(head) == HEAD_BYTES
        if not is_whole and len(head) > conn.seen:
            conn.seen = len(head)
            # readable again when more has come, or nothing will
            conn.bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, conn.seen + 1)
            return False
        if conn in self._arriving:
            self.poller.unregister(conn.bare)
        if is_whole:
            if conn.seen:
                conn.bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
            self._admit(conn, head)
        else:
            self._closed(conn)
        return True

    def _admit(self, conn: _Connection, head: bytes) -> None:
        conn.kind = kind_of(head, self._long_paths)
        conn.data_ready = True
        verdict = self._lanes[conn.kind].arrive(conn, time.monotonic())
        if verdict is Verdict.BEGIN:
            self.enqueue_req(conn)
        elif verdict is Verdict.REFUSE:
            self._refuse(conn, "full", head=head)

    def _refuse(self, conn: _Connection, why: str, *, head: bytes = b"") -> None:
        """Answer without reading the request; a line for each in the log would add to the load."""
        self._metrics.shed(conn.kind.value, why)
        self._n_shed += 1
        detail = "The server is busy; ask again in a moment."
        self._send_away(conn, refusal(503, detail, request_id_of(head)))

    def _refuse_slow(self, conn: _Connection) -> None:
        """Answer who has not sent the head of a request in time."""
        self._metrics.shed(conn.kind.value, "slow")
        request_id = request_id_of(b"")
        answer = refusal(408, "The request took too long to arrive.", request_id)
        log_request(
            request_id=request_id,
            method=None,
            path=None,
            status=408,
            duration=timedelta(seconds=self.wsgi.config[READ_TIMEOUT]),
            n_bytes=len(answer),
        )
        self._send_away(conn, answer)

    def _send_away(self, conn: _Connection, answer: bytes) -> None:
        with suppress(OSError):  # the caller may have left
            conn.bare.send(answer)
            conn.bare.shutdown(socket.SHUT_WR)
        self._close(conn)

    def _close(self, conn: _Connection) -> None:
        """Wait in the poller until the peer has read what was said, and closes."""
        if not self._drain(conn):
            self._closing[conn] = time.monotonic() + LINGER_S
            self.poller.register(conn.bare, selectors.EVENT_READ, lambda _client: self._drain(conn))

    def _drain(self, conn: _Connection) -> bool:
        """Read what the peer still sends; returns whether the connection is closed."""
        try:
            conn.bare.setblocking(False)
            came = len(conn.bare.recv(65_536))
        except BlockingIOError:
            return False
        except OSError:
            came = 0
        conn.left -= came
        if came and conn.left > 0:
            return False
        self._closed(conn)
        return True

    def _closed(self, conn: _Connection) -> None:
        if self._closing.pop(conn, None) is not None:
            self.poller.unregister(conn.bare)
        conn.close()
        self.nr_conns -= 1

    def _turn(self, now: float) -> None:
        """Once a second: tell of those sent away, and see whether this worker should end."""
        if self._n_shed:
            self.log.warning("sent %d callers away within a second: busy", self._n_shed)
            self._n_shed = 0
        if self.alive:
            self._retire(now)
        else:
            self._stop(now)

    def _retire(self, now: float) -> None:
        """Ask for another worker in the place of this one, once there is a reason to."""
        if self._asked_at is not None:
            self.alive = now - self._asked_at < _REPLACED_WITHIN_S
        elif reason := self._reason_to_end(now):
            self.log.info("To be replaced: %s", reason)
            ask_for_replacement(self.tmp)
            self._asked_at = now

    def _reason_to_end(self, now: float) -> str | None:
        # not in the middle of something long, which would have to end within the grace period
        is_worn = self.nr >= self._recycle_after
        if is_worn and (not self._lanes[Kind.LONG] or self.nr >= 2 * self._recycle_after):
            return f"answered {self.nr} requests"
        if self.private_limit and now - self._since > SETTLED_S:
            private = process_memory(self.pid).private
            if private > self.private_limit:
                return (
                    f"{private >> 20} MiB of private memory, over its share of "
                    f"{self.private_limit >> 20} MiB"
                )
        return None

    def _stop(self, now: float) -> None:
        """While what is under way is finished: hold nothing up, and hurry what takes too long."""
        if self._stopping_since is None:
            self._stopping_since = now
            self._arriving = {conn: min(due, now + _TURN_S) for conn, due in self._arriving.items()}
        if now - self._stopping_since >= self.cfg.graceful_timeout - HURRY_S and not self._hurried:
            self._hurried = True
            hurry_rooms(self.wsgi)

    @property
    def _metrics(self) -> Metrics:
        found: Metrics = self.wsgi.extensions[METRICS_OF_APP]
        return found

    @cached_property
    def _long_paths(self) -> frozenset[bytes]:
        return long_paths(self.wsgi)


def _until(due: dict[_Connection, float], now: float) -> Iterator[_Connection]:
    """Those whose time has come; ``due`` is in the order of time."""
    for conn, deadline in due.items():
        if deadline > now:
            return
        yield conn
