from __future__ import annotations

import numpy as np
import pytest

from nadeuri import columns
from nadeuri.recommend.coview.ivf import IvfIndex, divide
from nadeuri.recommend.coview.neighbours import CosineNeighbours, all_neighbours, unit


@pytest.fixture
def model() -> CosineNeighbours:
    vectors = unit(np.random.default_rng(0).standard_normal((201, 8)).astype(np.float32))
    vectors[[0, 7, 200]] = 0  # padding and two products without a vector
    return CosineNeighbours(columns.PROD2VEC, vectors)


def test_rows_have_length_one() -> None:
    scaled = unit(np.array([[3, 4], [0, 0]], dtype=np.float32))
    np.testing.assert_allclose(scaled, [[0.6, 0.8], [0, 0]])


def test_scores_are_cosines_with_the_last_product(model: CosineNeighbours) -> None:
    scores = model.score(np.zeros(2, np.int64), [np.array([5, 9], np.int32), np.zeros(0, np.int32)])
    assert scores.shape == (2, 201)
    assert np.isneginf(scores[:, [0, 7, 200]]).all()
    assert scores[0, 3] == pytest.approx(float(model.vectors[9] @ model.vectors[3]))
    assert (scores[1, [1, 2, 3]] == 0).all()  # nothing was looked at


@pytest.mark.parametrize("block", [1, 50, 1024])
def test_all_neighbours_are_those_of_a_plain_sort(model: CosineNeighbours, block: int) -> None:
    found = {}
    for items, lists, cosines in all_neighbours(model, 20, block=block):
        found |= {int(i): (row, c) for i, row, c in zip(items, lists, cosines, strict=True)}
    assert sorted(found) == [i for i in range(1, 201) if i not in (7, 200)]
    for item, (row, cosines) in found.items():
        exact = model.vectors @ model.vectors[item]
        exact[[0, 7, 200, item]] = -np.inf
        wanted = np.argsort(-exact, kind="stable")[:20]
        assert row.tolist() == wanted.tolist()
        np.testing.assert_allclose(cosines, exact[wanted], atol=1e-6)


def test_keys_are_what_vectors_are_multiplied_with(model: CosineNeighbours) -> None:
    keys = unit(np.random.default_rng(1).standard_normal((201, 8)).astype(np.float32))
    keys[~model.known] = 0
    keyed = CosineNeighbours(columns.PROD2VEC, model.vectors, keys)
    for items, lists, scores in all_neighbours(keyed, 5):
        for item, row, found in zip(items, lists, scores, strict=True):
            exact = keyed.score_after(np.array([item]))[0]
            np.testing.assert_allclose(
                exact, np.where(model.known, keys @ model.vectors[item], -np.inf)
            )
            exact[item] = -np.inf
            assert row.tolist() == np.argsort(-exact, kind="stable")[:5].tolist()
            np.testing.assert_allclose(found, exact[row], atol=1e-6)


def test_an_index_is_asked_first(model: CosineNeighbours) -> None:
    index = IvfIndex(model.keys, divide(model.keys))  # of so few products it looks at all
    exact = list(all_neighbours(model, 20, block=64))
    indexed = CosineNeighbours(columns.PROD2VEC, model.vectors, index=index)
    for wanted, found in zip(exact, all_neighbours(indexed, 20, block=64), strict=True):
        assert np.array_equal(wanted[0], found[0])
        assert np.array_equal(wanted[1], found[1])
        np.testing.assert_allclose(wanted[2], found[2], atol=1e-6)
    ((_, lists, scores), *_) = all_neighbours(indexed, 300)
    assert (lists[0] > 0).sum() == 197  # all others
    assert np.isneginf(scores[lists == 0]).all()


def test_thousands_of_equal_vectors_are_listed_by_index() -> None:
    three = unit(np.random.default_rng(0).standard_normal((3, 8)).astype(np.float32))
    vectors = np.concatenate([np.zeros((1, 8), np.float32), three[np.arange(3000) % 3]])
    found = list(all_neighbours(CosineNeighbours(columns.PROD2VEC, vectors), 5, block=700))
    lists = np.concatenate([rows for _, rows, _ in found])
    scores = np.concatenate([rows for _, _, rows in found])
    for item in (1, 2, 3, 4, 9, 2999, 3000):
        same = [other for other in range(1 + (item - 1) % 3, 3001, 3) if other != item]
        assert lists[item - 1].tolist() == same[:5]
    np.testing.assert_allclose(scores, 1, atol=1e-6)


def test_fewer_products_than_wanted() -> None:
    vectors = unit(np.array([[0, 0], [1, 0], [0, 1]], dtype=np.float32))
    model = CosineNeighbours(columns.PROD2VEC, vectors)
    ((items, lists, _),) = all_neighbours(model, 2)
    assert items.tolist() == [1, 2]
    assert [row[row > 0].tolist() for row in lists] == [[2], [1]]
