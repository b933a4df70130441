"""Who is shown what next: nothing that they have seen, and nothing that others are at just now."""

from __future__ import annotations

from sqlalchemy import Connection, delete, exists, func, insert, select
from sqlalchemy.sql.elements import ColumnElement

from nadeuri import columns
from nadeuri.understand.labelling.tables import LABELS, LACKS_LABELS, LEASES, SKIPS, TASKS
from nadeuri.understand.labelling.tasks import Task, task_of_row

LEASE_S = 900.0
"""After so long without a word from somebody, others are offered what they were looking at."""


def next_task(connection: Connection, annotator: str, now: float) -> Task | None:
    """The task that a person is to label next, theirs for :data:`LEASE_S`; None without any.

    What they were shown last and have neither labelled nor skipped comes again. Then comes what a
    model is least sure of (:func:`nadeuri.understand.labelling.tasks.rank`), and after that the
    order in which tasks came. A task that needs a second person keeps its place in that order, so
    that whoever joins begins with what others have done, and agreement is known from the first
    hour on.

    Args:
        now: seconds since 1970.
    """
    connection.execute(delete(LEASES).where(LEASES.c.until <= now))
    task = _first_open(connection, annotator)
    if task is None:
        return None
    lease = {"task": task.task, columns.ANNOTATOR: annotator}
    connection.execute(delete(LEASES).where(LEASES.c.annotator == annotator))
    connection.execute(insert(LEASES), lease | {"until": now + LEASE_S})
    return task


def _first_open(connection: Connection, annotator: str) -> Task | None:
    """One query for each kind of task, so that an index has the order and the first one ends it."""
    shown = select(LEASES.c.task).where(LEASES.c.annotator == annotator)
    confidence, position = TASKS.c.confidence, TASKS.c.position
    for query in (
        select(TASKS).where(TASKS.c.task.in_(shown)),
        select(TASKS).where(confidence.is_not(None)).order_by(confidence, position),
        select(TASKS).where(confidence.is_(None)).order_by(position),
    ):
        first = query.where(_open_for(annotator)).limit(1)
        row = connection.execute(first).mappings().first()
        if row is not None:
            return task_of_row(row)
    return None


def _open_for(annotator: str) -> ColumnElement[bool]:
    """Whether a task needs this person: it lacks labels that nobody else is making now."""
    others = (
        select(func.count())
        .select_from(LEASES)
        .where(LEASES.c.task == TASKS.c.task, LEASES.c.annotator != annotator)
        .scalar_subquery()
    )
    seen = (
        exists().where(table.c.task == TASKS.c.task, table.c.annotator == annotator)
        for table in (LABELS, SKIPS)
    )
    is_needed = LACKS_LABELS & (TASKS.c.n_labels + others < TASKS.c.copies)
    for each in seen:
        is_needed &= ~each
    return is_needed
