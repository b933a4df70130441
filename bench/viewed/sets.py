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
    "ns_exponent": (0.0, 0.5, 1.0),
    "epochs": (10, 30),
}
"""The same for every trained model, ours and gensim's; learning rates are each one's own."""
FIELD_WEIGHTS = (0.1, 0.3, 1.0)
"""Meta-Prod2Vec's grid has this too: tokens that are words to gensim have no weight."""
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
