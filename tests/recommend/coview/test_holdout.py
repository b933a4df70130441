from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from nadeuri.data.sequences import Dataset, IntArray, ItemArray
from nadeuri.recommend.base import Scores
from nadeuri.recommend.coview.holdout import CoviewCases, HeldOut, coview_accuracy, hold_out


@pytest.fixture(scope="module")
def held(travel_dataset: Dataset) -> HeldOut:
    return hold_out(travel_dataset, session_share=0.2, product_share=0.1)


def sessions_of(dataset: Dataset) -> list[list[int]]:
    """All sessions, the plain way."""
    found: dict[tuple[int, int], list[int]] = {}
    store = dataset.sequences
    for user in range(store.n_users):
        for place in range(store.offsets[user], store.offsets[user + 1]):
            key = (user, int(store.sessions[place]))
            found.setdefault(key, []).append(int(store.items[place]))
    return list(found.values())


def test_held_out_products_are_not_trained_on(held: HeldOut, travel_dataset: Dataset) -> None:
    before, after = travel_dataset.sequences, held.dataset.sequences
    cold = set(held.cold.relevant.tolist())
    assert cold
    assert not cold & set(after.items.tolist())
    assert not cold & set(held.cold.queries.tolist())
    assert not cold & set(held.coview.relevant.tolist())
    assert after.n_users == before.n_users
    assert len(after.items) < len(before.items)
    assert held.dataset.fingerprint != travel_dataset.fingerprint
    assert after.offsets[-1] == len(after.items) == len(after.times) == len(after.sessions)


def test_what_is_left_keeps_its_order(held: HeldOut, travel_dataset: Dataset) -> None:
    for user in range(travel_dataset.n_users):
        rest = iter(travel_dataset.sequences.history(user).tolist())
        assert all(item in rest for item in held.dataset.sequences.history(user).tolist())


def test_cases_come_from_sessions(held: HeldOut, travel_dataset: Dataset) -> None:
    pairs = {(a, b) for session in sessions_of(travel_dataset) for a in session for b in session}
    for cases in (held.coview, held.cold):
        assert len(cases)
        for i in range(len(cases)):
            relevant = cases.relevant[cases.offsets[i] : cases.offsets[i + 1]]
            assert len(relevant) == len(set(relevant.tolist())) > 0
            assert all((int(cases.queries[i]), int(other)) in pairs for other in relevant)
            assert cases.queries[i] not in relevant


def test_the_same_seed_holds_out_the_same(travel_dataset: Dataset, held: HeldOut) -> None:
    again = hold_out(travel_dataset, session_share=0.2, product_share=0.1)
    other = hold_out(travel_dataset, session_share=0.2, product_share=0.1, seed=1)
    assert again.dataset.fingerprint == held.dataset.fingerprint != other.dataset.fingerprint
    few = hold_out(travel_dataset, session_share=0.2, product_share=0.1, most_cases=3)
    assert len(few.coview) == len(few.cold) == 3


class Fixed:
    """Scores products by fixed numbers, whatever is asked."""

    kind = "popularity"

    def __init__(self, scores: Sequence[float]) -> None:
        self.scores = np.array([-np.inf, *scores], dtype=np.float32)
        self.n_items = len(scores)

    def score(self, users: IntArray, histories: Sequence[ItemArray]) -> Scores:
        return np.tile(self.scores, (len(users), 1))


def test_accuracy_by_hand() -> None:
    # beside product 1 the list of two is (2, 3); beside product 2 it is (1, 3)
    cases = CoviewCases(np.array([1, 2]), np.array([0, 2, 3]), np.array([3, 4, 1], dtype=np.int32))
    figures = coview_accuracy(Fixed([4, 3, 2, 1]), cases, k=2)
    second = 1 / np.log2(3)
    assert figures["hit_rate_at_2"] == 1
    assert figures["recall_at_2"] == pytest.approx((0.5 + 1) / 2)
    assert figures["ndcg_at_2"] == pytest.approx((second / (1 + second) + 1) / 2)


def test_unknown_products_are_no_hits() -> None:
    cases = CoviewCases(np.array([1]), np.array([0, 1]), np.array([4], dtype=np.int32))
    figures = coview_accuracy(Fixed([4, 3, 2, -np.inf]), cases, k=10)
    assert set(figures.values()) == {0.0}
