"""How far labelling has come: the time that a question takes, and how the store is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event

from nadeuri.data.questions import Question
from nadeuri.understand.labelling import labels, progress
from nadeuri.understand.labelling.database import LabellingStore
from nadeuri.understand.labelling.labels import Label, Marks
from nadeuri.understand.labelling.results import take_in
from nadeuri.understand.labelling.tasks import add_tasks, task_id
from nadeuri.understand.labels import Scheme

JIMIN = "지민"
QUESTIONS = [Question(f"q{n}", f"{n}번 질문") for n in range(600)]


def test_an_import_says_nothing_of_how_long_a_question_takes(
    store: LabellingStore, scheme: Scheme
) -> None:
    begun = datetime(2026, 6, 1, tzinfo=UTC)
    with store.begin() as connection:
        add_tasks(connection, QUESTIONS, source="x", double=0.0)
        for n, question in enumerate(QUESTIONS[:7]):
            made = (begun + timedelta(seconds=20 * n)).isoformat(timespec="milliseconds")
            marks = Marks((), "날씨")
            labels.add(connection, [Label(task_id(question.text), JIMIN, 1, marks, made)])
    elsewhere = [replace(each, intent="날씨", annotator=JIMIN) for each in QUESTIONS[7:]]
    others = [replace(each, annotator="하나") for each in elsewhere]
    take_in(store, scheme, [*elsewhere, *others], source="x", double=0.0)
    with store.reading() as connection:
        mine, other = progress.people(connection)
    assert (mine.annotator, mine.labelled, mine.seconds, mine.last) == (JIMIN, 600, 20.0, made)
    assert (other.labelled, other.seconds, other.last) == (593, None, None)


def test_disputes_are_read_at_once(store: LabellingStore, scheme: Scheme) -> None:
    said = [
        replace(each, intent=intent, annotator=name)
        for each in QUESTIONS[:4]
        for name, intent in ((JIMIN, "날씨"), ("하나", "잡담"))
    ]
    take_in(store, scheme, said, source="x", double=1.0)
    asked: list[str] = []

    def note(*told: Any) -> None:
        asked.append(told[2])

    with store.reading() as connection:
        event.listen(connection, "before_cursor_execute", note)
        found = progress.disputes(connection, limit=3, offset=1)
    assert [each.task.question for each in found] == ["q1", "q2", "q3"]
    assert all([each.annotator for each in one.labels] == [JIMIN, "하나"] for one in found)
    assert sum(each.startswith("SELECT") for each in asked) == 2
