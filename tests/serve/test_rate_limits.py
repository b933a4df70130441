"""Rate limits: against a token bucket, against the clock, and when a process dies."""

from __future__ import annotations

import os
import signal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from nadeuri.errors import ConfigError
from nadeuri.serve import rate_limits
from nadeuri.serve.rate_limits import Limit, RateLimits, decide

EVENTS = st.lists(st.integers(min_value=0, max_value=40), max_size=60)
"""Pauses between requests, in quarters of a second."""
LIMITS = st.builds(Limit, st.sampled_from([0.25, 0.5, 1.0, 2.5]), st.integers(1, 6))


@pytest.mark.parametrize(
    ("rate", "burst", "limit"),
    [
        ("10/s", None, Limit(0.1, 10)),
        ("10/s", 20, Limit(0.1, 20)),
        ("90/min", None, Limit(60 / 90, 1)),
        ("0.5/s", None, Limit(2.0, 1)),
        ("360/h", 5, Limit(10.0, 5)),
    ],
)
def test_limits_are_written_as_people_say_them(rate: str, burst: Any, limit: Limit) -> None:
    assert Limit.of(rate, burst) == limit


@pytest.mark.parametrize("rate", ["", "10", "10/d", "-1/s", "0/s", "0.0/min", "1e3/s", "１0/s"])
def test_what_is_no_rate_is_named(rate: str) -> None:
    with pytest.raises(ConfigError, match="write it as 10/s"):
        Limit.of(rate)


@pytest.mark.parametrize("burst", [0, -1, 1_000_001])
def test_what_is_no_burst_is_named(burst: int) -> None:
    with pytest.raises(ConfigError, match="burst"):
        Limit.of("10/s", burst)


@given(EVENTS, LIMITS)
def test_it_is_a_token_bucket(pauses: list[int], limit: Limit) -> None:
    """The same requests pass as with the bucket that everybody understands, reckoned exactly."""
    interval, tokens = Fraction(limit.interval_s), Fraction(limit.burst)
    now, due = 1000.0, 0.0
    for pause in pauses:
        now += pause / 4
        tokens = min(Fraction(limit.burst), tokens + Fraction(pause, 4) / interval)
        is_allowed = tokens >= 1
        tokens -= is_allowed
        due, decision = decide(due, now, limit)
        assert decision.is_allowed == is_allowed
        assert decision.remaining == int(tokens)
        assert decision.full_after_s == pytest.approx(float((limit.burst - tokens) * interval))
        waited = float(max(Fraction(0), 1 - tokens) * interval)
        assert decision.retry_after_s == pytest.approx(waited)


@given(EVENTS, LIMITS)
def test_no_window_lets_more_pass(pauses: list[int], limit: Limit) -> None:
    now, due, passed = 0.0, 0.0, []
    for pause in pauses:
        now += pause / 4
        due, decision = decide(due, now, limit)
        if decision.is_allowed:
            passed.append(now)
    for first, start in enumerate(passed):
        for last, end in enumerate(passed[first:], first):
            assert last - first + 1 <= limit.burst + (end - start) / limit.interval_s + 1e-9


@given(st.floats(0, 1e9), st.floats(0, 1e9), LIMITS)
def test_who_waits_as_told_may_pass(due: float, now: float, limit: Limit) -> None:
    due, decision = decide(due, now, limit)
    _, later = decide(due, now + decision.retry_after_s + 1e-6, limit)
    assert later.is_allowed


class SeveralKeys(RuleBasedStateMachine):
    """Keys in one table, more of them than it has places, as if each had its own."""

    limit = Limit(1.0, 3)

    @initialize()
    def begin(self) -> None:
        self.now = 1.0
        self.table = RateLimits(clock=lambda: self.now)
        self.due: dict[int, float] = {}

    @rule(seconds=st.integers(0, 5))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(key=st.integers(1, 12))
    def take(self, key: int) -> None:
        owing = sum(due > self.now for due in self.due.values())
        if self.due.get(key, 0) <= self.now and owing >= rate_limits.MOST_KEYS:
            return  # one that owes something would have to be forgotten
        expected_due, expected = decide(self.due.get(key, 0.0), self.now, self.limit)
        assert self.table.take(key.to_bytes(8, "little"), self.limit) == expected
        self.due[key] = expected_due

    @invariant()
    def nobody_is_there_twice(self) -> None:
        kept = [number for number in self.table._ids if number]
        assert len(kept) == len(set(kept))


def test_keys_do_not_disturb_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MOST_KEYS", 6)
    SeveralKeys.TestCase.settings = settings(max_examples=40, deadline=None)
    SeveralKeys.TestCase().runTest()


def in_a_fork(work: Any) -> int:
    """Run ``work`` in a fork of this process; its wait status."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1]


def test_forks_count_together() -> None:
    table, limit, key = RateLimits(clock=lambda: 1.0), Limit(1.0, 10), b"12345678"
    for _ in range(3):
        assert in_a_fork(lambda: [table.take(key, limit) for _ in range(3)]) == 0
    assert table.take(key, limit).is_allowed
    assert not table.take(key, limit).is_allowed


def test_a_process_killed_while_it_counts_does_not_hold_up_the_others() -> None:
    table, limit, key = RateLimits(), Limit(1.0, 10), b"12345678"

    def die() -> None:
        with table.alone():
            os.kill(os.getpid(), signal.SIGKILL)

    assert in_a_fork(die) == signal.SIGKILL
    assert table.take(key, limit).is_allowed
