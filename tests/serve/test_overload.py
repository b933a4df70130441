"""Admission: who begins, waits and is refused; and what those are told."""

from __future__ import annotations

import json

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from nadeuri.serve.overload import Kind, Lane, Limits, Verdict, kind_of, refusal, request_id_of

LONG = frozenset({b"/v1/guide/chat"})


class LaneMachine(RuleBasedStateMachine):
    """A lane against a plain list of who waits since when, and when the queue formed."""

    def __init__(self) -> None:
        super().__init__()
        self.limits = Limits(slots=2, waiting=3, wait_s=1.0, patience_s=2.5)
        self.lane: Lane[int] = Lane(self.limits)
        self.now = 0.0
        self.number = 0
        self.under_way = 0
        self.waiting: list[tuple[float, int]] = []
        self.formed: float | None = None

    def due(self, since: float) -> float:
        assert self.formed is not None
        return max(since + 1.0, self.formed + 2.5)

    @rule()
    def arrive(self) -> None:
        self.number += 1
        verdict = self.lane.arrive(self.number, self.now)
        if self.under_way < self.limits.slots:
            assert verdict is Verdict.BEGIN
            self.under_way += 1
        elif len(self.waiting) < self.limits.waiting:
            assert verdict is Verdict.WAIT
            if self.formed is None:
                self.formed = self.now
            self.waiting.append((self.now, self.number))
        else:
            assert verdict is Verdict.REFUSE

    @precondition(lambda self: self.under_way)
    @rule()
    def leave(self) -> None:
        following = self.lane.leave()
        if self.waiting:
            assert following == self.waiting.pop(0)[1]
        else:
            assert following is None
            self.under_way -= 1
        if not self.waiting:
            self.formed = None

    @rule(seconds=st.floats(0, 2))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        late = [number for since, number in self.waiting if self.due(since) <= self.now]
        assert self.lane.overdue(self.now) == late
        self.waiting = self.waiting[len(late) :]

    @invariant()
    def bounded_and_nobody_lost(self) -> None:
        assert self.lane.under_way == self.under_way <= self.limits.slots
        assert len(self.lane) == self.under_way + len(self.waiting)
        assert not self.waiting or self.under_way == self.limits.slots
        first = self.due(self.waiting[0][0]) if self.waiting else None
        assert self.lane.deadline == first


TestLane = LaneMachine.TestCase


def refused_at(lane: Lane[float], arrivals: list[float], looks: list[float]) -> dict[float, float]:
    """When each request was sent away, none of which is ever answered."""
    found = {}
    for now in sorted((*arrivals, *looks)):
        if now in arrivals:
            assert lane.arrive(now, now) is not Verdict.REFUSE
        found.update(dict.fromkeys(lane.overdue(now), now))
    return found


def test_a_short_stall_is_sat_out_and_a_standing_queue_is_kept_short() -> None:
    lane: Lane[float] = Lane(Limits(slots=1, waiting=99, wait_s=1.0, patience_s=5.0))
    lane.arrive(0.0, 0.0)
    sent_away = refused_at(lane, [1.0, 3.0, 5.5, 7.0], [4.9, 5.9, 6.0, 6.4, 6.5, 7.9, 8.0])
    assert sent_away == {1.0: 6.0, 3.0: 6.0, 5.5: 6.5, 7.0: 8.0}


def test_patience_comes_back_once_all_that_waited_have_begun() -> None:
    lane: Lane[float] = Lane(Limits(slots=1, waiting=99, wait_s=1.0, patience_s=5.0))
    lane.arrive(0.0, 0.0)
    assert refused_at(lane, [1.0, 5.5], [6.0]) == {1.0: 6.0}
    assert lane.leave() == 5.5
    assert refused_at(lane, [7.0], [11.9, 12.0]) == {7.0: 12.0}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"GET /healthz HTTP/1.1", Kind.VITAL),
        (b"HEAD /readyz?x=1 HTTP/1.1", Kind.VITAL),
        (b"GET /metrics HTTP/1.0", Kind.VITAL),
        (b"GET /metrics/more HTTP/1.1", Kind.QUICK),
        (b"POST /v1/guide/chat HTTP/1.1", Kind.LONG),
        (b"POST /v1/guide/chat?a=b HTTP/1.1", Kind.LONG),
        (b"POST /v1/guide/ch%61t HTTP/1.1", Kind.LONG),
        (b"POST http://nadeuri/v1/guide/chat HTTP/1.1", Kind.LONG),
        (b"POST http://[nadeuri/v1/guide/chat HTTP/1.1", Kind.QUICK),
        (b"POST \xff\xfe HTTP/1.1", Kind.QUICK),
        (b"POST /v1/recommendations HTTP/1.1", Kind.QUICK),
        (b"OPTIONS * HTTP/1.1", Kind.QUICK),
        (b"nonsense", Kind.QUICK),
        (b"", Kind.QUICK),
    ],
)
def test_the_path_decides_on_the_lane(line: bytes, kind: Kind) -> None:
    assert kind_of(line + b"\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1", LONG) is kind


def test_a_refusal_is_a_whole_problem_document() -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\nx-request-id: mine-1\r\n\r\n"
    top, _, body = refusal(503, "Busy.", request_id_of(head)).partition(b"\r\n\r\n")
    lines = top.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 503 Service Unavailable"
    assert {"Retry-After: 1", "Connection: close", "X-Request-ID: mine-1"} <= set(lines)
    assert f"Content-Length: {len(body)}" in lines
    said = json.loads(body)
    assert (said["status"], said["request_id"]) == (503, "mine-1")


@pytest.mark.parametrize("given", [b"", b"a b", b"x" * 129, b'"><script>'])
def test_an_odd_request_id_is_not_repeated(given: bytes) -> None:
    head = b"GET / HTTP/1.1\r\nX-Request-ID: " + given + b"\r\n\r\n"
    assert len(request_id_of(head)) == 32
    assert b"Retry-After" not in refusal(408, "Slow.", request_id_of(head))
