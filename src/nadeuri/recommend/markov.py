"""First-order Markov chain: what followed the last item. A floor many deep models do not clear."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from nadeuri import columns
from nadeuri.data.sequences import Dataset, IntArray, ItemArray
from nadeuri.data.splits import Split
from nadeuri.recommend.base import Scores
from nadeuri.recommend.popularity import training_clicks, training_rows


class Markov:
    """Scores item ``j`` after last item ``i`` by ``count(i -> j)``, ties by popularity."""

    kind = columns.MARKOV

    def __init__(self, transitions: sp.csr_matrix, clicks: IntArray) -> None:
        self.transitions = transitions
        # below 1, so that popularity orders only what the chain leaves equal
        self.backoff = (clicks / (clicks.sum() + 1)).astype(np.float32)

    @property
    def n_items(self) -> int:
        return len(self.backoff) - 1

    def score(self, users: IntArray, histories: Sequence[ItemArray]) -> Scores:
        """See :meth:`nadeuri.recommend.base.Recommender.score`; no history means popularity."""
        last = np.array([h[-1] if len(h) else 0 for h in histories], dtype=np.int64)
        scores: Scores = self.transitions[last].toarray().astype(np.float32) + self.backoff
        scores[:, 0] = -np.inf
        return scores


def fit(dataset: Dataset, split: Split) -> Markov:
    """Count the transitions between neighbours in the training sequences."""
    store = dataset.sequences
    rows = training_rows(store, split)
    follows = rows[1:] & rows[:-1]
    follows[store.offsets[1:-1] - 1] = False  # the next click is another user's
    items = np.asarray(store.items)
    pairs = (items[:-1][follows], items[1:][follows])
    size = dataset.n_items + 1
    transitions = sp.coo_matrix(
        (np.ones(len(pairs[0]), dtype=np.float32), pairs), shape=(size, size)
    ).tocsr()
    return Markov(transitions, training_clicks(store, split, dataset.n_items))
