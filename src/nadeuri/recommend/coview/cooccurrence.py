"""Item-item cosine of co-occurrence: the classical answer to what others also viewed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from nadeuri import columns
from nadeuri.data.sequences import Dataset, IntArray, ItemArray
from nadeuri.data.splits import Split
from nadeuri.recommend.base import Scores
from nadeuri.recommend.coview.tokens import training_sessions


class Cooccurrence:
    """Scores ``j`` after last item ``i`` by ``n_ij / sqrt(n_i n_j)``, with ``n`` in sessions.

    Item-based collaborative filtering (Sarwar et al., WWW 2001; Linden et al., IEEE Internet
    Computing 2003) on binary session vectors.
    """

    kind = columns.COOCCURRENCE

    def __init__(self, cosines: sp.csr_matrix) -> None:
        """
        Args:
            cosines: float32 [n_items + 1, n_items + 1]; the diagonal is zero.
        """
        self.cosines = cosines

    @property
    def n_items(self) -> int:
        return int(self.cosines.shape[0]) - 1

    def score(self, users: IntArray, histories: Sequence[ItemArray]) -> Scores:
        """See :meth:`nadeuri.recommend.base.Recommender.score`; 0 for what never met."""
        last = np.array([h[-1] if len(h) else 0 for h in histories], dtype=np.int64)
        scores: Scores = self.cosines[last].toarray()
        scores[:, 0] = -np.inf
        return scores


def fit(dataset: Dataset, split: Split, *, by_user: bool = False) -> Cooccurrence:
    """Count in the training sessions.

    Args:
        by_user: everything that a user clicked counts as one session.
    """
    sessions = training_sessions(dataset.sequences, split, by_user=by_user)
    rows = np.repeat(np.arange(len(sessions)), np.diff(sessions.offsets))
    shape = (len(sessions), dataset.n_items + 1)
    seen = sp.csr_matrix((np.ones(len(rows), np.float32), (rows, sessions.items)), shape=shape)
    seen.data[:] = 1  # an item counts once in a session
    lengths = np.sqrt(np.asarray(seen.sum(0)).ravel())
    units = seen @ sp.diags(1 / np.maximum(lengths, 1)).astype(np.float32)
    cosines = (units.T @ units).tocsr()
    cosines.setdiag(0)
    cosines.eliminate_zeros()
    return Cooccurrence(cosines)
