"""Agreement of address, phone, kind and city of two places."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from nadeuri.match.names.similarity import NameBundle, NameFeatures
from nadeuri.match.names.types import Concepts, likeness
from nadeuri.match.normalise import Name
from nadeuri.match.overlap import Frequencies, Overlap
from nadeuri.match.records import PHONE_DIGITS, Records

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
V = TypeVar("V", bound=Hashable)

_CITY_FEATURES = ("ratio", "sound", "spelling", "reading")


class Attributes:
    """Attributes of the places of two tables; every feature is NaN where either side has none."""

    FEATURES: tuple[str, ...] = (
        "address_left",  # share of the left address's words, by weight, that the right one has
        "address_right",
        "address_text",
        "house",  # share of the fewer house numbers that both have
        "postal",  # share of the longer code that is the same from its start
        "phone",
        "category",
        "kind",  # of names and categories together
        "city",
        "has_address_left",
        "has_address_right",
    )

    def __init__(self, left: Records, right: Records, words: Frequencies | None = None) -> None:
        """
        Args:
            words: of the addresses of the table that the right places are taken from; None: they
                are all of it.
        """
        self._left, self._right = left, right
        self._words = Overlap(
            [address.tokens for address in left.addresses],
            [address.tokens for address in right.addresses],
            among=words,
        )
        self._numbers = Overlap(
            [address.house_numbers for address in left.addresses],
            [address.house_numbers for address in right.addresses],
            rare=False,
        )
        self._kinds = [
            [_kinds(records, i) for i in range(len(records))] for records in (left, right)
        ]
        self._streets = [
            [" ".join(address.tokens) for address in records.addresses] for records in (left, right)
        ]

    def columns(self, li: Indices, ri: Indices) -> dict[str, Floats]:
        """The features of pairs; float32 [n] each."""
        from rapidfuzz import fuzz, process

        shared = self._words.shared(li, ri)
        numbers = self._numbers.shared(li, ri)
        mine, theirs = self._words.left_total[li], self._words.right_total[ri]
        both = (mine > 0) & (theirs > 0)
        street = process.cpdist(
            [self._streets[0][i] for i in li],
            [self._streets[1][i] for i in ri],
            scorer=fuzz.token_set_ratio,
            dtype=np.float32,
        )
        fewer = np.minimum(self._numbers.left_total[li], self._numbers.right_total[ri])
        return {
            "address_left": share(shared, np.where(both, mine, 0)),
            "address_right": share(shared, np.where(both, theirs, 0)),
            "address_text": np.where(both, street / 100, np.float32(np.nan)),
            "house": share(numbers, fewer),
            "postal": by_value(
                self._left.postal_codes, self._right.postal_codes, li, ri, _same_start
            ),
            "phone": by_value(self._left.phones, self._right.phones, li, ri, _same_end),
            "category": by_value(self._left.categories, self._right.categories, li, ri, _category),
            "kind": by_value(self._kinds[0], self._kinds[1], li, ri, likeness),
            "city": by_value(self._left.cities, self._right.cities, li, ri, _CitySimilarity()),
            "has_address_left": (mine > 0).astype(np.float32),
            "has_address_right": (theirs > 0).astype(np.float32),
        }


def share(part: Floats, whole: Floats) -> Floats:
    """``part / whole``, not a number where ``whole`` is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.float32(np.nan)).astype(np.float32)


def by_value(
    left: Sequence[V | None],
    right: Sequence[V | None],
    li: Indices,
    ri: Indices,
    similarity: Callable[[V, V], float],
) -> Floats:
    """Similarity of values that many places share, each two values compared once.

    Not a number where either place has no value (None, ``""``, ``()``).
    """
    number: dict[V, int] = {}
    codes = [
        np.array([number.setdefault(v, len(number)) if v else -1 for v in values], np.int64)
        for values in (left, right)
    ]
    result = np.full(len(li), np.nan, np.float32)
    first, second = codes[0][li] if len(left) else li, codes[1][ri] if len(right) else ri
    known = np.flatnonzero((first >= 0) & (second >= 0))
    keys, which = np.unique(first[known] << 32 | second[known], return_inverse=True)
    values = list(number)
    scores = [similarity(values[key >> 32], values[key & 0xFFFFFFFF]) for key in keys.tolist()]
    result[known] = np.array(scores, np.float32)[which]
    return result


def _same_start(left: str, right: str) -> float:
    same = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        same += 1
    return same / max(len(left), len(right))


def _same_end(left: str, right: str) -> float:
    return float(left[-PHONE_DIGITS:] == right[-PHONE_DIGITS:])


def _category(left: Name, right: Name) -> float:
    if left.text == right.text:
        return 1.0
    return likeness((left.types,), (right.types,)) if left.types and right.types else 0.0


def _kinds(records: Records, place: int) -> tuple[Concepts, ...]:
    """Types of places that its names and its category name; together, for they are one place."""
    names = [*records.bundles[place].names]
    category = records.categories[place]
    found = frozenset[str]().union(*(name.types for name in (*names, *filter(None, [category]))))
    return (found,) if found else ()


class _CitySimilarity:
    """Similarity of two names of cities, in whatever scripts."""

    def __init__(self) -> None:
        self._names = NameFeatures()
        self._columns = [NameFeatures.FEATURES.index(name) for name in _CITY_FEATURES]

    def __call__(self, left: Name, right: Name) -> float:
        zero = np.zeros(1, np.int64)
        found = self._names.compare([NameBundle((left,))], [NameBundle((right,))], zero, zero)[
            0, self._columns
        ]
        return 0.0 if np.isnan(found).all() else float(np.nanmax(found))
