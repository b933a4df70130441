"""Batches for skip-gram: stretches of the token stream, and how far each click looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nadeuri.data.sequences import IntArray, ItemArray
from nadeuri.recommend.coview.tokens import Sessions, Vocabulary

_SEEDS = 1 << 62


@dataclass(frozen=True)
class SkipGramBatch:
    """A stretch of clicks.

    Attributes:
        tokens: int64 [clicks, width].
        sessions: int64 [clicks], equal within a session.
        reach: int64 [clicks], how many clicks to either side each one predicts.
        seed: of the negatives, from 1.
    """

    tokens: IntArray
    sessions: IntArray
    reach: IntArray
    seed: int


class SkipGramBatches:
    """Batches of one epoch after another, a function of ``(seed, epoch)`` alone.

    Sessions are shuffled and laid end to end; a batch is the next ``batch_size`` clicks, of
    which sub-sampling leaves fewer. Pairs that a cut between batches separates are lost, about
    ``window / batch_size`` of all.
    """

    def __init__(
        self,
        sessions: Sessions,
        vocabulary: Vocabulary,
        *,
        batch_size: int,
        window: int,
        subsample: float,
        seed: int,
    ) -> None:
        self._sessions = sessions
        self._vocabulary = vocabulary
        self._batch_size = batch_size
        self._window = window
        self._seed = seed
        clicks = np.bincount(sessions.items, minlength=vocabulary.n_items + 1)
        self._kept_share = _kept_share(clicks.astype(np.float64), subsample)

    def __len__(self) -> int:
        return -(-len(self._sessions.items) // self._batch_size)

    def epoch(self, epoch: int) -> Iterator[SkipGramBatch]:
        """The batches of ``epoch``, in order."""
        rng = np.random.default_rng([self._seed, epoch])
        sessions = rng.permutation(len(self._sessions))
        ends = np.cumsum(np.diff(self._sessions.offsets)[sessions])
        for start in range(0, len(self._sessions.items), self._batch_size):
            end = min(start + self._batch_size, len(self._sessions.items))
            first, last = np.searchsorted(ends, [start, end - 1], side="right")
            items, places = self._sessions.take(sessions[first : last + 1])
            before = start - (ends[first - 1] if first else 0)  # of the first session
            rows = slice(before, before + end - start)
            yield self._batch(items[rows], places[rows], rng)

    def _batch(self, items: ItemArray, places: IntArray, rng: np.random.Generator) -> SkipGramBatch:
        if self._kept_share is not None:
            kept = rng.random(len(items)) < self._kept_share[items]
            items, places = items[kept], places[kept]
        return SkipGramBatch(
            tokens=self._vocabulary.tokens(items, rng),
            sessions=places,
            # word2vec's dynamic window: near clicks take part in more pairs than far ones
            reach=rng.integers(1, self._window + 1, len(items)),
            seed=int(rng.integers(1, _SEEDS)),
        )


def _kept_share(
    counts: npt.NDArray[np.float64], subsample: float
) -> npt.NDArray[np.float64] | None:
    """How likely a click on each item stays, as in word2vec: ``sqrt(t / f) + t / f``, at most 1."""
    if subsample == 0:
        return None
    with np.errstate(divide="ignore"):
        ratio = subsample / (counts / counts.sum())
    return np.asarray(np.minimum(1.0, np.sqrt(ratio) + ratio))
