"""Find places by what somebody types: a part of a name in any script, also misspelt.

What is typed is compared as it is and in Latin letters, so that 도톤보리 finds Dotonbori. Names
that begin with it come before names that hold it elsewhere, and these before names that are only
like it (Indel similarity, in rapidfuzz's form). The time is bounded by the number of names: nothing
is compared more than twice.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from nadeuri.match.names.romanise import romanise

_EXACT, _START, _WORD, _INSIDE = 4, 3, 2, 1
_ALIKE = 0.7  # names less like what was typed are not shown
_FEWEST_LETTERS = 3  # of what is compared by likeness
_PUNCTUATION = re.compile(r"[\W_]+")
_LATIN = re.compile("[a-z]")

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def fold(text: str) -> str:
    """Lower case without punctuation; words are joined where no Latin letter is among them.

    So the Korean spellings with and without spaces are one.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = _PUNCTUATION.sub(" ", unicodedata.normalize("NFC", folded)).split()
    return (" " if _LATIN.search(folded) else "").join(words)


def spellings(*names: str | None) -> list[str]:
    """What a place with these names is found by, each once: folded, and in Latin letters."""
    folded = [fold(name) for name in names if name is not None]
    found = dict.fromkeys(each for text in folded for each in (text, romanise(text)))
    return [text for text in found if text]


class NameSearch:
    """Spellings of places, ready to be searched. Safe to share between threads."""

    def __init__(self, spelled: pa.ChunkedArray, weight: Rows) -> None:
        """
        Args:
            spelled: of each place, what :func:`spellings` made of its names; list of strings [n].
            weight: of places that are found equally well, the heavier one comes first; [n].
        """
        lists = spelled.combine_chunks()
        self._texts: pa.Array = pc.list_flatten(lists)
        self._owner: Rows = pc.list_parent_indices(lists).to_numpy().astype(np.int64)
        self._weight = weight

    def find(self, text: str, limit: int, among: Mask | None = None) -> list[int]:
        """Rows of the places that fit best, best first.

        Args:
            among: places to be looked at; [n], None for all.
        """
        folded = fold(text)
        wanted = [each for each in dict.fromkeys((folded, romanise(folded))) if each]
        texts, owner = self._texts, self._owner
        if among is not None:
            kept = among[owner]
            texts, owner = texts.filter(pa.array(kept)), owner[kept]
        found = self._holding(wanted, texts, owner)[:limit]
        if len(found) < limit:
            alike = self._alike(wanted, texts, owner)
            found += [row for row in alike if row not in set(found)][: limit - len(found)]
        return found

    def _holding(self, wanted: list[str], texts: pa.Array, owner: Rows) -> list[int]:
        """Places with a name that holds what was typed."""
        tier = np.zeros(len(self._weight))
        share = np.zeros(len(self._weight))  # of the name that was typed
        for query in wanted:
            hits = np.flatnonzero(pc.match_substring(texts, query).to_numpy(zero_copy_only=False))
            held = texts.take(pa.array(hits))
            rank = np.full(len(hits), _INSIDE)
            for better, check in (
                (_WORD, pc.match_substring(held, f" {query}")),
                (_START, pc.starts_with(held, query)),
                (_EXACT, pc.equal(held, query)),
            ):
                rank[check.to_numpy(zero_copy_only=False)] = better
            np.maximum.at(tier, owner[hits], rank)
            np.maximum.at(share, owner[hits], len(query) / pc.utf8_length(held).to_numpy())
        rows = np.flatnonzero(tier)
        by = np.lexsort((rows, -share[rows], -self._weight[rows], -tier[rows]))
        return [int(row) for row in rows[by]]

    def _alike(self, wanted: list[str], texts: pa.Array, owner: Rows) -> list[int]:
        """Places with a name that is like what was typed."""
        from rapidfuzz.distance import Indel
        from rapidfuzz.process import cdist

        queries = [query for query in wanted if len(query) >= _FEWEST_LETTERS]
        if not queries or not len(texts):
            return []
        similarity = cdist(
            queries,
            texts.to_pylist(),
            scorer=Indel.normalized_similarity,
            score_cutoff=_ALIKE,
            dtype=np.float32,
        ).max(axis=0)
        best = np.zeros(len(self._weight), np.float32)
        np.maximum.at(best, owner, similarity)
        rows = np.flatnonzero(best)
        by = np.lexsort((rows, -self._weight[rows], -best[rows]))
        return [int(row) for row in rows[by]]
