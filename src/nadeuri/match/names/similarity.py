"""How alike the names of two places are, whatever scripts they are written in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nadeuri.errors import MissingExtraError
from nadeuri.match.names.forms import Forms, forms_of
from nadeuri.match.names.pairs import NamePairs
from nadeuri.match.normalise import Name

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

_ABSENT = -1  # number of a name that a place does not have


@dataclass(frozen=True)
class NameBundle:
    """All names of one place: in its database's language, in English, in the local language."""

    names: tuple[Name, ...]


class NameFeatures:
    """Similarities of the names of pairs of places.

    Each is the best over the combinations of the two places' names, and not a number where no
    combination has it: texts are compared within a script, sounds across scripts.
    """

    FEATURES: tuple[str, ...] = (
        "ratio",  # of the letters of the texts (normalised Indel similarity)
        "token_sort",
        "token_set",
        "partial",
        "start",  # Jaro-Winkler
        "core",  # the texts without words for types of places
        "sound",  # Hangul against Latin letters, learned (sounds.py)
        "proper_sound",  # the same without any word of the lexicon
        "spelling",  # romanised readings against Latin letters
        "consonants",  # their consonant skeletons
        "reading",  # Sino-Korean reading against Hangul
        "reading_part",  # the same with a part of the longer one
        "mixed",  # words that translate by meaning, the others by text or sound
        "concepts",  # words that translate
        "types",  # words for types of places
        "numbers",  # 1 the same, 0 others
        "branch",
    )

    def __init__(self) -> None:
        """Raises: MissingExtraError: ``rapidfuzz`` is not installed."""
        try:
            import rapidfuzz  # noqa: F401
        except ImportError as error:
            raise MissingExtraError("rapidfuzz", "match") from error
        self._forms: dict[Name, Forms] = {}

    def compare(
        self,
        left: Sequence[NameBundle],
        right: Sequence[NameBundle],
        li: npt.NDArray[np.integer],
        ri: npt.NDArray[np.integer],
    ) -> Floats:
        """Features of the pairs ``left[li[i]]``, ``right[ri[i]]``; float32 [n, len(FEATURES)].

        What is derived from a name is kept, so that later calls do not derive it again.

        Raises:
            MissingExtraError: a package that reads Chinese characters is not installed.
        """
        result = np.full((len(li), len(self.FEATURES)), np.nan, np.float32)
        number: dict[Name, int] = {}
        mine, theirs = _slots(left, number), _slots(right, number)
        forms = [self._forms_of(name) for name in number]
        for a in mine:
            for b in theirs:
                first, second = a[li], b[ri]
                both = np.flatnonzero((first != _ABSENT) & (second != _ABSENT))
                columns = NamePairs(forms, first[both], second[both]).features()
                found = np.stack([columns[name] for name in self.FEATURES], axis=1)
                result[both] = np.fmax(result[both], found)
        return result

    def _forms_of(self, name: Name) -> Forms:
        if name not in self._forms:
            self._forms[name] = forms_of(name)
        return self._forms[name]


def _slots(bundles: Sequence[NameBundle], number: dict[Name, int]) -> list[Indices]:
    """The numbers of every place's first name, second name, ...; new names get new numbers."""
    width = max((len(bundle.names) for bundle in bundles), default=0)
    slots = [np.full(len(bundles), _ABSENT, np.int64) for _ in range(width)]
    for place, bundle in enumerate(bundles):
        for slot, name in zip(slots, bundle.names, strict=False):
            slot[place] = number.setdefault(name, len(number))
    return slots
