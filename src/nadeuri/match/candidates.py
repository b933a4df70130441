"""Blocking: which pairs of two tables of places are looked at.

The union of several routes: what lies near and is named most alike; what is named alike anywhere
(for places without coordinates, or with wrong ones); what has the same telephone number; what
sounds alike or means the same in another script, by readings and lexicon, and by an encoder of
texts where there is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import numpy.typing as npt

from nadeuri.match.meaning import Meanings
from nadeuri.match.overlap import NgramSpace
from nadeuri.match.ranking import rank_within
from nadeuri.match.records import PHONE_DIGITS, Records, sound_texts
from nadeuri.match.surroundings import Surroundings

Indices = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NEAR_METRES = 300.0
NEAR_NAMES = 10
ALIKE_NAMES = 5
HEARD_NAMES = 10
SHARED_PHONE = 20
"""A number that more pairs have is that of a head office or a switchboard."""
MEANT_METRES = 2_000.0
MEANT_NAMES = 5

FURTHER = 1e-6  # of a cosine, for a metre: among equal names the nearer ones are looked at
_LEFT_AT_ONCE = 256


def candidate_pairs(
    left: Records,
    right: Records,
    grams: NgramSpace,
    around: Surroundings,
    *,
    meanings: Meanings | None = None,
) -> tuple[Indices, Indices]:
    """Positions of the left and right places to compare, by left place, each pair once.

    Args:
        grams, around: of these tables.
        meanings: of their names; None leaves that route out.
    """
    keys = [np.zeros(0, np.int64)]
    for li, ri in _routes(left, right, grams, around, meanings):
        keys.append(np.unique(li * len(right) + ri))
    pairs = np.unique(np.concatenate(keys))
    width = max(len(right), 1)
    return pairs // width, pairs % width


def _routes(
    left: Records,
    right: Records,
    grams: NgramSpace,
    around: Surroundings,
    meanings: Meanings | None,
) -> Iterator[tuple[Indices, Indices]]:
    for li, ri in around.pairs_within(NEAR_METRES):
        alike = grams.cosine(li, ri) - FURTHER * around.metres(li, ri)
        kept = rank_within(li, alike) < NEAR_NAMES
        yield li[kept], ri[kept]
    yield grams.nearest(ALIKE_NAMES)
    yield _same_phone(left, right)
    yield _alike_by_sound(left, right)
    if meanings is not None:
        yield from _same_meaning(left, right, around, meanings)


def _same_phone(left: Records, right: Records) -> tuple[Indices, Indices]:
    owners: dict[str, tuple[list[int], list[int]]] = {}
    for side, records in enumerate((left, right)):
        for place, phone in enumerate(records.phones):
            if phone:
                owners.setdefault(phone[-PHONE_DIGITS:], ([], []))[side].append(place)
    pairs = [
        pair
        for mine, theirs in owners.values()
        if len(mine) * len(theirs) <= SHARED_PHONE
        for pair in product(mine, theirs)
    ]
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _alike_by_sound(left: Records, right: Records) -> tuple[Indices, Indices]:
    """Pairs without a script in common whose names sound alike, wherever they are."""
    scripts = [[scripts_of(records, i) for i in range(len(records))] for records in (left, right)]
    if len({*scripts[0], *scripts[1]}) < 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    li, ri = NgramSpace(left, right, texts_of=sound_texts).nearest(HEARD_NAMES)
    foreign = [
        scripts[0][i].isdisjoint(scripts[1][j])
        for i, j in zip(li.tolist(), ri.tolist(), strict=True)
    ]
    kept = np.array(foreign, bool)
    return li[kept], ri[kept]


def scripts_of(records: Records, place: int) -> frozenset[str]:
    return frozenset(name.script for name in records.bundles[place].names)


def _same_meaning(
    left: Records, right: Records, around: Surroundings, meanings: Meanings
) -> Iterator[tuple[Indices, Indices]]:
    """Right places whose names mean most nearly the same, the main ones in different scripts.

    Those nearby; for a left place without coordinates, those anywhere, by the main names.
    """
    scripts = [
        np.array([_script(records, i) for i in range(len(records))]) for records in (left, right)
    ]
    for li, ri in around.pairs_within(MEANT_METRES):
        foreign = scripts[0][li] != scripts[1][ri]
        li, ri = li[foreign], ri[foreign]
        kept = rank_within(li, meanings.cosine(li, ri)) < MEANT_NAMES
        yield li[kept], ri[kept]
    nowhere = np.isnan(left.points[:, 0])
    for script in np.unique(scripts[0][nowhere]):
        asked = np.flatnonzero(nowhere & (scripts[0] == script))
        others = np.flatnonzero(scripts[1] != script)
        n_kept = min(MEANT_NAMES, len(others))
        if n_kept == 0:
            continue
        theirs = meanings.right_vectors(others)
        for start in range(0, len(asked), _LEFT_AT_ONCE):
            chunk = asked[start : start + _LEFT_AT_ONCE]
            scores = meanings.left_vectors(chunk) @ theirs.T
            best = np.argpartition(-scores, n_kept - 1, axis=1)[:, :n_kept]
            yield np.repeat(chunk, n_kept), others[best].ravel()


def _script(records: Records, place: int) -> str:
    names = records.bundles[place].names
    return names[0].script
