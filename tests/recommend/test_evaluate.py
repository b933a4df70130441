from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.data.sequences import IntArray, ItemArray, SequenceStore
from nadeuri.data.splits import Cases, leave_one_out
from nadeuri.errors import NadeuriError
from nadeuri.recommend.base import Scores, exclude, top_k
from nadeuri.recommend.evaluate import (
    MISS,
    accuracy,
    ndcg_per_case,
    rank_both_ways,
    rank_cases,
)


@dataclass(frozen=True)
class ScoreTable:
    """A model that was fitted to give user ``u`` the scores ``table[u]``."""

    table: Scores
    kind: str = columns.POPULARITY

    @property
    def n_items(self) -> int:
        return self.table.shape[1] - 1

    def score(self, users: IntArray, histories: Sequence[ItemArray]) -> Scores:
        return self.table[users]


def store_of(histories: Sequence[Sequence[int]]) -> SequenceStore:
    offsets = np.concatenate([[0], np.cumsum([len(h) for h in histories])]).astype(np.int64)
    items = np.concatenate([np.asarray(h, np.int32) for h in histories])
    return SequenceStore(offsets, items, np.arange(len(items)), np.zeros(len(items), np.int32))


def cases_of(store: SequenceStore) -> Cases:
    """The last click of every user is the question."""
    ends = store.offsets[1:] - 1
    return Cases(np.arange(store.n_users), ends, np.asarray(store.items[ends]))


