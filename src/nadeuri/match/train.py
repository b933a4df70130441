"""A scorer from two tables of places and labelled pairs of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nadeuri import columns
from nadeuri.embed import local_embedder
from nadeuri.errors import DataError
from nadeuri.match.candidates import candidate_pairs
from nadeuri.match.features import PairFeatures
from nadeuri.match.meaning import Meanings
from nadeuri.match.overlap import NgramSpace
from nadeuri.match.records import read_records
from nadeuri.match.scorer import PairScorer
from nadeuri.match.surroundings import Surroundings
from nadeuri.progress import progress

Indices = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

_FOLDS = 5


@dataclass(frozen=True, eq=False)
class Trained:
    """A scorer, and what it learned from.

    Attributes:
        n_pairs: candidate pairs whose truth follows from the labels.
        n_same: of these, pairs of the same place.
        n_missed: labelled pairs of the same place that are no candidates, and cannot be found.
    """

    scorer: PairScorer
    n_pairs: int
    n_same: int
    n_missed: int


def train(
    left: pa.Table,
    right: pa.Table,
    labelled: pa.Table,
    *,
    encoder: str | None = None,
    seed: int = 0,
) -> Trained:
    """Train on the candidate pairs whose truth follows from the labels.

    As matches are one to one, who has a match (or surely none) matches nothing else. So a label
    says something about all candidates of its places, those that people never looked at, too.

    Args:
        left, right: complete tables, as how a pair compares with others is part of what is learned.
        labelled: as :func:`nadeuri.data.labelled_pairs.read_labelled_pairs` gives it; of several
            rows about a pair the last counts.
        encoder: one of :data:`nadeuri.embed.LOCAL`, which then reads names in different scripts in
            the runs of this scorer, too; None does without.

    Raises:
        DataError: the labels are of other tables, or too few (see :meth:`PairScorer.fit`).
        ConfigError: no such encoder.
        MissingExtraError: a library of the extra ``match`` is not installed.
    """
    mine, theirs = read_records(left), read_records(right)
    grams = NgramSpace(mine, theirs)
    around = Surroundings(mine.points, theirs.points)
    meanings = Meanings(mine, theirs, local_embedder(encoder)) if encoder else None
    li, ri = candidate_pairs(mine, theirs, grams, around, meanings=meanings)
    known, same, n_missed = _truth(mine.ids, theirs.ids, li, ri, labelled)
    if not known.any():
        raise DataError("no labelled pair is of these tables; check their ids")
    chunks = PairFeatures(mine, theirs, grams, around, meanings=meanings).chunks(li, ri)
    kept, start = [], 0
    for chunk in progress(chunks, "features of pairs"):
        kept.append(chunk[known[start : start + len(chunk)]])
        start += len(chunk)
    folds = _folds(left[columns.CITY].to_pylist())[li[known]]
    scorer = PairScorer.fit(np.concatenate(kept), same[known], folds, encoder=encoder, seed=seed)
    return Trained(scorer, int(known.sum()), int(same[known].sum()), n_missed)


def _folds(cities: list[str | None]) -> Indices:
    """A fold for each left place: whole cities, or by turns where fewer than two are known."""
    names = sorted({city for city in cities if city is not None})
    if len(names) < 2:
        return np.arange(len(cities), dtype=np.int64) % _FOLDS
    fold = {city: number % _FOLDS for number, city in enumerate(names)}
    return np.array([fold.get(city or "", 0) for city in cities], np.int64)


def _truth(
    left_ids: tuple[str, ...],
    right_ids: tuple[str, ...],
    li: Indices,
    ri: Indices,
    labelled: pa.Table,
) -> tuple[Truths, Truths, int]:
    """Of each candidate pair whether its truth is known, and what it is; and the pairs missed."""
    left_at = {place: at for at, place in enumerate(left_ids)}
    right_at = {place: at for at, place in enumerate(right_ids)}
    pairs: dict[tuple[int, int], bool] = {}
    left_settled, right_settled = np.zeros(len(left_ids), bool), np.zeros(len(right_ids), bool)
    for row in labelled.to_pylist():
        at = left_at.get(row[columns.LEFT])
        if at is None:
            continue
        if row[columns.RIGHT] is None:
            left_settled[at] = True
        elif row[columns.RIGHT] in right_at:
            pairs[at, right_at[row[columns.RIGHT]]] = row[columns.RELATION] == columns.SAME
    for (at_left, at_right), is_same in pairs.items():
        if is_same:
            left_settled[at_left] = right_settled[at_right] = True
    said = [pairs.get(pair) for pair in zip(li.tolist(), ri.tolist(), strict=True)]
    same = np.array([truth is True for truth in said], bool)
    known = np.array([truth is not None for truth in said], bool)
    known |= left_settled[li] | right_settled[ri]
    return known, same, sum(pairs.values()) - int(same.sum())
