"""Tables of places into a graph: in bulk, as often as you like.

Every write is an upsert, so a load that was killed is simply started again; what it had finished
is noted in the graph, part by part, and skipped. Rows that are gone from the tables stay in the
graph, except for relationships that a place has once (its town) or whole (its visits).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nadeuri import columns
from nadeuri.data import places
from nadeuri.data.place_reader import PlaceReader
from nadeuri.data.rejects import RejectsWriter
from nadeuri.guide import derived
from nadeuri.guide import schema as graph
from nadeuri.guide.schema import FROM, LOADED_PART, SCHEMA, TO
from nadeuri.guide.store import GraphStore

_PART_ROWS = 400_000
"""Rows that are written together: what a killed load repeats, and what is in memory."""

_SOURCE_PART = "source"
_NEAR_PART = "near"


@dataclass(frozen=True)
class LoadSummary:
    """What a load did.

    Attributes:
        rows: sound rows read, by table.
        created: new nodes by label and new relationships by type.
        skipped: rows of parts that an earlier load had finished.
        rejected: rows by reason; they are in the rejects file.
        examples: per reason, where the first such row was.
        counts: nodes and relationships in the graph afterwards.
    """

    rows: dict[str, int]
    created: dict[str, int]
    skipped: int
    rejected: dict[str, int]
    examples: dict[str, str]
    counts: dict[str, int]


def load_folder(
    folder: Path,
    store: GraphStore,
    rejects: Path,
    *,
    on_part: Callable[[str], object] = lambda _: None,
) -> LoadSummary:
    """Load the tables in ``folder`` (see :mod:`nadeuri.data.place_reader`) into ``store``.

    Args:
        folder: all tables, or only some: rows may refer to places that are in the graph already.
        rejects: file to write rejected rows to; absent afterwards if there are none.
        on_part: told the name of each part when it is safely in the graph.

    Raises:
        DataError: the folder has no table, or a file is unreadable or lacks a column.
        GraphError: the database refuses something.
    """
    store.create_schema()
    partial = rejects.with_suffix(rejects.suffix + ".partial")
    rejects.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            RejectsWriter(partial) as writer,
            PlaceReader(folder, writer, known_places=derived.place_ids(store)) as reader,
        ):
            loading = _Loading(store, _PartLog(store, str(folder.resolve())), on_part)
            for name in places.TABLES:
                for part, table in _parts(reader, name):
                    loading.write(name, part, table)
            loading.write_distances()
            loading.write_totals()
        rejects.unlink(missing_ok=True)
        if writer.counts:
            partial.replace(rejects)
    finally:
        partial.unlink(missing_ok=True)
    return LoadSummary(
        rows=dict(loading.rows),
        created={name: n for name, n in loading.created.items() if n},
        skipped=loading.skipped,
        rejected=dict(writer.counts),
        examples=writer.examples,
        counts=store.counts(),
    )


def _parts(reader: PlaceReader, name: str) -> Iterator[tuple[str, pa.Table]]:
    """Parts of a table with their names; visits are one part, as their shares need all of them."""
    if name == places.VISITS:
        tables = [table for _, table in reader.read(name)]
        if tables:
            yield name, pa.concat_tables(tables)
        return
    for file, tables_of_file in groupby(reader.read(name), key=lambda pair: pair[0]):
        gathered: list[pa.Table] = []
        number = 1
        for _, table in tables_of_file:
            gathered.append(table)
            if sum(map(len, gathered)) >= _PART_ROWS:
                yield f"{name}/{file.name}/{number}", pa.concat_tables(gathered)
                gathered, number = [], number + 1
        if gathered:
            yield f"{name}/{file.name}/{number}", pa.concat_tables(gathered)


class _PartLog:
    """Which parts of this very folder are in the graph.

    Loading another folder may overwrite what this one wrote, so its records are then void: they
    are of an earlier epoch.
    """

    def __init__(self, store: GraphStore, source: str) -> None:
        self._store = store
        rows = derived.everything(
            store,
            f"MATCH (n:{LOADED_PART.label}) "
            "RETURN n.part AS part, n.digest AS digest, n.epoch AS epoch",
        )
        noted = {row["part"]: (row["digest"], row["epoch"]) for row in rows}
        last, epoch = noted.get(_SOURCE_PART, (None, 0))
        assert isinstance(epoch, int)
        self._epoch = epoch if last == source else epoch + 1
        if last != source:
            self.add(_SOURCE_PART, source)
        self._done = {part: digest for part, (digest, n) in noted.items() if n == self._epoch}

    def has(self, part: str, digest: str) -> bool:
        return self._done.get(part) == digest

    def add(self, part: str, digest: str) -> None:
        row = {"part": part, "digest": digest, "epoch": self._epoch}
        self._store.write_nodes(LOADED_PART, pa.Table.from_pylist([row]))


@dataclass
class _Loading:
    """One run of :func:`load_folder`."""

    store: GraphStore
    log: _PartLog
    on_part: Callable[[str], object]
    rows: Counter[str] = field(default_factory=Counter)
    created: Counter[str] = field(default_factory=Counter)
    skipped: int = 0

    def write(self, name: str, part: str, table: pa.Table) -> None:
        """Write a part of table ``name`` unless an earlier load has."""
        self.rows[name] += table.num_rows
        digest = _digest(table)
        if self.log.has(part, digest):
            self.skipped += table.num_rows
            return
        _WRITERS[name](self, table)
        self.log.add(part, digest)
        self.on_part(part)

    def places(self, table: pa.Table) -> None:
        self._nodes(graph.PLACE, table)
        ids = table[columns.PLACE_ID]
        for edge, column in (
            (graph.IN_CATEGORY, columns.CATEGORY),
            (graph.IN_TOWN, columns.TOWN),
        ):
            self._named(SCHEMA.relationships[edge].end, table[column])
            self._edges(edge, _ends(ids, table[column]), instead_of=ids.to_pylist())
        self._named(graph.CITY, table[columns.CITY])
        towns = table.group_by(columns.TOWN, use_threads=False).aggregate([(columns.CITY, "first")])
        city = _ends(towns[columns.TOWN], towns[f"{columns.CITY}_first"])
        self._edges(graph.IN_CITY, city, instead_of=city[FROM].to_pylist())

    def ratings(self, table: pa.Table) -> None:
        self._named(graph.SOURCE, table[columns.SOURCE])
        ends = _ends(table[columns.PLACE_ID], table[columns.SOURCE])
        self._edges(graph.RATED_BY, _with(ends, table, columns.RATING, columns.N_RATINGS))

    def menus(self, table: pa.Table) -> None:
        self._nodes(graph.MENU, table)
        self._edges(graph.SERVES, _ends(table[columns.PLACE_ID], table[columns.MENU_ID]))

    def reviews(self, table: pa.Table) -> None:
        self._nodes(graph.REVIEW, table)
        self._edges(graph.HAS_REVIEW, _ends(table[columns.PLACE_ID], table[columns.REVIEW_ID]))

    def visits(self, table: pa.Table) -> None:
        for kind, label, edge in (
            (columns.PURPOSE, graph.PURPOSE, graph.VISITED_FOR),
            (columns.COMPANION, graph.COMPANION, graph.VISITED_WITH),
        ):
            own = _with_shares(table.filter(pc.equal(table[columns.KIND], kind)))
            ids = own[columns.PLACE_ID]
            self._named(label, own[columns.VALUE])
            ends = _ends(ids, own[columns.VALUE])
            self._edges(
                edge,
                _with(ends, own, columns.N_VISITS, columns.SHARE),
                instead_of=pc.unique(ids).to_pylist(),
            )

    def usage(self, table: pa.Table) -> None:
        segment = pc.binary_join_element_wise(table[columns.DIMENSION], table[columns.VALUE], ":")
        segments = [
            {
                columns.SEGMENT_ID: graph.segment_id(dimension, value),
                columns.DIMENSION: dimension,
                columns.VALUE: value,
            }
            for dimension, values in columns.SEGMENTS.items()
            for value in values
        ]
        self._nodes(graph.SEGMENT, pa.Table.from_pylist(segments))
        ends = _ends(table[columns.PLACE_ID], segment)
        self._edges(graph.USED_BY, _with(ends, table, columns.MONTH, columns.SHARE))

    def attractions(self, table: pa.Table) -> None:
        self._nodes(graph.ATTRACTION, table)

    def write_distances(self) -> None:
        """Join every place to the attractions near it, unless neither have changed."""
        found, sights = derived.positions(self.store)
        digest = _digest(found) + _digest(sights)
        if found.num_rows == 0 or sights.num_rows == 0 or self.log.has(_NEAR_PART, digest):
            return
        ids = found[columns.PLACE_ID].to_pylist()
        self._edges(graph.NEAR, derived.near(found, sights), instead_of=ids)
        self.log.add(_NEAR_PART, digest)
        self.on_part(_NEAR_PART)

    def write_totals(self) -> None:
        """Bring the places' mean rating and numbers of ratings and reviews up to date."""
        self.store.write_nodes(SCHEMA.node(graph.PLACE), derived.totals(self.store))

    def _nodes(self, label: str, table: pa.Table) -> None:
        self.created[label] += self.store.write_nodes(SCHEMA.node(label), table)

    def _named(self, label: str, names: pa.ChunkedArray) -> None:
        self._nodes(label, pa.table({columns.NAME: pc.unique(names)}))

    def _edges(self, name: str, rows: pa.Table, instead_of: Collection[str] = ()) -> None:
        edge = SCHEMA.relationships[name]
        self.created[name] += self.store.write_relationships(edge, rows, instead_of=instead_of)


_WRITERS: dict[str, Callable[[_Loading, pa.Table], None]] = {
    places.PLACES: _Loading.places,
    places.RATINGS: _Loading.ratings,
    places.MENUS: _Loading.menus,
    places.REVIEWS: _Loading.reviews,
    places.VISITS: _Loading.visits,
    places.USAGE: _Loading.usage,
    places.ATTRACTIONS: _Loading.attractions,
}


def _ends(start: pa.ChunkedArray, end: pa.ChunkedArray) -> pa.Table:
    return pa.table({FROM: start, TO: end})


def _with(ends: pa.Table, table: pa.Table, *names: str) -> pa.Table:
    for name in names:
        ends = ends.append_column(name, table[name])
    return ends


def _with_shares(visits: pa.Table) -> pa.Table:
    """Visits of one kind, with their share of the place's visits of that kind."""
    ids = visits[columns.PLACE_ID].combine_chunks().dictionary_encode().indices.to_numpy()
    counts = visits[columns.N_VISITS].to_numpy().astype(np.float64)
    totals = np.bincount(ids, weights=counts)[ids] if len(ids) else counts
    shares = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    return visits.append_column(columns.SHARE, pa.array(shares))


def _digest(table: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table.combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()
