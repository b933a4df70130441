"""What came of the requests of a load test, kept as JMeter's table of results (.jtl, CSV)."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from load.rows import JTL_COLUMNS

PERCENTILES = (50, 95, 99)


class Sample(NamedTuple):
    """One request as its sender saw it.

    Attributes:
        start_s: seconds since 1970; of a paced load, when it was due.
        ms: from then to the last byte of the answer, or to the failure.
        endpoint: name of it.
        status: of the answer; 0 where none came.
        error: what went wrong, in a word or two; empty if nothing did.
        size: bytes of the answer.
    """

    start_s: float
    ms: float
    endpoint: str
    status: int
    error: str
    size: int

    @property
    def is_good(self) -> bool:
        """Was it answered as it should be?"""
        return not self.error


@dataclass(frozen=True)
class Summary:
    """Figures over samples: times are of good answers only, in milliseconds."""

    requests: int
    failed: int
    rps: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    errors: dict[str, int]
    statuses: dict[str, int]


def summarise(samples: Sequence[Sample], seconds: float) -> Summary:
    """Figures over the samples of ``seconds`` of load; rps counts good answers.

    Where there is no good answer all times are 0.
    """
    good = np.array([sample.ms for sample in samples if sample.is_good])
    p50, p95, p99 = np.percentile(good, PERCENTILES) if good.size else (0.0, 0.0, 0.0)
    errors = Counter(sample.error for sample in samples if sample.error)
    return Summary(
        requests=len(samples),
        failed=len(samples) - good.size,
        rps=round(good.size / seconds, 2) if seconds > 0 else 0.0,
        p50_ms=round(float(p50), 3),
        p95_ms=round(float(p95), 3),
        p99_ms=round(float(p99), 3),
        max_ms=round(float(good.max()), 3) if good.size else 0.0,
        errors=dict(errors.most_common()),
        statuses=dict(sorted(Counter(str(sample.status) for sample in samples).items())),
    )


def write_jtl(path: Path, samples: Iterable[Sample]) -> None:
    """Write samples as JMeter would have."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(JTL_COLUMNS)
        for sample in samples:
            writer.writerow(
                (
                    round(sample.start_s * 1000),
                    round(sample.ms),
                    sample.endpoint,
                    sample.status or sample.error,
                    "",
                    sample.endpoint,
                    str(sample.is_good).lower(),
                    sample.error,
                    sample.size,
                    round(sample.ms),
                )
            )


def read_jtl(path: Path) -> list[Sample]:
    """The samples of a table that JMeter, Locust or :func:`write_jtl` wrote, oldest first.

    Raises:
        KeyError: a column is missing; JMeter writes CSV with a header if told nothing else.
    """
    with path.open(encoding="utf-8", newline="") as file:
        read = [_sample(row) for row in csv.DictReader(file)]
    return sorted(read)


def _sample(row: dict[str, str]) -> Sample:
    code = row["responseCode"]
    status = int(code) if code.isdecimal() else 0
    is_good = row["success"] == "true"
    return Sample(
        start_s=int(row["timeStamp"]) / 1000,
        ms=float(row["elapsed"]),
        endpoint=row["label"],
        status=status,
        error="" if is_good else _reason(status, code, row["failureMessage"]),
        size=int(row["bytes"] or 0),
    )


def _reason(status: int, code: str, failure: str) -> str:
    """A short name of what failed: a status, the class of a Java error, or an assertion's word."""
    if status >= 400:
        return str(status)
    if failure:
        return failure.splitlines()[0][:60]
    return code.rpartition(".")[2] or "no answer"
