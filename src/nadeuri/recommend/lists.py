"""What recommendation lists are made of: coverage, popularity bias and coherence.

Accuracy does not say whether everyone is shown the same bestsellers or whether one list jumps
between countries. These figures do, and the same figures of what people really clicked say what is
natural for the data.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nadeuri import columns
from nadeuri.data.sequences import IntArray, ItemArray, SequenceStore
from nadeuri.data.splits import Cases
from nadeuri.recommend.evaluate import FloatArray
from nadeuri.recommend.features import FieldBags


def popularity_percentiles(clicks: IntArray) -> FloatArray:
    """Share of the catalogue that was clicked less than each item, 0 to 1; float64 [n_items + 1].

    Items with equal clicks share the middle of their range, so the mean over the catalogue is 0.5.

    Args:
        clicks: int64 [n_items + 1], see :func:`nadeuri.recommend.popularity.training_clicks`.
    """
    ordered = np.sort(clicks[1:])
    below = np.searchsorted(ordered, clicks, side="left")
    not_above = np.searchsorted(ordered, clicks, side="right")
    return np.asarray((below + not_above) / (2 * max(1, len(ordered))), dtype=np.float64)


def describe_lists(
    lists: ItemArray, percentiles: FloatArray, fields: Sequence[FieldBags], k: int
) -> dict[str, float]:
    """Figures of the first ``k`` places of the lists, named by :mod:`nadeuri.columns`.

    Args:
        lists: int32 [n, at least k], item indices; 0 is an empty place.
        percentiles: float64 [n_items + 1], see :func:`popularity_percentiles`.
        fields: metadata fields whose coherence is measured.
    """
    lists = lists[:, :k]
    n_items = len(percentiles) - 1
    shown = lists[lists > 0]
    counts = np.bincount(shown, minlength=n_items + 1)[1:]
    figures = {
        columns.COVERAGE: float(np.count_nonzero(counts) / n_items),
        columns.POPULARITY_PERCENTILE: float(percentiles[shown].mean()) if len(shown) else 0.0,
        columns.GINI: gini(counts),
    }
    for field in fields:
        shares, bits = coherence(lists, field)
        if len(shares):
            figures[columns.coherence(field.name)] = float(shares.mean())
            figures[columns.entropy(field.name)] = float(bits.mean())
    return figures


def gini(counts: IntArray) -> float:
    """Gini coefficient: 0 if all items are shown equally often, near 1 if one item has it all."""
    total = counts.sum()
    if total == 0:
        return 0.0
    ordered = np.sort(counts)
    n = len(ordered)
    weighted = float((np.arange(1, n + 1) * ordered).sum())
    return 2 * weighted / (n * float(total)) - (n + 1) / n


def coherence(lists: ItemArray, field: FieldBags) -> tuple[FloatArray, FloatArray]:
    """Per list, the share of items in its modal value of ``field``, and the entropy in bits.

    An item with several values carries each of them for the modal share, and ``1 / n`` of each for
    the entropy; an item without a value counts in the length of the list but carries nothing, and
    has no part in the entropy. Lists in which no item has a value are left out.

    Returns:
        Two float64 [number of lists with at least one value].
    """
    list_of_place = np.repeat(np.arange(len(lists)), lists.shape[1])
    items = lists.reshape(-1)
    sizes = field.offsets[items + 1] - field.offsets[items]
    rows = np.repeat(list_of_place, sizes)
    first = np.cumsum(sizes) - sizes
    entries = np.repeat(field.offsets[items] - first, sizes) + np.arange(len(rows))

    keys = rows * max(1, len(field.values)) + field.indices[entries]
    distinct, inverse, carriers = np.unique(keys, return_inverse=True, return_counts=True)
    rows_of_distinct = distinct // max(1, len(field.values))
    modal = np.zeros(len(lists), dtype=np.int64)
    np.maximum.at(modal, rows_of_distinct, carriers)

    weights = np.bincount(inverse, weights=field.weights[entries], minlength=len(distinct))
    totals = np.bincount(rows_of_distinct, weights=weights, minlength=len(lists))
    shares = weights / totals[rows_of_distinct]
    terms = -shares * np.log2(shares)
    bits = np.bincount(rows_of_distinct, weights=terms, minlength=len(lists)).astype(np.float64)
    with_values = modal > 0
    lengths = np.count_nonzero(lists, axis=1)
    return modal[with_values] / lengths[with_values], bits[with_values]


def history_lists(store: SequenceStore, cases: Cases, k: int) -> ItemArray:
    """The last ``k`` different items before each case, latest first; int32 [n, k], 0-filled."""
    lists = np.zeros((len(cases), k), dtype=np.int32)
    for row, (user, end) in enumerate(zip(cases.users, cases.ends, strict=True)):
        history = store.items[store.offsets[user] : end]
        latest = list(dict.fromkeys(history[::-1].tolist()))[:k]
        lists[row, : len(latest)] = latest
    return lists
