"""Questions to be labelled: taking them in once, whatever they came from, and finding them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, update

from nadeuri import columns
from nadeuri.data.questions import Question
from nadeuri.errors import QueryError
from nadeuri.understand.labelling.tables import TASKS

_ROWS = 500  # of a statement
_COPIES = 2  # of a question that is labelled doubly


@dataclass(frozen=True)
class Task:
    """A question to be labelled.

    Attributes:
        task: its id here, which follows from the text.
        question: the id that it came with.
        source: where it came from.
        copies: how many people are to label it.
        confidence: of a model in its own answer, the lowest of intent and entities; None where
            no model was asked.
        n_labels: how many people have labelled it.
        disputed: two of them said different things.
        settled: somebody decided between them.
        withdrawn: it is offered to nobody any more.
    """

    task: str
    question: str
    text: str
    source: str
    group: str | None
    split: str | None
    copies: int
    confidence: float | None
    n_labels: int
    disputed: bool
    settled: bool
    withdrawn: bool


def task_id(text: str) -> str:
    """The id of the task with this text (NFC)."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def add_tasks(
    connection: Connection, questions: Sequence[Question], *, source: str, double: float
) -> int:
    """Take in the texts that are not there yet; returns how many those are.

    A question whose id another text has already is given the id of its task.

    Args:
        source: where they come from.
        double: share of texts that two people are to label, 0 to 1. Which ones follows from the
            texts alone, so that taking them in again, or in parts, gives the same.

    Raises:
        QueryError: ``double`` is no share.
    """
    if not 0 <= double <= 1:
        raise QueryError(f"double {double}: a share from 0 to 1")
    parts = range(0, len(questions), _ROWS)
    return sum(_add_part(connection, questions[at : at + _ROWS], source, double) for at in parts)


def _add_part(
    connection: Connection, questions: Sequence[Question], source: str, double: float
) -> int:
    tasks = [task_id(question.text) for question in questions]
    known = set(connection.scalars(select(TASKS.c.task).where(TASKS.c.task.in_(tasks))))
    names = [question.id for question in questions]
    ids = set(connection.scalars(select(TASKS.c.question).where(TASKS.c.question.in_(names))))
    position = connection.scalar(select(func.max(TASKS.c.position))) or 0
    rows: list[dict[str, Any]] = []
    for task, question in zip(tasks, questions, strict=True):
        if task in known:
            continue
        name = task if question.id in ids else question.id
        known.add(task)
        ids.add(name)
        rows.append(
            {
                "task": task,
                "question": name,
                columns.TEXT: question.text,
                "source": source,
                columns.GROUP: question.group,
                columns.SPLIT: question.split,
                "position": position + len(rows) + 1,
                "copies": _COPIES if _draw(question.text) < double else 1,
            }
        )
    if rows:
        connection.execute(insert(TASKS), rows)
    return len(rows)


def task_of(connection: Connection, task: str) -> Task | None:
    """The task of this id, if there is one."""
    row = connection.execute(select(TASKS).where(TASKS.c.task == task)).mappings().first()
    return None if row is None else task_of_row(row)


def first_task(connection: Connection) -> str | None:
    """Id of the task that came first, if there is one."""
    query = select(TASKS.c.task).order_by(TASKS.c.position).limit(1)
    return connection.scalar(query)


def unlabelled(connection: Connection) -> Sequence[Task]:
    """Tasks that nobody has labelled, in the order in which they came."""
    query = select(TASKS).where(TASKS.c.n_labels == 0, ~TASKS.c.withdrawn)
    rows = connection.execute(query.order_by(TASKS.c.position)).mappings()
    return [task_of_row(row) for row in rows]


def rank(connection: Connection, confidences: Mapping[str, float]) -> None:
    """Note how sure a model is of each task: those it is least sure of are offered first.

    Active learning by uncertainty, least confident first (Lewis and Gale 1994, "A Sequential
    Algorithm for Training Text Classifiers").
    """
    ranked = update(TASKS).where(TASKS.c.task == bindparam("of"))
    rows = [{"of": task, "sure": confidence} for task, confidence in confidences.items()]
    if rows:
        connection.execute(ranked.values(confidence=bindparam("sure")), rows)


def task_of_row(row: RowMapping) -> Task:
    """A row of the table of tasks as a task."""
    return Task(**{name: row[name] for name in Task.__dataclass_fields__})


def _draw(text: str) -> float:
    """A number from 0 to below 1, the same for the same text."""
    return int(hashlib.sha256(f"double {text}".encode()).hexdigest()[:8], 16) / 2**32
