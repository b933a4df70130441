"""Graph schemas in the form in which the guard wants them."""

from __future__ import annotations

import ast
import csv
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class RelationshipSchema:
    """See :class:`nadeuri.guide.guard.schema.Relationship`."""

    pairs: tuple[tuple[str, str], ...]
    properties: Mapping[str, str]


@dataclass(frozen=True)
class GraphSchema:
    """See :class:`nadeuri.guide.guard.schema.Schema`."""

    labels: Mapping[str, Mapping[str, str]]
    relationships: Mapping[str, RelationshipSchema]


def read_schemas(path: Path) -> dict[str, GraphSchema]:
    """Schemas of the text2cypher databases by name, from ``text2cypher_schemas.csv``."""
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["database"]: _schema(ast.literal_eval(row["structured_schema"])) for row in rows}


def _schema(structured: dict[str, Any]) -> GraphSchema:
    pairs: dict[str, list[tuple[str, str]]] = {}
    labels = {label: _properties(found) for label, found in structured["node_props"].items()}
    for edge in structured["relationships"]:
        pairs.setdefault(edge["type"], []).append((edge["start"], edge["end"]))
        for end in ("start", "end"):
            labels.setdefault(edge[end], {})  # a label without properties
    properties = structured["rel_props"]
    return GraphSchema(
        labels,
        {
            name: RelationshipSchema(tuple(joined), _properties(properties.get(name, [])))
            for name, joined in pairs.items()
        },
    )


def _properties(found: list[dict[str, Any]]) -> dict[str, str]:
    return {entry["property"]: entry["type"] for entry in found}
