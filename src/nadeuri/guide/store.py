"""What the guide needs of a graph database; ladybug and Neo4j both offer it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import date
from types import TracebackType
from typing import Literal, Protocol, Self

import pyarrow as pa

from nadeuri.errors import GraphError
from nadeuri.guide.schema import GraphSchema, NodeType, RelationshipType

Dialect = Literal["ladybug", "neo4j"]

Row = dict[str, object]
"""A row of an answer: nodes and relationships are dicts of their properties, dates are
:class:`datetime.date`."""

DEFAULT_TIMEOUT_S = 10.0
DEFAULT_LIMIT = 10_000

_COUNT_S = 600.0  # for one count on a server
_STRINGS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`", re.DOTALL)
_PARAMETER = re.compile(r"\$(\w+)")


class Closing(ABC):
    """Closed when its block ends."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the database."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class GraphReader(Protocol):
    """A graph that can be asked in Cypher."""

    @property
    def dialect(self) -> Dialect:
        """Which Cypher it speaks."""

    def query(
        self,
        cypher: str,
        parameters: Mapping[str, object] | None = None,
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        limit: int = DEFAULT_LIMIT,
    ) -> list[Row]:
        """Rows of a reading query, ``limit`` of them at most.

        Raises:
            QueryTimeoutError: it took longer than ``timeout_s``.
            GraphError: the database refuses the query, or a parameter is missing.
        """

    def counts(self) -> dict[str, int]:
        """Number of nodes by label and of relationships by type, for all of the schema."""

    def close(self) -> None:
        """Let go of the database."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class GraphStore(GraphReader, Protocol):
    """A graph that can be written in bulk as well."""

    def create_schema(self) -> None:
        """Create tables or constraints where they are missing."""

    def write_nodes(self, node: NodeType, rows: pa.Table) -> int:
        """Write nodes: new keys are created, nodes that differ are updated, others left alone.

        Args:
            rows: the key, without repeats, and any other properties; those that are absent stay
                as they are.

        Returns:
            how many nodes are new.
        """

    def write_relationships(
        self, edge: RelationshipType, rows: pa.Table, *, instead_of: Collection[str] = ()
    ) -> int:
        """Write relationships between nodes that exist, in the manner of :meth:`write_nodes`.

        Args:
            rows: ``from`` and ``to`` (keys of nodes) and the properties.
            instead_of: keys of start nodes whose relationships of this type are exactly ``rows``:
                others are removed.

        Returns:
            how many relationships are new.

        Raises:
            GraphError: a node is not in the graph; then nothing of the batch is written.
        """


def count_all(reader: GraphReader, schema: GraphSchema) -> dict[str, int]:
    """Number of nodes by label and of relationships by type, asked one by one."""
    queries = {label: f"MATCH (n:`{label}`) RETURN count(n) AS n" for label in schema.labels}
    for name in schema.relationships:
        queries[name] = f"MATCH ()-[r:`{name}`]->() RETURN count(r) AS n"
    counted = {}
    for name, cypher in queries.items():
        number = reader.query(cypher, timeout_s=_COUNT_S)[0]["n"]
        assert isinstance(number, int)
        counted[name] = number
    return counted


def require_parameters(cypher: str, parameters: Mapping[str, object]) -> None:
    """Check that every ``$name`` has a value: ladybug would take a missing one for null.

    Raises:
        GraphError: one has none.
    """
    wanted = dict.fromkeys(_PARAMETER.findall(_STRINGS.sub("''", cypher)))
    missing = [name for name in wanted if name not in parameters]
    if missing:
        raise GraphError(f"query parameter {', '.join(missing)} has no value; pass it along")


def one_line(error: BaseException) -> str:
    """The first line of a database's message."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def plain_date(value: object) -> object:
    """A driver's own kind of date as :class:`datetime.date`; other values as they are."""
    native = getattr(value, "to_native", None)
    if native is not None and isinstance(converted := native(), date):
        return converted
    return value
