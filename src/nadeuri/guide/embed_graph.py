"""The vectors of a guide's folder, made from its graph: of all reviews, and of all places.

They are made from the graph, not from the tables that were loaded into it: what is embedded is what
questions are answered from, however many loads brought it there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from nadeuri import columns
from nadeuri.artifact import Artifact
from nadeuri.embed import Embedder
from nadeuri.errors import DataError
from nadeuri.guide.derived import place_ids
from nadeuri.guide.embed_reviews import EmbedSummary, embed_reviews
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.neighbours import Edges, edges_of_tables, embed_places
from nadeuri.guide.parts import GRAPH, PLACES, REVIEWS
from nadeuri.guide.store import GraphStore, Row

_PLACES_A_BATCH = 200
"""Whose reviews are in memory together: some 20,000."""
_ALL = 1 << 40
_PATIENCE_S = 3_600.0

_OF_PLACE = f"MATCH (p:Place) WHERE p.{columns.PLACE_ID} IN $ids"
_REVIEWS = (
    f"{_OF_PLACE} MATCH (p)-[:HAS_REVIEW]->(r:Review) RETURN p.{columns.PLACE_ID} AS "
    f"{columns.PLACE_ID}, r.{columns.REVIEW_ID} AS {columns.REVIEW_ID}, "
    f"r.{columns.TEXT} AS {columns.TEXT}, r.{columns.KEYWORDS} AS {columns.KEYWORDS}"
)
_REVIEW_COLUMNS = pa.schema(
    [
        (columns.PLACE_ID, pa.string()),
        (columns.REVIEW_ID, pa.string()),
        (columns.TEXT, pa.string()),
        (columns.KEYWORDS, pa.list_(pa.string())),
    ]
)
_PLACE_COLUMNS = (columns.PLACE_ID, columns.CATEGORY, columns.TOWN, columns.CITY)
_MENU_COLUMNS = (columns.PLACE_ID, columns.NAME)
_VISITED = {columns.COMPANION: "VISITED_WITH", columns.PURPOSE: "VISITED_FOR"}


@dataclass(frozen=True)
class GraphVectors:
    """What was made.

    Attributes:
        reviews: what embedding them came to.
        places: the artefact of their vectors.
    """

    reviews: EmbedSummary
    places: Artifact


def embed_graph(
    folder: Path,
    embedder: Embedder,
    *,
    processes: int | None = None,
    on_batch: Callable[[Sequence[str], int], object] = lambda _ids, _n_places: None,
) -> GraphVectors:
    """Bring ``reviews`` and ``places`` of a guide's folder in line with its ``places.graph``.

    Only texts without a vector are embedded; a run that was killed goes on where it stopped.

    Args:
        processes: that embed; by default one for each core.
        on_batch: told the ids of each batch of places whose reviews were read, and how many places
            there are.

    Raises:
        GraphError: there is no graph.
        DataError: it has no reviews.
        ArtifactError: ``reviews`` or ``places`` are something else than vectors.
    """
    with LadybugStore(folder / GRAPH, read_only=True) as store:
        ids = place_ids(store)
        source = _Reviews(store, ids, on_batch)
        summary = embed_reviews(folder / REVIEWS, source.batches(), embedder, processes=processes)
        if not summary.n_reviews:
            raise DataError(f"{folder / GRAPH}: no reviews; load some with nadeuri guide load")
        places = embed_places(folder / PLACES, ids, _edges(store, source.keywords))
    return GraphVectors(summary, places)


class _Reviews:
    """The reviews of a graph, read in batches; their keywords are kept."""

    def __init__(
        self,
        store: GraphStore,
        ids: Sequence[str],
        on_batch: Callable[[Sequence[str], int], object],
    ) -> None:
        self._store = store
        self._ids = ids
        self._on_batch = on_batch
        self._kept = [_REVIEW_COLUMNS.empty_table().drop_columns([columns.TEXT])]

    def batches(self) -> Iterator[pa.Table]:
        """Ids and texts."""
        for first in range(0, len(self._ids), _PLACES_A_BATCH):
            some = self._ids[first : first + _PLACES_A_BATCH]
            rows = self._store.query(_REVIEWS, {"ids": some}, timeout_s=_PATIENCE_S, limit=_ALL)
            table = pa.Table.from_pylist(rows, schema=_REVIEW_COLUMNS)
            self._kept.append(table.drop_columns([columns.TEXT]))
            yield table
            self._on_batch(some, len(self._ids))

    @property
    def keywords(self) -> pa.Table:
        """Place and keywords of every review that was read."""
        return pa.concat_tables(self._kept)


def _edges(store: GraphStore, keywords: pa.Table) -> list[Edges]:
    places = _table(
        _ask(store, f"MATCH (p:Place) RETURN {_properties('p', _PLACE_COLUMNS)}"), _PLACE_COLUMNS
    )
    menus = _table(
        _ask(
            store,
            f"MATCH (p:Place)-[:SERVES]->(m:Menu) RETURN p.{columns.PLACE_ID} AS "
            f"{columns.PLACE_ID}, m.{columns.NAME} AS {columns.NAME}",
        ),
        _MENU_COLUMNS,
    )
    visits: list[Row] = []
    for kind, relationship in _VISITED.items():
        visits += (
            {**row, columns.KIND: kind}
            for row in _ask(
                store,
                f"MATCH (p:Place)-[v:{relationship}]->(w) RETURN p.{columns.PLACE_ID} AS "
                f"{columns.PLACE_ID}, w.{columns.NAME} AS {columns.VALUE}, "
                f"v.{columns.N_VISITS} AS {columns.N_VISITS}",
            )
        )
    numbers = pa.schema(
        [
            *((name, pa.string()) for name in (columns.PLACE_ID, columns.KIND, columns.VALUE)),
            (columns.N_VISITS, pa.int64()),
        ]
    )
    return edges_of_tables(places, menus, pa.Table.from_pylist(visits, schema=numbers), keywords)


def _ask(store: GraphStore, cypher: str) -> list[Row]:
    return store.query(cypher, timeout_s=_PATIENCE_S, limit=_ALL)


def _properties(variable: str, names: Sequence[str]) -> str:
    return ", ".join(f"{variable}.{name} AS {name}" for name in names)


def _table(rows: Sequence[Row], names: Sequence[str]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in names]))
