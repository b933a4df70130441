"""Splits: no future in a history, no target in the training part."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.data.sequences import Dataset, SequenceStore
from nadeuri.data.splits import Cases, Split, leave_one_out, temporal
from nadeuri.errors import ConfigError, DataError

TIMES = st.lists(
    st.lists(st.integers(0, 1000), min_size=1, max_size=12).map(sorted), min_size=1, max_size=15
)


def store_of(times: list[list[int]]) -> SequenceStore:
    lengths = [len(clicks) for clicks in times]
    n = sum(lengths)
    return SequenceStore(
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        items=np.arange(1, n + 1, dtype=np.int32),  # every click has an item of its own
        times=np.concatenate(times).astype(np.int64),
        sessions=np.zeros(n, dtype=np.int32),
    )


def dataset_of(times: list[list[int]], has_times: bool = True) -> Dataset:
    manifest = {"name": "test", "has_times": has_times, "n_items": sum(map(len, times))}
    return Dataset(path=None, sequences=store_of(times), fields=(), manifest=manifest)  # type: ignore[arg-type]


def trained_on(split: Split, store: SequenceStore) -> set[int]:
    return {
        int(item)
        for start, end in zip(store.offsets[:-1], split.train_ends, strict=True)
        for item in store.items[start:end]
    }


def check_cases(cases: Cases, split: Split, store: SequenceStore) -> None:
    """The target is the user's click right after the history, and the model has not seen it."""
    assert len(set(cases.users.tolist())) == len(cases)
    seen = trained_on(split, store)
    for user, end, target in zip(cases.users, cases.ends, cases.targets, strict=True):
        assert store.offsets[user] < end < store.offsets[user + 1]
        assert target == store.items[end]
        assert end >= split.train_ends[user]
        assert int(target) not in seen


@given(TIMES)
def test_leave_one_out(times: list[list[int]]) -> None:
    store = store_of(times)
    split = leave_one_out(store)
    check_cases(split.valid, split, store)
    check_cases(split.test, split, store)
    asked = [user for user, clicks in enumerate(times) if len(clicks) >= 3]
    assert split.test.users.tolist() == split.valid.users.tolist() == asked
    assert split.test.targets.tolist() == [store.items[store.offsets[u + 1] - 1] for u in asked]
    assert split.valid.targets.tolist() == [store.items[store.offsets[u + 1] - 2] for u in asked]
    assert (split.valid.ends == split.train_ends[asked]).all()
    others = [user for user in range(len(times)) if user not in asked]
    assert (split.train_ends[others] == store.offsets[1:][others]).all()


@given(TIMES, st.floats(0.05, 0.4), st.floats(0.05, 0.4))
def test_temporal_learns_nothing_from_the_future(
    times: list[list[int]], valid_share: float, test_share: float
) -> None:
    dataset = dataset_of(times)
    store = dataset.sequences
    try:
        split = temporal(dataset, valid_share, test_share)
    except DataError:
        return  # too little data for a part; a test below looks at the message
    check_cases(split.valid, split, store)
    check_cases(split.test, split, store)
    learnt = [
        int(time)
        for start, end in zip(store.offsets[:-1], split.train_ends, strict=True)
        for time in store.times[start:end]
    ]
    for cases in (split.valid, split.test):
        if learnt:
            assert max(learnt) < store.times[cases.ends].min()
        assert len(cases) > 0
    test_from = store.times[split.test.ends].min()
    assert store.times[split.valid.ends].max() < test_from
    for user, end in zip(split.test.users, split.test.ends, strict=True):
        assert (store.times[store.offsets[user] : end] < test_from).all()


def test_temporal_by_hand() -> None:
    dataset = dataset_of([[0, 10, 85, 95], [20, 30, 86], [40, 96, 97], [50, 60, 70], [99]])
    split = temporal(dataset, valid_share=0.2, test_share=0.3)  # cuts at 70 and 95
    assert split.train_ends.tolist() == [2, 6, 8, 12, 13]
    assert (split.valid.users.tolist(), split.valid.targets.tolist()) == ([0, 1, 3], [3, 7, 13])
    assert (split.test.users.tolist(), split.test.targets.tolist()) == ([0, 2], [4, 9])


def test_temporal_needs_times() -> None:
    with pytest.raises(DataError, match=r"the clicks have no times.*--split leave-one-out"):
        temporal(dataset_of([[0, 1, 2]], has_times=False))


def test_temporal_says_when_a_part_is_empty() -> None:
    with pytest.raises(DataError, match="leaves no validation user with a history"):
        temporal(dataset_of([[1], [2], [3], [4]]))


@pytest.mark.parametrize(("valid", "test"), [(0, 0.1), (0.1, -0.1), (0.5, 0.5), (1.5, 0.1)])
def test_temporal_shares_must_leave_something_to_learn(valid: float, test: float) -> None:
    with pytest.raises(ConfigError, match="must be positive and sum to less than 1"):
        temporal(dataset_of([[0, 1, 2]]), valid, test)


def test_a_sample_of_cases_keeps_their_order() -> None:
    cases = leave_one_out(store_of([[0, 1, 2]] * 50)).test
    sampled = cases.sample(10, seed=0)
    assert len(sampled) == 10
    assert sampled.users.tolist() == sorted(set(sampled.users.tolist()))
    assert (sampled.targets == cases.targets[sampled.users]).all()
    assert cases.sample(10, seed=0).users.tolist() == sampled.users.tolist()
    assert cases.sample(10, seed=1).users.tolist() != sampled.users.tolist()
    assert cases.sample(100, seed=0) is cases
