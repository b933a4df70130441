"""What people say of questions: kept for ever, the latest counts, and none overwrites another."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from sqlalchemy import (
    Connection,
    RowMapping,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from nadeuri import columns
from nadeuri.data.questions import Question, Span, problem
from nadeuri.errors import QueryError
from nadeuri.understand.labelling.tables import LABELS, LEASES, SKIPS, TASKS, VERDICTS
from nadeuri.understand.labelling.tasks import Task
from nadeuri.understand.labels import Scheme

Reason = Literal["unclear", "broken", "private"]
"""Why somebody would not label a question: it is not clear to them, it is no question that could
be understood at all, or it says something of a person that has to stay private."""
REASONS: tuple[Reason, ...] = get_args(Reason)
WITHDRAWING: tuple[Reason, ...] = ("broken", "private")
"""Reasons for which a question is offered to nobody any more."""


class StaleLabelError(QueryError):
    """It has been labelled anew since what was said was begun."""


class SettledError(QueryError):
    """There is nothing to be decided: people do not disagree (any more)."""


@dataclass(frozen=True)
class Marks:
    """Entities and intent of a question, as one person sees them; spans are sorted."""

    spans: tuple[Span, ...]
    intent: str | None


@dataclass(frozen=True)
class Label:
    """What one person said of a task.

    Attributes:
        revision: from 1; the next thing that is said names it.
        made: ISO 8601 in UTC.
    """

    task: str
    annotator: str
    revision: int
    marks: Marks
    made: str


def save(
    connection: Connection,
    scheme: Scheme,
    task: Task,
    annotator: str,
    marks: Marks,
    revision: int,
) -> int:
    """Keep what a person says of a task; saying the same thing again changes nothing.

    Args:
        revision: of this person's label that was changed; 0 for the first.

    Returns:
        The revision that it has now.

    Raises:
        QueryError: the marks do not fit the text or the scheme.
        StaleLabelError: this person's label is at another revision.
    """
    wanted = checked(scheme, task, marks)
    before = label_of(connection, task.task, annotator)
    kept = _append(connection, LABELS, task, annotator, wanted, before, revision)
    _settle(connection, [(task.task, annotator)])
    return kept


def add(connection: Connection, first: Sequence[Label]) -> None:
    """Keep what people said elsewhere: each the first of its person of its task, and checked."""
    if first:
        connection.execute(insert(LABELS), [_row(each) for each in first])
        _settle(connection, [(each.task, each.annotator) for each in first])


def adjudicate(
    connection: Connection,
    scheme: Scheme,
    task: Task,
    annotator: str,
    marks: Marks,
    revision: int,
) -> int:
    """Decide what holds for a task about which people disagree; it wins over what they said.

    Args:
        revision: of the verdict that is changed; 0 for the first.

    Returns:
        The revision that the verdict has now.

    Raises:
        QueryError: the marks do not fit the text or the scheme.
        SettledError: people do not disagree about the task.
        StaleLabelError: somebody else decided meanwhile.
    """
    wanted = checked(scheme, task, marks)
    if not (task.disputed or task.settled):
        raise SettledError(f"{task.task}: nobody disagrees about it; there is nothing to decide")
    before = verdict_of(connection, task.task)
    kept = _append(connection, VERDICTS, task, annotator, wanted, before, revision)
    connection.execute(update(TASKS).where(TASKS.c.task == task.task).values(settled=True))
    return kept


def skip(connection: Connection, task: Task, annotator: str, reason: Reason) -> None:
    """Note that a person would not label a task, and why; the last reason counts.

    It holds until that person labels the task after all.
    """
    _leave(connection, [(task.task, annotator)])
    row = {"task": task.task, columns.ANNOTATOR: annotator, columns.REASON: reason}
    connection.execute(insert(SKIPS), row | {"made": now_utc()})
    _recount(connection, [task.task])


def checked(scheme: Scheme, task: Task, marks: Marks) -> Marks:
    """The marks, sorted.

    Raises:
        QueryError: they do not fit the text or the scheme.
    """
    spans = tuple(sorted(marks.spans))
    question = Question(task.question, task.text, spans, marks.intent)
    wrong = problem(question) or next(iter(scheme.check(question)), None)
    if wrong:
        raise QueryError(f"{task.question}: {wrong}")
    return Marks(spans, marks.intent)


def label_of(connection: Connection, task: str, annotator: str) -> Label | None:
    """What a person said last of a task."""
    mine = select(LABELS).where(_of(LABELS, task, annotator))
    query = mine.order_by(LABELS.c.revision.desc())
    row = connection.execute(query.limit(1)).mappings().first()
    return None if row is None else label_of_row(row)


def labels_of(connection: Connection, tasks: Sequence[str]) -> dict[str, list[Label]]:
    """What each person said last of some tasks, in the order in which they first said something.

    Args:
        tasks: some hundreds at most.
    """
    query = select(LABELS).where(LABELS.c.task.in_(tasks)).order_by(LABELS.c.number)
    latest: dict[str, dict[str, Label]] = {task: {} for task in tasks}
    for row in connection.execute(query).mappings():
        latest[row["task"]][row[columns.ANNOTATOR]] = label_of_row(row)
    return {task: list(said.values()) for task, said in latest.items()}


def latest(connection: Connection, *, of_several: bool = False) -> list[Label]:
    """What each person said last of every task, in the order of the tasks and of the people.

    Args:
        of_several: only of tasks that two or more people labelled.
    """
    newest = select(func.max(LABELS.c.number)).group_by(LABELS.c.task, LABELS.c.annotator)
    query = (
        select(LABELS)
        .join(TASKS, TASKS.c.task == LABELS.c.task)
        .where(LABELS.c.number.in_(newest))
        .order_by(TASKS.c.position, LABELS.c.annotator)
    )
    if of_several:
        query = query.where(TASKS.c.n_labels > 1)
    return [label_of_row(row) for row in connection.execute(query).mappings()]


def verdict_of(connection: Connection, task: str) -> Label | None:
    """What was decided last of a task."""
    query = select(VERDICTS).where(VERDICTS.c.task == task).order_by(VERDICTS.c.revision.desc())
    row = connection.execute(query.limit(1)).mappings().first()
    return None if row is None else label_of_row(row)


def verdicts(connection: Connection) -> dict[str, Label]:
    """What was decided last of every task that people disagreed about, by task."""
    rows = connection.execute(select(VERDICTS).order_by(VERDICTS.c.revision)).mappings()
    return {row["task"]: label_of_row(row) for row in rows}


def label_of_row(row: RowMapping) -> Label:
    """A row of the tables of labels or verdicts."""
    spans = tuple(Span(*span) for span in json.loads(row[columns.SPANS]))
    return Label(
        row["task"],
        row[columns.ANNOTATOR],
        row["revision"],
        Marks(spans, row[columns.INTENT]),
        row["made"],
    )


def now_utc() -> str:
    """This moment as it is written in the store, ISO 8601 in UTC; such texts sort by time."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _append(
    connection: Connection,
    table: Table,
    task: Task,
    annotator: str,
    marks: Marks,
    before: Label | None,
    revision: int,
) -> int:
    """A new row behind ``before``, unless it says the same; returns its revision.

    Raises:
        StaleLabelError: ``before`` is at another revision.
    """
    present = 0 if before is None else before.revision
    if before is not None and (before.annotator, before.marks) == (annotator, marks):
        return present
    if revision != present:
        raise StaleLabelError(
            f"{task.task} is at revision {present}, not {revision}: it was labelled meanwhile; "
            "look again"
        )
    kept = Label(task.task, annotator, present + 1, marks, now_utc())
    connection.execute(insert(table), _row(kept))
    return kept.revision


