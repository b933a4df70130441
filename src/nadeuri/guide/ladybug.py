"""The graph in ladybug, a database within this process: its only importer.

Tables of rows are COPYed in, which is how 900,000 reviews take seconds. COPY knows no upsert, so
rows are first looked up by key: new ones are copied, those that differ are set.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

import ladybug
import pyarrow as pa
import pyarrow.compute as pc

from nadeuri.errors import GraphError, QueryTimeoutError
from nadeuri.guide.schema import (
    FROM,
    INTEGER,
    LOADED_PART,
    NUMBER,
    SCHEMA,
    STRING,
    STRINGS,
    TO,
    TRUTH,
    GraphSchema,
    NodeType,
    RelationshipType,
    ladybug_statements,
)
from nadeuri.guide.store import (
    DEFAULT_LIMIT,
    DEFAULT_TIMEOUT_S,
    Closing,
    Dialect,
    Row,
    count_all,
    one_line,
    require_parameters,
)

DEFAULT_MEMORY_BYTES = 1 << 30

_TYPES = {
    STRING: pa.string(),
    INTEGER: pa.int64(),
    NUMBER: pa.float64(),
    TRUTH: pa.bool_(),
    STRINGS: pa.list_(pa.string()),
    "DATE": pa.date32(),
}
_CHECKPOINT_BYTES = 256 << 20  # of changes beside the file; ladybug's own 16 MiB take twice as long
_INTERRUPTED = "Interrupted"
_PLAN_BYTES = 16 << 20  # of the page cache, for each query text that a connection has seen
_GLUE = "\x1f"  # between the parts of a key


class _Run(Protocol):
    """Runs a statement; tables are its parameters, and what it returns is a table."""

    def __call__(self, statement: str, **tables: pa.Table) -> pa.Table: ...


class LadybugStore(Closing):
    """A graph in one file. Many processes may read it; one may write, with nobody reading."""

    def __init__(
        self,
        path: Path,
        *,
        read_only: bool = False,
        memory_bytes: int = DEFAULT_MEMORY_BYTES,
        threads: int = 0,
        schema: GraphSchema = SCHEMA,
    ) -> None:
        """Open the graph, or create an empty one unless ``read_only``.

        Args:
            path: of the file.
            read_only: for those who only ask.
            memory_bytes: size of the page cache.
            threads: per query; 0 for all cores.

        Raises:
            GraphError: the file is absent, no graph, or held by another process.
        """
        if read_only and not path.is_file():
            raise GraphError(f"{path}: no graph there; make one with nadeuri guide load")
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.schema = schema
        self._memory_bytes = memory_bytes
        try:
            self._database = ladybug.Database(
                path,
                read_only=read_only,
                buffer_pool_size=memory_bytes,
                max_num_threads=threads,
                checkpoint_threshold=_CHECKPOINT_BYTES,
            )
        except (RuntimeError, OSError) as error:
            raise GraphError(f"{path}: cannot be opened ({one_line(error)})") from error
        self._connections: list[ladybug.Connection] = []
        self._of_thread = threading.local()

    @property
    def dialect(self) -> Dialect:
        return "ladybug"

    def close(self) -> None:
        """Let go of the file; a writer puts the last changes into it."""
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        self._database.close()

    def create_schema(self) -> None:
        """Create the tables that are missing."""
        with self._transaction() as run:
            for statement in ladybug_statements(self.schema, [LOADED_PART]):
                run(statement)

    def write_nodes(self, node: NodeType, rows: pa.Table) -> int:
        """See :meth:`nadeuri.guide.store.GraphStore.write_nodes`."""
        if rows.num_rows == 0:
            return 0
        names = [name for name in node.properties if name in rows.column_names]
        rows = _cast(rows, {name: node.properties[name] for name in names})
        others = [name for name in names if name != node.key]
        match = f"MATCH (n:`{node.label}` {{`{node.key}`: `new_{node.key}`}})"
        with self._transaction() as run:
            keys = _prefixed(rows.select([node.key]))
            known = run(f"LOAD FROM $rows {match} RETURN n.`{node.key}` AS key", rows=keys)
            old = pc.is_in(rows[node.key], known["key"])
            new = rows.filter(pc.invert(old))
            if new.num_rows:
                listed = ", ".join(f"`{name}`" for name in names)
                run(f"COPY `{node.label}` ({listed}) FROM $rows", rows=new)
            if others and new.num_rows < rows.num_rows:
                run(
                    f"LOAD FROM $rows {match} {_setting('n', others)}",
                    rows=_prefixed(rows.filter(old)),
                )
        return int(new.num_rows)

    def write_relationships(
        self, edge: RelationshipType, rows: pa.Table, *, instead_of: Collection[str] = ()
    ) -> int:
        """See :meth:`nadeuri.guide.store.GraphStore.write_relationships`."""
        rows = _cast(rows, {FROM: STRING, TO: STRING, **edge.properties})
        with self._transaction() as run:
            identity = [FROM, TO, *edge.key]
            match = self._match(edge)
            starts = pc.unique(rows[FROM]).to_pylist()
            present = self._present(run, edge, {*starts, *instead_of})
            wanted, found = _joined(rows, identity), _joined(present, identity)
            gone = present.filter(
                pc.and_(
                    pc.is_in(present[FROM], pa.array(list(instead_of), pa.string())),
                    pc.invert(pc.is_in(found, wanted)),
                )
            )
            if gone.num_rows:
                run(f"LOAD FROM $rows {match} DELETE r", rows=_prefixed(gone))
            old = pc.is_in(wanted, found)
            new = rows.filter(pc.invert(old))
            if new.num_rows:
                run(f"COPY `{edge.name}` FROM $rows", rows=new)
            others = [name for name in edge.properties if name not in edge.key]
            if others and new.num_rows < rows.num_rows:
                run(
                    f"LOAD FROM $rows {match} {_setting('r', others)}",
                    rows=_prefixed(rows.filter(old)),
                )
        return int(new.num_rows)

    def query(
        self,
        cypher: str,
        parameters: Mapping[str, object] | None = None,
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        limit: int = DEFAULT_LIMIT,
    ) -> list[Row]:
        """See :meth:`nadeuri.guide.store.GraphStore.query`.

        The time-out is looked at between two steps of the plan. A single step that never ends
        (``range(1, 1000000000)``) is only stopped by
        :class:`nadeuri.guide.ladybug_reader.LadybugReader`, which ends the process.
        """
        given = dict(parameters or {})
        require_parameters(cypher, given)
        connection = self._connection(cypher)
        connection.set_query_timeout(max(1, round(timeout_s * 1000)))
        try:
            result = connection.execute(cypher, given)
            assert not isinstance(result, list)  # several results: of several statements
            names = result.get_column_names()
            rows: list[Row] = []
            while len(rows) < limit and result.has_next():
                values = result.get_next()
                rows.append({n: _plain(v) for n, v in zip(names, values, strict=True)})
            result.close()
        except (RuntimeError, ValueError) as error:
            if _INTERRUPTED in str(error):
                raise QueryTimeoutError(f"the query took more than {timeout_s:g} s") from error
            raise GraphError(f"the graph refuses the query: {one_line(error)}") from error
        return rows

    def counts(self) -> dict[str, int]:
        """Number of nodes by label and of relationships by type."""
        return count_all(self, self.schema)

    def _present(self, run: _Run, edge: RelationshipType, starts: Collection[str]) -> pa.Table:
        """What tells apart the relationships that lead from these nodes: ends and key."""
        start, end = self.schema.keys[edge.start], self.schema.keys[edge.end]
        key = "".join(f", r.`{name}` AS `{name}`" for name in edge.key)
        return run(
            f"LOAD FROM $rows MATCH (a:`{edge.start}` {{`{start}`: `new_from`}})"
            f"-[r:`{edge.name}`]->(b:`{edge.end}`) "
            f"RETURN `new_from` AS `{FROM}`, b.`{end}` AS `{TO}`{key}",
            rows=_prefixed(pa.table({FROM: pa.array(sorted(starts), pa.string())})),
        )

    def _match(self, edge: RelationshipType) -> str:
        start, end = self.schema.keys[edge.start], self.schema.keys[edge.end]
        same = ", ".join(f"`{name}`: `new_{name}`" for name in edge.key)
        return (
            f"MATCH (a:`{edge.start}` {{`{start}`: `new_from`}})"
            f"-[r:`{edge.name}`{f' {{{same}}}' if same else ''}]->"
            f"(b:`{edge.end}` {{`{end}`: `new_to`}})"
        )

    @contextmanager
    def _transaction(self) -> Iterator[_Run]:
        """What runs the statements of one transaction.

        It has a connection of its own, because a connection keeps every table it was ever given.
        """
        connection = ladybug.Connection(self._database)

        def run(statement: str, **tables: pa.Table) -> pa.Table:
            try:
                result = connection.execute(statement, tables)
                assert not isinstance(result, list)  # several results: of several statements
                table = result.get_as_arrow() if result.get_column_names() else pa.table({})
                result.close()
            except RuntimeError as error:
                raise GraphError(f"{self.path}: {one_line(error)}") from error
            return table

        try:
            run("BEGIN TRANSACTION")
            try:
                yield run
            except BaseException:
                with suppress(GraphError):  # a statement that failed has rolled back already
                    run("ROLLBACK")
                raise
            run("COMMIT")
        finally:
            connection.close()

    def _connection(self, cypher: str) -> ladybug.Connection:
        """This thread's connection, a new one before what it keeps of old queries fills the cache.

        A connection keeps the plan of every text, and pages with it.
        """
        connection: ladybug.Connection | None = getattr(self._of_thread, "connection", None)
        texts: set[str] = getattr(self._of_thread, "texts", set())
        share = self._memory_bytes // max(1, len(self._connections))
        if connection is not None and cypher not in texts and len(texts) >= share // _PLAN_BYTES:
            connection.close()
            self._connections.remove(connection)
            connection = None
        if connection is None:
            connection, texts = ladybug.Connection(self._database), set()
            self._of_thread.connection, self._of_thread.texts = connection, texts
            self._connections.append(connection)
        texts.add(cypher)
        return connection


def _cast(rows: pa.Table, properties: Mapping[str, str]) -> pa.Table:
    """The columns of ``properties``, in that order and of these types; absent ones are null."""
    return pa.table(
        {
            name: rows[name].cast(_TYPES[kind])
            if name in rows.column_names
            else pa.nulls(rows.num_rows, _TYPES[kind])
            for name, kind in properties.items()
        }
    )


def _prefixed(rows: pa.Table) -> pa.Table:
    """Columns renamed, so that in a query they are told from properties and keywords."""
    return rows.rename_columns([f"new_{name}" for name in rows.column_names])


def _joined(rows: pa.Table, names: Sequence[str]) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(*(rows[name] for name in names), _GLUE)


def _setting(variable: str, names: Sequence[str]) -> str:
    """WHERE a property differs, SET all of them."""
    differs = " OR ".join(
        f"NOT coalesce({variable}.`{name}` = `new_{name}`, "
        f"{variable}.`{name}` IS NULL AND `new_{name}` IS NULL)"
        for name in names
    )
    values = ", ".join(f"{variable}.`{name}` = `new_{name}`" for name in names)
    return f"WHERE {differs} SET {values}"


def _plain(value: object) -> object:
    """Nodes and relationships as the properties that they have, whatever they lie in."""
    if isinstance(value, dict):
        inner = "_LABEL" in value
        return {
            name: _plain(part)
            for name, part in value.items()
            if not (inner and (name.startswith("_") or part is None))
        }
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value
