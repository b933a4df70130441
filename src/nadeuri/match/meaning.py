"""How alike names in different scripts are in meaning, by an encoder of texts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nadeuri.embed import Embedder
from nadeuri.match.normalise import Name
from nadeuri.match.records import Records

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]

_ABSENT = -1  # number of a name that a place does not have
_PAIRS_AT_ONCE = 20_000


class Meanings:
    """Cosines of the names of two tables.

    Names in one script are told apart by their letters, where meaning rather confuses: on Geo-ER,
    all in Latin letters, trees that saw it found less. So those are not compared, and a name is
    encoded, once, when it first meets another script.
    """

    def __init__(self, left: Records, right: Records, embedder: Embedder) -> None:
        """Nothing is encoded yet."""
        number: dict[Name, int] = {}
        self._left, self._right = _slots(left, number), _slots(right, number)
        self._texts = [name.text for name in number]
        scripts = {script: i for i, script in enumerate(dict.fromkeys(n.script for n in number))}
        self._scripts = np.array([scripts[name.script] for name in number], np.int64)
        self._embedder = embedder
        self._vectors = np.zeros((len(number), embedder.dim), np.float32)
        self._encoded = np.zeros(len(number), bool)

    def cosine(self, li: Indices, ri: Indices) -> Floats:
        """Of the two names in different scripts that are most alike; float64 [n].

        Not a number for pairs of places without such names.

        Raises:
            EmbeddingError: see :meth:`nadeuri.embed.Embedder.encode`.
        """
        best = np.full(len(li), np.nan)
        for mine in self._left:
            for theirs in self._right:
                a, b = mine[li], theirs[ri]
                foreign = np.flatnonzero(
                    (a != _ABSENT) & (b != _ABSENT) & (self._scripts[a] != self._scripts[b])
                )
                best[foreign] = np.fmax(best[foreign], self._cosines(a[foreign], b[foreign]))
        return best

    def main_vectors(self) -> tuple[Vectors, Vectors]:
        """Of the main names of the left and the right table; float32 [n, dim].

        Raises:
            EmbeddingError: see :meth:`nadeuri.embed.Embedder.encode`.
        """
        return self._vectors_of(self._left[0]), self._vectors_of(self._right[0])

    def _cosines(self, a: Indices, b: Indices) -> Floats:
        cosines = np.empty(len(a))
        for start in range(0, len(a), _PAIRS_AT_ONCE):
            rows = slice(start, start + _PAIRS_AT_ONCE)
            mine, theirs = self._vectors_of(a[rows]), self._vectors_of(b[rows])
            cosines[rows] = np.einsum("ij,ij->i", mine, theirs)
        return cosines

    def _vectors_of(self, names: Indices) -> Vectors:
        new = np.unique(names[~self._encoded[names]])
        if len(new):
            self._vectors[new] = self._embedder.encode([self._texts[name] for name in new])
            self._encoded[new] = True
        return self._vectors[names]


def _slots(records: Records, number: dict[Name, int]) -> list[Indices]:
    """The number of every place's first name, second name, ...; new names get new numbers."""
    width = max((len(bundle.names) for bundle in records.bundles), default=1)
    slots = [np.full(len(records), _ABSENT, np.int64) for _ in range(width)]
    for place, bundle in enumerate(records.bundles):
        for slot, name in zip(slots, bundle.names, strict=False):
            slot[place] = number.setdefault(name, len(number))
    return slots
