"""Rates, shares and quantiles from two readings of the API's Prometheus metrics."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

OWN = frozenset({"/healthz", "/readyz", "/metrics"})
"""What watching asks for; left out of the traffic, or a quiet service would look busy."""
MOST_READINGS = 121
"""Ten minutes at one in five seconds."""
WINDOW_S = 60.0
"""That the traffic of operations is told for."""

Buckets = tuple[tuple[float, float], ...]
"""Upper bounds in seconds, ascending, the last infinite; and how many requests took no longer."""


@dataclass(frozen=True)
class Counts:
    """Requests of one operation since the server started.

    Attributes:
        n: answered.
        n_failed: with a status of 500 or more, or without any.
    """

    n: float = 0
    n_failed: float = 0
    buckets: Buckets = ()


@dataclass(frozen=True)
class Process:
    """A process of the server; bytes."""

    pid: str
    role: str
    private: float
    proportional: float


@dataclass(frozen=True)
class Reading:
    """The metrics at one moment.

    Attributes:
        at: seconds since 1970, by this machine's clock.
        started: of the server, by its clock.
        in_flight: requests under way, without the one that reads.
        shed: callers sent away, by reason.
        reloads: of what is served, by outcome.
        worker_limit: bytes of private memory that a worker may have, if anything limits it.
    """

    at: float
    started: float
    operations: Mapping[str, Counts]
    in_flight: float
    shed: Mapping[str, float]
    reloads: Mapping[str, float]
    processes: Sequence[Process]
    worker_limit: float | None


@dataclass(frozen=True)
class Traffic:
    """Requests in a stretch of time.

    Attributes:
        failed: share of them.
        p50, p95: seconds; None without requests; infinite beyond the last bound of the histogram.
    """

    n: float
    per_second: float
    failed: float
    p50: float | None
    p95: float | None


@dataclass
class Visit:
    """The readings of one visit; those before a restart of the server are forgotten."""

    readings: list[Reading] = field(default_factory=list)

    def add(self, reading: Reading) -> None:
        """Keep a reading."""
        if self.readings and _has_restarted(self.readings[-1], reading):
            self.readings.clear()
        self.readings.append(reading)
        del self.readings[:-MOST_READINGS]

    def traffic(self) -> tuple[dict[str, Traffic], float]:
        """By operation, and of how many seconds: the last minute, or since the server started.

        A first reading has nothing before it, so it tells of all that was.
        """
        last = self.readings[-1]
        before = [each for each in self.readings[:-1] if last.at - each.at <= WINDOW_S + 1]
        if not before:
            span = max(last.at - last.started, 1e-3)
            return {name: _traffic(Counts(), each, span) for name, each in _asked(last)}, span
        span = max(last.at - before[0].at, 1e-3)
        told = {
            name: _traffic(before[0].operations.get(name, Counts()), each, span)
            for name, each in _asked(last)
        }
        return told, span

    def series(self) -> list[Traffic]:
        """Of all operations together, between each two readings."""
        pairs = zip(self.readings, self.readings[1:], strict=False)
        return [
            _traffic(_sum(before), _sum(after), max(after.at - before.at, 1e-3))
            for before, after in pairs
        ]


def read_metrics(text: str, at: float) -> Reading:
    """The reading that ``text`` is, in Prometheus' text format.

    Raises:
        ValueError, LookupError: it is none.
    """
    from prometheus_client.parser import text_string_to_metric_families

    n: defaultdict[str, float] = defaultdict(float)
    n_failed: defaultdict[str, float] = defaultdict(float)
    buckets: defaultdict[str, dict[float, float]] = defaultdict(dict)
    memory: defaultdict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    shed: defaultdict[str, float] = defaultdict(float)
    reloads: defaultdict[str, float] = defaultdict(float)
    single: dict[str, float] = {}
    started: list[float] = []
    samples = (each for family in text_string_to_metric_families(text) for each in family.samples)
    for sample in samples:
        labels, value = sample.labels, float(sample.value)
        match sample.name:
            case "nadeuri_requests_total":
                n[labels["endpoint"]] += value
                if not 100 <= int(labels["status"]) < 500:
                    n_failed[labels["endpoint"]] += value
            case "nadeuri_request_seconds_bucket":
                buckets[labels["endpoint"]][float(labels["le"])] = value
            case "nadeuri_process_memory_bytes":
                memory[labels["pid"], labels["role"]][labels["part"]] = value
            case "nadeuri_process_start_time_seconds":
                started.append(value)
            case "nadeuri_shed_total":
                shed[labels["reason"]] += value
            case "nadeuri_reloads_total":
                reloads[labels["outcome"]] += value
            case _:
                single[sample.name] = value
    if "nadeuri_requests_in_flight" not in single:
        raise ValueError("no metrics of Nadeuri's")
    return Reading(
        at=at,
        started=min(started, default=at),
        operations={
            name: Counts(n[name], n_failed[name], tuple(sorted(buckets[name].items())))
            for name in sorted(n)
        },
        in_flight=max(0.0, single["nadeuri_requests_in_flight"] - 1),
        shed=dict(shed),
        reloads=dict(reloads),
        processes=[
            Process(pid, role, parts.get("private", 0.0), parts.get("proportional", 0.0))
            for (pid, role), parts in memory.items()
        ],
        worker_limit=single.get("nadeuri_worker_memory_limit_bytes"),
    )


def quantile(buckets: Buckets, share: float) -> float | None:
    """The time within which ``share`` of the requests were answered; None without requests.

    Linear within a bucket, as Prometheus' ``histogram_quantile``; infinite beyond the last bound.
    """
    total = buckets[-1][1] if buckets else 0.0
    if total <= 0:
        return None
    rank, lower, below = share * total, 0.0, 0.0
    for bound, reached in buckets:
        if reached >= rank and reached > below:
            if math.isinf(bound):
                return math.inf
            return lower + (bound - lower) * (rank - below) / (reached - below)
        lower, below = bound, reached
    return math.inf


def _asked(reading: Reading) -> list[tuple[str, Counts]]:
    return [(name, each) for name, each in reading.operations.items() if name not in OWN]


def _sum(reading: Reading) -> Counts:
    counts = [each for _, each in _asked(reading)]
    bounds: defaultdict[float, float] = defaultdict(float)
    for each in counts:
        for bound, n in each.buckets:
            bounds[bound] += n
    return Counts(
        sum(each.n for each in counts),
        sum(each.n_failed for each in counts),
        tuple(sorted(bounds.items())),
    )


def _traffic(before: Counts, after: Counts, seconds: float) -> Traffic:
    n = after.n - before.n
    earlier = dict(before.buckets)
    buckets = tuple((bound, reached - earlier.get(bound, 0.0)) for bound, reached in after.buckets)
    return Traffic(
        n=n,
        per_second=n / seconds,
        failed=(after.n_failed - before.n_failed) / n if n else 0.0,
        p50=quantile(buckets, 0.5),
        p95=quantile(buckets, 0.95),
    )


def _has_restarted(before: Reading, after: Reading) -> bool:
    """Another server, or one whose counts went back."""
    return abs(after.started - before.started) > 1.0 or any(
        after.operations.get(name, Counts()).n < each.n for name, each in before.operations.items()
    )
