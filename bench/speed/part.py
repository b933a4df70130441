"""What a part of the benchmark found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DIGITS = 4
"""Significant digits of a figure: more would be noise."""


@dataclass
class Part:
    """Figures by dotted name, and whatever else is worth keeping.

    Attributes:
        command: arguments of ``bench/training.py`` that measure this part again.
    """

    command: str
    figures: dict[str, float] = field(default_factory=dict)
    details: list[dict[str, Any]] = field(default_factory=list)

    def add(self, detail: Mapping[str, Any], figures: Mapping[str, float]) -> None:
        """Keep a measurement and the figures that follow from it."""
        self.details.append(dict(detail))
        self.figures |= {name: float(f"{value:.{DIGITS}g}") for name, value in figures.items()}


def show(part: Part) -> None:
    """The table a person looks at."""
    print(f"\n{part.command}")
    width = max(map(len, part.figures), default=0)
    for name, value in part.figures.items():
        print(f"  {name:{width}}  {value:,.4g}")


def mean_sd(values: list[float]) -> tuple[float, float]:
    """Mean and sample standard deviation (0 of a single value)."""
    mean = sum(values) / len(values)
    if len(values) < 2:
        return mean, 0.0
    return mean, (sum((v - mean) ** 2 for v in values) / (len(values) - 1)) ** 0.5


def over_seeds(name: str, values: list[float]) -> dict[str, float]:
    """``name``, ``name.sd`` and ``name.seeds`` of one value per seed."""
    mean, sd = mean_sd(values)
    return {name: mean, f"{name}.sd": sd, f"{name}.seeds": len(values)}
