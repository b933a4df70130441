"""How well a Hangul spelling can be the sound of letters: an edit distance learned from names.

The costs are those of a memoryless transducer (Ristad and Yianilos, Learning String-Edit Distance,
1998) whose moves pair one sound of a syllable with no to three letters, as in many-to-many
alignment (Jiampojamarn et al., 2007): ㅍ goes with p, f and ph, ㅊ with ch, tch and cz.
``sounds.tsv`` holds the moves' joint probabilities; ``bench/places/learn_sounds.py`` learns them.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
MAX_LETTERS = 3
"""That one sound may be written with."""

_SILENT_ONSET, _CODA_L, _ONSET_L = "\u110b", "\u11af", "\u1105"
_AS_IS = 0.01  # joint probability of a letter or digit that both names write
_CHUNK = 4096  # pairs aligned at once
_MAX_LENGTH = 48  # of a name; what comes behind is not compared

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int32]


def sounds_of(hangul: str) -> tuple[str, ...]:
    """Onsets, vowels and codas of the syllables, letters and digits; all else is left out.

    The silent onset is no sound, and ㄹ that ends one syllable and begins the next is one (ㄹㄹ).
    """
    sounds: list[str] = []
    for character in unicodedata.normalize("NFD", hangul):
        if character == _ONSET_L and sounds and sounds[-1] == _CODA_L:
            sounds[-1] = _CODA_L + _ONSET_L
        elif _is_jamo(character) or character in LETTERS:
            sounds.append(character)
    return tuple(sounds[:_MAX_LENGTH])


def _is_jamo(character: str) -> bool:
    return "\u1100" <= character <= "\u11ff" and character != _SILENT_ONSET


def letters_of(latin: str) -> str:
    """The letters and digits of romanised text."""
    return "".join(letter for letter in latin if letter in LETTERS)[:_MAX_LENGTH]


@dataclass(frozen=True)
class Costs:
    """Negative log probabilities of moves.

    Attributes:
        sounds: number of each known sound.
        skip_sound: float32 [S], a sound that is not written.
        skip_letter: float32 [A + 1], a letter that is not heard; the last one stands for padding.
        pairs: for 1, 2 and 3 letters, float32 [S, (A + 1)^k]; infinite where there is no move.
    """

    sounds: dict[str, int]
    skip_sound: Floats
    skip_letter: Floats
    pairs: tuple[Floats, ...]


def costs_of(moves: Sequence[tuple[str, str, float]]) -> Costs:
    """Costs of moves: (sound or ``""``, letters or ``""``, joint probability).

    A sound or a letter without a move of its own costs as much to skip as the dearest one. Letters
    and digits within Hangul go with themselves.
    """
    moves = [*moves, *((letter, letter, _AS_IS) for letter in LETTERS)]
    width = len(LETTERS) + 1
    sounds = {sound: i for i, sound in enumerate(sorted({s for s, _, _ in moves if s}))}
    number = {letter: i for i, letter in enumerate(LETTERS)}
    dearest = float(max(-np.log(probability) for _, _, probability in moves))
    skip_sound = np.full(len(sounds) + 1, dearest, np.float32)  # the last one: an unknown sound
    skip_letter = np.full(width, dearest, np.float32)
    pairs = tuple(
        np.full((len(sounds) + 1, width**k), np.inf, np.float32) for k in range(1, MAX_LETTERS + 1)
    )
    for sound, letters, probability in moves:
        cost = -np.log(probability)
        if not letters:
            skip_sound[sounds[sound]] = cost
        elif not sound:
            skip_letter[number[letters]] = cost
        else:
            code = 0
            for letter in letters:
                code = code * width + number[letter]
            pairs[len(letters) - 1][sounds[sound], code] = cost
    return Costs(sounds, skip_sound, skip_letter, pairs)


@cache
def shipped_costs() -> Costs:
    """The costs that come with the package."""
    with (files(__package__) / "sounds.tsv").open(encoding="utf-8") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return costs_of([(row["sound"], row["letters"], float(row["probability"])) for row in rows])


def sound_similarity(
    hangul: Sequence[str], latin: Sequence[str], costs: Costs | None = None
) -> Floats:
    """Likeness of each Hangul text to the romanised text beside it; float32 [n] in [0, 1].

    One minus the cost of the cheapest alignment over that of skipping everything; 0 where one of
    the two has nothing to compare.
    """
    costs = costs or shipped_costs()
    heard = _Encoded.of(
        hangul,
        lambda text: [costs.sounds.get(s, len(costs.sounds)) for s in sounds_of(text)],
        padding=len(costs.sounds),
    )
    written = _Encoded.of(
        latin,
        lambda text: [LETTERS.index(letter) for letter in letters_of(text)],
        padding=len(LETTERS),
    )
    similarity = np.zeros(len(hangul), np.float32)
    order = np.lexsort((written.lengths, heard.lengths))
    order = order[(heard.lengths[order] > 0) & (written.lengths[order] > 0)]
    for start in range(0, len(order), _CHUNK):
        chosen = order[start : start + _CHUNK]
        similarity[chosen] = _align(*heard.rows(chosen), *written.rows(chosen), costs)
    return similarity


@dataclass(frozen=True)
class _Encoded:
    """Texts as rows of numbers, each distinct text once.

    Attributes:
        codes: int32 [distinct texts, longest].
        which: row of each text.
        lengths: of each text.
    """

    codes: Indices
    which: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[str], encode: Callable[[str], list[int]], padding: int) -> _Encoded:
        number: dict[str, int] = {}
        which = np.array([number.setdefault(text, len(number)) for text in texts], np.int64)
        encoded = [encode(text) for text in number]
        lengths = np.array([len(row) for row in encoded], np.int64)
        codes = np.full((len(encoded), max(map(len, encoded), default=0)), padding, np.int32)
        for padded, row in zip(codes, encoded, strict=True):
            padded[: len(row)] = row
        return cls(codes, which, lengths[which])

    def rows(self, chosen: npt.NDArray[np.int64]) -> tuple[Indices, npt.NDArray[np.int64]]:
        """Numbers of some texts, no wider than the longest of them, and their lengths."""
        lengths = self.lengths[chosen]
        return self.codes[self.which[chosen], : lengths.max()], lengths


def _align(
    sounds: Indices,
    n_sounds: npt.NDArray[np.int64],
    letters: Indices,
    n_letters: npt.NDArray[np.int64],
    costs: Costs,
) -> Floats:
    """Similarity of n pairs, none of them empty; one row of the table of all pairs at a time."""
    width = len(LETTERS) + 1
    codes = [letters.astype(np.int64)]  # of the k letters that end at a column
    for k in range(1, MAX_LETTERS):
        longer = np.full_like(codes[0], width - 1)
        longer[:, k:] = codes[-1][:, k - 1 : -1] * width + letters[:, k:]
        codes.append(longer)
    n, columns = letters.shape
    skipped = np.zeros((n, columns + 1), np.float32)
    np.cumsum(costs.skip_letter[letters], axis=1, out=skipped[:, 1:])
    silent = np.zeros(n, np.float32)
    row = skipped.copy()
    rows = np.arange(n)
    similarity = np.zeros(n, np.float32)
    for index in range(sounds.shape[1]):
        sound = sounds[:, index]
        silent += costs.skip_sound[sound]
        following = row + costs.skip_sound[sound][:, None]
        for k, table in enumerate(costs.pairs, start=1):
            if columns >= k:
                move = table[sound[:, None], codes[k - 1][:, k - 1 :]]
                np.minimum(following[:, k:], row[:, :-k] + move, out=following[:, k:])
        # Letters that are skipped after the last move: a running minimum over earlier columns.
        row = np.minimum.accumulate(following - skipped, axis=1) + skipped
        ends = rows[n_sounds == index + 1]
        at = n_letters[ends]
        similarity[ends] = 1 - row[ends, at] / (silent[ends] + skipped[ends, at])
    return similarity
