"""Two tables of places to a mapping: candidates, features, probabilities, assignment, decisions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nadeuri import columns
from nadeuri.embed import local_embedder
from nadeuri.match.assign import assign
from nadeuri.match.candidates import candidate_pairs
from nadeuri.match.features import PAIRS_AT_ONCE, PairFeatures
from nadeuri.match.meaning import Meanings
from nadeuri.match.overlap import NgramSpace
from nadeuri.match.records import read_records
from nadeuri.match.scorer import LIKELY, PairScorer, Thresholds
from nadeuri.match.surroundings import Surroundings
from nadeuri.progress import progress

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

N_CANDIDATES = 10
"""Of a place, for a judge or a person."""


@dataclass(frozen=True, eq=False)
class ScoredPairs:
    """Candidate pairs of two tables and what the scorer says of them.

    Attributes:
        left_ids, right_ids: of all places of the tables.
        left, right: positions of the places of each pair, by left place; int64 [n].
        probability: that they are the same; float64 [n].
        metres: between them, not a number where unknown; float64 [n].
        thresholds: of the scorer.
    """

    left_ids: tuple[str, ...]
    right_ids: tuple[str, ...]
    left: Indices
    right: Indices
    probability: Floats
    metres: Floats
    thresholds: Thresholds

    def mapping(self) -> pa.Table:
        """A row for each left place, in the table's order, and never a right place twice.

        Columns: ``left``, ``right`` (null: no candidate that may be it), ``probability`` (of the
        pair; without one, of the best candidate, null without any), ``decision``, ``metres``
        (null where unknown). Only pairs that are accepted or asked about have a ``right``.
        """
        chosen = self._chosen()
        best = self._best()
        row = np.where(chosen >= 0, chosen, best)
        there, known = chosen >= 0, row >= 0
        probability = _taken(self.probability, row, known)
        metres = _taken(self.metres, chosen, there)
        decision = np.full(len(row), columns.NONE, dtype=object)
        decision[there] = columns.ASK
        decision[there & (probability >= self.thresholds.accept_above)] = columns.ACCEPT
        rights = np.array([*self.right_ids, None], dtype=object)
        positions = np.where(there, np.append(self.right, -1)[chosen], -1)
        return pa.table(
            {
                columns.LEFT: pa.array(self.left_ids, pa.string()),
                columns.RIGHT: pa.array(rights[positions], pa.string()),
                columns.PROBABILITY: pa.array(probability, pa.float64(), mask=~known),
                columns.DECISION: pa.array(decision, pa.string()),
                columns.METRES: pa.array(metres, pa.float64(), mask=np.isnan(metres)),
            }
        )

    def candidates(self, k: int = N_CANDIDATES) -> pa.Table:
        """The ``k`` likeliest right places of every left one, best first.

        Columns: ``left``, ``right``, ``probability``, ``metres`` (null where unknown).
        """
        order = np.lexsort((self.right, -self.probability, self.left))
        left = self.left[order]
        starts = np.searchsorted(left, left)
        order = order[np.arange(len(order)) - starts < k]
        metres = self.metres[order]
        lefts, rights = np.array(self.left_ids, object), np.array(self.right_ids, object)
        return pa.table(
            {
                columns.LEFT: pa.array(lefts[self.left[order]], pa.string()),
                columns.RIGHT: pa.array(rights[self.right[order]], pa.string()),
                columns.PROBABILITY: pa.array(self.probability[order], pa.float64()),
                columns.METRES: pa.array(metres, pa.float64(), mask=np.isnan(metres)),
            }
        )

    def _chosen(self) -> Indices:
        """The pair of each left place, -1 without one.

        Likely matches are assigned first: a doubtful pair must never take a place from one of them.
        """
        pair = np.full(len(self.left_ids), -1)
        rows = np.arange(len(self.left))
        taken = np.zeros(len(self.right_ids), bool)
        for above in (LIKELY, self.thresholds.reject_below):
            free = rows[(pair[self.left] < 0) & ~taken[self.right]]
            kept = free[assign(self.left[free], self.right[free], self.probability[free], above)]
            pair[self.left[kept]] = kept
            taken[self.right[kept]] = True
        return pair

    def _best(self) -> Indices:
        """The likeliest pair of each left place, -1 without any."""
        order = np.lexsort((self.right, -self.probability, self.left))
        lefts, first = np.unique(self.left[order], return_index=True)
        best = np.full(len(self.left_ids), -1)
        best[lefts] = order[first]
        return best


def score_pairs(left: pa.Table, right: pa.Table, scorer: PairScorer) -> ScoredPairs:
    """Find and score the candidate pairs of two tables of :data:`nadeuri.data.poi.POIS`.

    Where the scorer has an encoder, it also finds candidates by meaning.

    Raises:
        MissingExtraError: a library of the extra ``match`` is not installed.
    """
    mine, theirs = read_records(left), read_records(right)
    grams = NgramSpace(mine, theirs)
    around = Surroundings(mine.points, theirs.points)
    meanings = Meanings(mine, theirs, local_embedder(scorer.encoder)) if scorer.encoder else None
    li, ri = candidate_pairs(mine, theirs, grams, around, meanings=meanings)
    chunks = PairFeatures(mine, theirs, grams, around, meanings=meanings).chunks(li, ri)
    n_chunks = -(-len(li) // PAIRS_AT_ONCE)
    scores = [scorer.probability(chunk) for chunk in progress(chunks, "scoring pairs", n_chunks)]
    return ScoredPairs(
        mine.ids,
        theirs.ids,
        li,
        ri,
        np.concatenate([np.zeros(0), *scores]),
        around.metres(li, ri),
        scorer.thresholds,
    )


def map_places(left: pa.Table, right: pa.Table, scorer: PairScorer) -> pa.Table:
    """The mapping of two tables; see :meth:`ScoredPairs.mapping` and :func:`score_pairs`."""
    return score_pairs(left, right, scorer).mapping()


def _taken(values: Floats, rows: Indices, known: npt.NDArray[np.bool_]) -> Floats:
    """``values[rows]``, not a number where there is none."""
    return np.where(known, np.append(values, np.nan)[rows], np.nan)
