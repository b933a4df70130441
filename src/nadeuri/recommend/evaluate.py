"""Full-ranking accuracy: where in the whole catalogue did a model put the item clicked next?

Every case is ranked against *all* items, never against sampled negatives, which can reverse the
order of models (Krichene & Rendle, "On Sampled Metrics for Item Recommendation", KDD 2020). With
one relevant item per case the metrics reduce to functions of its rank: nDCG@k is
``1 / log2(1 + rank)`` up to ``k`` and 0 after it, Recall@k is ``rank <= k``, MRR@k is ``1 / rank``
up to ``k``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nadeuri import columns
from nadeuri.data.sequences import IntArray, ItemArray, SequenceStore
from nadeuri.data.splits import Cases
from nadeuri.errors import NadeuriError
from nadeuri.recommend.base import Recommender, Scores, exclude, top_k

FloatArray = npt.NDArray[np.float64]

MISS = int(np.iinfo(np.int32).max)
"""Rank of a target that cannot be recommended: beyond every cut-off, whatever the catalogue."""


@dataclass(frozen=True)
class Ranking:
    """What a model answered to a set of cases.

    Attributes:
        ranks: int32 [n], 1-based rank of the target; ``MISS`` if it cannot be recommended.
        lists: int32 [n, k], the best ``k`` items, best first, filled up with 0.
    """

    ranks: ItemArray
    lists: ItemArray

    def __len__(self) -> int:
        return len(self.ranks)


def rank_cases(
    model: Recommender,
    store: SequenceStore,
    cases: Cases,
    *,
    k: int = 20,
    filter_seen: bool,
    batch_size: int = 256,
    progress: bool = False,
) -> Ranking:
    """Rank all items for every case.

    With ``filter_seen`` no item of a case's history can be recommended. The target is not exempt:
    a target that was seen before is a ``MISS`` in every metric.

    Raises:
        NadeuriError: the scores have the wrong shape, or contain NaN or ``+inf``.
    """
    unfiltered, filtered = _rank(
        model, store, cases, k, (not filter_seen, filter_seen), batch_size, progress
    )
    return filtered if filter_seen else unfiltered


def rank_both_ways(
    model: Recommender,
    store: SequenceStore,
    cases: Cases,
    *,
    k: int = 20,
    batch_size: int = 256,
    progress: bool = False,
) -> tuple[Ranking, Ranking]:
    """Unfiltered and seen-filtered ranking, in this order, scoring each case only once."""
    return _rank(model, store, cases, k, (True, True), batch_size, progress)


def ndcg_per_case(ranks: ItemArray, k: int) -> FloatArray:
    """nDCG@k of each case; float64 [n]."""
    return np.where(ranks <= k, 1.0 / np.log2(1.0 + ranks.astype(np.float64)), 0.0)


def recall_per_case(ranks: ItemArray, k: int) -> FloatArray:
    """Recall@k of each case (with one target also the hit rate); float64 [n]."""
    return (ranks <= k).astype(np.float64)


def mrr_per_case(ranks: ItemArray, k: int) -> FloatArray:
    """Reciprocal rank cut off at ``k`` of each case; float64 [n]."""
    return np.where(ranks <= k, 1.0 / ranks, 0.0)


PER_CASE: dict[str, Callable[[ItemArray, int], FloatArray]] = {
    columns.NDCG: ndcg_per_case,
    columns.RECALL: recall_per_case,
    columns.MRR: mrr_per_case,
}


def accuracy(ranks: ItemArray, ks: Sequence[int]) -> dict[str, float]:
    """Mean of every metric at every cut-off, named by :func:`nadeuri.columns.at`.

    Raises:
        NadeuriError: there are no cases to take a mean of.
    """
    if len(ranks) == 0:
        raise NadeuriError("no cases to evaluate; use a split that leaves some, or more data")
    return {
        columns.at(metric, k): float(per_case(ranks, k).mean())
        for metric, per_case in PER_CASE.items()
        for k in ks
    }


def _rank(
    model: Recommender,
    store: SequenceStore,
    cases: Cases,
    k: int,
    wanted: tuple[bool, bool],
    batch_size: int,
    progress: bool,
) -> tuple[Ranking, Ranking]:
    """The rankings (unfiltered, seen-filtered); one that is not ``wanted`` comes back blank."""
    rankings = tuple(
        Ranking(np.zeros(len(cases), np.int32), np.zeros((len(cases), k), np.int32))
        for _ in range(2)
    )
    for rows in _batches_by_length(store, cases, batch_size, progress):
        users, targets = cases.users[rows], cases.targets[rows]
        histories = [
            np.asarray(store.items[store.offsets[user] : end])
            for user, end in zip(users, cases.ends[rows], strict=True)
        ]
        scores = _checked(model.score(users, histories), model, len(rows))
        for ranking, is_wanted, filter_seen in zip(rankings, wanted, (False, True), strict=True):
            if filter_seen and is_wanted:
                exclude(scores, histories)
            if is_wanted:
                ranking.ranks[rows] = _ranks(scores, targets)
                lists = top_k(scores, k)[0]
                ranking.lists[rows, : lists.shape[1]] = lists
    return rankings[0], rankings[1]


def _batches_by_length(
    store: SequenceStore, cases: Cases, batch_size: int, progress: bool
) -> Sequence[IntArray]:
    """Rows of cases in batches of similar history length, so that models pad little."""
    from tqdm import tqdm

    order = np.argsort(cases.ends - store.offsets[cases.users], kind="stable")
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    bar: Sequence[IntArray] = tqdm(batches, desc="ranking", unit="batch", disable=not progress)
    return bar


def _checked(scores: Scores, model: Recommender, n_cases: int) -> Scores:
    """The scores, writable, or a clear error; the seen filter writes into them."""
    if scores.shape != (n_cases, model.n_items + 1):
        raise NadeuriError(
            f"{model.kind}: scores have shape {scores.shape}, expected "
            f"{(n_cases, model.n_items + 1)}; the model was fitted on another catalogue"
        )
    # The maximum propagates NaN: one pass without a temporary array.
    if not (scores.max(axis=1) < np.inf).all():
        raise NadeuriError(
            f"{model.kind}: scores contain NaN or inf; training diverged: "
            "lower the learning rate or train again"
        )
    return scores if scores.flags.writeable else scores.copy()


def _ranks(scores: Scores, targets: ItemArray) -> ItemArray:
    """1-based ranks of ``targets``, with equal scores in index order as in ``top_k``; int32 [n]."""
    target_scores = np.take_along_axis(scores, targets[:, None].astype(np.int64), axis=1)
    ranks = 1 + np.count_nonzero(scores > target_scores, axis=1)
    tied = scores == target_scores
    has_rivals = np.flatnonzero(np.count_nonzero(tied, axis=1) > 1)
    for row in has_rivals:
        ranks[row] += np.count_nonzero(tied[row, : targets[row]])
    ranks[np.isneginf(target_scores[:, 0])] = MISS
    return np.asarray(ranks, dtype=np.int32)
