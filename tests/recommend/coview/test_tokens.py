from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.data.sequences import Dataset, SequenceStore
from nadeuri.data.splits import Cases, Split, leave_one_out
from nadeuri.recommend.coview.tokens import (
    NOTHING,
    Sessions,
    Vocabulary,
    pair_weights,
    token_counts,
    training_sessions,
)
from nadeuri.recommend.features import field_bags


@pytest.fixture
def vocabulary(travel_dataset: Dataset) -> Vocabulary:
    return Vocabulary(travel_dataset.n_items, field_bags(travel_dataset, ["city", "theme"]))


def test_every_kind_has_its_range(vocabulary: Vocabulary) -> None:
    assert vocabulary.width == 3
    assert vocabulary.starts == (1, 61, 65, 67)  # 60 products, 4 cities, 2 themes
    assert len(vocabulary) == 67
    tokens = vocabulary.tokens(np.arange(1, 61, dtype=np.int32), np.random.default_rng(0))
    assert tokens[:, 0].tolist() == list(range(1, 61))
    assert ((tokens[:, 1] >= 61) & (tokens[:, 1] < 65)).all()
    has_theme = tokens[:, 2] != NOTHING
    assert has_theme.tolist() == [i % 2 == 1 for i in range(60)]  # half of them have none
    assert ((tokens[has_theme, 2] >= 65) & (tokens[has_theme, 2] < 67)).all()


def test_one_of_several_values_is_drawn_by_weight(vocabulary: Vocabulary) -> None:
    tokens = vocabulary.tokens(np.full(4000, 2, dtype=np.int32), np.random.default_rng(0))
    drawn, counts = np.unique(tokens[:, 2], return_counts=True)
    assert drawn.tolist() == [65, 66]
    assert counts[0] == pytest.approx(2000, abs=200)


def test_counts_are_what_drawing_gives_on_average(vocabulary: Vocabulary) -> None:
    items = np.array([1, 2, 2, 4], dtype=np.int32)
    rng = np.random.default_rng(0)
    drawn = np.concatenate([vocabulary.tokens(items, rng).ravel() for _ in range(4000)])
    mean = np.bincount(drawn, minlength=len(vocabulary)) / 4000
    mean[NOTHING] = 0
    np.testing.assert_allclose(token_counts(vocabulary, items), mean, atol=0.1)


@st.composite
def stores(draw: st.DrawFn) -> SequenceStore:
    """Users with sessions of any lengths."""
    users = draw(
        st.lists(st.lists(st.lists(st.integers(1, 5), min_size=1), max_size=3), max_size=4)
    )
    items = [item for user in users for clicks in user for item in clicks]
    numbers = [n for user in users for n, clicks in enumerate(user) for _ in clicks]
    lengths = [sum(map(len, user)) for user in users]
    return SequenceStore(
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        np.array(items, dtype=np.int32),
        np.arange(len(items), dtype=np.int64),
        np.array(numbers, dtype=np.int32),
    )


@given(store=stores(), by_user=st.booleans())
def test_sessions_are_those_of_a_plain_loop(store: SequenceStore, by_user: bool) -> None:
    split = leave_one_out(store)
    expected = []
    for user in range(store.n_users):
        found: dict[int, list[int]] = {}
        for place in range(store.offsets[user], split.train_ends[user]):
            number = 0 if by_user else int(store.sessions[place])
            found.setdefault(number, []).append(int(store.items[place]))
        expected += [session for session in found.values() if len(session) > 1]
    sessions = training_sessions(store, split, by_user=by_user)
    assert _listed(sessions) == expected


def test_nothing_of_validation_and_test_is_in_a_session(travel_dataset: Dataset) -> None:
    split = leave_one_out(travel_dataset.sequences)
    sessions = training_sessions(travel_dataset.sequences, split, by_user=True)
    clicks = sum(
        end - start
        for start, end in zip(travel_dataset.sequences.offsets, split.train_ends, strict=False)
        if end - start > 1
    )
    assert len(sessions.items) == clicks < travel_dataset.sequences.n_clicks


def test_an_empty_training_part_has_no_sessions() -> None:
    store = SequenceStore(
        np.array([0, 1]), np.array([1], np.int32), np.array([0]), np.array([0], np.int32)
    )
    none = Cases(*(np.zeros(0, np.int64) for _ in range(2)), np.zeros(0, np.int32))
    split = Split("none", store.offsets[1:], none, none)
    assert len(training_sessions(store, split, by_user=False)) == 0


def test_some_sessions_in_another_order() -> None:
    sessions = Sessions(np.array([1, 2, 3, 4, 5, 6], np.int32), np.array([0, 2, 5, 6]))
    items, places = sessions.take(np.array([2, 0]))
    assert items.tolist() == [6, 1, 2]
    assert places.tolist() == [0, 1, 1]


def test_pair_weights_are_those_of_meta_prod2vec() -> None:
    between, within = pair_weights([0.25, 4.0])
    np.testing.assert_allclose(between, [[1, 0.25, 4], [0.25, 0.25, 1], [4, 1, 4]])
    np.testing.assert_allclose(within, [[0, 0.25, 4], [0.25, 0, 0], [4, 0, 0]])


def _listed(sessions: Sessions) -> list[list[int]]:
    bounds = zip(sessions.offsets, sessions.offsets[1:], strict=False)
    return [sessions.items[start:end].tolist() for start, end in bounds]
