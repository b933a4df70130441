"""Vectors of all reviews, by place: which places have reviews like a text that one hopes to read?

An artefact with four files:

=====================  ==========================================================================
``vectors.npy``        int8 [n_reviews, dim]; a review's vector is its row times its scale
``scales.npy``         float32 [n_reviews]
``reviews.arrow``      ``review_id``, ``digest`` (of the text): rows of the vectors, by place and id
``places.arrow``       ``place_id`` in order, ``first``: where its rows begin
=====================  ==========================================================================

int8 is a quarter of float32 and half of float16, moves a cosine by less than .005, and its products
are sums of whole numbers: equal rows have equal similarities, whatever is searched beside them. All
files are memory maps, which the processes of a server share.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nadeuri import columns
from nadeuri.artifact import open_artifact
from nadeuri.embed import Vectors
from nadeuri.errors import ArtifactError, QueryError

KIND = "review-vectors"
VECTORS, SCALES = "vectors.npy", "scales.npy"
REVIEWS, PLACES = "reviews.arrow", "places.arrow"
DIGEST, FIRST = "digest", "first"
ENCODER, DIM = "encoder", "dim"

N_PLACES, PER_PLACE = 6, 2
JUDGED_BY = 5
"""Reviews that speak for a place."""

_TOP = 127  # of int8, so that both signs reach as far

Codes = npt.NDArray[np.int8]
Scales = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ReviewMatch:
    """A review and the cosine of its vector with the one that was looked for."""

    review_id: str
    similarity: float


@dataclass(frozen=True)
class PlaceMatch:
    """A place and its best reviews.

    Attributes:
        similarity: mean of its :data:`JUDGED_BY` best reviews; those that it lacks count as 0. One
            enthusiast makes no quiet place: the mean finds better places than the best review.
        reviews: the best ones, best first.
    """

    place_id: str
    similarity: float
    reviews: tuple[ReviewMatch, ...]


class ReviewVectors:
    """An opened artefact of review vectors; may be shared between threads and inherited by fork."""

    def __init__(self, path: Path) -> None:
        """Open the artefact at ``path``.

        Raises:
            ArtifactError: it is absent, damaged, or its files do not fit each other.
        """
        self.artifact = artifact = open_artifact(path, KIND)
        self.encoder = str(artifact.metadata[ENCODER])
        self.vectors: Codes = _mapped_array(artifact.file(VECTORS))
        self.scales: Scales = _mapped_array(artifact.file(SCALES))
        self.reviews = _mapped(artifact.file(REVIEWS))
        places = _mapped(artifact.file(PLACES))
        self.place_ids: list[str] = places[columns.PLACE_ID].to_pylist()
        self._bounds = np.append(places[FIRST].to_numpy(), len(self.vectors)).astype(np.int64)
        self._places = {place_id: at for at, place_id in enumerate(self.place_ids)}
        rows = {len(self.vectors), len(self.scales), self.reviews.num_rows}
        if len(rows) > 1 or self.dim != artifact.metadata[DIM]:
            raise ArtifactError(f"{path}: its files do not fit each other; embed the reviews again")

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self.vectors.shape[1])

    def holds(self, corpus: pa.Table) -> bool:
        """Whether its rows are ``place_id``, ``review_id`` and ``digest`` of ``corpus``."""
        lengths = np.diff(self._bounds)
        place_ids = pa.array(
            np.repeat(np.array(self.place_ids, dtype=object), lengths), pa.string()
        )
        own = self.reviews.append_column(columns.PLACE_ID, place_ids)
        return bool(own.equals(corpus.select(own.column_names)))

    def best(
        self,
        query: Vectors,
        place_ids: Collection[str] | None = None,
        *,
        n_places: int = N_PLACES,
        per_place: int = PER_PLACE,
    ) -> list[PlaceMatch]:
        """The places whose reviews are most similar to ``query``, best first.

        Equal places are in the order of their ids, and so are equal reviews of a place.

        Args:
            query: float32 [dim], of the encoder of the reviews; its length does not matter.
            place_ids: only these places; those without a review are passed over. None for all.
            per_place: reviews of each place.

        Raises:
            QueryError: ``query`` is of another length, or has no direction.
        """
        places = self._wanted(place_ids)
        if not len(places):
            return []
        codes, scale = _asked(query, self.dim)
        lengths = self._bounds[places + 1] - self._bounds[places]
        starts = np.cumsum(lengths) - lengths
        similarities = self._similarities(codes, places, int(lengths.sum()))
        means = _mean_of_best(similarities, starts, lengths)
        found = []
        for at in np.argsort(-means, kind="stable")[:n_places]:
            own = similarities[starts[at] : starts[at] + lengths[at]]
            best = np.argsort(-own, kind="stable")[:per_place]
            rows = self._bounds[places[at]] + best
            ids = self.reviews[columns.REVIEW_ID].take(rows).to_pylist()
            matches = tuple(map(ReviewMatch, ids, (own[best] * scale).tolist()))
            place_id = self.place_ids[places[at]]
            found.append(PlaceMatch(place_id, float(means[at] * scale), matches))
        return found

    def _wanted(self, place_ids: Collection[str] | None) -> IntArray:
        """Numbers of the places to look at, in the order of their ids."""
        if place_ids is None:
            return np.arange(len(self.place_ids))
        known = {self._places[place_id] for place_id in place_ids if place_id in self._places}
        return np.array(sorted(known), dtype=np.int64)

    def _similarities(self, codes: Codes, places: IntArray, n_reviews: int) -> Scales:
        """Products of ``codes`` with the reviews of ``places``; float32 [n_reviews]."""
        found = np.empty(n_reviews, dtype=np.float32)
        runs = np.flatnonzero(np.diff(places, prepend=-2) != 1)  # neighbours are read as one
        filled = 0
        for first, last in zip(runs, np.append(runs[1:], len(places)) - 1, strict=True):
            rows = slice(self._bounds[places[first]], self._bounds[places[last] + 1])
            scales = self.scales[rows]
            products = dot(codes, self.vectors[rows])
            np.multiply(products, scales, out=found[filled : filled + len(scales)])
            filled += len(scales)
        return found


def _mean_of_best(similarities: Scales, starts: IntArray, lengths: IntArray) -> Scales:
    """For each place the sum of its best similarities, divided by their number in full; [places].

    The highest of every place are taken away together, again and again: sorting takes longer.
    """
    rest = similarities.copy()
    total = np.zeros(len(starts), dtype=np.float32)
    wanted = np.minimum(lengths, JUDGED_BY)
    while wanted.any():
        highest = np.maximum.reduceat(rest, starts)
        is_highest = rest == np.repeat(highest, lengths)
        taken = np.minimum(wanted, np.add.reduceat(is_highest, starts, dtype=np.int64))
        total += np.where(taken > 0, highest, 0) * taken
        wanted -= taken
        np.putmask(rest, is_highest, -np.inf)
    return np.asarray(total / np.float32(JUDGED_BY), dtype=np.float32)


def quantised(vectors: Vectors) -> tuple[Codes, Scales]:
    """Rows as int8 with one scale each, so that codes times scale are the vectors.

    Returns:
        int8 [n, dim] and float32 [n].
    """
    scales = np.abs(vectors).max(axis=1, initial=0.0) / np.float32(_TOP)
    codes = np.rint(vectors / np.maximum(scales, np.finfo(np.float32).tiny)[:, None])
    return codes.astype(np.int8), scales.astype(np.float32)


def dot(codes: Codes, rows: Codes) -> Scales:
    """Exact products of one vector of codes with many; float32 [n] (below 2**24 for 512 codes)."""
    import numkong

    products: Scales = np.asarray(numkong.cdist(codes[None], rows, "dot"), dtype=np.float32)
    return products.reshape(len(rows))


def _asked(query: Vectors, dim: int) -> tuple[Codes, np.float32]:
    length = np.linalg.norm(query)
    if query.shape != (dim,) or not np.isfinite(length) or length == 0:
        raise QueryError(
            f"a query vector of shape {query.shape} and length {length:g}: reviews were embedded "
            f"in {dim} dimensions; use the same encoder"
        )
    codes, scales = quantised((query / length).astype(np.float32)[None])
    return codes[0], scales[0]


def _mapped_array(file: Path) -> Any:
    """A plain array on the file: cutting a ``numpy.memmap`` costs more than a short product."""
    return np.load(file, mmap_mode="r").view(np.ndarray)


def _mapped(file: Path) -> pa.Table:
    with pa.memory_map(str(file)) as source:
        return pa.ipc.open_file(source).read_all()
