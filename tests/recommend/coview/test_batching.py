from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import leave_one_out
from nadeuri.recommend.coview.batching import SkipGramBatch, SkipGramBatches
from nadeuri.recommend.coview.tokens import Sessions, Vocabulary, training_sessions
from nadeuri.recommend.features import field_bags

OPTIONS: dict[str, Any] = {
    "batch_size": 100,
    "window": 3,
    "subsample": 0.0,
    "seed": 1,
}


@pytest.fixture
def sessions(travel_dataset: Dataset) -> Sessions:
    split = leave_one_out(travel_dataset.sequences)
    return training_sessions(travel_dataset.sequences, split, by_user=False)


@pytest.fixture
def vocabulary(travel_dataset: Dataset) -> Vocabulary:
    return Vocabulary(travel_dataset.n_items, field_bags(travel_dataset, ["city"]))


def equal(a: SkipGramBatch, b: SkipGramBatch) -> bool:
    pairs = zip(vars(a).values(), vars(b).values(), strict=True)
    return all(np.array_equal(x, y) for x, y in pairs)


@pytest.mark.parametrize("batch_size", [1, 7, 100, 10**6])
def test_an_epoch_holds_every_click_once(
    sessions: Sessions, vocabulary: Vocabulary, batch_size: int
) -> None:
    batches = SkipGramBatches(sessions, vocabulary, **OPTIONS | {"batch_size": batch_size})
    found = list(batches.epoch(0))
    assert len(found) == len(batches)
    assert sorted(np.concatenate([b.tokens[:, 0] for b in found])) == sorted(sessions.items)
    for batch in found:
        assert len(batch.tokens) == len(batch.sessions) == len(batch.reach) <= batch_size
        assert ((batch.reach >= 1) & (batch.reach <= 3)).all()
        assert batch.seed > 0


def test_clicks_of_a_session_stay_in_order(sessions: Sessions, vocabulary: Vocabulary) -> None:
    plain = {tuple(sessions.take(np.array([n]))[0].tolist()) for n in range(len(sessions))}
    options = OPTIONS | {"batch_size": len(sessions.items)}
    (batch,) = SkipGramBatches(sessions, vocabulary, **options).epoch(0)
    for number in np.unique(batch.sessions):
        assert tuple(batch.tokens[batch.sessions == number, 0].tolist()) in plain


def test_seed_and_epoch_decide_everything(sessions: Sessions, vocabulary: Vocabulary) -> None:
    first, again = (
        list(SkipGramBatches(sessions, vocabulary, **OPTIONS).epoch(3)) for _ in range(2)
    )
    assert all(equal(a, b) for a, b in zip(first, again, strict=True))
    other_epoch = next(iter(SkipGramBatches(sessions, vocabulary, **OPTIONS).epoch(4)))
    other_seed = next(iter(SkipGramBatches(sessions, vocabulary, **OPTIONS | {"seed": 2}).epoch(3)))
    assert not equal(first[0], other_epoch)
    assert not equal(first[0], other_seed)


def test_frequent_products_are_thinned(sessions: Sessions, vocabulary: Vocabulary) -> None:
    limit = 0.01
    batches = SkipGramBatches(sessions, vocabulary, **OPTIONS | {"subsample": limit})
    kept = np.zeros(vocabulary.n_items + 1)
    for epoch in range(200):
        for batch in batches.epoch(epoch):
            kept += np.bincount(batch.tokens[:, 0], minlength=vocabulary.n_items + 1)
    counts = np.bincount(sessions.items, minlength=vocabulary.n_items + 1)
    item = int(counts[1:].argmax()) + 1
    ratio = limit / (counts[item] / counts.sum())
    assert kept[item] / (200 * counts[item]) == pytest.approx(np.sqrt(ratio) + ratio, abs=0.03)
    rare = (counts > 0) & (counts <= limit * counts.sum() / 3)
    np.testing.assert_array_equal(kept[rare], 200 * counts[rare])
