"""Similarities of many pairs of names at once, each a column."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from nadeuri.match.names.forms import Forms, Reading
from nadeuri.match.names.romanise import skeleton
from nadeuri.match.names.sounds import sound_similarity
from nadeuri.match.names.types import likeness, types_among

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
PairScorer = Callable[[Sequence[str], Sequence[str]], Floats]

_SURE_SOUND = 0.75
"""Similarity of sound of a good transliteration: the upper quartile of the names it was learned
from."""
_ABSENT = -1
_PERCENT = 100  # the best score of rapidfuzz.fuzz
_NOTHING: Indices = np.zeros(0, np.int64)
_ACROSS_SCRIPTS = (
    "sound",
    "proper_sound",
    "spelling",
    "proper_spelling",
    "consonants",
    "reading",
    "reading_part",
)


class NamePairs:
    """Pairs of names.

    Args:
        forms: of all names.
        first, second: int [n], numbers of the names of each pair.
    """

    def __init__(self, forms: Sequence[Forms], first: Indices, second: Indices) -> None:
        self._forms = forms
        self._first, self._second = first, second
        families = np.array([form.family for form in forms] or [""])
        same = families[first] == families[second] if len(first) else np.zeros(0, bool)
        self._alike, self._apart = np.flatnonzero(same), np.flatnonzero(~same)

    def features(self) -> dict[str, Floats]:
        """Columns of float32 [n]: those of ``NameFeatures.FEATURES`` and what they are made of."""
        columns = {**self._texts(), **self._sounds(), **self._meanings()}
        return {**columns, "mixed": self._mixed(columns), "branch": self._branches()}

    def _texts(self) -> dict[str, Floats]:
        """Of names of one family."""
        from rapidfuzz import fuzz
        from rapidfuzz.distance import JaroWinkler

        text = [form.text for form in self._forms]
        return {
            "ratio": self._fuzzy(fuzz.ratio, [form.whole for form in self._forms]),
            "token_sort": self._fuzzy(fuzz.token_sort_ratio, text),
            "token_set": self._fuzzy(fuzz.token_set_ratio, text),
            "partial": self._fuzzy(fuzz.partial_ratio, text),
            "start": self._fuzzy(JaroWinkler.similarity, text, top=1),
            "core": self._fuzzy(fuzz.ratio, [form.core for form in self._forms]),
            "proper": self._fuzzy(fuzz.ratio, [form.proper for form in self._forms]),
        }

    def _fuzzy(
        self, scorer: Callable[..., float], parts: Sequence[str], top: int = _PERCENT
    ) -> Floats:
        """Similarity of a part of each name; two empty parts tell nothing."""
        column = self._blank()
        first, second = self._first[self._alike], self._second[self._alike]
        column[self._alike] = _paired([parts[i] for i in first], [parts[i] for i in second], scorer)
        empty = np.array([not part for part in parts], bool)
        column[self._alike[empty[first] & empty[second]]] = np.nan
        return column

    def _sounds(self) -> dict[str, Floats]:
        """Of names of two families."""
        if not len(self._apart):
            return dict.fromkeys(_ACROSS_SCRIPTS, self._blank())
        whole, named, proper = (
            _Readings([form.readings[part] for form in self._forms]) for part in range(3)
        )
        parts = ((whole, whole), (whole, named), (named, whole), (named, named), (proper, proper))
        return {
            "sound": self._heard(parts),
            "proper_sound": self._heard(parts[-1:]),
            "spelling": self._best([(a.latin, b.latin) for a, b in parts], _ratio),
            "proper_spelling": self._best([(proper.latin, proper.latin)], _ratio),
            "consonants": self._best([(named.consonants, named.consonants)], _ratio),
            "reading": self._best([(whole.jamo, whole.jamo)], _ratio),
            "reading_part": self._best([(whole.jamo, whole.jamo)], _partial_ratio),
        }

    def _heard(self, parts: Sequence[tuple[_Readings, _Readings]]) -> Floats:
        """Hangul of either name against Latin letters of the other."""
        forth = self._best([(a.hangul, b.latin) for a, b in parts], sound_similarity)
        back = self._best(
            [(a.latin, b.hangul) for a, b in parts], lambda a, b: sound_similarity(b, a)
        )
        return np.fmax(forth, back)

    def _best(self, parts: Sequence[tuple[_Spellings, _Spellings]], scorer: PairScorer) -> Floats:
        """The best similarity over all parts and their spellings; each two texts scored once."""
        first, second = self._first[self._apart], self._second[self._apart]
        rows: list[Indices] = []
        keys: list[Indices] = []
        texts: dict[str, int] = {}
        for mine, theirs in parts:
            for a in mine.slots(texts):
                for b in theirs.slots(texts):
                    both = (a[first] != _ABSENT) & (b[second] != _ABSENT)
                    rows.append(self._apart[both])
                    keys.append(a[first][both] << 32 | b[second][both])
        column = self._blank()
        distinct, which = np.unique(np.concatenate([_NOTHING, *keys]), return_inverse=True)
        if len(distinct):
            spelled = list(texts)
            scores = scorer(
                [spelled[i] for i in (distinct >> 32).tolist()],
                [spelled[i] for i in (distinct & 0xFFFFFFFF).tolist()],
            )
            np.fmax.at(column, np.concatenate(rows), scores[which])
        return column

    def _meanings(self) -> dict[str, Floats]:
        concepts = [form.concepts for form in self._forms]
        types = [tuple(filter(None, map(types_among, words))) for words in concepts]
        numbers = [tuple(sorted(form.numbers)) for form in self._forms]
        return {
            "concepts": self._by_value(concepts, likeness),
            "types": self._by_value(types, likeness),
            "numbers": self._by_value(numbers, lambda a, b: float(a == b)),
        }

    def _by_value(
        self, values: Sequence[tuple[object, ...]], similarity: Callable[..., float]
    ) -> Floats:
        """Similarity of values that many names share; not a number where both have none."""
        number: dict[tuple[object, ...], int] = {(): 0}
        codes = np.array([number.setdefault(value, len(number)) for value in values], np.int64)
        distinct = list(number)
        keys, which = np.unique(codes[self._first] << 32 | codes[self._second], return_inverse=True)
        scores = [
            similarity(distinct[key >> 32], distinct[key & 0xFFFFFFFF]) if key else np.nan
            for key in keys.tolist()
        ]
        return np.array(scores, np.float32)[which]

    def _mixed(self, columns: dict[str, Floats]) -> Floats:
        """Meaning and sound, each by the share of the letters that it explains."""
        share = np.array([form.share for form in self._forms], np.float32)
        weight = (share[self._first] + share[self._second]) / 2
        sound = np.minimum(columns["proper_sound"] / _SURE_SOUND, 1)
        proper = np.fmax(np.fmax(columns["proper"], columns["proper_spelling"]), sound)
        mixed = weight * np.nan_to_num(columns["concepts"]) + (1 - weight) * np.nan_to_num(proper)
        return np.asarray(mixed, np.float32)

    def _branches(self) -> Floats:
        """Of pairs that both have one, in one script or by number."""
        has = np.array([bool(form.branch) for form in self._forms], bool)
        rows = np.flatnonzero(has[self._first] & has[self._second])
        pairs = [(self._forms[self._first[row]], self._forms[self._second[row]]) for row in rows]
        comparable = [
            a.family == b.family or a.branch.isdigit() or b.branch.isdigit() for a, b in pairs
        ]
        column = self._blank()
        column[rows[comparable]] = _ratio(
            [a.branch for (a, _), known in zip(pairs, comparable, strict=True) if known],
            [b.branch for (_, b), known in zip(pairs, comparable, strict=True) if known],
        )
        return column

    def _blank(self) -> Floats:
        return np.full(len(self._first), np.nan, np.float32)


class _Spellings:
    """What each name may be spelled as: any number of texts."""

    def __init__(self, spellings: Iterable[tuple[str, ...]]) -> None:
        self._spellings = list(spellings)

    def slots(self, texts: dict[str, int]) -> list[Indices]:
        """Numbers in ``texts``, which grows, of every name's first spelling, second, ..."""
        width = max(map(len, self._spellings), default=0)
        slots = [np.full(len(self._spellings), _ABSENT, np.int64) for _ in range(width)]
        for name, spellings in enumerate(self._spellings):
            for slot, text in zip(slots, spellings, strict=False):
                slot[name] = texts.setdefault(text, len(texts))
        return slots


