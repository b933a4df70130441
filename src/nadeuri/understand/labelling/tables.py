"""Tables of the labelling store, in SQLAlchemy Core: they run on SQLite and PostgreSQL alike."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
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
)

from nadeuri import columns

METADATA = MetaData()

TASKS = Table(
    "labelling_task",
    METADATA,
    Column("task", String, primary_key=True),
    Column("question", String, nullable=False, unique=True),
    Column(columns.TEXT, Text, nullable=False),
    Column("source", String, nullable=False),
    Column(columns.GROUP, String),
    Column(columns.SPLIT, String),
    Column("position", Integer, nullable=False, index=True),
    Column("copies", Integer, nullable=False),
    Column("confidence", Float),
    Column("n_labels", Integer, nullable=False, default=0),
    Column("disputed", Boolean, nullable=False, default=False),
    Column("settled", Boolean, nullable=False, default=False),
    Column("withdrawn", Boolean, nullable=False, default=False),
)
"""Questions to be labelled; ``task`` follows from the text, so that no text is there twice.

``question`` is the id that it came with, ``copies`` how many people are to label it. What is behind
``confidence`` follows from the other tables and is kept for speed: who labelled it, whether they
disagree, whether somebody decided between them, and whether it is offered to nobody any more."""

LACKS_LABELS = ~TASKS.c.withdrawn & (TASKS.c.n_labels < TASKS.c.copies)
Index(
    "labelling_task_offer",
    TASKS.c.confidence,
    TASKS.c.position,
    sqlite_where=LACKS_LABELS,
    postgresql_where=LACKS_LABELS,
)
"""Tasks that somebody is needed for, in the order in which they are offered."""

LABELS = Table(
    "labelling_label",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("task", String, ForeignKey(TASKS.c.task), nullable=False),
    Column(columns.ANNOTATOR, String, nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column(columns.SPANS, Text, nullable=False),
    Column(columns.INTENT, String),
    Column("made", String, nullable=False),  # ISO 8601 in UTC; of an import one for all its labels
    UniqueConstraint("task", columns.ANNOTATOR, "revision"),
)
"""What people said, each on their own. Rows are only ever added; the latest revision counts."""

VERDICTS = Table(
    "labelling_verdict",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("task", String, ForeignKey(TASKS.c.task), nullable=False),
    Column(columns.ANNOTATOR, String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column(columns.SPANS, Text, nullable=False),
    Column(columns.INTENT, String),
    Column("made", String, nullable=False),
    UniqueConstraint("task", "revision"),
)
"""What was decided where people disagreed. Rows are only ever added; the latest revision counts."""

SKIPS = Table(
    "labelling_skip",
    METADATA,
    Column("task", String, ForeignKey(TASKS.c.task), primary_key=True),
    Column(columns.ANNOTATOR, String, primary_key=True),
    Column(columns.REASON, String, nullable=False),
    Column("made", String, nullable=False),
)
"""Who would not label what, and why; it counts while that person has not labelled it after all."""

LEASES = Table(
    "labelling_lease",
    METADATA,
    Column("task", String, ForeignKey(TASKS.c.task), primary_key=True),
    Column(columns.ANNOTATOR, String, primary_key=True),
    Column("until", Float, nullable=False, index=True),  # seconds since 1970
)
"""Who is looking at what now: others are meanwhile offered something else."""
