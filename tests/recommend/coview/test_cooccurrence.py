from __future__ import annotations

import numpy as np
import pytest

from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import leave_one_out
from nadeuri.recommend.coview import cooccurrence
from nadeuri.recommend.coview.tokens import training_sessions


@pytest.mark.parametrize("by_user", [False, True])
def test_cosines_are_those_of_plain_counting(travel_dataset: Dataset, by_user: bool) -> None:
    split = leave_one_out(travel_dataset.sequences)
    model = cooccurrence.fit(travel_dataset, split, by_user=by_user)
    sessions = training_sessions(travel_dataset.sequences, split, by_user=by_user)
    sets = [
        set(sessions.items[start:end].tolist())
        for start, end in zip(sessions.offsets, sessions.offsets[1:], strict=False)
    ]
    users = np.zeros(1, dtype=np.int64)
    for item in (1, 5, travel_dataset.n_items):
        scores = model.score(users, [np.array([3, item], dtype=np.int32)])[0]
        assert np.isneginf(scores[0])
        for other in range(1, travel_dataset.n_items + 1):
            both = sum(item in s and other in s for s in sets)
            lengths = sum(item in s for s in sets) * sum(other in s for s in sets)
            expected = both / np.sqrt(lengths) if both and item != other else 0
            assert scores[other] == pytest.approx(expected, abs=1e-6)


def test_without_a_history_nothing_is_near(travel_dataset: Dataset) -> None:
    model = cooccurrence.fit(travel_dataset, leave_one_out(travel_dataset.sequences))
    scores = model.score(np.zeros(1, np.int64), [np.zeros(0, np.int32)])
    assert not scores[0, 1:].any()
