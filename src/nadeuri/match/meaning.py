"""How alike names in different scripts are in meaning, by an encoder of texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nadeuri.embed import Embedder
from nadeuri.match.normalise import Name
from nadeuri.match.records import Records

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]
Known = npt.NDArray[np.floating]

_ABSENT = -1  # number of a name that a place does not have
_PAIRS_AT_ONCE = 20_000


class NameTable:
    """The names of the places of a table, each once.

    Attributes:
        texts: of the names.
        scripts: of the names; str [n].
        slots: the number of every place's first name, of its second, ..., -1 where it has none;
            int64 [n_places] each.
    """

    def __init__(self, records: Records) -> None:
        number: dict[Name, int] = {}
        width = max((len(bundle.names) for bundle in records.bundles), default=1)
        self.slots = [np.full(len(records), _ABSENT, np.int64) for _ in range(width)]
        for place, bundle in enumerate(records.bundles):
            for slot, name in zip(self.slots, bundle.names, strict=False):
                slot[place] = number.setdefault(name, len(number))
        self.texts = [name.text for name in number]
        self.scripts = np.array([name.script for name in number], np.str_)


class Meanings:
    """Cosines of the names of two tables.

    Names in one script are told apart by their letters, where meaning rather confuses: on Geo-ER,
    all in Latin letters, trees that saw it found less. So those are not compared, and a name is
    encoded, once, when it first meets another script.
    """

    def __init__(self, left: Records, right: Records, embedder: Embedder) -> None:
        """Nothing is encoded yet."""
        mine, theirs = NameTable(left), NameTable(right)
        self._left, n_left = mine.slots, len(mine.texts)
        self._right = [np.where(s == _ABSENT, _ABSENT, s + n_left) for s in theirs.slots]
        self._texts = [*mine.texts, *theirs.texts]
        self._scripts = np.concatenate([mine.scripts, theirs.scripts])
        self._embedder = embedder
        self._vectors = np.zeros((len(self._texts), embedder.dim), np.float32)
        self._encoded = np.zeros(len(self._texts), bool)

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

    def left_vectors(self, places: Indices) -> Vectors:
        """Of the main names of left places; float32 [n, dim].

        Raises:
            EmbeddingError: see :meth:`nadeuri.embed.Embedder.encode`.
        """
        return self._vectors_of(self._left[0][places])

    def right_vectors(self, places: Indices) -> Vectors:
        """As :meth:`left_vectors`, of right places."""
        return self._vectors_of(self._right[0][places])

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


class WithKnown:
    """An encoder beside vectors that it made before."""

    def __init__(self, embedder: Embedder, texts: Sequence[str], vectors: Known) -> None:
        """
        Args:
            vectors: of ``texts``; [n, dim].
        """
        self._embedder = embedder
        self._row = {text: row for row, text in enumerate(texts)}
        self._vectors = vectors

    @property
    def name(self) -> str:
        """That of the encoder."""
        return self._embedder.name

    @property
    def dim(self) -> int:
        """That of the encoder."""
        return self._embedder.dim

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """See :meth:`nadeuri.embed.Embedder.encode`."""
        rows = np.array([self._row.get(text, _ABSENT) for text in texts], np.int64)
        found = self._vectors[rows].astype(np.float32)
        new = np.flatnonzero(rows == _ABSENT)
        if len(new):
            found[new] = self._embedder.encode([texts[i] for i in new.tolist()], query=query)
        return found
