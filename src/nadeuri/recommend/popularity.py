"""Most clicked items first: the floor every model must clear."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nadeuri import columns
from nadeuri.data.sequences import Dataset, IntArray, ItemArray, SequenceStore
from nadeuri.data.splits import Split
from nadeuri.recommend.base import Scores


def training_clicks(store: SequenceStore, split: Split, n_items: int) -> IntArray:
    """Clicks on each item in the training part; int64 [n_items + 1]."""
    counts = np.zeros(n_items + 1, dtype=np.int64)
    np.add.at(counts, np.asarray(store.items)[training_rows(store, split)], 1)
    return counts


def training_rows(store: SequenceStore, split: Split) -> npt.NDArray[np.bool_]:
    """Which clicks of the store belong to the training part; bool [n_clicks]."""
    edges = np.zeros(store.n_clicks + 1, dtype=np.int32)
    np.add.at(edges, store.offsets[:-1], 1)
    np.add.at(edges, split.train_ends, -1)
    rows: npt.NDArray[np.bool_] = np.cumsum(edges[:-1]) > 0
    return rows


class Popularity:
    """Scores every item by its training clicks."""

    kind = columns.POPULARITY

    def __init__(self, clicks: IntArray) -> None:
        self.clicks = clicks

    @property
    def n_items(self) -> int:
        return len(self.clicks) - 1

    def score(self, users: IntArray, histories: Sequence[ItemArray]) -> Scores:
        """See :meth:`nadeuri.recommend.base.Recommender.score`."""
        scores = np.repeat(self.clicks[None].astype(np.float32), len(histories), axis=0)
        scores[:, 0] = -np.inf
        return scores


def fit(dataset: Dataset, split: Split) -> Popularity:
    """Count the training clicks."""
    return Popularity(training_clicks(dataset.sequences, split, dataset.n_items))
