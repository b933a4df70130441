from __future__ import annotations

import numpy as np
import pytest

from nadeuri import columns
from nadeuri.data.sequences import Dataset
from nadeuri.recommend.coview.cold import PRIOR_PRODUCTS, ColdVectors
from nadeuri.recommend.coview.neighbours import Vectors, unit
from nadeuri.recommend.coview.tokens import Vocabulary
from nadeuri.recommend.features import field_bags
from nadeuri.recommend.filters import Mask

COLD = (2, 3, 60)


@pytest.fixture
def vocabulary(travel_dataset: Dataset) -> Vocabulary:
    return Vocabulary(travel_dataset.n_items, field_bags(travel_dataset, ["city", "theme"]))


@pytest.fixture
def viewed(vocabulary: Vocabulary) -> Mask:
    viewed = np.ones(vocabulary.n_items + 1, dtype=bool)
    viewed[[0, *COLD]] = False
    return viewed


@pytest.fixture
def table(vocabulary: Vocabulary) -> Vectors:
    return np.random.default_rng(0).standard_normal((len(vocabulary), 8)).astype(np.float32)


def products(table: Vectors, vocabulary: Vocabulary, viewed: Mask) -> Vectors:
    vectors = unit(table[: vocabulary.n_items + 1])
    vectors[~viewed] = 0
    return vectors


def test_a_cold_vector_is_what_ridge_regression_on_the_viewed_ones_says(
    vocabulary: Vocabulary, viewed: Mask, table: Vectors
) -> None:
    found = products(table, vocabulary, viewed)
    ColdVectors(vocabulary, viewed).fill(found, table)

    designs, trained = [], []
    for field, start in zip(vocabulary.fields, vocabulary.starts[1:], strict=False):
        design = np.zeros((vocabulary.n_items + 1, len(field.values)))
        for item in range(1, vocabulary.n_items + 1):
            own = slice(field.offsets[item], field.offsets[item + 1])
            design[item, field.indices[own]] = field.weights[own]
        designs.append(design)
        trained.append(unit(table[start : start + len(field.values)]).astype(float))
    vectors = products(table, vocabulary, viewed)
    by_field = np.stack([d @ t for d, t in zip(designs, trained, strict=True)])
    shares = np.linalg.lstsq(by_field[:, viewed].reshape(2, -1).T, vectors[viewed].ravel())[0]
    prior = np.tensordot(shares, by_field, 1)
    design = np.hstack(designs)
    x, y = design[viewed], (vectors - prior)[viewed]
    more = np.linalg.solve(x.T @ x + PRIOR_PRODUCTS * np.eye(x.shape[1]), x.T @ y)
    cold = list(COLD)
    np.testing.assert_allclose(found[cold], (prior + design @ more)[cold], atol=1e-5)
    assert np.array_equal(found[viewed], vectors[viewed])


def test_the_field_that_says_where_a_product_belongs_counts(
    vocabulary: Vocabulary, viewed: Mask, table: Vectors
) -> None:
    city = vocabulary.tokens(np.arange(1, 61, dtype=np.int32), np.random.default_rng(0))[:, 1]
    table[1:61] = table[city] + 0.1 * table[1:61]  # products are where their city is
    vectors = products(table, vocabulary, viewed)
    ColdVectors(vocabulary, viewed).fill(vectors, table)
    cosines = (unit(vectors[list(COLD)]) * unit(table[city[[item - 1 for item in COLD]]])).sum(1)
    assert (cosines > 0.95).all()


def test_values_that_no_viewed_product_has_say_nothing(travel_dataset: Dataset) -> None:
    vocabulary = Vocabulary(travel_dataset.n_items, field_bags(travel_dataset, [columns.CITY]))
    cities = vocabulary.tokens(np.arange(61, dtype=np.int32), np.random.default_rng(0))[:, 1]
    viewed = cities != cities[7]
    viewed[0] = False
    viewed[5] = False
    table = np.random.default_rng(0).standard_normal((len(vocabulary), 8)).astype(np.float32)
    vectors = products(table, vocabulary, viewed)
    ColdVectors(vocabulary, viewed).fill(vectors, table)
    assert not vectors[7].any()
    assert vectors[5].any()


def test_nothing_was_viewed(vocabulary: Vocabulary, table: Vectors) -> None:
    viewed = np.zeros(vocabulary.n_items + 1, dtype=bool)
    vectors = products(table, vocabulary, viewed)
    ColdVectors(vocabulary, viewed).fill(vectors, table)
    assert not vectors.any()
