"""Training batches: sequences cut by length (cloze and next-item task), and sampled pairs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from nadeuri.data.sequences import IntArray, SequenceStore
from nadeuri.data.splits import Split
from nadeuri.recommend.popularity import training_rows
from nadeuri.training.distributed import share

BUCKET_BATCHES = 16
"""Batches whose users are sorted by length together: enough to have equal lengths side by side,
few enough that which users meet in a batch changes every epoch."""
CLOZE_SIZES, NEXT_ITEM_SIZES = 8, 32
"""Numbers of questions a batch may have between one power of two and the next. oneDNN compiles a
bf16 matrix product anew for every shape that it has not seen lately, and what it keeps of them
fragments the heap, so batches must not have a shape of their own each
(docs/decisions/training-speed.md)."""


@dataclass(frozen=True)
class SequenceBatch:
    """Sequences and what is asked about them.

    Attributes:
        items: int64 [batch_size, length], what the model reads, padded with 0.
        positions: int64 [n], flat positions in ``items`` that are asked about.
        targets: int64 [n], the items to predict there.
    """

    items: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]


@share.register
def _share_of_sequences(batch: SequenceBatch, rank: int, world: int) -> tuple[SequenceBatch, float]:
    n_rows, length = batch.items.shape
    row, column = np.divmod(batch.positions, length)
    if rank >= n_rows:
        asked = row == 0
        items, positions, weight = batch.items[:1], batch.positions[asked], 0.0
    else:
        asked = row % world == rank
        items, positions = batch.items[rank::world], row[asked] // world * length + column[asked]
        weight = len(positions) / len(row)
    kept = replace(batch, items=items, positions=positions, targets=batch.targets[asked])
    return kept, weight


class SequenceBatches(ABC):
    """Batches of one epoch after another, a function of ``(seed, epoch)`` alone.

    A user with more than ``window`` clicks contributes one window an epoch: the last one half of
    the time, otherwise one that ends anywhere. Batches are cut so that their lengths are alike.
    """

    def __init__(
        self, store: SequenceStore, split: Split, *, batch_size: int, window: int, seed: int
    ) -> None:
        lengths = split.train_ends - store.offsets[:-1]
        self._users = np.flatnonzero(lengths >= 2)
        self._store = store
        self._starts = np.asarray(store.offsets[:-1])
        self._ends = split.train_ends
        self._batch_size = batch_size
        self._window = window
        self._seed = seed

    def __len__(self) -> int:
        return -(-len(self._users) // self._batch_size)

    def epoch(self, epoch: int) -> Iterator[SequenceBatch]:
        """The batches of ``epoch``, in order."""
        rng = np.random.default_rng([self._seed, epoch])
        users = rng.permutation(self._users)
        ends = self._window_ends(users, rng)
        lengths = np.minimum(ends - self._starts[users], self._window)
        batches = list(self._batches_by_length(lengths))
        for row in rng.permutation(len(batches)):
            rows = batches[row]
            yield self._batch(ends[rows], lengths[rows], rng)

    @abstractmethod
    def _batch(self, ends: IntArray, lengths: IntArray, rng: np.random.Generator) -> SequenceBatch:
        """The batch of the windows ``[end - length, end)`` of the store."""

    def _window_ends(self, users: IntArray, rng: np.random.Generator) -> IntArray:
        ends = self._ends[users]
        spare = np.maximum(0, ends - self._starts[users] - self._window)
        moved = rng.random(len(users)) < 0.5
        return np.asarray(ends - moved * rng.integers(0, spare + 1), dtype=np.int64)

    def _batches_by_length(self, lengths: IntArray) -> Iterator[IntArray]:
        bucket = self._batch_size * BUCKET_BATCHES
        for start in range(0, len(lengths), bucket):
            rows = start + np.argsort(lengths[start : start + bucket], kind="stable")
            for cut in range(0, len(rows), self._batch_size):
                yield rows[cut : cut + self._batch_size]


def _common_length(lengths: IntArray, limit: int) -> int:
    """The longest, rounded up so that batches come in about 25 lengths at most."""
    step = max(1, limit // 25)
    return min(limit, -(-int(lengths.max()) // step) * step)


class ClozeBatches(SequenceBatches):
    """Left-padded sequences with masked items, which are asked for (cloze task).

    A share ``last_share`` of the sequences masks the last item only, which is the question asked
    when recommending (BERT4Rec, Sun et al. 2019, section 3.6); the others mask each item with
    probability ``mask_share``, at least one.
    """

    def __init__(
        self,
        store: SequenceStore,
        split: Split,
        *,
        batch_size: int,
        max_len: int,
        mask_share: float,
        last_share: float,
        mask_token: int,
        seed: int,
    ) -> None:
        super().__init__(store, split, batch_size=batch_size, window=max_len, seed=seed)
        self._mask_share = mask_share
        self._last_share = last_share
        self._mask_token = mask_token

    def _batch(self, ends: IntArray, lengths: IntArray, rng: np.random.Generator) -> SequenceBatch:
        length = _common_length(lengths, self._window)
        columns = np.arange(length)
        real = columns >= (length - lengths)[:, None]
        source = ends[:, None] - length + columns
        items = np.where(real, self._store.items[np.where(real, source, 0)], 0).astype(np.int64)
        draws = np.where(real, rng.random(items.shape, dtype=np.float32), np.inf)
        masked = draws < self._mask_share
        # a sequence without a question teaches nothing: there the smallest draw is masked
        masked[np.arange(len(items)), draws.argmin(axis=1)] |= ~masked.any(axis=1)
        only_last = rng.random(len(items)) < self._last_share
        masked[only_last] = False
        masked[only_last, -1] = True
        draws[only_last] = np.inf
        _round_count(masked, draws)
        positions = np.flatnonzero(masked)
        targets = items.reshape(-1)[positions]
        items[masked] = self._mask_token
        return SequenceBatch(items, positions, targets)


def _size_step(count: int, sizes: int) -> int:
    """Distance between the common numbers of questions around ``count``."""
    return max(1, (1 << count.bit_length()) // (2 * sizes))


def _round_count(masked: npt.NDArray[np.bool_], draws: npt.NDArray[np.float32]) -> None:
    """Mask or unmask the cells closest to the threshold until their number is a common one.

    Args:
        masked: [batch_size, length], changed in place; every row keeps a masked cell.
        draws: [batch_size, length], the smallest are masked; ``inf`` where nothing may change.
    """
    count = int(masked.sum())
    size = _size_step(count, CLOZE_SIZES)
    missing = round(count / size) * size - count
    if missing > 0:
        distance = np.where(masked, np.inf, draws)
    else:
        last_of_row = draws == draws.min(axis=1, keepdims=True)
        distance = np.where(masked & ~last_of_row, -draws, np.inf)
    nearest = np.argsort(distance, axis=None)[: abs(missing)]
    changed = nearest[np.isfinite(distance.ravel()[nearest])]
    masked.reshape(-1)[changed] = missing > 0


class NextItemBatches(SequenceBatches):
    """Right-padded sequences; every item is asked for the one after it (causal models).

    ``max_len`` items are read and as many predicted, so a window is one click longer. A few
    questions of a large batch, 1.5% on average, are left out by lot to make their number a common
    one.
    """

    def __init__(
        self, store: SequenceStore, split: Split, *, batch_size: int, max_len: int, seed: int
    ) -> None:
        super().__init__(store, split, batch_size=batch_size, window=max_len + 1, seed=seed)

    def _batch(self, ends: IntArray, lengths: IntArray, rng: np.random.Generator) -> SequenceBatch:
        columns = np.arange(_common_length(lengths - 1, self._window - 1))
        real = columns < (lengths - 1)[:, None]
        source = np.where(real, (ends - lengths)[:, None] + columns, 0)
        items = np.where(real, self._store.items[source], 0).astype(np.int64)
        positions = np.flatnonzero(real)
        surplus = len(positions) % _size_step(len(positions), NEXT_ITEM_SIZES)
        positions = np.delete(positions, rng.choice(len(positions), surplus, replace=False))
        targets = self._store.items[source.reshape(-1)[positions] + 1].astype(np.int64)
        return SequenceBatch(items, positions, targets)


@dataclass(frozen=True)
class PairBatch:
    """Clicked and sampled items for pointwise models.

    Attributes:
        users: int64 [n], user index.
        last_items: int64 [n], the item clicked just before (0 for a first click).
        items: int64 [n].
        clicked: float32 [n], 1 for a click, 0 for a sampled item.
    """

    users: IntArray
    last_items: IntArray
    items: IntArray
    clicked: npt.NDArray[np.float32]


@share.register
def _share_of_pairs(batch: PairBatch, rank: int, world: int) -> tuple[PairBatch, float]:
    n_pairs = len(batch.items)
    rows = slice(rank, None, world) if rank < n_pairs else slice(0, 1)
    kept = replace(
        batch,
        users=batch.users[rows],
        last_items=batch.last_items[rows],
        items=batch.items[rows],
        clicked=batch.clicked[rows],
    )
    return kept, len(kept.items) / n_pairs if rank < n_pairs else 0.0


class PairBatches:
    """Training clicks, each with ``negatives`` items the user never clicked, fresh every epoch.

    The batch size counts clicks; a batch holds ``batch_size * (1 + negatives)`` pairs.
    """

    def __init__(
        self,
        store: SequenceStore,
        split: Split,
        *,
        n_items: int,
        batch_size: int,
        negatives: int,
        seed: int,
    ) -> None:
        rows = training_rows(store, split)
        users = np.repeat(np.arange(store.n_users), np.diff(store.offsets))
        items = np.asarray(store.items, dtype=np.int64)
        last_items = np.concatenate([[0], items[:-1]])
        last_items[store.offsets[:-1][np.diff(store.offsets) > 0]] = 0
        self._users, self._items, self._last = users[rows], items[rows], last_items[rows]
        self._clicked = np.unique(self._users * (n_items + 1) + self._items)
        self._n_items = n_items
        self._batch_size = batch_size
        self._negatives = negatives
        self._seed = seed

    def __len__(self) -> int:
        return -(-len(self._items) // self._batch_size)

    def epoch(self, epoch: int) -> Iterator[PairBatch]:
        """The batches of ``epoch``, in order."""
        rng = np.random.default_rng([self._seed, epoch])
        order = rng.permutation(len(self._items))
        for start in range(0, len(order), self._batch_size):
            rows = order[start : start + self._batch_size]
            users = np.tile(self._users[rows], 1 + self._negatives)
            negatives = self._draw_unclicked(users[len(rows) :], rng)
            yield PairBatch(
                users=users,
                last_items=np.tile(self._last[rows], 1 + self._negatives),
                items=np.concatenate([self._items[rows], negatives]),
                clicked=np.repeat(np.array([1, 0], dtype=np.float32), [len(rows), len(negatives)]),
            )

    def _draw_unclicked(self, users: IntArray, rng: np.random.Generator) -> IntArray:
        items = rng.integers(1, self._n_items + 1, len(users))
        for _ in range(3):  # a user who clicked nearly everything keeps a few false negatives
            keys = users * (self._n_items + 1) + items
            found = np.searchsorted(self._clicked, keys)
            again = np.flatnonzero(self._clicked[np.minimum(found, len(self._clicked) - 1)] == keys)
            if not len(again):
                break
            items[again] = rng.integers(1, self._n_items + 1, len(again))
        return items
