"""Batches: what is masked, what is padding, and that an epoch is a function of seed and number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.data.sequences import SequenceStore
from nadeuri.data.splits import Split, leave_one_out
from nadeuri.recommend.batching import (
    ClozeBatches,
    NextItemBatches,
    PairBatch,
    PairBatches,
    SequenceBatch,
)
from nadeuri.training.distributed import share

N_ITEMS = 30
MASK = N_ITEMS + 1

histories_of_users = st.lists(
    st.lists(st.integers(1, N_ITEMS), min_size=0, max_size=20), min_size=1, max_size=12
).filter(lambda users: any(len(user) >= 4 for user in users))


def store_of(users: list[list[int]]) -> tuple[SequenceStore, Split]:
    offsets = np.concatenate([[0], np.cumsum([len(user) for user in users])]).astype(np.int64)
    items = np.array([item for user in users for item in user], dtype=np.int32)
    zeros = np.zeros(len(items))
    store = SequenceStore(offsets, items, zeros.astype(np.int64), zeros.astype(np.int32))
    return store, leave_one_out(store)


def cloze(users: list[list[int]], **changed: float) -> ClozeBatches:
    store, split = store_of(users)
    options = {"batch_size": 4, "max_len": 8, "mask_share": 0.3, "last_share": 0.2} | changed
    return ClozeBatches(store, split, mask_token=MASK, seed=5, **options)  # type: ignore[arg-type]


@settings(deadline=None)
@given(histories_of_users, st.integers(1, 3))
def test_unmasking_gives_back_windows_of_training_histories(
    users: list[list[int]], epoch: int
) -> None:
    store, split = store_of(users)
    trainable = {}
    for user in range(store.n_users):
        part = store.items[store.offsets[user] : split.train_ends[user]].tolist()
        if len(part) >= 2:
            trainable[user] = part
    rows = 0
    for batch in cloze(users).epoch(epoch):
        assert (batch.items.reshape(-1)[batch.positions] == MASK).all()
        assert (batch.items == MASK).sum() == len(batch.positions)
        restored = batch.items.copy()
        restored.reshape(-1)[batch.positions] = batch.targets
        for masked, row in zip(batch.items, restored, strict=True):
            real = np.trim_zeros(row, "f").tolist()
            assert 0 not in real, "padding only on the left"
            assert MASK in masked, "a sequence without a question teaches nothing"
            assert len(real) <= 8
            assert any(
                real == part[end - len(real) : end]
                for part in trainable.values()
                for end in range(len(real), len(part) + 1)
            )
            rows += 1
    assert rows == len(trainable)


def test_share_of_masks_and_of_last_item_questions() -> None:
    users = [list(range(1, 23)) for _ in range(400)]
    masked = last_only = cells = 0
    for batch in cloze(users, max_len=20, mask_share=0.3, last_share=0.25).epoch(1):
        per_row = (batch.items == MASK).sum(axis=1)
        only_last = (per_row == 1) & (batch.items[:, -1] == MASK)
        last_only += only_last.sum()
        masked += per_row[~only_last].sum()
        cells += batch.items[~only_last].size
    assert abs(last_only / 400 - 0.25) < 0.07
    assert abs(masked / cells - 0.3) < 0.03


def test_batches_come_in_few_shapes() -> None:
    """A shape that is new costs a compiled kernel for every matrix product."""
    rng = np.random.default_rng(0)
    users = [rng.integers(1, N_ITEMS, length).tolist() for length in rng.integers(3, 150, 3000)]
    lengths, counts = set(), set()
    for batch in cloze(users, batch_size=32, max_len=100).epoch(1):
        lengths.add(batch.items.shape[1])
        counts.add(len(batch.positions))
    assert len(lengths) <= 25
    for count in counts:
        assert count % max(1, (1 << count.bit_length()) // 16) == 0, count


def test_epoch_depends_on_seed_and_number_alone() -> None:
    users = [[1 + (u + i) % N_ITEMS for i in range(9)] for u in range(10)]
    batches = cloze(users)
    list(batches.epoch(1))
    again, other = list(batches.epoch(2)), list(batches.epoch(3))
    for first, second in zip(list(cloze(users).epoch(2)), again, strict=True):
        np.testing.assert_array_equal(first.items, second.items)
    assert any(not np.array_equal(a.items, b.items) for a, b in zip(again, other, strict=True))
    assert len(again) == len(batches)


def test_long_histories_are_seen_beyond_their_last_window() -> None:
    history = list(range(1, 30))
    batches = cloze([history], max_len=5, batch_size=1)
    seen = set()
    for epoch in range(60):
        for batch in batches.epoch(epoch):
            items = batch.items.copy()
            items.reshape(-1)[batch.positions] = batch.targets
            seen |= set(items.reshape(-1).tolist())
    assert seen >= set(history[:-2])


def next_item(users: list[list[int]], max_len: int = 8) -> NextItemBatches:
    store, split = store_of(users)
    return NextItemBatches(store, split, batch_size=4, max_len=max_len, seed=5)


@settings(deadline=None)
@given(histories_of_users, st.integers(1, 3))
def test_every_item_is_asked_for_the_one_after_it(users: list[list[int]], epoch: int) -> None:
    store, split = store_of(users)
    ends = split.train_ends
    parts = [store.items[store.offsets[u] : ends[u]].tolist() for u in range(store.n_users)]
    trainable = [part for part in parts if len(part) >= 2]
    rows = 0
    for batch in next_item(users).epoch(epoch):
        np.testing.assert_array_equal(batch.positions, np.flatnonzero(batch.items))
        targets = np.zeros_like(batch.items)
        targets.reshape(-1)[batch.positions] = batch.targets
        for read, wanted in zip(batch.items, targets, strict=True):
            real = np.trim_zeros(read, "b").tolist()
            assert 0 not in real, "padding only on the right"
            assert 1 <= len(real) <= 8
            window = [*real, wanted[len(real) - 1]]
            assert wanted[: len(real)].tolist() == window[1:]
            whole = [part for part in trainable if len(part) <= 9]
            long = [part for part in trainable if len(part) > 9]
            assert window in whole or any(
                len(window) == 9 and window == part[end - 9 : end]
                for part in long
                for end in range(9, len(part) + 1)
            )
            rows += 1
    assert rows == len(trainable)


def test_large_next_item_batches_leave_out_few_questions_and_come_in_few_sizes() -> None:
    rng = np.random.default_rng(0)
    users = [rng.integers(1, N_ITEMS, length).tolist() for length in rng.integers(4, 150, 2000)]
    store, split = store_of(users)
    batches = NextItemBatches(store, split, batch_size=32, max_len=100, seed=5)
    asked = real = 0
    for batch in batches.epoch(1):
        count = len(batch.positions)
        assert count % max(1, (1 << count.bit_length()) // 64) == 0
        assert (np.diff(batch.positions) > 0).all()
        asked += count
        real += np.count_nonzero(batch.items)
    assert 0.96 * real < asked < real


def test_every_click_of_a_long_history_is_asked_for() -> None:
    history = list(range(1, 30))
    batches = next_item([history], max_len=5)
    asked = {item for epoch in range(60) for b in batches.epoch(epoch) for item in b.targets}
    assert asked == set(history[1:-2])


@settings(deadline=None)
@given(histories_of_users)
def test_pairs_hold_every_training_click_and_no_clicked_negative(users: list[list[int]]) -> None:
    store, split = store_of(users)
    batches = PairBatches(store, split, n_items=N_ITEMS, batch_size=5, negatives=2, seed=1)
    trained = [
        store.items[store.offsets[u] : split.train_ends[u]].tolist() for u in range(store.n_users)
    ]
    expected = sorted(
        (user, 0 if place == 0 else part[place - 1], item)
        for user, part in enumerate(trained)
        for place, item in enumerate(part)
    )
    found = []
    false_negatives = 0
    for batch in batches.epoch(1):
        clicked = batch.clicked == 1
        found += zip(
            batch.users[clicked].tolist(),
            batch.last_items[clicked].tolist(),
            batch.items[clicked].tolist(),
            strict=True,
        )
        assert (~clicked).sum() == 2 * clicked.sum()
        wrong = [
            item in trained[user]
            for user, item in zip(batch.users[~clicked], batch.items[~clicked], strict=True)
        ]
        # three redraws leave few false negatives even to a user who clicked half the catalogue
        false_negatives += sum(wrong)
    assert false_negatives <= 1 + 0.2 * len(found)
    assert sorted(found) == expected


@st.composite
def sequence_batches(draw: st.DrawFn) -> SequenceBatch:
    rows, length = draw(st.integers(1, 9)), draw(st.integers(2, 6))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    items = rng.integers(1, 20, (rows, length))
    asked = rng.random(items.shape) < 0.4
    asked[np.arange(rows), rng.integers(0, length, rows)] = True
    positions = np.flatnonzero(asked)
    return SequenceBatch(items, positions, rng.integers(1, 20, len(positions)))


@given(batch=sequence_batches(), world=st.integers(2, 5))
def test_shares_of_sequences_are_the_batch(batch: SequenceBatch, world: int) -> None:
    def questions(part: SequenceBatch) -> list[tuple[bytes, int, int]]:
        rows, columns = np.divmod(part.positions, part.items.shape[1])
        return [
            (part.items[row].tobytes(), int(column), int(target))
            for row, column, target in zip(rows, columns, part.targets, strict=True)
        ]

    parts = [share(batch, rank, world) for rank in range(world)]
    assert sum(weight for _, weight in parts) == pytest.approx(1)
    found = [question for part, weight in parts if weight for question in questions(part)]
    assert sorted(found) == sorted(questions(batch))
    assert all(len(part.positions) > 0 for part, _ in parts)


@given(n=st.integers(1, 12), world=st.integers(2, 5))
def test_shares_of_pairs_are_the_batch(n: int, world: int) -> None:
    numbers = np.arange(n)
    batch = PairBatch(numbers, numbers + 100, numbers + 200, np.asarray(numbers, np.float32))
    parts = [share(batch, rank, world) for rank in range(world)]
    assert sum(weight for _, weight in parts) == pytest.approx(1)
    for name in ("users", "last_items", "items", "clicked"):
        found = np.concatenate([getattr(part, name) for part, weight in parts if weight])
        assert sorted(found) == getattr(batch, name).tolist()
    assert all(len(part.items) > 0 for part, _ in parts)
