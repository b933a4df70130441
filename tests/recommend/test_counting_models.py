"""Popularity and the first-order Markov chain, against counting by hand."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np

from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import leave_one_out
from nadeuri.recommend import markov, popularity


def training_parts(dataset: Dataset) -> list[list[int]]:
    split = leave_one_out(dataset.sequences)
    return [
        dataset.sequences.items[dataset.sequences.offsets[u] : split.train_ends[u]].tolist()
        for u in range(dataset.n_users)
    ]


def test_popularity_counts_training_clicks_only(travel_dataset: Dataset) -> None:
    counts = Counter(item for part in training_parts(travel_dataset) for item in part)
    model = popularity.fit(travel_dataset, leave_one_out(travel_dataset.sequences))
    scores = model.score(np.zeros(2, dtype=np.int64), [np.array([1], dtype=np.int32)] * 2)
    assert scores.shape == (2, travel_dataset.n_items + 1)
    assert np.isneginf(scores[:, 0]).all()
    assert scores[1, 1:].tolist() == [counts[i] for i in range(1, travel_dataset.n_items + 1)]


def test_markov_counts_transitions_within_users(travel_dataset: Dataset) -> None:
    pairs = Counter(pair for part in training_parts(travel_dataset) for pair in pairwise(part))
    model = markov.fit(travel_dataset, leave_one_out(travel_dataset.sequences))
    for last in (1, 2, 3, 7):
        history = np.array([5, last], dtype=np.int32)
        scores = model.score(np.zeros(1, dtype=np.int64), [history])[0]
        expected = [pairs[last, j] for j in range(1, travel_dataset.n_items + 1)]
        np.testing.assert_array_equal(np.floor(scores[1:]), expected)


def test_markov_falls_back_to_popularity(travel_dataset: Dataset) -> None:
    split = leave_one_out(travel_dataset.sequences)
    empty = [np.array([], dtype=np.int32)]
    users = np.zeros(1, dtype=np.int64)
    chain = markov.fit(travel_dataset, split).score(users, empty)[0, 1:]
    counts = popularity.fit(travel_dataset, split).score(users, empty)[0, 1:]
    np.testing.assert_array_equal(
        np.argsort(-chain, kind="stable"), np.argsort(-counts, kind="stable")
    )
