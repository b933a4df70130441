"""Tables of the mapping store, in SQLAlchemy Core: they run on SQLite and PostgreSQL alike."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from nadeuri import columns

SINCE, UNTIL = "since", "until"
"""The first version that has a decision, and the first that does not any more."""

METADATA = MetaData()

VERSIONS = Table(
    "mapping_version",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("made", String, nullable=False),  # ISO 8601 in UTC, as all times here
    Column("cause", String, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("restores", Integer),
    Column("changed", Integer, nullable=False),
)
"""Versions of the mapping, from 1 without a gap."""

DECISIONS = Table(
    "mapping_decision",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column(columns.LEFT, String, nullable=False),
    Column(columns.RIGHT, String),
    Column(columns.DECISION, String, nullable=False),
    Column(columns.RELATION, String),
    Column(columns.PROBABILITY, Float),
    Column(columns.SOURCE, String, nullable=False),
    Column(columns.MODEL, String),
    Column(columns.PROMPT, String),
    Column(columns.REVIEWER, String),
    Column(columns.DECIDED, String, nullable=False),
    Column(SINCE, Integer, ForeignKey(VERSIONS.c.number), nullable=False, index=True),
    Column(UNTIL, Integer, ForeignKey(VERSIONS.c.number), index=True),
)
"""Decisions about left places. Rows are only ever ended, never changed or deleted."""

_OPEN = text(f"{UNTIL} IS NULL")
_MAPPED = text(f"{UNTIL} IS NULL AND {columns.DECISION} = '{columns.ACCEPT}'")
Index(
    "mapping_one_decision_a_place",
    DECISIONS.c.left,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index(
    "mapping_one_to_one",
    DECISIONS.c.right,
    unique=True,
    sqlite_where=_MAPPED,
    postgresql_where=_MAPPED,
)

SEEN = Table(
    "mapping_seen",
    METADATA,
    Column("side", String, primary_key=True),
    Column("place_id", String, primary_key=True),
    Column("content", String, nullable=False),
    Column(SINCE, Integer, nullable=False),
)
"""Places that a run has decided on, their content as a hash, and the version that this was in."""

LABELS = Table(
    "mapping_label",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column(columns.LEFT, String, nullable=False, index=True),
    Column(columns.RIGHT, String),
    Column(columns.RELATION, String, nullable=False),
    Column(columns.REVIEWER, String, nullable=False),
    Column(columns.DECIDED, String, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("published", Integer),
)
"""What people said; a later row about the same pair counts. ``right`` null: no match at all.

``published``: the version current when the row was taken into the mapping; null before."""

REVIEWS = Table(
    "mapping_review",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column(columns.LEFT, String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("reason", String, nullable=False),
    Column("doubt", Float, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    UniqueConstraint(columns.LEFT),
)
"""What people are asked about; one row a left place."""
