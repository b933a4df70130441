"""Words, numbers and n-grams that two places share, of many pairs at once, as sparse matrices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nadeuri.errors import MissingExtraError
from nadeuri.match.records import Records

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
Texts = Sequence[tuple[str, ...]]

_PAIRS_AT_ONCE = 50_000
_FREQUENT_SHARE, _FREQUENT_LEAST = 0.005, 200
"""N-grams in more texts than that say nothing of a place and are skipped in searches."""
LEAST_COSINE = 0.1


@dataclass(frozen=True)
class Frequencies:
    """In how many places of a table each term is, where only some of them are compared.

    Attributes:
        n_places: of the whole table.
        of_term: places that have it; a term that is not here is in none.
    """

    n_places: int
    of_term: Mapping[str, int]

    @classmethod
    def of(cls, terms: Sequence[Collection[str]]) -> Frequencies:
        """Count the terms of every place of a table."""
        return cls(len(terms), Counter(term for each in terms for term in set(each)))

    def counts(self, terms: Collection[str]) -> Indices:
        """In how many places each of ``terms`` is; int64 [n]."""
        return np.array([self.of_term.get(term, 0) for term in terms], np.int64)


class Overlap:
    """Sets of terms of the places of two tables.

    Args:
        left, right: the terms of every place.
        rare: terms weigh ln((n + 1) / (in how many of all n places + 1)); else 1 each.
        among: of the table that the right places are taken from; None: they are all of it.

    Attributes:
        left_total, right_total: weight of each place's terms; float32 [n].
    """

    def __init__(
        self,
        left: Sequence[Collection[str]],
        right: Sequence[Collection[str]],
        *,
        rare: bool = True,
        among: Frequencies | None = None,
    ) -> None:
        number: dict[str, int] = {}
        mine, theirs = _term_matrix(left, number), _term_matrix(right, number)
        mine.resize(len(left), len(number))
        found = mine.getnnz(axis=0) + (
            theirs.getnnz(axis=0) if among is None else among.counts(number)
        )
        n_places = len(left) + (len(right) if among is None else among.n_places)
        weights = np.log((n_places + 1) / (found + 1)) if rare else np.ones(len(number))
        self._left, self._right = _weighted(mine, weights), theirs
        self.left_total = _row_sums(self._left)
        self.right_total = _row_sums(_weighted(theirs, weights))

    def shared(self, li: Indices, ri: Indices) -> Floats:
        """Weight of the terms that both places of each pair have; float32 [n]."""
        return row_products(self._left, self._right, li, ri)


class NgramSpace:
    """Names of two tables in Latin letters as TF-IDF vectors of their n-grams, two to four letters.

    A place has a vector for each spelling of each of its names, so that scripts meet.
    """

    def __init__(
        self,
        left: Records,
        right: Records,
        *,
        texts_of: Callable[[Records], Texts] = attrgetter("spellings"),
    ) -> None:
        """Read the names of both tables.

        Args:
            texts_of: the texts of each place; other than spellings, where wanted.

        Raises:
            MissingExtraError: ``scikit-learn`` is not installed.
        """
        try:
            from sklearn.feature_extraction.text import TfidfVectorizer
        except ImportError as error:
            raise MissingExtraError("scikit-learn", "match") from error
        texts, self._left_of, self._right_of = _distinct(texts_of(left), texts_of(right))
        vectorizer = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, dtype=np.float32
        )
        self._vectors = vectorizer.fit_transform(texts) if texts else _no_vectors()

    def cosine(self, li: Indices, ri: Indices) -> Floats:
        """Of the most alike spellings of each pair; float32 [n]."""
        best = np.zeros(len(li), np.float32)
        for mine in self._left_of:
            for theirs in self._right_of:
                first, second = mine[li], theirs[ri]
                both = np.flatnonzero((first >= 0) & (second >= 0))
                found = row_products(self._vectors, self._vectors, first[both], second[both])
                best[both] = np.maximum(best[both], found)
        return best

    def nearest(self, k: int) -> tuple[Indices, Indices]:
        """Pairs of each left spelling with the ``k`` right ones most like it, wherever they are.

        Raises:
            MissingExtraError: ``sparse_dot_topn`` is not installed.
        """
        try:
            from sparse_dot_topn import sp_matmul_topn  # type: ignore[import-untyped]
        except ImportError as error:
            raise MissingExtraError("sparse_dot_topn", "match") from error
        mine, theirs = _owners(self._left_of), _owners(self._right_of)
        counts = self._vectors.getnnz(axis=0)
        vectors = self._vectors[:, counts <= frequent_from(self._vectors.shape[0])]
        first, second = vectors[mine[1]], vectors[theirs[1]]
        found = sp_matmul_topn(
            first, second.T.tocsr(), k, threshold=LEAST_COSINE, sort=True, n_threads=1
        ).tocoo()
        return mine[0][found.row], theirs[0][found.col]


def frequent_from(n_texts: int) -> float:
    """In more texts than that, an n-gram is skipped in searches."""
    return max(_FREQUENT_LEAST, _FREQUENT_SHARE * n_texts)


def row_products(left: csr_matrix, right: csr_matrix, li: Indices, ri: Indices) -> Floats:
    """Products of rows ``li[i]`` of one matrix with rows ``ri[i]`` of the other; float32 [n]."""
    result = np.zeros(len(li), np.float32)
    for start in range(0, len(li), _PAIRS_AT_ONCE):
        chunk = slice(start, start + _PAIRS_AT_ONCE)
        product = left[li[chunk]].multiply(right[ri[chunk]])
        result[chunk] = np.asarray(product.sum(axis=1)).ravel()
    return result


def _term_matrix(terms: Sequence[Collection[str]], number: dict[str, int]) -> Any:
    """1 where a place has a term; float32 [places, terms]; ``number`` of the terms grows."""
    from scipy.sparse import csr_matrix

    # Sorted, for a set's order changes from process to process, and sums with it in the last digit.
    found = [
        sorted({number.setdefault(term, len(number)) for term in sorted(each)}) for each in terms
    ]
    ends = np.cumsum([0, *map(len, found)])
    indices = np.fromiter((one for each in found for one in each), np.int32, int(ends[-1]))
    ones = np.ones(len(indices), np.float32)
    return csr_matrix((ones, indices, ends), shape=(len(terms), len(number)))


def _weighted(matrix: Any, weights: npt.NDArray[np.float64]) -> Any:
    weighted = matrix.copy()
    weighted.data = weights[weighted.indices].astype(np.float32)
    return weighted


def _row_sums(matrix: Any) -> Floats:
    return np.asarray(matrix.sum(axis=1), np.float32).ravel()


def _no_vectors() -> Any:
    from scipy.sparse import csr_matrix

    return csr_matrix((0, 0), dtype=np.float32)


def _distinct(left: Texts, right: Texts) -> tuple[list[str], list[Indices], list[Indices]]:
    """All texts once, and for both tables the number of every place's first, second, ..."""
    number: dict[str, int] = {}
    slots = []
    for texts in (left, right):
        width = max(map(len, texts), default=0)
        numbers = [np.full(len(texts), -1, np.int64) for _ in range(width)]
        for place, some in enumerate(texts):
            for slot, text in zip(numbers, some, strict=False):
                slot[place] = number.setdefault(text, len(number))
        slots.append(numbers)
    return list(number), slots[0], slots[1]


def _owners(slots: Sequence[Indices]) -> tuple[Indices, Indices]:
    """Places and the numbers of their spellings, a row for each spelling of each place."""
    places = [np.flatnonzero(slot >= 0) for slot in slots]
    if not places:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    numbers = [slot[place] for slot, place in zip(slots, places, strict=True)]
    return np.concatenate(places), np.concatenate(numbers)
