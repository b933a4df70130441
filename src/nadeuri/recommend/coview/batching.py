"""Batches for skip-gram: stretches of the token stream with windows, and shared negatives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nadeuri.data.sequences import IntArray, ItemArray
from nadeuri.recommend.coview.tokens import Sessions, Vocabulary, token_counts

BLOCK = 32
"""Clicks whose windows are multiplied together; batches are padded to a multiple of it."""
CHUNK_CLICKS = 1 << 18
"""Clicks whose tokens are in memory at once, whatever the size of the log."""
NO_SESSION = -1


@dataclass(frozen=True)
class SkipGramBatch:
    """A stretch of clicks, padded with ``NOTHING``, and what it is told apart from.

    Attributes:
        tokens: int64 [clicks, width].
        sessions: int64 [clicks], equal within a session; ``NO_SESSION`` at padding.
        reach: int64 [clicks], how many clicks to either side each one predicts.
        negatives: int64 [width, shared], tokens of each kind.
    """

    tokens: IntArray
    sessions: IntArray
    reach: IntArray
    negatives: IntArray


class SkipGramBatches:
    """Batches of one epoch after another, a function of ``(seed, epoch)`` alone.

    Sessions are shuffled and laid end to end; a batch is the next ``batch_size`` clicks. Pairs that
    a cut between batches separates are lost, about ``window / batch_size`` of all.
    """

    def __init__(
        self,
        sessions: Sessions,
        vocabulary: Vocabulary,
        *,
        batch_size: int,
        window: int,
        shared_negatives: int,
        ns_exponent: float,
        subsample: float,
        seed: int,
    ) -> None:
        self._sessions = sessions
        self._vocabulary = vocabulary
        self._batch_size = batch_size
        self._window = window
        self._shared = shared_negatives
        self._seed = seed
        counts = token_counts(vocabulary, sessions.items)
        self._kept_share = _kept_share(counts[: vocabulary.n_items + 1], subsample)
        self._running = [
            _running_share(counts[start:end], ns_exponent)
            for start, end in zip(vocabulary.starts, vocabulary.starts[1:], strict=False)
        ]

    def __len__(self) -> int:
        """At most: sub-sampling thins an epoch."""
        return -(-len(self._sessions.items) // self._batch_size)

    def epoch(self, epoch: int) -> Iterator[SkipGramBatch]:
        """The batches of ``epoch``, in order."""
        rng = np.random.default_rng([self._seed, epoch])
        sessions = rng.permutation(len(self._sessions))
        starts = np.cumsum(np.diff(self._sessions.offsets)[sessions])
        for numbers in np.split(sessions, np.flatnonzero(np.diff(starts // CHUNK_CLICKS)) + 1):
            items, places = self._sessions.take(numbers)
            if self._kept_share is not None:
                kept = rng.random(len(items)) < self._kept_share[items]
                items, places = items[kept], places[kept]
            for start in range(0, len(items), self._batch_size):
                rows = slice(start, start + self._batch_size)
                yield self._batch(items[rows], places[rows], rng)

    def _batch(self, items: ItemArray, places: IntArray, rng: np.random.Generator) -> SkipGramBatch:
        padding = -len(items) % BLOCK
        tokens = self._vocabulary.tokens(items, rng)
        negatives = [
            start + np.searchsorted(running, rng.random(self._shared), side="right")
            for start, running in zip(self._vocabulary.starts, self._running, strict=False)
        ]
        return SkipGramBatch(
            tokens=np.pad(tokens, ((0, padding), (0, 0))),
            sessions=np.pad(places, (0, padding), constant_values=NO_SESSION),
            # word2vec's dynamic window: near clicks take part in more pairs than far ones
            reach=rng.integers(1, self._window + 1, len(items) + padding),
            negatives=np.stack(negatives),
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


def _running_share(counts: npt.NDArray[np.float64], exponent: float) -> npt.NDArray[np.float64]:
    """Cumulative distribution of the negatives; tokens that never occur are never drawn."""
    shares = np.where(counts > 0, counts, 1.0) ** exponent * (counts > 0)
    running = np.cumsum(shares)
    return np.asarray(running / running[-1] if running[-1] else np.linspace(0, 1, len(counts)))
