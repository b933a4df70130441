"""Who may begin, who waits for a moment, who is told to come back: admission to a worker.

A worker answers a few requests at once; the next wait, but only so many and only so long, and all
others are refused at once. How long depends on whether a queue has only just formed or stands: a
moment's stall is sat out, and a load that stays too high is met by short waits (B. Maurer, "Fail at
Scale", ACM Queue 13(8), 2015, after the CoDel of Nichols and Jacobson, 2012). What waits is a
socket whose request still lies in the kernel, so memory does not grow with the number of callers.
Requests that take long (streams of events) and those that must always get through (health) have
lanes of their own, so that none takes another's place.
"""

from __future__ import annotations

import json
import re
import uuid
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar
from urllib.parse import unquote_to_bytes, urlsplit

from nadeuri.serve.problems import PROBLEM_TYPE, REQUEST_ID
from nadeuri.serve.wire import Problem

RETRY_AFTER_S = 1
VITAL_PATHS = frozenset({b"/healthz", b"/readyz", b"/metrics"})

_REQUEST_ID = re.compile(
    rb"\r\nX-Request-ID:[ \t]*([A-Za-z0-9._-]{1,128})[ \t]*\r\n", re.IGNORECASE
)
_REASONS = {408: "Request Timeout", 503: "Service Unavailable"}

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """How much of one kind a worker takes on.

    Attributes:
        slots: requests that are answered at once.
        waiting: requests that may wait for a slot.
        wait_s: longest wait in seconds where a queue has stood for ``patience_s``.
        patience_s: seconds after a queue has formed in which none is sent away for waiting. The
            queue ends once all that waited have begun.
    """

    slots: int
    waiting: int
    wait_s: float
    patience_s: float


class Verdict(Enum):
    """What becomes of a request that arrives."""

    BEGIN = "begin"
    WAIT = "wait"
    REFUSE = "refuse"


class Lane(Generic[T]):
    """The requests of one kind that a worker has; whoever waits longest comes next.

    Not thread-safe: it belongs to the worker's main loop.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.under_way = 0
        self._waiting: deque[tuple[float, T]] = deque()
        self._patient_until: float | None = None

    def __len__(self) -> int:
        """Requests under way and waiting."""
        return self.under_way + len(self._waiting)

    @property
    def deadline(self) -> float | None:
        """When the next that waits will have waited too long."""
        return self._waiting[0][0] if self._waiting else None

    def arrive(self, request: T, now: float) -> Verdict:
        """Decide on a request: it has a slot, waits, or is to be refused by the caller."""
        if self.under_way < self.limits.slots:
            self.under_way += 1
            return Verdict.BEGIN
        if len(self._waiting) < self.limits.waiting:
            if self._patient_until is None:
                self._patient_until = now + self.limits.patience_s
            deadline = max(now + self.limits.wait_s, self._patient_until)
            self._waiting.append((deadline, request))
            return Verdict.WAIT
        return Verdict.REFUSE

    def leave(self) -> T | None:
        """One has been answered: the request that has its slot now, if any waits."""
        following = self._waiting.popleft()[1] if self._waiting else None
        if following is None:
            self.under_way -= 1
        if not self._waiting:
            self._patient_until = None
        return following

    def overdue(self, now: float) -> list[T]:
        """Take out those that have waited too long."""
        found = []
        while self._waiting and self._waiting[0][0] <= now:
            found.append(self._waiting.popleft()[1])
        return found


class Kind(Enum):
    """The lanes of a worker."""

    QUICK = "quick"
    LONG = "long"
    VITAL = "vital"


def kind_of(head: bytes, long_paths: Collection[bytes]) -> Kind:
    """The lane of a request, by the path in its first line.

    Args:
        head: the request from its first byte.
        long_paths: where requests take long, such as ``b"/v1/guide/chat"``.
    """
    parts = head.split(b"\r\n", 1)[0].split(b" ")
    target = parts[1] if len(parts) > 1 else b""
    path = target.split(b"?", 1)[0]
    if not path.startswith(b"/"):
        path = _path_of_url(target)
    if b"%" in path:
        path = unquote_to_bytes(path)
    if path in VITAL_PATHS:
        return Kind.VITAL
    return Kind.LONG if path in long_paths else Kind.QUICK


def request_id_of(head: bytes) -> str:
    """The id that a request brings, if it is safe to log, else one made up.

    Args:
        head: what came of the request.
    """
    brought = _REQUEST_ID.search(head)
    return brought[1].decode() if brought else uuid.uuid4().hex


def refusal(status: int, detail: str, request_id: str) -> bytes:
    """A whole response for who is not let in; it is written without a thread of the pool.

    Args:
        status: 503, which says when to come back, or 408.
    """
    reason = _REASONS[status]
    problem = Problem(title=reason, status=status, detail=detail, request_id=request_id)
    body = json.dumps(problem.model_dump()).encode()
    retry = f"Retry-After: {RETRY_AFTER_S}\r\n" if status == 503 else ""
    lines = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: {PROBLEM_TYPE}\r\n"
        f"{REQUEST_ID}: {request_id}\r\n{retry}Content-Length: {len(body)}\r\n\r\n"
    )
    return lines.encode() + body


def _path_of_url(target: bytes) -> bytes:
    """The path of a target in absolute form, which a proxy may send."""
    try:
        return urlsplit(target).path
    except ValueError:
        return b""
