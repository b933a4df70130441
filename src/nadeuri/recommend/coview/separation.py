"""How well product vectors separate the values of a metadata field."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from nadeuri.recommend.coview.neighbours import CosineNeighbours, all_neighbours
from nadeuri.recommend.features import FieldBags

SILHOUETTE_SAMPLE = 5_000
_PAIRS = 200_000


@dataclass(frozen=True)
class Separation:
    """How the vectors stand to one field.

    Attributes:
        purity: mean share of a product's nearest neighbours that have a value in common with it.
        by_chance: the same of two products drawn at random.
        silhouette: Rousseeuw's coefficient by cosine distance, from -1 to 1, with the first value
            of a product as its label, on a sample of the products; None with fewer than two labels.
    """

    purity: float
    by_chance: float
    silhouette: float | None


def separation(
    model: CosineNeighbours, field: FieldBags, k: int = 10, *, seed: int = 0
) -> Separation:
    """Measure the products that have both a vector and a value of ``field``.

    Args:
        k: neighbours of each product; those without a value do not count.
    """
    return Separation(
        purity=neighbour_purity(model, field, k),
        by_chance=_purity_by_chance(model, field, seed),
        silhouette=_silhouette(model, field, seed),
    )


def neighbour_purity(model: CosineNeighbours, field: FieldBags, k: int = 10) -> float:
    """See :class:`Separation`; nan where no product has both a vector and a value."""
    values = _values(field, model.n_items)
    labelled = np.diff(values.indptr) > 0
    shares: list[npt.NDArray[np.float64]] = []
    for items, lists, _ in all_neighbours(model, k):
        kept = labelled[items]
        items, lists = items[kept], lists[kept]
        counts = labelled[lists]
        alike = _alike(values, np.repeat(items, lists.shape[1]), lists.ravel())
        alike = alike.reshape(lists.shape) & counts
        has_any = counts.any(axis=1)
        shares.append(alike[has_any].sum(1) / counts[has_any].sum(1))
    found = np.concatenate([np.zeros(0), *shares])
    return float(found.mean()) if len(found) else float("nan")


def _purity_by_chance(model: CosineNeighbours, field: FieldBags, seed: int) -> float:
    values = _values(field, model.n_items)
    pool = np.flatnonzero(model.known & (np.diff(values.indptr) > 0))
    if len(pool) < 2:
        return float("nan")
    a, b = np.random.default_rng(seed).choice(pool, (2, _PAIRS))
    return float(_alike(values, a, b)[a != b].mean())


def _silhouette(model: CosineNeighbours, field: FieldBags, seed: int) -> float | None:
    from sklearn.metrics import silhouette_score

    labelled = np.diff(field.offsets)[: model.n_items + 1] > 0
    pool = np.flatnonzero(model.known & labelled)
    if len(pool) > SILHOUETTE_SAMPLE:
        pool = np.sort(np.random.default_rng(seed).choice(pool, SILHOUETTE_SAMPLE, replace=False))
    labels = field.indices[field.offsets[pool]]
    if not 2 <= len(np.unique(labels)) < len(pool):
        return None
    return float(silhouette_score(model.vectors[pool], labels, metric="cosine"))


def _values(field: FieldBags, n_items: int) -> sp.csr_matrix:
    """Which product has which values; bool [n_items + 1, n_values]."""
    return sp.csr_matrix(
        (np.ones(len(field.indices), np.int32), field.indices, field.offsets),
        shape=(n_items + 1, len(field.values)),
    )


def _alike(
    values: sp.csr_matrix, a: npt.NDArray[np.integer], b: npt.NDArray[np.integer]
) -> npt.NDArray[np.bool_]:
    """Whether two products have a value in common; bool [n]."""
    return np.asarray(values[a].multiply(values[b]).sum(axis=1)).ravel() > 0