def _row(label: Label) -> dict[str, Any]:
    return {
        "task": label.task,
        columns.ANNOTATOR: label.annotator,
        "revision": label.revision,
        columns.SPANS: json.dumps(label.marks.spans, ensure_ascii=False),
        columns.INTENT: label.marks.intent,
        "made": label.made,
    }


def _settle(connection: Connection, said: Sequence[tuple[str, str]]) -> None:
    """What follows from labels, each named by its task and its person."""
    _leave(connection, said)
    _recount(connection, list({task for task, _ in said}))


def _leave(connection: Connection, done: Sequence[tuple[str, str]]) -> None:
    """People are neither looking at tasks any more, nor have they skipped them."""
    for table in (LEASES, SKIPS):
        connection.execute(delete(table).where(tuple_(table.c.task, table.c.annotator).in_(done)))


def _recount(connection: Connection, tasks: Sequence[str]) -> None:
    """Write into tasks what follows from what people said of them."""
    is_gone = and_(SKIPS.c.task.in_(tasks), SKIPS.c.reason.in_(WITHDRAWING))
    withdrawn = set(connection.scalars(select(SKIPS.c.task).where(is_gone)))
    rows = [
        {
            "of": task,
            "n": len(said),
            "differ": len({each.marks for each in said}) > 1,
            "gone": task in withdrawn,
        }
        for task, said in labels_of(connection, tasks).items()
    ]
    counted = update(TASKS).where(TASKS.c.task == bindparam("of"))
    connection.execute(
        counted.values(
            n_labels=bindparam("n"), disputed=bindparam("differ"), withdrawn=bindparam("gone")
        ),
        rows,
    )


def _of(table: Table, task: str, annotator: str) -> ColumnElement[bool]:
    return and_(table.c.task == task, table.c.annotator == annotator)
