"""Places alike by what the graph says of them: FastRP, and filling up a short list from it.

Fast random projection (Chen, Sultan, Tian, Chen and Skiena, "Fast and Accurate Network Embeddings
via Very Sparse Random Projection", CIKM 2019): every node gets a very sparse random vector, and a
node's embedding is a weighted sum of what random walks of one, two, ... steps from it see on
average.

Places are joined to values: their category, town, city, companions, purposes, menus and keywords.
Over keywords alone thousands of places have the same edges and so the same vector; with all kinds,
each kind weighted, they do not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.artifact import Artifact, open_artifact, write_artifact
from nadeuri.embed import Vectors
from nadeuri.errors import ArtifactError, DataError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

KIND = "place-vectors"
VECTORS, PLACES = "vectors.npy", "places.parquet"

CATEGORY, TOWN, CITY = "category", "town", "city"
COMPANION, PURPOSE, MENU, KEYWORD = "companion", "purpose", "menu", "keyword"

EDGE_WEIGHTS: Mapping[str, float] = {
    CATEGORY: 3.0,
    TOWN: 2.0,
    CITY: 0.5,
    COMPANION: 1.0,
    PURPOSE: 1.0,
    MENU: 1.5,
    KEYWORD: 1.0,
}
"""What all edges of a kind weigh together, at each place."""

STEP_WEIGHTS = (1.0, 0.5, 0.25)
"""Of the walks of 1, 2, 3 steps: shared values, values of places that share some, and so on."""

N_CANDIDATES = 6

_DIM = 128
_DEGREE_EXPONENT = -0.25  # the paper's beta: below zero, what half of all places have counts less
_SPARSITY = 3  # one entry of three of the random vectors is not zero (Achlioptas, 2003)

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Edges:
    """Edges of one kind; those between the same place and value add up.

    Attributes:
        kind: one of :data:`EDGE_WEIGHTS`.
        place_ids, values: what each joins.
        weights: above zero, such as a number of visits; only their shares at a place count.
    """

    kind: str
    place_ids: Sequence[str]
    values: Sequence[str]
    weights: npt.ArrayLike


@dataclass(frozen=True)
class Neighbour:
    """A place, and the cosine of its vector with the direction of those it was looked for."""

    place_id: str
    similarity: float


def embed_places(
    target: Path,
    place_ids: Collection[str],
    edges: Sequence[Edges],
    *,
    dim: int = _DIM,
    seed: int = 0,
) -> Artifact:
    """Write the artefact of place vectors to ``target``, in place of an older one.

    Args:
        place_ids: all places; those without an edge are near nothing.

    Raises:
        DataError: an edge is of an unknown kind or place, or its weight is not above zero.
    """
    ids = sorted(set(place_ids))
    vectors = fastrp(_adjacency(ids, edges), len(ids), dim=dim, seed=seed)

    def write(folder: Path) -> None:
        np.save(folder / VECTORS, vectors)
        pq.write_table(pa.table({columns.PLACE_ID: pa.array(ids, pa.string())}), folder / PLACES)

    metadata = {"n_places": len(ids), "dim": dim, "seed": seed, "edge_weights": dict(EDGE_WEIGHTS)}
    return write_artifact(target, KIND, write, metadata=metadata)


def fastrp(adjacency: csr_array, n_wanted: int, *, dim: int = _DIM, seed: int = 0) -> Vectors:
    """FastRP embeddings of the first ``n_wanted`` nodes; rows of length 1, or 0 without edges.

    Args:
        adjacency: weighted and symmetric, [n, n].

    Returns:
        float32 [n_wanted, dim].
    """
    from scipy.sparse import diags_array

    degrees = np.asarray(adjacency.sum(axis=1)).ravel()
    known = np.maximum(degrees, np.finfo(np.float64).tiny)
    walk = diags_array(np.where(degrees > 0, 1 / known, 0.0)) @ adjacency  # D^-1 S
    scale = np.where(degrees > 0, (known / max(degrees.sum(), 1.0)) ** _DEGREE_EXPONENT, 0.0)
    seen = scale[:, None] * _sparse_projection(len(degrees), dim, seed)  # L R
    embedding = np.zeros((n_wanted, dim))
    for weight in STEP_WEIGHTS:
        seen = walk @ seen
        embedding += weight * _unit(seen[:n_wanted])
    return _unit(embedding).astype(np.float32)


class PlaceNeighbours:
    """An opened artefact of place vectors."""

    def __init__(self, path: Path) -> None:
        """Open the artefact at ``path``.

        Raises:
            ArtifactError: it is absent, damaged, or its files do not fit each other.
        """
        artifact = open_artifact(path, KIND)
        self.vectors: Vectors = np.load(artifact.file(VECTORS))
        self.place_ids: list[str] = pq.read_table(artifact.file(PLACES))[
            columns.PLACE_ID
        ].to_pylist()
        self._places = {place_id: at for at, place_id in enumerate(self.place_ids)}
        if len(self.vectors) != len(self.place_ids):
            raise ArtifactError(f"{path}: its files do not fit each other; load the places again")

    def nearest(
        self, place_ids: Collection[str], allowed: Collection[str] | None, n: int
    ) -> list[Neighbour]:
        """The ``n`` places most like ``place_ids`` together, best first and equal ones by id.

        Args:
            place_ids: without those that are unknown; none of them is its own neighbour.
            allowed: the only places to be found; None for all.
        """
        asked = self._known(place_ids)
        direction = self.vectors[asked].sum(axis=0)
        length = np.linalg.norm(direction)
        if length == 0:
            return []
        pool = np.arange(len(self.place_ids)) if allowed is None else self._known(allowed)
        pool = np.setdiff1d(pool, asked)
        pool = pool[self.vectors[pool].any(axis=1)]
        # row by row, so that equal rows have equal sums whatever stands beside them
        similarities = np.einsum("nd,d->n", self.vectors[pool], direction / length)
        best = np.argsort(-similarities, kind="stable")[:n]
        return [
            Neighbour(self.place_ids[at], float(similarity))
            for at, similarity in zip(pool[best], similarities[best], strict=True)
        ]

    def _known(self, place_ids: Collection[str]) -> IntArray:
        """Numbers of places, in the order of their ids."""
        known = {self._places[place_id] for place_id in place_ids if place_id in self._places}
        return np.array(sorted(known), dtype=np.int64)


def top_up(
    candidates: Sequence[str],
    neighbours: PlaceNeighbours,
    allowed: Collection[str] | None,
    *,
    anchors: Collection[str] = (),
    n: int = N_CANDIDATES,
) -> list[str]:
    """``candidates`` without repeats, filled up to ``n`` with what is most like them.

    Args:
        candidates: places, best first; more than ``n`` are cut.
        allowed: places that meet all hard constraints: no other place comes out, whether it was a
            candidate or not. None where the question has no constraint.
        anchors: what to fill up from besides the candidates, such as the places that the graph
            found first; they do not come out themselves.

    Returns:
        ids, no place twice; fewer than ``n`` where not enough places are allowed.
    """
    may = None if allowed is None else set(allowed)
    outside = set(anchors)
    chosen = [
        place_id
        for place_id in dict.fromkeys(candidates)
        if place_id not in outside and (may is None or place_id in may)
    ][:n]
    if len(chosen) < n:
        alike = neighbours.nearest({*chosen, *outside}, may, n - len(chosen))
        chosen += [neighbour.place_id for neighbour in alike]
    return chosen


def edges_of_tables(
    places: pa.Table, menus: pa.Table, visits: pa.Table, keywords: pa.Table
) -> list[Edges]:
    """Edges of all kinds, from tables of :mod:`nadeuri.data.places` as they are read.

    Args:
        keywords: ``place_id``, ``keywords`` (list) of the reviews, or some batch of them.
    """
    edges = [
        Edges(kind, places[columns.PLACE_ID].to_pylist(), places[name].to_pylist(), 1.0)
        for kind, name in (
            (CATEGORY, columns.CATEGORY),
            (TOWN, columns.TOWN),
            (CITY, columns.CITY),
        )
    ]
    edges.append(
        Edges(MENU, menus[columns.PLACE_ID].to_pylist(), menus[columns.NAME].to_pylist(), 1.0)
    )
    kinds = visits[columns.KIND].to_numpy(zero_copy_only=False)
    counts = visits[columns.N_VISITS].to_numpy()
    for kind in (COMPANION, PURPOSE):
        rows = np.flatnonzero((kinds == kind) & (counts > 0))
        own = visits.take(rows)
        ids, values = own[columns.PLACE_ID].to_pylist(), own[columns.VALUE].to_pylist()
        edges.append(Edges(kind, ids, values, counts[rows]))
    ticked = _keyword_counts(keywords)
    ids, values = ticked[columns.PLACE_ID].to_pylist(), ticked[columns.VALUE].to_pylist()
    edges.append(Edges(KEYWORD, ids, values, ticked[f"{columns.VALUE}_count"].to_numpy()))
    return edges


def _keyword_counts(reviews: pa.Table) -> pa.Table:
    """How often each keyword is ticked at each place."""
    lists = reviews[columns.KEYWORDS].combine_chunks()
    place_ids = reviews[columns.PLACE_ID].take(pc.list_parent_indices(lists))
    pairs = pa.table({columns.PLACE_ID: place_ids, columns.VALUE: pc.list_flatten(lists)})
    return pairs.group_by([columns.PLACE_ID, columns.VALUE]).aggregate([(columns.VALUE, "count")])


def _adjacency(ids: Sequence[str], edges: Sequence[Edges]) -> csr_array:
    """Symmetric weights between places, which come first, and values."""
    from scipy.sparse import coo_array

    places = {place_id: at for at, place_id in enumerate(ids)}
    values = {
        pair: len(ids) + at
        for at, pair in enumerate(
            sorted({(own.kind, value) for own in edges for value in own.values})
        )
    }
    rows, ends, weights = [], [], []
    for own in edges:
        weight = np.broadcast_to(np.asarray(own.weights, dtype=np.float64), len(own.values))
        if own.kind not in EDGE_WEIGHTS or not (weight > 0).all():
            raise DataError(
                f"edges of kind {own.kind!r}: kinds are {', '.join(EDGE_WEIGHTS)}, and weights are "
                "above zero"
            )
        if unknown := set(own.place_ids) - places.keys():
            raise DataError(
                f"edges of kind {own.kind!r}: {min(unknown)!r} is none of the places; load the "
                "places first"
            )
        start = np.array([places[place_id] for place_id in own.place_ids], dtype=np.int64)
        total = np.bincount(start, weight, minlength=len(ids))
        rows.append(start)
        ends.append(np.array([values[own.kind, value] for value in own.values], dtype=np.int64))
        weights.append(EDGE_WEIGHTS[own.kind] * weight / total[start])
    row, end, weight = (np.concatenate([*part, []]) for part in (rows, ends, weights))
    n = len(ids) + len(values)
    half = coo_array((weight, (row.astype(np.int64), end.astype(np.int64))), shape=(n, n))
    both: csr_array = (half + half.T).tocsr()
    return both


def _sparse_projection(n: int, dim: int, seed: int) -> npt.NDArray[np.float64]:
    """The random vectors R; [n, dim], entries sqrt(s), 0 or -sqrt(s)."""
    drawn = np.random.default_rng(seed).random((n, dim)) * 2 * _SPARSITY
    signs = np.where(drawn < 1, 1.0, np.where(drawn < 2, -1.0, 0.0))
    return np.asarray(signs * np.sqrt(_SPARSITY))


def _unit(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Rows scaled to length 1; a zero row stays zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0))
