"""Clicks as tokens: an item and one value of each of its metadata fields, in one vocabulary.

Prod2Vec knows items only. Meta-Prod2Vec (Vasile, Smirnova, Conneau, RecSys 2016) puts metadata
values beside the items: a click becomes a token for the item and one token per field, and every
token predicts the tokens around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from nadeuri.data.sequences import IntArray, ItemArray, SequenceStore
from nadeuri.data.splits import Split
from nadeuri.recommend.features import FieldBags
from nadeuri.recommend.popularity import training_rows

FloatMatrix = npt.NDArray[np.float32]

NOTHING = 0
"""The token of padding and of a missing value; no vector of its own is ever trained."""


@dataclass(frozen=True)
class Vocabulary:
    """Rows of the vector tables: 0 is nothing, then the items, then the values of each field."""

    n_items: int
    fields: tuple[FieldBags, ...] = ()

    @property
    def width(self) -> int:
        """Tokens of a click."""
        return 1 + len(self.fields)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """First token of each kind: items (1), then the fields; and one past the last token."""
        sizes = [self.n_items, *(len(field.values) for field in self.fields)]
        return tuple(int(start) for start in np.cumsum([1, *sizes]))

    def __len__(self) -> int:
        return self.starts[-1]

    def tokens(self, items: ItemArray, rng: np.random.Generator) -> IntArray:
        """Tokens of clicks; of a field with several values, one is drawn by their weights.

        Drawing anew each time trains on the mean over the values without a token for each.

        Args:
            items: int32 [n], item indices.

        Returns:
            int64 [n, width]; ``NOTHING`` where an item has no value of a field.
        """
        drawn = [
            _draw(field, sums, items, rng)
            for field, sums in zip(self.fields, self._running_weights, strict=True)
        ]
        values = [
            np.where(value < 0, NOTHING, start + value)
            for value, start in zip(drawn, self.starts[1:], strict=False)
        ]
        return np.stack([items.astype(np.int64), *values], axis=1)

    @cached_property
    def _running_weights(self) -> tuple[npt.NDArray[np.float64], ...]:
        return tuple(
            np.concatenate([[0.0], np.cumsum(field.weights, dtype=np.float64)])
            for field in self.fields
        )


def _draw(
    field: FieldBags,
    running: npt.NDArray[np.float64],
    items: ItemArray,
    rng: np.random.Generator,
) -> IntArray:
    """A value index of each item, -1 where it has none; int64 [n]."""
    first, end = field.offsets[items], field.offsets[items + 1]
    if len(field.indices) == 0:
        return np.full(len(items), -1, dtype=np.int64)
    point = running[first] + rng.random(len(items)) * (running[end] - running[first])
    entry = np.searchsorted(running, point, side="right") - 1
    entry = np.clip(entry, first, np.maximum(first, end - 1))  # rounding may leave the bag
    return np.where(end > first, field.indices[np.minimum(entry, len(field.indices) - 1)], -1)


@dataclass(frozen=True)
class Sessions:
    """Training clicks, session by session.

    Attributes:
        items: int32 [n_clicks].
        offsets: int64 [n_sessions + 1]; session ``s`` is ``items[offsets[s]:offsets[s + 1]]``.
    """

    items: ItemArray
    offsets: IntArray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, sessions: IntArray) -> tuple[ItemArray, IntArray]:
        """Clicks of some sessions in their order, and the place in ``sessions`` of each click."""
        lengths = np.diff(self.offsets)[sessions]
        ends = np.cumsum(lengths)
        places = np.repeat(np.arange(len(sessions)), lengths)
        shift = np.repeat(self.offsets[sessions] - (ends - lengths), lengths)
        return self.items[np.arange(len(places)) + shift], places


def training_sessions(store: SequenceStore, split: Split, *, by_user: bool) -> Sessions:
    """The sessions of the training part with two clicks or more; others hold no pair.

    Args:
        by_user: everything that a user clicked counts as one session.
    """
    rows = training_rows(store, split)
    items = np.asarray(store.items)[rows]
    users = np.repeat(np.arange(len(split.train_ends)), np.diff(store.offsets))[rows]
    is_first = np.ones(len(items), dtype=bool)
    is_first[1:] = users[1:] != users[:-1]
    if not by_user:
        numbers = np.asarray(store.sessions)[rows]
        is_first[1:] |= numbers[1:] != numbers[:-1]
    offsets = np.append(np.flatnonzero(is_first), len(items)).astype(np.int64)
    long_enough = np.flatnonzero(np.diff(offsets) >= 2)
    everything = Sessions(items, offsets)
    kept, places = everything.take(long_enough)
    lengths = np.bincount(places, minlength=len(long_enough))
    return Sessions(kept, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


def token_counts(vocabulary: Vocabulary, items: ItemArray) -> npt.NDArray[np.float64]:
    """How often each token is expected in ``items``, the values of a bag by their weights.

    Returns:
        float64 [len(vocabulary)]; row 0 is zero.
    """
    counts = np.zeros(len(vocabulary))
    clicks = np.bincount(items, minlength=vocabulary.n_items + 1)
    clicks[NOTHING] = 0
    counts[: vocabulary.n_items + 1] = clicks
    for field, start in zip(vocabulary.fields, vocabulary.starts[1:], strict=False):
        owners = np.repeat(np.arange(vocabulary.n_items + 1), np.diff(field.offsets))
        shares = clicks[owners] * field.weights
        counts[start : start + len(field.values)] = np.bincount(
            field.indices, weights=shares, minlength=len(field.values)
        )
    return counts


def pair_weights(field_weights: Sequence[float]) -> tuple[FloatMatrix, FloatMatrix]:
    """What a pair of tokens counts for, by their kinds: item 1, fields ``lambda_f``.

    The losses of Meta-Prod2Vec are item to item (1), item to metadata and back (``lambda_f``),
    metadata to metadata (``sqrt(lambda_f * lambda_g)``, which is ``lambda`` where all fields share
    it, as in the paper) and, within a click, item to its own metadata and back (``lambda_f``).

    Returns:
        Two float32 [width, width]: between clicks, and within a click.
    """
    roots = np.sqrt(np.array([1.0, *field_weights]))
    between = np.outer(roots, roots)
    between[0, 1:] = between[1:, 0] = field_weights
    within = np.zeros_like(between)
    within[0, 1:] = within[1:, 0] = field_weights
    return between.astype(np.float32), within.astype(np.float32)
