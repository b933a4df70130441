"""Vectors for products that nobody has viewed beside another, from their metadata values.

Meta-Prod2Vec (Vasile, Smirnova, Conneau, RecSys 2016) trains a vector for every value. Their plain
mean puts a new product between its city and its price band, near neither. Here the values' vectors
are fitted so that they add up to those of the products that were viewed (a linear mapping of
attributes to vectors: Gantner et al., "Learning Attribute-to-Feature Mappings for Cold-Start
Recommendations", ICDM 2010), with the trained vectors as what is believed before.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from nadeuri.recommend.coview.neighbours import Vectors, unit
from nadeuri.recommend.coview.tokens import Vocabulary
from nadeuri.recommend.filters import Mask

PRIOR_PRODUCTS = 5.0
"""Viewed products that the trained vector of a value weighs as much as. Few, as a rare value says
little; chosen with 1 on the products held out with seed 99 of the four sets of ``bench/coview.py``.
"""


class ColdVectors:
    """What is known of the values, to be asked again and again while the vectors change."""

    def __init__(self, vocabulary: Vocabulary, viewed: Mask) -> None:
        """
        Args:
            viewed: bool [n_items + 1], products whose own vector was trained.
        """
        self._n_items, self._fields = vocabulary.n_items, vocabulary.fields
        self._viewed = viewed
        shape = vocabulary.n_items + 1
        bags = [
            sp.csr_matrix((f.weights, f.indices, f.offsets), (shape, len(f.values)), np.float64)
            for f in self._fields
        ]
        self._values = sp.hstack(bags, format="csr")
        of_viewed = self._values[viewed]
        self._together = (of_viewed.T @ of_viewed).tocsc()
        self._was_seen = self._together.diagonal() > 0
        self._solve = splu(
            self._together + PRIOR_PRODUCTS * sp.identity(self._together.shape[0], format="csc")
        ).solve

    def fill(self, vectors: Vectors, table: Vectors) -> None:
        """Give the products that were not viewed the sum of their values' vectors, in place.

        A value that no viewed product has adds nothing; a product of such values alone gets zeros.

        Args:
            vectors: float32 [n_items + 1, d]; those of viewed products have length 1.
            table: float32 [tokens, d], what was trained.
        """
        values = self._fitted(vectors, table)
        vectors[~self._viewed] = self._values[~self._viewed] @ values

    def _fitted(self, vectors: Vectors, table: Vectors) -> npt.NDArray[np.float64]:
        """A vector of each value, all fields one after another; float64 [n_values, d].

        Ridge regression: the fields' shares first, then what each value adds to its share.
        """
        trained = unit(table[self._n_items + 1 :]).astype(np.float64)
        trained[~self._was_seen] = 0
        wanted = self._values[self._viewed].T @ vectors[self._viewed]
        ends = np.cumsum([len(field.values) for field in self._fields])
        by_field = np.zeros((len(ends), *trained.shape))
        for number, end in enumerate(ends):
            rows = slice(end - len(self._fields[number].values), end)
            by_field[number, rows] = trained[rows]
        together = np.stack([self._together @ each for each in by_field])
        flat = by_field.reshape(len(ends), -1)
        shares = np.linalg.lstsq(flat @ together.reshape(len(ends), -1).T, flat @ wanted.ravel())[0]
        prior = np.tensordot(shares, by_field, 1)
        fitted: npt.NDArray[np.float64] = prior + self._solve(wanted - self._together @ prior)
        return fitted