def random_world(n_users: int, n_items: int, seed: int) -> tuple[ScoreTable, SequenceStore]:
    rng = np.random.default_rng(seed)
    table = rng.integers(0, max(3, n_items // 2), (n_users, n_items + 1)).astype(np.float32)
    table[:, 0] = -np.inf
    lengths = rng.integers(2, 9, n_users)
    return ScoreTable(table), store_of([rng.integers(1, n_items + 1, n) for n in lengths])


def test_rank_counts_better_items_and_earlier_ties() -> None:
    model = ScoreTable(np.array([[-np.inf, 5, 7, 5, 5, 9]], np.float32))
    store = store_of([[1, 4]])
    ranking = rank_cases(model, store, cases_of(store), k=3, filter_seen=False)
    assert ranking.ranks.tolist() == [5]  # behind 5 and 2, and behind the equal items 1 and 3
    assert ranking.lists.tolist() == [[5, 2, 1]]
    filtered = rank_cases(model, store, cases_of(store), k=3, filter_seen=True)
    assert filtered.ranks.tolist() == [4]
    assert filtered.lists.tolist() == [[5, 2, 3]]


def test_a_seen_target_is_a_miss_in_everything() -> None:
    model = ScoreTable(np.array([[-np.inf, 1, 2, 3]], np.float32))
    store = store_of([[3, 1, 3]])
    unfiltered, filtered = rank_both_ways(model, store, cases_of(store), k=3)
    assert unfiltered.ranks.tolist() == [1]
    assert filtered.ranks.tolist() == [MISS]
    assert filtered.lists.tolist() == [[2, 0, 0]]
    assert set(accuracy(filtered.ranks, [1, 3, 100]).values()) == {0.0}


def test_k_beyond_the_catalogue_is_filled_up() -> None:
    model = ScoreTable(np.array([[-np.inf, 1, 2]], np.float32))
    store = store_of([[1, 2]])
    assert rank_cases(model, store, cases_of(store), k=5, filter_seen=False).lists.tolist() == [
        [2, 1, 0, 0, 0]
    ]


@given(seed=st.integers(0, 2**32 - 1), n_items=st.integers(1, 400), k=st.integers(1, 12))
def test_rank_agrees_with_the_list(seed: int, n_items: int, k: int) -> None:
    model, store = random_world(7, n_items, seed)
    cases = cases_of(store)
    for ranking, filter_seen in zip(
        rank_both_ways(model, store, cases, k=k, batch_size=3), (False, True), strict=True
    ):
        single = rank_cases(model, store, cases, k=k, filter_seen=filter_seen, batch_size=4)
        assert np.array_equal(ranking.ranks, single.ranks)
        assert np.array_equal(ranking.lists, single.lists)
        for row, (rank, target) in enumerate(zip(ranking.ranks, cases.targets, strict=True)):
            listed = np.flatnonzero(ranking.lists[row] == target)
            assert listed.tolist() == ([rank - 1] if rank <= k else [])


@given(
    scores=st.lists(st.sampled_from([-np.inf, 0.0, 1.0, 1.5, 2.0]), min_size=1, max_size=120),
    k=st.integers(1, 9),
)
def test_top_k_is_a_stable_sort(scores: list[float], k: int) -> None:
    row = np.array([-np.inf, *scores], np.float32)
    expected = [i for i in np.argsort(-row, kind="stable") if np.isfinite(row[i])][:k]
    items, values = top_k(row[None], k)
    width = min(k, len(row))
    assert items[0].tolist() == [*expected, *[0] * (width - len(expected))]
    assert values[0, : len(expected)].tolist() == row[expected].tolist()


def test_metrics_agree_with_trec_eval() -> None:
    ir = pytest.importorskip("ir_measures")
    n_users, n_items, ks = 150, 60, (1, 3, 10, 20)
    rng = np.random.default_rng(5)
    table = rng.normal(size=(n_users, n_items + 1)).astype(np.float32)
    table[:, 0] = -np.inf
    model = ScoreTable(table)
    store = store_of(rng.integers(1, n_items + 1, (n_users, 6)).tolist())
    cases = cases_of(store)
    for ranking, filter_seen in zip(
        rank_both_ways(model, store, cases), (False, True), strict=True
    ):
        scores = table.copy()
        if filter_seen:
            exclude(scores, [store.history(u)[:-1] for u in range(n_users)])
        relevant = {f"u{u}": {f"i{t}": 1} for u, t in enumerate(cases.targets)}
        run = {
            f"u{u}": {f"i{i}": float(scores[u, i]) for i in np.flatnonzero(np.isfinite(scores[u]))}
            for u in range(n_users)
        }
        theirs = {columns.NDCG: ir.nDCG, columns.RECALL: ir.R, columns.MRR: ir.RR}
        measures = {columns.at(n, k): m @ k for n, m in theirs.items() for k in ks}
        expected = ir.calc_aggregate(measures.values(), relevant, run)
        ours = accuracy(ranking.ranks, ks)
        assert ours.keys() == measures.keys()
        for name, measure in measures.items():
            assert ours[name] == pytest.approx(expected[measure], abs=1e-9)


def test_ndcg_of_known_ranks() -> None:
    ndcg = ndcg_per_case(np.array([1, 3, 10, 11], np.int32), 10)
    assert ndcg == pytest.approx([1, 0.5, 1 / np.log2(11), 0])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_diverged_scores_are_refused(bad: float) -> None:
    table = np.array([[-np.inf, 1, 2, 3], [-np.inf, 1, bad, 3]], np.float32)
    store = store_of([[1, 2], [2, 3]])
    with pytest.raises(NadeuriError, match="popularity: scores contain NaN"):
        rank_cases(ScoreTable(table), store, cases_of(store), filter_seen=True)


def test_scores_of_another_catalogue_are_refused() -> None:
    @dataclass(frozen=True)
    class TooNarrow(ScoreTable):
        def score(self, users: IntArray, histories: Sequence[ItemArray]) -> Scores:
            return self.table[users, :-1]

    store = store_of([[1, 2]])
    model = TooNarrow(np.array([[-np.inf, 1, 2]], np.float32))
    with pytest.raises(NadeuriError, match="another catalogue"):
        rank_cases(model, store, cases_of(store), filter_seen=False)


def test_read_only_scores_are_not_written() -> None:
    table = np.array([[-np.inf, 1, 2, 3]], np.float32)

    @dataclass(frozen=True)
    class Shared(ScoreTable):
        def score(self, users: IntArray, histories: Sequence[ItemArray]) -> Scores:
            return np.broadcast_to(self.table[0], (len(users), self.table.shape[1]))

    store = store_of([[1, 2], [2, 1]])
    ranking = rank_cases(Shared(table), store, cases_of(store), k=2, filter_seen=True)
    assert ranking.lists.tolist() == [[3, 2], [3, 1]]
    assert table.tolist() == [[-np.inf, 1, 2, 3]]


def test_no_cases_have_no_accuracy() -> None:
    store = store_of([[1, 2]])  # too short to be asked about
    split = leave_one_out(store)
    model = ScoreTable(np.array([[-np.inf, 1, 2]], np.float32))
    ranking = rank_cases(model, store, split.test, filter_seen=False)
    assert len(ranking) == 0
    with pytest.raises(NadeuriError, match="no cases"):
        accuracy(ranking.ranks, [10])
