"""Nearest products of a catalogue too large to compare all with all: faiss's inverted file.

k-means divides the product vectors into cells, and a search looks into the few cells whose centre
is nearest (Sivic and Zisserman, ICCV 2003; Douze et al., "The Faiss library", 2024). Scores are
exact, a neighbour in a cell that is not looked into is missed. Why no graph: it is built in a tenth
of the time (``bench/coview.py index``), and its parts are plain arrays (docs/decisions).
"""

from __future__ import annotations

from dataclasses import dataclass

import faiss
import numpy as np
import numpy.typing as npt
from faiss.contrib import ivf_tools

from nadeuri.data.sequences import IntArray
from nadeuri.recommend.base import Scores
from nadeuri.recommend.coview.neighbours import Vectors, unit

FROM = 1_000_000
"""Products with a vector from which an index is made; below, exact search is fast enough."""
PROBES = 64
"""Cells that a search looks into."""
NO_CELL = -1

_CELLS_PER_ROOT = 4
"""Cells for each square root of the number of products, as faiss recommends (4 to 16)."""
_TRAINING = 64
"""Vectors that k-means learns from, for each cell."""
_THREADS = faiss.omp_get_max_threads()


@dataclass(frozen=True)
class Cells:
    """How the products are divided.

    Attributes:
        centres: float32 [n_cells, d], rows of length 1.
        cells: int32 [n_items + 1], the cell of each product, ``NO_CELL`` without a vector.
    """

    centres: Vectors
    cells: npt.NDArray[np.int32]


def divide(keys: Vectors, *, seed: int = 0) -> Cells:
    """Divide products into cells by k-means on the sphere.

    Args:
        keys: float32 [n_items + 1, d], what asked vectors are multiplied with; a row of zeros is a
            product without a vector.
    """
    known = np.flatnonzero(keys.any(axis=1))
    n_cells = max(1, min(len(known), round(_CELLS_PER_ROOT * len(known) ** 0.5)))
    directions = unit(keys[known])
    faiss.omp_set_num_threads(_THREADS)
    kmeans = faiss.Kmeans(
        keys.shape[1],
        n_cells,
        niter=10,
        spherical=True,
        seed=seed,
        min_points_per_centroid=1,
        max_points_per_centroid=_TRAINING,
    )
    kmeans.train(directions)
    cells = np.full(len(keys), NO_CELL, dtype=np.int32)
    cells[known] = kmeans.index.search(directions, 1)[1][:, 0]
    return Cells(np.asarray(kmeans.centroids), cells)


class IvfIndex:
    """A :class:`nadeuri.recommend.coview.neighbours.Index` over all products with a vector.

    Safe to share between threads. It may be inherited by fork, as making it and asking it about one
    vector start no threads.
    """

    def __init__(self, keys: Vectors, cells: Cells) -> None:
        """
        Args:
            keys: float32 [n_items + 1, d], those that were divided.

        Raises:
            ValueError: the cells are not those of ``keys``.
        """
        centres, places = cells.centres, cells.cells
        known = np.flatnonzero(keys.any(axis=1))
        if (
            places.shape != keys.shape[:1]
            or centres.ndim != 2
            or centres.shape[1] != keys.shape[1]
            or not np.array_equal(np.flatnonzero(places != NO_CELL), known)
            or not ((places[known] >= 0) & (places[known] < len(centres))).all()
        ):
            raise ValueError("cells do not fit the vectors")
        faiss.omp_set_num_threads(1)
        self._quantizer = faiss.IndexFlatIP(keys.shape[1])
        self._quantizer.add(centres)
        self._index = faiss.IndexIVFFlat(
            self._quantizer, keys.shape[1], len(centres), faiss.METRIC_INNER_PRODUCT
        )
        self._index.nprobe = min(PROBES, len(centres))
        ivf_tools.add_preassigned(  # type: ignore[no-untyped-call]
            self._index, keys[known], places[known].astype(np.int64), known
        )

    def nearest(self, asked: Vectors, k: int) -> tuple[IntArray, Scores]:
        """The ``k`` products that are nearest to each of ``asked`` among those looked at.

        Args:
            asked: float32 [n, d].

        Returns:
            Products int64 [n, k], best first, filled up with 0, and their scores float32 [n, k],
            ``-inf`` there.
        """
        faiss.omp_set_num_threads(1 if len(asked) == 1 else _THREADS)
        scores, items = self._index.search(np.ascontiguousarray(asked), k)
        found = items >= 0
        return np.where(found, items, 0), np.where(found, scores, -np.inf).astype(np.float32)
