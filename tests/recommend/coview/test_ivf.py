from __future__ import annotations

import multiprocessing

import numpy as np
import pytest

from nadeuri.recommend.coview.ivf import NO_CELL, Cells, IvfIndex, divide
from nadeuri.recommend.coview.neighbours import Vectors, unit


@pytest.fixture(scope="module")
def keys() -> Vectors:
    """6,000 products around 100 places, two of them without a vector."""
    rng = np.random.default_rng(0)
    places = rng.standard_normal((100, 16))
    rows = places[rng.integers(100, size=6001)] + 0.4 * rng.standard_normal((6001, 16))
    vectors = unit(rows.astype(np.float32))
    vectors[[0, 7, 300]] = 0
    return vectors


@pytest.fixture(scope="module")
def cells(keys: Vectors) -> Cells:
    return divide(keys)


def test_every_product_with_a_vector_has_the_nearest_cell(keys: Vectors, cells: Cells) -> None:
    assert len(cells.centres) == round(4 * 5998**0.5)
    np.testing.assert_allclose(np.linalg.norm(cells.centres, axis=1), 1, atol=1e-5)
    assert np.flatnonzero(cells.cells == NO_CELL).tolist() == [0, 7, 300]
    nearness = keys @ cells.centres.T
    known = cells.cells != NO_CELL
    chosen = nearness[known, cells.cells[known]]
    np.testing.assert_allclose(chosen, nearness[known].max(1), atol=1e-5)


def test_the_division_is_a_function_of_the_seed(keys: Vectors, cells: Cells) -> None:
    assert np.array_equal(divide(keys).cells, cells.cells)
    assert not np.array_equal(divide(keys, seed=1).cells, cells.cells)


def test_nearly_all_nearest_products_are_found_with_exact_scores(
    keys: Vectors, cells: Cells
) -> None:
    asked = keys[1:7]
    items, scores = IvfIndex(keys, cells).nearest(asked, 20)
    exact = asked @ keys.T
    np.testing.assert_allclose(scores, np.take_along_axis(exact, items, 1), atol=1e-5)
    assert (np.diff(scores, axis=1) <= 0).all()
    wanted = np.argsort(-exact, axis=1)[:, :20]
    found = [len(set(a) & set(b)) for a, b in zip(items, wanted, strict=True)]
    assert sum(found) >= 0.98 * wanted.size


def test_a_list_is_filled_up_where_there_is_no_more() -> None:
    keys = np.array([[0, 0], [1, 0], [0, 0], [0, 1]], dtype=np.float32)
    items, scores = IvfIndex(keys, divide(keys)).nearest(keys[1:2], 4)
    assert items.tolist() == [[1, 3, 0, 0]]
    assert scores.tolist() == [[1, 0, -np.inf, -np.inf]]


@pytest.mark.parametrize("damage", ["centres", "short", "outside", "without"])
def test_cells_of_other_vectors_are_refused(keys: Vectors, cells: Cells, damage: str) -> None:
    centres, places = cells.centres, cells.cells.copy()
    match damage:
        case "centres":
            centres = centres[:, :-1]
        case "short":
            places = places[:-1]
        case "outside":
            places[5] = len(centres)
        case "without":
            places[5] = NO_CELL
    with pytest.raises(ValueError, match="do not fit"):
        IvfIndex(keys, Cells(centres, places))


def test_an_index_is_inherited_by_fork(keys: Vectors, cells: Cells) -> None:
    index = IvfIndex(keys, cells)
    wanted = index.nearest(keys[1:2], 5)[0].tolist()
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    child = context.Process(target=lambda: answers.put(index.nearest(keys[1:2], 5)[0].tolist()))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert answers.get() == wanted
