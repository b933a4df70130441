"""The vocabulary of a graph: what questions to it may mention, asked from the graph itself."""

from __future__ import annotations

from collections import defaultdict
from typing import get_args

from nadeuri import columns
from nadeuri.guide.plan import Dimension
from nadeuri.guide.schema import (
    ATTRACTION,
    CATEGORY,
    COMPANION,
    MENU,
    PLACE,
    PURPOSE,
    REVIEW,
    SEGMENT,
)
from nadeuri.guide.store import GraphReader, Row
from nadeuri.guide.vocabulary import Vocabulary

_PATIENCE_S = 60.0  # the keywords of every review are looked at, on a slow disk perhaps
_DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
_MOST_NAMES = 1_000_000  # names of a kind: far more than there are


def vocabulary_of(reader: GraphReader) -> Vocabulary:
    """The names that the graph holds now; equal graphs give equal vocabularies.

    Names are sorted. Values of a segment come in the order of :data:`nadeuri.columns.SEGMENTS`.

    Raises:
        GraphError: the graph cannot be asked.
    """
    return Vocabulary.of(
        _areas(reader),
        categories=_names(reader, CATEGORY),
        menus=_names(reader, MENU),
        attractions=_names(reader, ATTRACTION),
        purposes=_names(reader, PURPOSE),
        companions=_names(reader, COMPANION),
        keywords=_keywords(reader),
        segments=_segments(reader),
        places=_names(reader, PLACE),
    )


def _areas(reader: GraphReader) -> list[tuple[str, str, str | None]]:
    rows = _ask(
        reader,
        f"MATCH (p:{PLACE}) RETURN DISTINCT p.{columns.CITY} AS city, p.{columns.TOWN} AS town, "
        f"p.{columns.VILLAGE} AS village",
    )
    return [
        (str(row["city"]), str(row["town"]), str(row["village"]) if row["village"] else None)
        for row in rows
    ]


def _names(reader: GraphReader, label: str) -> list[str]:
    cypher = f"MATCH (n:{label}) RETURN DISTINCT n.{columns.NAME} AS name"
    return sorted(str(row["name"]) for row in _ask(reader, cypher))


def _keywords(reader: GraphReader) -> list[str]:
    rows = _ask(
        reader,
        f"MATCH (r:{REVIEW}) UNWIND r.{columns.KEYWORDS} AS keyword "
        "RETURN DISTINCT keyword AS keyword",
    )
    return sorted(str(row["keyword"]) for row in rows)


def _segments(reader: GraphReader) -> dict[Dimension, list[str]]:
    rows = _ask(
        reader,
        f"MATCH (s:{SEGMENT}) RETURN s.{columns.DIMENSION} AS dimension, "
        f"s.{columns.VALUE} AS value",
    )
    held: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        held[str(row["dimension"])].add(str(row["value"]))
    return {
        dimension: [value for value in columns.SEGMENTS[dimension] if value in held[dimension]]
        for dimension in _DIMENSIONS
    }


def _ask(reader: GraphReader, cypher: str) -> list[Row]:
    return reader.query(cypher, timeout_s=_PATIENCE_S, limit=_MOST_NAMES)
