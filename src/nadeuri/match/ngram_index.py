"""Names of one table as TF-IDF vectors of their n-grams, to be asked for one place at a time.

The same vectors as :class:`nadeuri.match.overlap.NgramSpace` makes of two tables, but for the
weights, which are counted before the place that is asked for is known.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt

from nadeuri.errors import MissingExtraError
from nadeuri.match.overlap import LEAST_COSINE, Texts, frequent_from

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


class NgramIndex:
    """The texts of the places of a table, inverted. Safe to share between threads."""

    def __init__(self, texts: Texts) -> None:
        """
        Args:
            texts: of each place.

        Raises:
            MissingExtraError: ``scikit-learn`` is not installed.
        """
        try:
            from scipy.sparse import csr_matrix
            from sklearn.feature_extraction.text import TfidfVectorizer
        except ImportError as error:
            raise MissingExtraError("scikit-learn", "match") from error
        number: dict[str, int] = {}
        self._texts_of = [[number.setdefault(text, len(number)) for text in each] for each in texts]
        owners: list[list[int]] = [[] for _ in number]
        for place, numbers in enumerate(self._texts_of):
            for text in numbers:
                owners[text].append(place)
        self._owners = owners
        vectorizer = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, dtype=np.float32
        )
        self._grams_of = vectorizer.build_analyzer()
        if any(map(self._grams_of, number)):
            self._vectors = vectorizer.fit_transform(number)
            self._grams: dict[str, int] = vectorizer.vocabulary_
        else:  # no text has a letter, which scikit-learn refuses
            self._vectors, self._grams = csr_matrix((len(number), 0), dtype=np.float32), {}
        self._counts = self._vectors.getnnz(axis=0)
        rare = self._counts <= frequent_from(len(number))
        kept = self._vectors.multiply(rare).tocsr()
        kept.eliminate_zeros()
        self._texts_with = kept.T.tocsr()

    def vectors(self, texts: tuple[str, ...]) -> Any:
        """Of the texts of the place that is asked for; sparse float32 [texts, n-grams].

        n-grams that no text of the table has make them longer, though nothing is like them.
        """
        from scipy.sparse import csr_matrix

        n_texts = len(self._owners) + 1  # with the one that is asked for
        rows: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        for row, text in enumerate(texts):
            square = 0.0
            start = len(values)
            for gram, times in Counter(self._grams_of(text)).items():
                column = self._grams.get(gram)
                in_texts = 1 + (0 if column is None else int(self._counts[column]))
                inverse = np.log((1 + n_texts) / (1 + in_texts)) + 1
                value = (1 + np.log(times)) * inverse
                square += value * value
                if column is not None:
                    rows.append(row)
                    columns.append(column)
                    values.append(value)
            values[start:] = [value / np.sqrt(square) for value in values[start:]]
        shape = (len(texts), len(self._grams))
        return csr_matrix((np.array(values, np.float32), (rows, columns)), shape=shape)

    def cosine(self, asked: Any, places: Indices) -> Floats:
        """Of the most alike texts of the place asked for and each of ``places``; float32 [n]."""
        numbers = [self._texts_of[place] for place in places.tolist()]
        owner = np.repeat(np.arange(len(places)), [len(each) for each in numbers])
        best = np.zeros(len(places), np.float32)
        if len(owner) and asked.shape[0]:
            found = self._vectors[[one for each in numbers for one in each]] @ asked.T
            np.maximum.at(best, owner, found.max(axis=1).toarray().ravel())
        return best

    def nearest(self, asked: Any, k: int) -> Indices:
        """The ``k`` places most like each of the texts asked for, wherever they are; int64 [n]."""
        found: dict[int, None] = {}
        scores = (asked @ self._texts_with).tocsr()
        for row in range(scores.shape[0]):
            part = slice(scores.indptr[row], scores.indptr[row + 1])
            texts, likeness = scores.indices[part], scores.data[part]
            best = np.argsort(-likeness, kind="stable")[:k]
            owners = [
                place
                for text in texts[best[likeness[best] > LEAST_COSINE]].tolist()
                for place in self._owners[text]
            ]
            found.update(dict.fromkeys(owners[:k]))
        return np.array(list(found), np.int64)
