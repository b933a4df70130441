"""The data sets, how each is read, and the settings that all trained models are tuned over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

DIM, NEGATIVES = 64, 5
GRID: dict[str, tuple[Any, ...]] = {
    "window": (2, 5, 10),
    "ns_exponent": (0.0, 0.5, 0.75, 1.0),
    "epochs": (10, 30),
}
"""Every combination is tried with every trained model, ours and gensim's."""
SUBSAMPLES = (1e-4, 1e-3)
"""Tried at the best combination, which has none."""
FIELD_WEIGHTS = (0.1, 0.3, 1.0)
"""Tried after that, in Meta-Prod2Vec: tokens that are words to gensim have no weight. The grid has
the second one."""
SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Viewed:
    """One data set of the comparison.

    Attributes:
        folder: below the folder of research data sets, or a source description.
        by_user: it has no sessions; everything that a user clicked is one.
        filter_seen: seen products are taken out of the ranking of next items.
        fields: metadata that is read; the first is what purity is measured by.
    """

    name: str
    folder: Path
    by_user: bool
    filter_seen: bool
    fields: tuple[str, ...]


def settings(grid: Mapping[str, tuple[Any, ...]] = GRID) -> Iterator[Mapping[str, Any]]:
    """Every combination of a grid."""
    for values in product(*grid.values()):
        yield dict(zip(grid, values, strict=True))
