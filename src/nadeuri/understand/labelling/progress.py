"""How far labelling has come, who did what, how far people agree, and about what they do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

from sqlalchemy import Connection, func, select

from nadeuri.data.questions import Question
from nadeuri.understand import agreement
from nadeuri.understand.labelling import labels
from nadeuri.understand.labelling.labels import Label
from nadeuri.understand.labelling.tables import LABELS, SKIPS, TASKS
from nadeuri.understand.labelling.tasks import Task, task_of_row

PAUSE_S = 300.0
"""A longer time between two labels is a pause, which says nothing of how long a question takes."""
_RECENT = 200
_FEWEST = 5


@dataclass(frozen=True)
class Counts:
    """Tasks, each of which counts once in every field that is true of it.

    Attributes:
        tasks: all of them.
        labelled: by somebody.
        complete: by as many as they are to be labelled by.
        double: that two people are to label.
        disputed: people disagree, and nobody has decided.
        settled: somebody decided.
        withdrawn: offered to nobody any more.
    """

    tasks: int
    labelled: int
    complete: int
    double: int
    disputed: int
    settled: int
    withdrawn: int


@dataclass(frozen=True)
class Person:
    """What one person did.

    Attributes:
        labelled: tasks.
        skipped: tasks.
        seconds: the median between two of the last labels, without pauses; None of too few.
        last: when they labelled last, ISO 8601 in UTC; None if they only skipped, or labelled
            elsewhere.
    """

    annotator: str
    labelled: int
    skipped: int
    seconds: float | None
    last: str | None


@dataclass(frozen=True)
class Dispute:
    """A task that people disagree about, and what each of them says."""

    task: Task
    labels: Sequence[Label]


def counts(connection: Connection) -> Counts:
    """How many tasks there are, and how far they have come."""
    found = TASKS.c
    conditions = {
        "labelled": found.n_labels > 0,
        "complete": found.n_labels >= found.copies,
        "double": found.copies > 1,
        "disputed": found.disputed & ~found.settled & ~found.withdrawn,
        "settled": found.settled,
        "withdrawn": found.withdrawn,
    }
    counted = (func.count().filter(condition).label(name) for name, condition in conditions.items())
    row = connection.execute(select(func.count().label("tasks"), *counted)).mappings().one()
    return Counts(**row)


def people(connection: Connection) -> list[Person]:
    """What everybody did, most first."""
    who, how_many = LABELS.c.annotator, func.count(LABELS.c.task.distinct())
    query = select(who, how_many).group_by(who)
    labelled: dict[str, int] = dict(connection.execute(query).all())
    skipped = Counter(connection.scalars(select(SKIPS.c.annotator)))
    made = _made_of_late(connection)
    found = [
        Person(
            name,
            labelled.get(name, 0),
            skipped[name],
            _seconds(made.get(name, [])),
            made[name][-1] if name in made else None,
        )
        for name in {*labelled, *skipped}
    ]
    return sorted(found, key=lambda each: (-each.labelled, each.annotator))


def n_labelled_by(connection: Connection, annotator: str) -> int:
    """How many tasks a person has labelled."""
    query = select(func.count(LABELS.c.task.distinct())).where(LABELS.c.annotator == annotator)
    return connection.scalar(query) or 0


def used(said: Sequence[Label]) -> tuple[Counter[str], Counter[str]]:
    """How often each label and each intent was given."""
    entities = Counter(span.label for each in said for span in each.marks.spans)
    intents = Counter(each.marks.intent for each in said if each.marks.intent)
    return entities, intents


def agreed(connection: Connection, said: Sequence[Label]) -> agreement.Agreement:
    """How far people agree on the tasks that several of them labelled.

    Args:
        said: :func:`nadeuri.understand.labelling.labels.latest`, of several or of all.
    """
    several = select(TASKS.c.task, TASKS.c.text).where(TASKS.c.n_labels > 1)
    texts = dict(connection.execute(several).all())
    return agreement.agreement(
        [
            Question(
                each.task,
                texts[each.task],
                each.marks.spans,
                each.marks.intent,
                annotator=each.annotator,
            )
            for each in said
            if each.task in texts
        ]
    )


def disputes(connection: Connection, limit: int, offset: int = 0) -> list[Dispute]:
    """Tasks that people disagree about and that nobody has decided, in the order they came."""
    query = (
        select(TASKS)
        .where(TASKS.c.disputed, ~TASKS.c.settled, ~TASKS.c.withdrawn)
        .order_by(TASKS.c.position)
        .limit(limit)
        .offset(offset)
    )
    tasks = [task_of_row(row) for row in connection.execute(query).mappings()]
    said = labels.labels_of(connection, [task.task for task in tasks])
    return [Dispute(task, said[task.task]) for task in tasks]


def _made_of_late(connection: Connection) -> dict[str, list[str]]:
    """When everybody made their last labels here, in order.

    Labels of a person that have one moment in common come from an import.
    """
    who, made = LABELS.c.annotator, LABELS.c.made
    here = select(who, made).group_by(who, made).having(func.count() == 1).subquery()
    back = func.row_number().over(partition_by=here.c.annotator, order_by=here.c.made.desc())
    numbered = select(here, back.label("back")).subquery()
    recent = select(numbered.c.annotator, numbered.c.made).where(numbered.c.back <= _RECENT)
    found: dict[str, list[str]] = {}
    for annotator, at in connection.execute(recent.order_by(numbered.c.made)):
        found.setdefault(annotator, []).append(at)
    return found


def _seconds(made: Sequence[str]) -> float | None:
    times = [datetime.fromisoformat(each) for each in made]
    gaps = [(after - before).total_seconds() for before, after in pairwise(times)]
    working = [gap for gap in gaps if 0 < gap <= PAUSE_S]
    return median(working) if len(working) >= _FEWEST else None
