"""The data sets, how each is read, and the settings that all trained models are tuned over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

DIM, NEGATIVES = 64, 5
WINDOWS = (2, 5, 10)
"""Each is tried with the whole grid, and a wider one only if the one before it was the best."""
GRID: tuple[Mapping[str, Any], ...] = tuple(
    {"ns_exponent": exponent, "epochs": epochs}
    for exponent, epochs in product((0.0, 0.5, 0.75, 1.0), (10, 30))
)
"""Tried with every trained model, ours and gensim's."""
SUBSAMPLES = (1e-4, 1e-3)
"""Tried at the best combination, which has none."""
FIELD_WEIGHT = 1.0
"""Of Meta-Prod2Vec in the grid: tokens that are words to gensim weigh as much as products."""
FIELD_WEIGHTS = (0.1, 0.3, 3.0)
"""Tried after that, in Meta-Prod2Vec."""
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
