"""In and out of the store: questions that others labelled, and what people made of its tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Connection, select

from nadeuri.data.questions import Question
from nadeuri.errors import QueryError
from nadeuri.understand.exchange.imported import BAD_ANNOTATOR, UNKNOWN_LABEL
from nadeuri.understand.labelling import labels
from nadeuri.understand.labelling.database import LabellingStore
from nadeuri.understand.labelling.labels import Label, Marks
from nadeuri.understand.labelling.names import annotator_name
from nadeuri.understand.labelling.tables import TASKS
from nadeuri.understand.labelling.tasks import add_tasks, task_id, task_of_row
from nadeuri.understand.labels import Scheme

Which = Literal["final", "all"]
"""``final``: one row a task, which training takes; ``all``: what everybody said, one row each."""

_PART = 500
"""Questions that are taken in at once: so long, and no longer, do people who label wait."""


@dataclass
class TakenIn:
    """What became of questions that were taken in.

    Attributes:
        new: texts that were not there.
        labels: of people, that were not there.
        kept: of people who have said something else of the task here since; theirs stay.
        nameless: labelled questions of which nobody knows by whom: only their texts were taken.
        rejected: questions whose labels were not taken, each with a reason and in words; their
            texts were.
    """

    new: int = 0
    labels: int = 0
    kept: int = 0
    nameless: int = 0
    rejected: list[tuple[Question, str, str]] = field(default_factory=list)


def take_in(
    store: LabellingStore,
    scheme: Scheme,
    questions: Sequence[Question],
    *,
    source: str,
    double: float,
    annotator: str | None = None,
    texts_only: bool = False,
) -> TakenIn:
    """Take in questions and, where it is known whose they are, their labels; twice is as once.

    They are taken in by parts, between which others may write; where it breaks off, it may be
    done again.

    Args:
        source, double: as for :func:`add_tasks`.
        annotator: whose the labels are that have no name.
        texts_only: leave all labels aside.

    Raises:
        QueryError: ``double`` is no share, or ``annotator`` no name.
        DataError: the database cannot be written.
    """
    default = None if annotator is None else annotator_name(annotator)
    done = TakenIn()
    made = labels.now_utc()
    for start in range(0, len(questions), _PART):
        part = questions[start : start + _PART]
        said = [] if texts_only else list(_said(done, scheme, part, default, made))
        with store.begin() as connection:
            done.new += add_tasks(connection, part, source=source, double=double)
            _add_labels(connection, done, said)
    return done


def _said(
    done: TakenIn, scheme: Scheme, questions: Sequence[Question], default: str | None, made: str
) -> Iterator[Label]:
    for each in questions:
        name = each.annotator or default
        if not (each.spans or each.intent):
            continue
        if wrong := scheme.check(each):
            done.rejected.append((each, UNKNOWN_LABEL, wrong[0]))
        elif name is None:
            done.nameless += 1
        else:
            try:
                name = annotator_name(name)
            except QueryError as error:
                done.rejected.append((each, BAD_ANNOTATOR, str(error)))
            else:
                yield Label(task_id(each.text), name, 1, Marks(each.spans, each.intent), made)


def _add_labels(connection: Connection, done: TakenIn, said: Sequence[Label]) -> None:
    present = labels.labels_of(connection, [each.task for each in said])
    known = {(each.task, each.annotator): each for some in present.values() for each in some}
    new: list[Label] = []
    for each in said:
        before = known.setdefault((each.task, each.annotator), each)
        if before is each:
            new.append(each)
        elif before.marks != each.marks:
            done.kept += 1
    labels.add(connection, new)
    done.labels += len(new)


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
