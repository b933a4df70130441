"""The one description of the graph: labels, relationship types and typed properties.

Tables of ladybug, constraints of Neo4j, the checks of the guard and the schema text of prompts are
all made from :data:`SCHEMA`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from nadeuri import columns

STRING, INTEGER, NUMBER, TRUTH, DAY = "STRING", "INT64", "DOUBLE", "BOOL", "DATE"
STRINGS = "STRING[]"
"""Types of properties, under ladybug's names."""

PLACE, CATEGORY, TOWN, CITY, MENU, REVIEW = "Place", "Category", "Town", "City", "Menu", "Review"
SOURCE, PURPOSE, COMPANION = "Source", "Purpose", "Companion"
ATTRACTION, SEGMENT = "Attraction", "Segment"

IN_CATEGORY, IN_TOWN, IN_CITY = "IN_CATEGORY", "IN_TOWN", "IN_CITY"
SERVES, HAS_REVIEW, RATED_BY = "SERVES", "HAS_REVIEW", "RATED_BY"
VISITED_FOR, VISITED_WITH = "VISITED_FOR", "VISITED_WITH"
NEAR, USED_BY = "NEAR", "USED_BY"

FROM, TO = "from", "to"
"""Columns of a table of relationships: the keys of the nodes that each joins."""


@dataclass(frozen=True)
class NodeType:
    """Nodes of one label.

    Attributes:
        label: such as ``Place``.
        key: the property that no two of them share.
        properties: property -> type, the key among them.
    """

    label: str
    key: str
    properties: Mapping[str, str]


@dataclass(frozen=True)
class RelationshipType:
    """Relationships of one type.

    Attributes:
        name: such as ``SERVES``.
        start, end: the labels they lead from and to.
        properties: property -> type.
        key: the properties that tell apart relationships between the same two nodes.
    """

    name: str
    start: str
    end: str
    properties: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """``(from label, to label)``."""
        return ((self.start, self.end),)


@dataclass(frozen=True)
class GraphSchema:
    """Which nodes and relationships a graph has."""

    nodes: tuple[NodeType, ...]
    edges: tuple[RelationshipType, ...]

    @cached_property
    def labels(self) -> dict[str, Mapping[str, str]]:
        """Label -> property -> type name."""
        return {node.label: node.properties for node in self.nodes}

    @cached_property
    def relationships(self) -> dict[str, RelationshipType]:
        """Relationship type by name."""
        return {edge.name: edge for edge in self.edges}

    @cached_property
    def keys(self) -> dict[str, str]:
        """Label -> the property that no two of its nodes share."""
        return {node.label: node.key for node in self.nodes}

    def node(self, label: str) -> NodeType:
        """The nodes of that label."""
        return next(node for node in self.nodes if node.label == label)


def _named(label: str) -> NodeType:
    return NodeType(label, columns.NAME, {columns.NAME: STRING})


