"""What the scorer sees of a pair of places, and of the other pairs of those places."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nadeuri.match.attributes import Attributes, share
from nadeuri.match.meaning import Meanings
from nadeuri.match.names.scripts import SPACELESS
from nadeuri.match.names.similarity import NameFeatures
from nadeuri.match.normalise import Name
from nadeuri.match.overlap import Frequencies, Overlap
from nadeuri.match.ranking import count_within, lead_within, rank_within
from nadeuri.match.records import Records
from nadeuri.match.surroundings import Surroundings

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

PAIRS_AT_ONCE = 50_000

_WORD_FEATURES = (
    "cosine",  # of n-grams
    "words_left",  # share of the left name's words, by weight, that the right one has
    "words_right",
    "words_jaccard",
    "words_shared",
    "words_missing_left",  # weight of the words that only the left name has
    "words_missing_right",
    "left_in_right",  # share of the left name's words that the right name or address has
    "right_in_left",
    "number",  # share of the fewer numbers in names that both have
    "number_left",  # of the left name's numbers, in the right name or house number
    "number_right",
    "n_numbers_left",
    "n_numbers_right",
    "length_left",
    "length_right",
    "meaning",  # cosine of an encoder's vectors
    "meaning_lead_left",  # before the other right places of the left one
    "meaning_lead_right",
)
_PLACE_FEATURES = (
    "log_metres",
    "nearer_right",  # right places nearer to the left one, up to 32
    "nearer_left",
    "within_100",  # right places around the left one, up to 32
    "within_300",
    "log_nearest",
)
_CONTEXT_FEATURES = tuple(
    f"{name}_{side}"
    for side in ("left", "right")
    for name in (
        "rank",  # among the pairs of the place on that side
        "lead",
        "name_rank",
        "name_lead",
        "metres_rank",
        "n_pairs",
        "n_same_name",  # places of that side with the same name: chains
    )
)
FEATURES = (
    *NameFeatures.FEATURES,
    *_WORD_FEATURES,
    *Attributes.FEATURES,
    *_PLACE_FEATURES,
    *_CONTEXT_FEATURES,
)
"""Names of the columns of a matrix of features. What is unknown is not a number."""

RISING = ("cosine", "phone", "house", "postal", "city", "left_in_right", "right_in_left")
FALLING = ("log_metres",)
"""Features of which more never makes a match less likely, or more likely."""

_NUMBER = re.compile(r"\d+")
_LOG_METRES_WEIGHT = 0.06
_NAME_WEIGHT = 0.5


class Cosines(Protocol):
    """Likeness of names, as :class:`nadeuri.match.overlap.NgramSpace` has it."""

    def cosine(self, li: Indices, ri: Indices) -> Floats:
        """Of the most alike spellings of each pair; float32 [n]."""


@dataclass(frozen=True)
class WholeTable:
    """What is counted over all right places, where only some of them are compared.

    Attributes:
        words, all_words, address_words: of names; of names and addresses; of addresses.
        same_name: places with a main name, by its text.
    """

    words: Frequencies
    all_words: Frequencies
    address_words: Frequencies
    same_name: Mapping[str, int]

    @classmethod
    def of(cls, records: Records) -> WholeTable:
        """Count them."""
        words = [_words(records, i) for i in range(len(records))]
        addresses = [address.tokens for address in records.addresses]
        return cls(
            Frequencies.of(words),
            Frequencies.of([a | set(b) for a, b in zip(words, addresses, strict=True)]),
            Frequencies.of(addresses),
            Counter(name.text for name in _firsts(records)),
        )


class PairFeatures:
    """Features of pairs of places of two tables.

    How a pair compares with others is taken over the pairs that are asked for together: ask for
    all candidates of the two tables at once.
    """

    def __init__(
        self,
        left: Records,
        right: Records,
        grams: Cosines,
        around: Surroundings,
        *,
        whole: WholeTable | None = None,
        meanings: Meanings | None = None,
    ) -> None:
        """Features of pairs of these tables.

        Args:
            grams, around: of these places.
            whole: of the table that the right places are taken from; None: they are all of it.
            meanings: of their names; None leaves what is made of them unknown.

        Raises:
            MissingExtraError: a library of the extra ``match`` is not installed.
        """
        self._left, self._right = left, right
        self._grams, self._around, self._meanings = grams, around, meanings
        self._names = NameFeatures()
        self._attributes = Attributes(left, right, whole.address_words if whole else None)
        words = [[_words(records, i) for i in range(len(records))] for records in (left, right)]
        numbers = [[_numbers(records, i) for i in range(len(records))] for records in (left, right)]
        all_words = [
            [
                name | set(address.tokens)
                for name, address in zip(found, records.addresses, strict=True)
            ]
            for found, records in zip(words, (left, right), strict=True)
        ]
        all_numbers = [
            [
                name | address.house_numbers
                for name, address in zip(found, records.addresses, strict=True)
            ]
            for found, records in zip(numbers, (left, right), strict=True)
        ]
        among = whole.words if whole else None
        self._words = Overlap(words[0], words[1], among=among)
        self._left_in_right = Overlap(
            words[0], all_words[1], among=whole.all_words if whole else None
        )
        self._right_in_left = Overlap(all_words[0], words[1], among=among)
        self._numbers = Overlap(numbers[0], numbers[1], rare=False)
        self._numbers_left = Overlap(numbers[0], all_numbers[1], rare=False)
        self._numbers_right = Overlap(all_numbers[0], numbers[1], rare=False)
        self._same_names = [_same_names(left), _same_names(right, whole)]
        self._lengths = [
            np.array([sum(map(len, name.tokens)) for name in _firsts(records)], np.float32)
            for records in (left, right)
        ]

    def chunks(self, li: Indices, ri: Indices) -> Iterator[Floats]:
        """Features of the pairs, :data:`PAIRS_AT_ONCE` rows at a time; float32 [rows, FEATURES]."""
        context = self._context(li, ri)
        for start in range(0, len(li), PAIRS_AT_ONCE):
            rows = slice(start, start + PAIRS_AT_ONCE)
            yield self._chunk(li[rows], ri[rows], {n: c[rows] for n, c in context.items()})

    def matrix(self, li: Indices, ri: Indices) -> Floats:
        """Features of all the pairs; float32 [n, len(FEATURES)]."""
        return np.concatenate([np.zeros((0, len(FEATURES)), np.float32), *self.chunks(li, ri)])

    def _chunk(self, li: Indices, ri: Indices, context: dict[str, Floats]) -> Floats:
        names = self._names.compare(self._left.bundles, self._right.bundles, li, ri)
        columns = {
            **dict(zip(NameFeatures.FEATURES, names.T, strict=True)),
            **self._word_columns(li, ri),
            **self._attributes.columns(li, ri),
            **self._place_columns(li, ri),
            **context,
        }
        return np.stack([columns[name] for name in FEATURES], axis=1).astype(np.float32)

    def _word_columns(self, li: Indices, ri: Indices) -> dict[str, Floats]:
        words = self._words
        shared, mine, theirs = words.shared(li, ri), words.left_total[li], words.right_total[ri]
        numbers = (self._numbers.left_total[li], self._numbers.right_total[ri])
        return {
            "words_left": share(shared, mine),
            "words_right": share(shared, theirs),
            "words_jaccard": share(shared, mine + theirs - shared),
            "words_shared": shared,
            "words_missing_left": mine - shared,
            "words_missing_right": theirs - shared,
            "left_in_right": share(
                self._left_in_right.shared(li, ri), self._left_in_right.left_total[li]
            ),
            "right_in_left": share(
                self._right_in_left.shared(li, ri), self._right_in_left.right_total[ri]
            ),
            "number": share(self._numbers.shared(li, ri), np.minimum(*numbers)),
            "number_left": share(self._numbers_left.shared(li, ri), numbers[0]),
            "number_right": share(self._numbers_right.shared(li, ri), numbers[1]),
            "n_numbers_left": numbers[0],
            "n_numbers_right": numbers[1],
            "length_left": self._lengths[0][li],
            "length_right": self._lengths[1][ri],
        }

    def _place_columns(self, li: Indices, ri: Indices) -> dict[str, npt.NDArray[np.floating]]:
        metres = self._around.metres(li, ri)
        around = self._around.right_metres()
        nowhere = np.isnan(self._left.points[:, 0])

        def of_left(values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
            return np.where(nowhere, np.nan, values)[li]

        return {
            "log_metres": np.log1p(metres),
            "nearer_right": self._around.nearer_right(li, metres),
            "nearer_left": self._around.nearer_left(ri, metres),
            "within_100": of_left((around <= 100).sum(axis=1)),
            "within_300": of_left((around <= 300).sum(axis=1)),
            "log_nearest": of_left(np.log1p(np.minimum(around[:, 0], 1e8))),
        }

    def _context(self, li: Indices, ri: Indices) -> dict[str, Floats]:
        """Where each pair stands by a first similarity; float32 [n] each."""
        cosine = self._grams.cosine(li, ri).astype(np.float64)
        words = self._words
        shared = words.shared(li, ri)
        jaccard = share(shared, words.left_total[li] + words.right_total[ri] - shared)
        metres = self._around.metres(li, ri)
        first = _NAME_WEIGHT * (cosine + np.nan_to_num(jaccard))
        first -= _LOG_METRES_WEIGHT * np.nan_to_num(np.log1p(metres), nan=np.log1p(500))
        meaning = np.full(len(li), np.nan)
        if self._meanings is not None:
            meaning = self._meanings.cosine(li, ri)
        columns: dict[str, npt.NDArray[np.generic]] = {"cosine": cosine, "meaning": meaning}
        for side, group, same in (
            ("left", li, self._same_names[0]),
            ("right", ri, self._same_names[1]),
        ):
            columns[f"rank_{side}"] = rank_within(group, first)
            columns[f"lead_{side}"] = lead_within(group, first)
            columns[f"name_rank_{side}"] = rank_within(group, cosine)
            columns[f"name_lead_{side}"] = lead_within(group, cosine)
            columns[f"metres_rank_{side}"] = rank_within(group, -metres)
            columns[f"n_pairs_{side}"] = count_within(group)
            columns[f"n_same_name_{side}"] = same[group]
            columns[f"meaning_lead_{side}"] = lead_within(group, meaning)
        return {name: column.astype(np.float32) for name, column in columns.items()}


def _words(records: Records, place: int) -> set[str]:
    """Words of all its names; parts of words in scripts that join them."""
    return {
        word
        for name in records.bundles[place].names
        for word in (
            (piece.text for piece in name.pieces) if name.script in SPACELESS else name.tokens
        )
    }


def _numbers(records: Records, place: int) -> set[str]:
    names = records.bundles[place].names
    return {number.lstrip("0") or "0" for name in names for number in _NUMBER.findall(name.text)}


def _firsts(records: Records) -> Sequence[Name]:
    return [bundle.names[0] for bundle in records.bundles]


def _same_names(records: Records, whole: WholeTable | None = None) -> npt.NDArray[np.int64]:
    """How many places have the main name of each; int64 [n]."""
    if whole is not None:
        return np.array([whole.same_name[name.text] for name in _firsts(records)], np.int64)
    _, which, counts = np.unique(
        np.array([name.text for name in _firsts(records)], dtype=np.str_),
        return_inverse=True,
        return_counts=True,
    )
    return counts[which] if len(records) else np.zeros(0, np.int64)
