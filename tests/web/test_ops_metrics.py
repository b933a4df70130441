"""Rates and quantiles from readings, over text that the API's own metrics write."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.serve.metrics import BUCKETS, Metrics
from nadeuri.serve.problems import ROUTE
from nadeuri.web.ops_metrics import (
    MOST_READINGS,
    Counts,
    Reading,
    Visit,
    quantile,
    read_metrics,
)


def counts(n: float, failed: float = 0, within: float = 0.01) -> Counts:
    """``n`` requests that took no longer than ``within``."""
    bounds = (*BUCKETS, math.inf)
    return Counts(n, failed, tuple((each, n if each >= within else 0.0) for each in bounds))


def reading(at: float, started: float = 0.0, **operations: Counts) -> Reading:
    named = {f"/{name}": each for name, each in operations.items()}
    return Reading(at, started, named, 0.0, {}, {}, [], None)


def test_what_the_api_writes_is_read() -> None:
    metrics = Metrics()
    metrics.limit_workers(50 << 20)
    for status in (200, 200, 404, 500, 0):
        metrics.begin()
        metrics.end({"REQUEST_METHOD": "GET", ROUTE: "/a/{b}"}, status)
    metrics.begin()  # the request that reads
    metrics.begin()
    metrics.shed("quick", "full")
    metrics.reloaded("swapped")
    told = read_metrics(metrics.told("")[0].decode(), 5.0)
    found = told.operations["/a/{b}"]
    assert (found.n, found.n_failed, found.buckets[-1]) == (5, 2, (math.inf, 5))
    assert (told.at, told.in_flight) == (5.0, 1)
    assert (told.shed, told.reloads) == ({"full": 1}, {"swapped": 1})
    assert told.worker_limit == 50 << 20
    assert [(each.role, each.private > 0) for each in told.processes] == [("worker", True)]


def test_no_limit_is_told_of_where_there_is_none() -> None:
    assert read_metrics(Metrics().told("")[0].decode(), 0.0).worker_limit is None


@pytest.mark.parametrize("text", ["", "<html>", "up 1\n", 'nadeuri_requests_total{a="b"} 1\n'])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises((ValueError, LookupError)):
        read_metrics(text, 0.0)


def test_the_difference_of_two_readings() -> None:
    visit = Visit()
    visit.add(reading(100.0, a=counts(10), b=counts(1)))
    first, seconds = visit.traffic()
    assert (first["/a"].n, first["/a"].per_second, seconds) == (10, 0.1, 100.0)
    visit.add(reading(105.0, a=counts(30, 5), b=counts(1), c=counts(2, within=10.0)))
    recent, seconds = visit.traffic()
    assert seconds == 5.0
    assert (recent["/a"].n, recent["/a"].per_second, recent["/a"].failed) == (20, 4.0, 0.25)
    assert recent["/a"].p95 == pytest.approx(0.005 + 0.95 * 0.005)
    assert (recent["/b"].n, recent["/b"].p50) == (0, None)
    assert recent["/c"].p50 == pytest.approx(7.5)
    (together,) = visit.series()
    assert together.n == 22
    assert together.failed == pytest.approx(5 / 22)


def test_only_the_last_minute_counts() -> None:
    visit = Visit()
    for step in range(40):
        visit.add(reading(5.0 * step, started=-1000.0, a=counts(step)))
    recent, seconds = visit.traffic()
    assert (recent["/a"].n, seconds) == (12, 60.0)


def test_what_watching_asks_for_is_left_out() -> None:
    visit = Visit()
    own = {"/metrics": counts(5), "/readyz": counts(5), "/healthz": counts(5)}
    visit.add(Reading(9.0, 0.0, own | {"/a": counts(1)}, 0.0, {}, {}, [], None))
    assert list(visit.traffic()[0]) == ["/a"]


@pytest.mark.parametrize(
    "after", [reading(10.0, started=9.0, a=counts(99)), reading(10.0, a=counts(3))]
)
def test_a_restart_begins_anew(after: Reading) -> None:
    visit = Visit()
    visit.add(reading(5.0, a=counts(10)))
    visit.add(after)
    assert visit.readings == [after]
    assert visit.series() == []


def test_a_long_visit_forgets_its_beginning() -> None:
    visit = Visit()
    for step in range(MOST_READINGS + 9):
        visit.add(reading(float(step), a=counts(step)))
    assert len(visit.readings) == MOST_READINGS


@given(
    st.lists(st.integers(0, 1000), min_size=14, max_size=14),
    st.floats(0.01, 0.99),
    st.floats(0.01, 0.99),
)
def test_quantiles_rise_and_stay_within_their_buckets(
    added: list[int], one: float, other: float
) -> None:
    total, buckets = 0.0, []
    for bound, n in zip((*BUCKETS, math.inf), added, strict=True):
        total += n
        buckets.append((bound, total))
    low, high = (quantile(tuple(buckets), each) for each in sorted((one, other)))
    if not total:
        assert (low, high) == (None, None)
        return
    assert low is not None
    assert high is not None
    assert 0 <= low <= high
    assert high <= BUCKETS[-1] or math.isinf(high)
