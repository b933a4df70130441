"""What also-viewed lists are judged by beside the next click: sessions and products held out.

The next click of one user (:mod:`nadeuri.recommend.evaluate`) asks for the order of clicks. A list
under a product page is asked without a user: which products were viewed in the same session, and
does a product that nobody has viewed yet find its place by its metadata alone?
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from nadeuri import columns
from nadeuri.data.sequences import Dataset, IntArray, ItemArray, SequenceStore
from nadeuri.recommend.base import Recommender, top_k
from nadeuri.recommend.coview.tokens import Sessions

_BLOCK = 512


@dataclass(frozen=True)
class CoviewCases:
    """Questions without a user: beside product ``queries[i]``, which others?

    Attributes:
        queries: int64 [n], item indices.
        offsets: int64 [n + 1]; case ``i`` owns ``relevant[offsets[i]:offsets[i + 1]]``, not empty.
        relevant: int32, distinct item indices of each case.
    """

    queries: IntArray
    offsets: IntArray
    relevant: ItemArray

    def __len__(self) -> int:
        return len(self.queries)


@dataclass(frozen=True)
class HeldOut:
    """A data set without what was held out, and the questions about that.

    Attributes:
        dataset: to train on.
        coview: of held-out sessions, every product and the others beside it.
        cold: every product that was viewed beside a held-out product, and that one.
    """

    dataset: Dataset
    coview: CoviewCases
    cold: CoviewCases


def hold_out(
    dataset: Dataset,
    *,
    by_user: bool = False,
    session_share: float = 0.1,
    product_share: float = 0.05,
    most_cases: int = 20_000,
    seed: int = 0,
) -> HeldOut:
    """Take some sessions, and all clicks on some products, out of a data set.

    Args:
        by_user: everything that a user clicked counts as one session.
        session_share: of the sessions with two products or more.
        product_share: of the products that were clicked.
        most_cases: of each kind; more are sampled.
    """
    rng = np.random.default_rng(seed)
    store = dataset.sequences
    sessions, numbers = _all_sessions(store, by_user)
    clicked = np.unique(sessions.items)
    cold = rng.choice(clicked, round(product_share * len(clicked)), replace=False)
    is_cold = np.isin(np.arange(dataset.n_items + 1), cold)
    long_enough = np.flatnonzero(np.diff(sessions.offsets) >= 2)
    taken = rng.choice(long_enough, round(session_share * len(long_enough)), replace=False)
    is_taken = np.isin(np.arange(len(sessions)), taken)
    kept = ~is_cold[sessions.items] & ~is_taken[numbers]
    return HeldOut(
        dataset=_without(dataset, kept),
        coview=_sampled(_beside(sessions, np.sort(taken), ~is_cold, ~is_cold), most_cases, rng),
        cold=_sampled(
            _beside(sessions, np.arange(len(sessions)), ~is_cold, is_cold), most_cases, rng
        ),
    )


def coview_accuracy(model: Recommender, cases: CoviewCases, k: int = 10) -> dict[str, float]:
    """Hit rate, recall and nDCG in the ``k`` best of all other products.

    nDCG has binary gains and the ideal order of each case; ``hit_rate`` is the share of cases with
    at least one relevant product in the list, ``recall`` the share of a case's relevant products.
    """
    gains = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate([[0.0], np.cumsum(gains)])
    totals = np.zeros(3)
    lengths = np.diff(cases.offsets)
    for start in range(0, len(cases), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(cases)))
        queries = cases.queries[rows]
        scores = model.score(np.zeros(len(rows), np.int64), list(queries[:, None].astype(np.int32)))
        scores = scores.copy() if not scores.flags.writeable else scores
        scores[np.arange(len(rows)), queries] = -np.inf
        lists = top_k(scores, k)[0]
        owners = np.repeat(np.arange(len(rows)), lengths[rows])
        wanted = cases.relevant[cases.offsets[start] : cases.offsets[rows[-1] + 1]]
        keys = owners * (model.n_items + 1) + wanted
        listed = np.arange(len(rows))[:, None] * (model.n_items + 1) + lists
        hits = np.isin(listed, keys) & (lists > 0)
        per_case = hits.sum(1)
        totals += [
            (per_case > 0).sum(),
            (per_case / lengths[rows]).sum(),
            (hits @ gains[: lists.shape[1]] / ideal[np.minimum(lengths[rows], k)]).sum(),
        ]
    hit_rate, recall, ndcg = (float(total) / len(cases) for total in totals)
    return {
        f"hit_rate_at_{k}": hit_rate,
        columns.at(columns.RECALL, k): recall,
        columns.at(columns.NDCG, k): ndcg,
    }


def _all_sessions(store: SequenceStore, by_user: bool) -> tuple[Sessions, IntArray]:
    """All clicks session by session, and the session of each click."""
    users = np.repeat(np.arange(store.n_users), np.diff(store.offsets))
    is_first = np.ones(store.n_clicks, dtype=bool)
    is_first[1:] = users[1:] != users[:-1]
    if not by_user:
        is_first[1:] |= np.diff(np.asarray(store.sessions)) != 0
    offsets = np.append(np.flatnonzero(is_first), store.n_clicks).astype(np.int64)
    return Sessions(np.asarray(store.items), offsets), np.cumsum(is_first) - 1


def _without(dataset: Dataset, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Dataset:
    """The data set with the clicks ``kept`` only; its users and catalogue stay."""
    store = dataset.sequences
    counts = np.concatenate([[0], np.cumsum(kept)])
    digest = hashlib.sha256(dataset.fingerprint.encode() + np.packbits(kept).tobytes())
    return replace(
        dataset,
        sequences=SequenceStore(
            offsets=counts[np.asarray(store.offsets)].astype(np.int64),
            items=np.asarray(store.items)[kept],
            times=np.asarray(store.times)[kept],
            sessions=np.asarray(store.sessions)[kept],
        ),
        manifest={**dataset.manifest, "fingerprint": digest.hexdigest()},
    )


def _beside(
    sessions: Sessions,
    numbers: IntArray,
    may_ask: np.ndarray[tuple[int], np.dtype[np.bool_]],
    may_answer: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> CoviewCases:
    """Each distinct product of a session that may ask, and those beside it that may answer."""
    queries: list[int] = []
    answers: list[ItemArray] = []
    for number in numbers:
        items = np.unique(sessions.items[sessions.offsets[number] : sessions.offsets[number + 1]])
        wanted = items[may_answer[items]]
        for query in items[may_ask[items]]:
            others = wanted[wanted != query]
            if len(others):
                queries.append(int(query))
                answers.append(others)
    return _cases(queries, answers)


def _sampled(cases: CoviewCases, most: int, rng: np.random.Generator) -> CoviewCases:
    if len(cases) <= most:
        return cases
    rows = np.sort(rng.choice(len(cases), most, replace=False))
    bounds = zip(cases.offsets[rows], cases.offsets[rows + 1], strict=True)
    return _cases(
        cases.queries[rows].tolist(), [cases.relevant[start:end] for start, end in bounds]
    )


def _cases(queries: list[int], answers: list[ItemArray]) -> CoviewCases:
    lengths = [len(answer) for answer in answers]
    return CoviewCases(
        queries=np.array(queries, dtype=np.int64),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        relevant=np.concatenate([np.zeros(0, np.int32), *answers]).astype(np.int32),
    )