class _Readings:
    """How a part of every name is read."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._readings = readings

    @cached_property
    def hangul(self) -> _Spellings:
        return _Spellings(reading.hangul for reading in self._readings)

    @cached_property
    def latin(self) -> _Spellings:
        return _Spellings(reading.latin for reading in self._readings)

    @cached_property
    def consonants(self) -> _Spellings:
        return _Spellings(tuple(map(skeleton, reading.latin)) for reading in self._readings)

    @cached_property
    def jamo(self) -> _Spellings:
        return _Spellings(
            tuple(unicodedata.normalize("NFD", text) for text in reading.hangul)
            for reading in self._readings
        )


def _ratio(first: Sequence[str], second: Sequence[str]) -> Floats:
    from rapidfuzz import fuzz

    return _paired(first, second, fuzz.ratio)


def _partial_ratio(first: Sequence[str], second: Sequence[str]) -> Floats:
    from rapidfuzz import fuzz

    return _paired(first, second, fuzz.partial_ratio)


def _paired(
    first: Sequence[str], second: Sequence[str], scorer: Callable[..., float], top: int = _PERCENT
) -> Floats:
    from rapidfuzz import process

    scores = process.cpdist(first, second, scorer=scorer, dtype=np.float32, workers=1)
    return np.asarray(scores / top, np.float32)
