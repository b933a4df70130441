"""A prepared data set in figures that a person can check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from nadeuri import columns
from nadeuri.data.sequences import Dataset

PERCENTILES = (5, 25, 50, 75, 95, 99, 100)


@dataclass(frozen=True)
class Description:
    """What ``nadeuri data show`` prints.

    Attributes:
        first, last: days of the first and the last click (ISO 8601); None without times.
        lengths: clicks per user at the percentiles of :data:`PERCENTILES`.
        sessions_per_user: mean number of sessions.
        cold_items: items of the catalogue that nobody clicked.
        rejected: (table, reason, rows), most frequent first.
        top_items: (product code, name or "", clicks), most clicked first.
    """

    first: str | None
    last: str | None
    lengths: dict[int, int]
    sessions_per_user: float
    cold_items: int
    rejected: list[tuple[str, str, int]]
    top_items: list[tuple[str, str, int]]


def describe(dataset: Dataset, n_top: int = 10) -> Description:
    """Describe ``dataset`` with its ``n_top`` most clicked items."""
    store = dataset.sequences
    lengths = np.diff(store.offsets)
    clicks = np.bincount(store.items, minlength=dataset.n_items + 1)[1:]
    top = np.argsort(-clicks, kind="stable")[:n_top]
    catalogue = dataset.catalogue
    has_names = columns.NAME in catalogue.column_names
    names = catalogue[columns.NAME].take(top).to_pylist() if has_names else [None] * len(top)
    codes = catalogue[columns.ITEM].take(top).to_pylist()
    return Description(
        first=_day(dataset.manifest["first_time"]),
        last=_day(dataset.manifest["last_time"]),
        lengths={
            percentile: int(length)
            for percentile, length in zip(
                PERCENTILES, np.percentile(lengths, PERCENTILES, method="lower"), strict=True
            )
        },
        sessions_per_user=dataset.manifest["n_sessions"] / dataset.n_users,
        cold_items=int((clicks == 0).sum()),
        rejected=_rejected(dataset),
        top_items=[
            (code, name or "", int(clicks[index]))
            for code, name, index in zip(codes, names, top, strict=True)
        ],
    )


def _rejected(dataset: Dataset) -> list[tuple[str, str, int]]:
    counted = [
        (table, reason, rows)
        for table, part, key in (
            ("clicks", "clicks", "rejected"),
            ("catalogue", "catalogue", "rejected"),
            ("catalogue values", "catalogue", "rejected_values"),
        )
        for reason, rows in ((dataset.manifest.get(part) or {}).get(key) or {}).items()
    ]
    return sorted(counted, key=lambda row: (-row[2], row))


def _day(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).date().isoformat()
