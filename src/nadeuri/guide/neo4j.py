"""The graph in Neo4j, or anything that speaks its protocol: the only importer of the driver."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import neo4j
import pyarrow as pa
from neo4j.exceptions import DriverError, Neo4jError
from neo4j.graph import Node, Relationship

from nadeuri.errors import GraphError, QueryTimeoutError
from nadeuri.guide.schema import (
    FROM,
    LOADED_PART,
    SCHEMA,
    TO,
    GraphSchema,
    NodeType,
    RelationshipType,
    neo4j_statements,
)
from nadeuri.guide.store import (
    DEFAULT_LIMIT,
    DEFAULT_TIMEOUT_S,
    Closing,
    Dialect,
    Row,
    count_all,
    one_line,
    plain_date,
    require_parameters,
)

BATCH_ROWS = 5_000
"""Rows of one transaction."""

_GRACE_S = 0.5  # for a server to say itself that the time is up
_TIMEOUT_CODE = "TransactionTimedOut"


class Neo4jStore(Closing):
    """A graph on a server."""

    def __init__(
        self,
        uri: str,
        *,
        user: str = "neo4j",
        password: str = "",
        database: str | None = None,
        schema: GraphSchema = SCHEMA,
    ) -> None:
        """Connect.

        Args:
            uri: such as ``neo4j://localhost:7687``.
            database: None for the server's default.

        Raises:
            GraphError: there is no server, or it does not know the user.
        """
        self.uri = uri
        self.schema = schema
        self._database = database
        try:
            with ExitStack() as undo:
                self._driver = neo4j.GraphDatabase.driver(uri, auth=(user, password))
                undo.callback(self._driver.close)
                self._driver.verify_connectivity()
                undo.pop_all()
        except (DriverError, Neo4jError, ValueError, OSError) as error:
            raise GraphError(
                f"{uri}: cannot connect ({one_line(error)}); check NEO4J_URI, NEO4J_USER and "
                "NEO4J_PASSWORD"
            ) from error

    @property
    def dialect(self) -> Dialect:
        return "neo4j"

    def close(self) -> None:
        """Close the connections."""
        self._driver.close()

    def create_schema(self) -> None:
        """Create the constraints that are missing."""
        for statement in neo4j_statements(self.schema, [LOADED_PART]):
            self._write(statement)

    def write_nodes(self, node: NodeType, rows: pa.Table) -> int:
        """See :meth:`nadeuri.guide.store.GraphStore.write_nodes`."""
        others = [name for name in node.properties if name in rows.column_names]
        others.remove(node.key)
        statement = (
            f"UNWIND $rows AS row MERGE (n:`{node.label}` {{`{node.key}`: row.key}}) "
            "SET n += row.properties"
        )
        return sum(
            self._write(
                statement,
                [{"key": row[node.key], "properties": _picked(row, others)} for row in batch],
            ).nodes_created
            for batch in _batches(rows)
        )

    def write_relationships(
        self, edge: RelationshipType, rows: pa.Table, *, instead_of: Collection[str] = ()
    ) -> int:
        """See :meth:`nadeuri.guide.store.GraphStore.write_relationships`."""
        if instead_of:
            self._remove_others(edge, rows, instead_of)
        identity = ", ".join(f"`{name}`: row.properties.`{name}`" for name in edge.key)
        statement = (
            f"UNWIND $rows AS row {self._ends(edge)} "
            f"MERGE (a)-[r:`{edge.name}`{f' {{{identity}}}' if identity else ''}]->(b) "
            "SET r += row.properties RETURN count(*) AS n"
        )
        created = 0
        for batch in _batches(rows):
            ends = [
                {FROM: row[FROM], TO: row[TO], "properties": _picked(row, list(edge.properties))}
                for row in batch
            ]
            created += self._write(statement, ends, matched=len(ends)).relationships_created
        return created

    def query(
        self,
        cypher: str,
        parameters: Mapping[str, object] | None = None,
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        limit: int = DEFAULT_LIMIT,
    ) -> list[Row]:
        """See :meth:`nadeuri.guide.store.GraphStore.query`.

        The server ends the transaction when its time is up. One that does not do so (ArcadeDB) is
        not waited for: the caller gets the error in time, the server's work may go on.
        """
        given = dict(parameters or {})
        require_parameters(cypher, given)
        call = _Call(lambda: self._read(cypher, given, timeout_s, limit))
        try:
            return call.result(timeout_s + _GRACE_S)
        except TimeoutError as error:
            raise QueryTimeoutError(f"the query took more than {timeout_s:g} s") from error
        except Neo4jError as error:
            if _TIMEOUT_CODE in str(error.code):
                raise QueryTimeoutError(f"the query took more than {timeout_s:g} s") from error
            message = error.message or str(error)
            raise GraphError(f"the graph refuses the query: {message.splitlines()[0]}") from error
        except (DriverError, ValueError) as error:
            raise GraphError(f"{self.uri}: {one_line(error)}") from error

    def counts(self) -> dict[str, int]:
        """Number of nodes by label and of relationships by type."""
        return count_all(self, self.schema)

    def _read(
        self, cypher: str, parameters: Mapping[str, object], timeout_s: float, limit: int
    ) -> list[Row]:
        query = neo4j.Query(cypher, timeout=timeout_s)
        with self._driver.session(
            database=self._database, default_access_mode=neo4j.READ_ACCESS
        ) as session:
            result = session.run(query, dict(parameters))
            names = tuple(result.keys())
            rows = [
                {name: _plain(record[name]) for name in names} for record in result.fetch(limit)
            ]
            result.consume()
        return rows

    def _write(
        self, statement: str, rows: Sequence[Row] = (), matched: int | None = None
    ) -> neo4j.SummaryCounters:
        """Run a statement in a transaction of its own.

        Args:
            matched: how many rows the statement has to find; if fewer, nothing is written.
        """

        def work(transaction: neo4j.ManagedTransaction) -> neo4j.SummaryCounters:
            result = transaction.run(statement, {"rows": rows})
            found = sum(record["n"] for record in result) if matched is not None else None
            if found != matched:
                raise GraphError(
                    f"{self.uri}: {matched} relationships to write, but only {found} have both "
                    "nodes in the graph; write nodes first"
                )
            return result.consume().counters

        try:
            with self._driver.session(database=self._database) as session:
                if matched is None and not rows:  # the schema: not within a managed transaction
                    return session.run(statement).consume().counters
                return session.execute_write(work)
        except (DriverError, Neo4jError) as error:
            raise GraphError(f"{self.uri}: {one_line(error)}") from error

    def _remove_others(
        self, edge: RelationshipType, rows: pa.Table, starts: Collection[str]
    ) -> None:
        kept: defaultdict[str, list[list[object]]] = defaultdict(list)
        for row in rows.to_pylist():
            kept[row[FROM]].append([row[TO], *(row[name] for name in edge.key)])
        start, end = self.schema.keys[edge.start], self.schema.keys[edge.end]
        identity = ", ".join([f"b.`{end}`", *(f"r.`{name}`" for name in edge.key)])
        statement = (
            f"UNWIND $rows AS row MATCH (a:`{edge.start}` {{`{start}`: row.`from`}})"
            f"-[r:`{edge.name}`]->(b:`{edge.end}`) WHERE NOT [{identity}] IN row.kept DELETE r"
        )
        keys = sorted(set(starts))
        for at in range(0, len(keys), BATCH_ROWS):
            batch: list[Row] = [
                {FROM: key, "kept": kept[key]} for key in keys[at : at + BATCH_ROWS]
            ]
            self._write(statement, batch)

    def _ends(self, edge: RelationshipType) -> str:
        start, end = self.schema.keys[edge.start], self.schema.keys[edge.end]
        return (
            f"MATCH (a:`{edge.start}` {{`{start}`: row.`{FROM}`}}) "
            f"MATCH (b:`{edge.end}` {{`{end}`: row.`{TO}`}})"
        )


class _Call:
    """A call in a thread that nobody has to wait for, not even the end of the process."""

    def __init__(self, work: Any) -> None:
        self._answer: list[Row] = []
        self._error: BaseException | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._answer = self._work()
        except BaseException as error:
            self._error = error

    def result(self, timeout_s: float) -> list[Row]:
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            raise TimeoutError
        if self._error is not None:
            raise self._error
        return self._answer


def _batches(rows: pa.Table) -> list[list[dict[str, Any]]]:
    return [batch.to_pylist() for batch in rows.combine_chunks().to_batches(BATCH_ROWS)]


def _picked(row: Mapping[str, object], names: Sequence[str]) -> dict[str, object]:
    return {name: row[name] for name in names if name in row}


def _plain(value: object) -> object:
    """Nodes and relationships as their properties, dates as Python's."""
    if isinstance(value, Node | Relationship):
        return {name: _plain(value[name]) for name in value}
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return plain_date(value)
