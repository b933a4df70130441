from __future__ import annotations

import numpy as np
import pytest

from nadeuri import columns
from nadeuri.recommend.coview.neighbours import CosineNeighbours, unit
from nadeuri.recommend.coview.separation import neighbour_purity, separation
from nadeuri.recommend.features import FieldBags


def field_of(labels: list[list[int]]) -> FieldBags:
    """Row ``i`` holds the values of item ``i + 1``."""
    lengths = [len(row) for row in labels]
    flat = [value for row in labels for value in row]
    return FieldBags(
        name="city",
        kind=columns.MULTI,
        values=tuple(str(value) for value in range(max(flat) + 1)),
        offsets=np.concatenate([[0, 0], np.cumsum(lengths)]).astype(np.int64),
        indices=np.array(flat, dtype=np.int64),
        weights=np.ones(len(flat), dtype=np.float32),
    )


def model_of(rows: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> CosineNeighbours:
    return CosineNeighbours(columns.PROD2VEC, unit(np.vstack([np.zeros_like(rows[:1]), rows])))


@pytest.fixture
def groups() -> tuple[CosineNeighbours, FieldBags]:
    """Four far-apart groups of 30 products, labelled by group."""
    rng = np.random.default_rng(0)
    centres = np.repeat(np.eye(4, 6), 30, axis=0)
    rows = (centres + 0.05 * rng.standard_normal(centres.shape)).astype(np.float32)
    return model_of(rows), field_of([[i // 30] for i in range(120)])


def test_groups_that_are_apart(groups: tuple[CosineNeighbours, FieldBags]) -> None:
    found = separation(*groups)
    assert found.purity == 1
    assert found.by_chance == pytest.approx(29 / 119, abs=0.01)
    assert found.silhouette is not None
    assert found.silhouette > 0.9


def test_labels_that_mean_nothing(groups: tuple[CosineNeighbours, FieldBags]) -> None:
    rng = np.random.default_rng(1)
    found = separation(groups[0], field_of([[int(v)] for v in rng.integers(0, 4, 120)]))
    assert found.purity == pytest.approx(found.by_chance, abs=0.05)
    assert found.silhouette is not None
    assert abs(found.silhouette) < 0.1


def test_purity_is_that_of_a_plain_loop() -> None:
    rng = np.random.default_rng(2)
    model = model_of(rng.standard_normal((60, 5)).astype(np.float32))
    labels = [sorted(set(rng.integers(0, 5, rng.integers(0, 4)).tolist())) for _ in range(60)]
    shares = []
    for item in range(1, 61):
        cosines = model.vectors[1:] @ model.vectors[item]
        cosines[item - 1] = -np.inf
        near = [i for i in np.argsort(-cosines)[:10] if labels[i]]
        if labels[item - 1] and near:
            shares.append(np.mean([bool(set(labels[item - 1]) & set(labels[i])) for i in near]))
    assert neighbour_purity(model, field_of(labels)) == pytest.approx(np.mean(shares))


def test_one_label_cannot_be_separated(groups: tuple[CosineNeighbours, FieldBags]) -> None:
    found = separation(groups[0], field_of([[0]] * 120))
    assert (found.purity, found.by_chance, found.silhouette) == (1, 1, None)
