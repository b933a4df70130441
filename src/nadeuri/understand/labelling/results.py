"""In and out of the store: questions that others labelled, and what people made of its tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from sqlalchemy import Connection, select

from nadeuri.data.questions import Question
from nadeuri.understand.labelling import labels
from nadeuri.understand.labelling.labels import Marks
from nadeuri.understand.labelling.tables import TASKS
from nadeuri.understand.labelling.tasks import add_tasks, task_id, task_of, task_of_row
from nadeuri.understand.labels import Scheme

Which = Literal["final", "all"]
"""``final``: one row a task, which training takes; ``all``: what everybody said, one row each."""


@dataclass
class TakenIn:
    """What became of questions that were taken in.

    Attributes:
        new: texts that were not there.
        labels: of people, that were not there.
        kept: of people who have said something else of the task here since; theirs stay.
        nameless: labelled questions of which nobody knows by whom: only their texts were taken.
        rejected: questions whose labels do not fit the scheme, by reason; with their texts.
    """

    new: int = 0
    labels: int = 0
    kept: int = 0
    nameless: int = 0
    rejected: list[tuple[Question, str]] = field(default_factory=list)


def take_in(
    connection: Connection,
    scheme: Scheme,
    questions: Sequence[Question],
    *,
    source: str,
    double: float,
    annotator: str | None = None,
    texts_only: bool = False,
) -> TakenIn:
    """Take in questions and, where it is known whose they are, their labels; twice is as once.

    Args:
        source, double: as for :func:`add_tasks`.
        annotator: whose the labels are that have no name.
        texts_only: leave all labels aside.
    """
    said = [
        replace(each, annotator=each.annotator or annotator)
        for each in questions
        if (each.spans or each.intent) and not texts_only
    ]
    done = TakenIn(nameless=sum(each.annotator is None for each in said))
    unfit = {id(each): wrong[0] for each in said if (wrong := scheme.check(each))}
    done.rejected = [(each, unfit[id(each)]) for each in said if id(each) in unfit]
    done.new = add_tasks(connection, questions, source=source, double=double)
    for each in said:
        task = task_of(connection, task_id(each.text))
        if task is None or each.annotator is None or id(each) in unfit:
            continue
        marks = Marks(each.spans, each.intent)
        before = labels.label_of(connection, task.task, each.annotator)
        if before is None:
            labels.save(connection, scheme, task, each.annotator, marks, 0)
            done.labels += 1
        elif before.marks != marks:
            done.kept += 1
    return done


def results(connection: Connection, which: Which) -> tuple[list[Question], Counter[str]]:
    """The labelled questions, in the order of the tasks, and what was left out by reason.

    A verdict wins over what people said. Of a task that people disagree about without a verdict,
    ``final`` has nothing; of one that was withdrawn, neither has.
    """
    query = select(TASKS).where(TASKS.c.n_labels > 0).order_by(TASKS.c.position)
    tasks = {row["task"]: task_of_row(row) for row in connection.execute(query).mappings()}
    said: dict[str, list[labels.Label]] = {}
    for label in labels.latest(connection):
        said.setdefault(label.task, []).append(label)
    decided = labels.verdicts(connection)
    questions: list[Question] = []
    left_out: Counter[str] = Counter()
    for task in tasks.values():
        if task.withdrawn:
            left_out["withdrawn"] += 1
            continue
        if which == "all":
            chosen = said[task.task]
        elif task.task in decided:
            chosen = [decided[task.task]]
        elif task.disputed:
            left_out["disputed"] += 1
            continue
        else:
            chosen = said[task.task][:1]
        several = len(chosen) > 1
        questions += [
            Question(
                f"{task.question}/{label.annotator}" if several else task.question,
                task.text,
                label.marks.spans,
                label.marks.intent,
                task.group,
                task.split,
                label.annotator,
            )
            for label in chosen
        ]
    return questions, left_out
