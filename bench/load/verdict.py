"""Did a load test reach its target? Only what was sent at full rate counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from load.samples import Sample, Summary, summarise

SHORT = 0.02
"""Share of the wanted answers that may be missing."""
DEVIATIONS = 3
"""So many standard deviations as well: JMeter's and Locust's arrivals are random (Poisson)."""


@dataclass(frozen=True)
class Target:
    """What is wanted.

    Attributes:
        tps: good answers a second.
        p99_ms: the slowest that one request in a hundred may be.
        failed_share: share of requests that may fail.
    """

    tps: float
    p99_ms: float
    failed_share: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """What was reached, and each point in which it is not enough."""

    target: Target
    reached: Summary
    misses: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.misses

    def as_json(self) -> dict[str, object]:
        """For the report's JSON."""
        return {**asdict(self), "passed": self.passed}


def judge_load(
    samples: Sequence[Sample], target: Target, *, ramp_s: float, seconds: float
) -> Verdict:
    """Compare the part of the load after the ramp, ``ramp_s`` to ``seconds``, with the target."""
    begun = min((sample.start_s for sample in samples), default=0.0)
    held = [sample for sample in samples if ramp_s <= sample.start_s - begun < seconds]
    reached = summarise(held, seconds - ramp_s)
    misses = []
    wanted = target.tps * (seconds - ramp_s)
    if wanted - (reached.requests - reached.failed) > max(SHORT * wanted, DEVIATIONS * wanted**0.5):
        misses.append(f"{reached.rps:.1f} of {target.tps:g} requests a second")
    if reached.p99_ms > target.p99_ms:
        misses.append(f"p99 {reached.p99_ms:.0f} ms, over {target.p99_ms:g} ms")
    if reached.failed > target.failed_share * reached.requests:
        share = reached.failed / reached.requests
        misses.append(f"{reached.failed} requests failed ({share:.2%})")
    return Verdict(target, reached, tuple(misses))
