"""The quality gate: a new model may be worse than the champion by a stated tolerance, and no more.

Both models' figures are those that training wrote into their artefacts. They are of one test only
where both were judged on the same data; a verdict says whether they were.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nadeuri.artifact import Artifact, Manifest
from nadeuri.errors import ArtifactError, ConfigError

METRICS = "metrics.json"


@dataclass(frozen=True)
class Limit:
    """How much lower than the champion's a figure may be; higher figures are better.

    Attributes:
        tolerance: in the metric's own unit, 0 or more.
    """

    metric: str
    tolerance: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read ``METRIC`` or ``METRIC:TOLERANCE``.

        Raises:
            ConfigError: a tolerance that is no number, or below 0.
        """
        metric, colon, tolerance = text.partition(":")
        try:
            limit = cls(metric, float(tolerance) if colon else 0.0)
        except ValueError:
            limit = cls(metric, math.nan)
        if not metric or not 0 <= limit.tolerance < math.inf:
            raise ConfigError(f"limit {text!r}: write METRIC or METRIC:TOLERANCE, such as f1:0.005")
        return limit


@dataclass(frozen=True)
class Finding:
    """One figure of both models.

    Attributes:
        champion: None where there is no champion yet.
    """

    limit: Limit
    challenger: float
    champion: float | None

    @property
    def passed(self) -> bool:
        if not math.isfinite(self.challenger):
            return False
        if self.champion is None or not math.isfinite(self.champion):
            return True
        return self.challenger >= self.champion - self.limit.tolerance


@dataclass(frozen=True)
class Verdict:
    """What the gate says.

    Attributes:
        same_data: whether both were trained and judged on data of one fingerprint; None without a
            champion, or where a fingerprint is unknown.
    """

    findings: tuple[Finding, ...]
    same_data: bool | None

    @property
    def passed(self) -> bool:
        return all(finding.passed for finding in self.findings)


def judge(
    challenger: Artifact,
    champion: tuple[Manifest, Mapping[str, Any]] | None,
    limits: Sequence[Limit],
) -> Verdict:
    """Compare an exported model with the champion.

    Args:
        champion: its manifest and ``metrics.json``; None where there is none, so that only finite
            figures are asked for.
        limits: at least one.

    Raises:
        ArtifactError: a figure is missing on either side (those there are named), or the champion
            is of another kind.
    """
    if champion is not None and champion[0].kind != challenger.kind:
        raise ArtifactError(
            f"{challenger.path}: holds a {challenger.kind} artefact, the champion is a "
            f"{champion[0].kind}"
        )
    figures = challenger.read_json(METRICS)
    findings = tuple(
        Finding(
            limit,
            _figure(figures, limit.metric, str(challenger.path)),
            _figure(champion[1], limit.metric, f"champion {champion[0].version}")
            if champion
            else None,
        )
        for limit in limits
    )
    return Verdict(findings, _same_data(challenger.manifest, champion[0]) if champion else None)


def _same_data(challenger: Manifest, champion: Manifest) -> bool | None:
    fingerprints = (challenger.data_fingerprint, champion.data_fingerprint)
    return None if None in fingerprints else fingerprints[0] == fingerprints[1]


def _figure(figures: Mapping[str, Any], metric: str, whose: str) -> float:
    value = figures.get(metric)
    if isinstance(value, bool) or not isinstance(value, int | float):
        known = ", ".join(sorted(name for name, v in figures.items() if isinstance(v, int | float)))
        raise ArtifactError(
            f"{whose}: {METRICS} has no figure {metric!r}; it has {known or 'none'}"
        )
    return float(value)