SCHEMA = GraphSchema(
    nodes=(
        NodeType(
            PLACE,
            columns.PLACE_ID,
            {
                columns.PLACE_ID: STRING,
                columns.NAME: STRING,
                columns.CATEGORY: STRING,
                columns.ADDRESS: STRING,
                columns.TOWN: STRING,
                columns.CITY: STRING,
                columns.VILLAGE: STRING,
                columns.LATITUDE: NUMBER,
                columns.LONGITUDE: NUMBER,
                columns.OPENS: INTEGER,
                columns.CLOSES: INTEGER,
                columns.CLOSED_DAYS: STRINGS,
                columns.TAKES_RESERVATIONS: TRUTH,
                columns.RESERVATION_SHARE: NUMBER,
                columns.WAITING_SHARE: NUMBER,
                columns.WAITING_MINUTES: NUMBER,
                columns.RATING: NUMBER,
                columns.N_RATINGS: INTEGER,
                columns.N_REVIEWS: INTEGER,
            },
        ),
        _named(CATEGORY),
        _named(TOWN),
        _named(CITY),
        NodeType(
            MENU,
            columns.MENU_ID,
            {
                columns.MENU_ID: STRING,
                columns.NAME: STRING,
                columns.PRICE: INTEGER,
                columns.IS_MAIN: TRUTH,
            },
        ),
        NodeType(
            REVIEW,
            columns.REVIEW_ID,
            {
                columns.REVIEW_ID: STRING,
                columns.SOURCE: STRING,
                columns.TEXT: STRING,
                columns.DATE: DAY,
                columns.RATING: NUMBER,
                columns.KEYWORDS: STRINGS,
            },
        ),
        _named(SOURCE),
        _named(PURPOSE),
        _named(COMPANION),
        NodeType(
            ATTRACTION,
            columns.ATTRACTION_ID,
            {
                columns.ATTRACTION_ID: STRING,
                columns.NAME: STRING,
                columns.LATITUDE: NUMBER,
                columns.LONGITUDE: NUMBER,
            },
        ),
        NodeType(
            SEGMENT,
            columns.SEGMENT_ID,
            {columns.SEGMENT_ID: STRING, columns.DIMENSION: STRING, columns.VALUE: STRING},
        ),
    ),
    edges=(
        RelationshipType(IN_CATEGORY, PLACE, CATEGORY),
        RelationshipType(IN_TOWN, PLACE, TOWN),
        RelationshipType(IN_CITY, TOWN, CITY),
        RelationshipType(SERVES, PLACE, MENU),
        RelationshipType(HAS_REVIEW, PLACE, REVIEW),
        RelationshipType(
            RATED_BY, PLACE, SOURCE, {columns.RATING: NUMBER, columns.N_RATINGS: INTEGER}
        ),
        RelationshipType(
            VISITED_FOR, PLACE, PURPOSE, {columns.N_VISITS: INTEGER, columns.SHARE: NUMBER}
        ),
        RelationshipType(
            VISITED_WITH, PLACE, COMPANION, {columns.N_VISITS: INTEGER, columns.SHARE: NUMBER}
        ),
        RelationshipType(NEAR, PLACE, ATTRACTION, {columns.METRES: NUMBER}),
        RelationshipType(
            USED_BY,
            PLACE,
            SEGMENT,
            {columns.MONTH: STRING, columns.SHARE: NUMBER},
            key=(columns.MONTH,),
        ),
    ),
)
"""The graph of the guide."""

LOADED_PART = NodeType("LoadedPart", "part", {"part": STRING, "digest": STRING, "epoch": INTEGER})
"""Book-keeping of :mod:`nadeuri.guide.load`, in the graph so that both stay together. It is no
part of :data:`SCHEMA`: neither prompts nor the guard know it."""


def segment_id(dimension: str, value: str) -> str:
    """Key of a :data:`SEGMENT`: ``"age:60대이상"``."""
    return f"{dimension}:{value}"


def ladybug_statements(schema: GraphSchema, extra: Sequence[NodeType] = ()) -> list[str]:
    """Statements that create whatever tables are still missing."""
    statements = [
        f"CREATE NODE TABLE IF NOT EXISTS `{node.label}` "
        f"({_typed(node.properties)}, PRIMARY KEY (`{node.key}`))"
        for node in (*schema.nodes, *extra)
    ]
    statements += [
        f"CREATE REL TABLE IF NOT EXISTS `{edge.name}` (FROM `{edge.start}` TO `{edge.end}`"
        f"{', ' if edge.properties else ''}{_typed(edge.properties)})"
        for edge in schema.edges
    ]
    return statements


def neo4j_statements(schema: GraphSchema, extra: Sequence[NodeType] = ()) -> list[str]:
    """Statements that create whatever constraints are still missing."""
    return [
        f"CREATE CONSTRAINT `{node.label}_{node.key}` IF NOT EXISTS "
        f"FOR (n:`{node.label}`) REQUIRE n.`{node.key}` IS UNIQUE"
        for node in (*schema.nodes, *extra)
    ]


def schema_text(schema: GraphSchema) -> str:
    """The schema as a prompt shows it: a line per label, then a line per relationship type."""
    lines = [f"(:{node.label} {{{_listed(node.properties)}}})" for node in schema.nodes]
    for edge in schema.edges:
        inside = f" {{{_listed(edge.properties)}}}" if edge.properties else ""
        lines.append(f"(:{edge.start})-[:{edge.name}{inside}]->(:{edge.end})")
    return "\n".join(lines)


def _typed(properties: Mapping[str, str]) -> str:
    return ", ".join(f"`{name}` {kind}" for name, kind in properties.items())


def _listed(properties: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {kind}" for name, kind in properties.items())
