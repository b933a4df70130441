"""The labelling store by example: who is shown what, what is refused, and what survives a kill."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from nadeuri.data.questions import Question, Span
from nadeuri.errors import QueryError
from nadeuri.understand.exchange.formats import read_any, write_as
from nadeuri.understand.labelling import labels, progress
from nadeuri.understand.labelling.assign import next_task
from nadeuri.understand.labelling.database import LabellingStore
from nadeuri.understand.labelling.labels import Marks
from nadeuri.understand.labelling.results import results, take_in
from nadeuri.understand.labelling.tasks import (
    Task,
    add_tasks,
    rank,
    task_id,
    task_of,
    unlabelled,
)
from nadeuri.understand.labels import Scheme, parse_marked

QUESTIONS = [Question(f"q{n}", f"{n}번 질문", group="g", split="train") for n in range(200)]
HANA, JIMIN = "하나", "지민"
NOTHING = Marks((), "잡담")


def fill(store: LabellingStore, *questions: Question, double: float = 0.0) -> list[Task]:
    with store.begin() as connection:
        add_tasks(connection, questions, source="test", double=double)
        return list(unlabelled(connection))


def shown(connection: Connection, annotator: str, now: float = 0.0) -> str | None:
    task = next_task(connection, annotator, now)
    return None if task is None else task.question


def test_a_share_is_labelled_doubly_and_the_same_share_whenever(store: LabellingStore) -> None:
    tasks = fill(store, *QUESTIONS[:120], double=0.2)
    tasks = fill(store, *QUESTIONS, double=0.2)
    double = {task.text for task in tasks if task.copies == 2}
    assert 20 <= len(double) <= 60
    assert [task.question for task in tasks] == [question.id for question in QUESTIONS]
    with store.begin() as connection, pytest.raises(QueryError, match="a share"):
        add_tasks(connection, (), source="test", double=1.5)


def test_an_id_that_another_text_has(store: LabellingStore) -> None:
    other = Question("q1", "다른 질문")
    assert [task.question for task in fill(store, QUESTIONS[1], other)] == [
        "q1",
        task_id(other.text),
    ]


def test_the_least_sure_comes_first_and_again_until_something_is_said(
    store: LabellingStore, scheme: Scheme
) -> None:
    first, second, third = fill(store, *QUESTIONS[:3])
    with store.begin() as connection:
        rank(connection, {third.task: 0.2, second.task: 0.9})
        assert shown(connection, JIMIN) == "q2"
        assert shown(connection, JIMIN) == "q2"
        assert shown(connection, HANA) == "q1", "the first is being looked at"
        labels.save(connection, scheme, third, JIMIN, NOTHING, 0)
        assert shown(connection, JIMIN) == "q0"
        labels.skip(connection, first, JIMIN, "unclear")
        assert shown(connection, JIMIN) is None
        assert shown(connection, JIMIN, now=1e9) == "q1", "who left it has left it"


def test_who_joins_begins_with_what_needs_a_second_person(
    store: LabellingStore, scheme: Scheme
) -> None:
    tasks = fill(store, *QUESTIONS[:60], double=0.3)
    with store.begin() as connection:
        for task in tasks[:30]:
            labels.save(connection, scheme, task, JIMIN, NOTHING, 0)
        offered = next_task(connection, HANA, 0.0)
        assert offered == task_of(connection, next(t.task for t in tasks if t.copies == 2))


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        (Marks((Span(0, 99, "지역"),), None), "does not lie in the text"),
        (Marks((Span(2, 4, "지역"), Span(3, 4, "지역")), None), "overlaps"),
        (Marks((Span(0, 1, "도시"),), None), "unknown label '도시'"),
        (Marks((), "소문"), "unknown intent '소문'"),
        (Marks((Span(1, 3, "지역"),), None), "begins or ends with a space"),
    ],
)
def test_marks_have_to_fit(store: LabellingStore, scheme: Scheme, marks: Marks, words: str) -> None:
    (task,) = fill(store, Question("q", "오 사카 얼마"))
    with store.begin() as connection:
        with pytest.raises(QueryError, match=words):
            labels.save(connection, scheme, task, JIMIN, marks, 0)
        assert labels.latest(connection) == []


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("all.parquet", "table"),
        ("all.jsonl", "doccano"),
        ("all.json", "label-studio-predictions"),
    ],
)
def test_in_labelled_and_out_again(
    store: LabellingStore, scheme: Scheme, tmp_path: Path, name: str, format: str
) -> None:
    marked = (
        ("👨‍👩‍👧 <오사카:지역> <패키지:상품 유형> 추천", "상품 추천"),
        ("<괌:지역> 얼마예요?", "가격 문의"),
    )
    wanted = [
        replace(
            parse_marked(text, id=f"q{number}", intent=intent), group=f"g{number}", split="train"
        )
        for number, (text, intent) in enumerate(marked)
    ]
    tasks = fill(store, *[replace(each, spans=(), intent=None) for each in wanted])
    with store.begin() as connection:
        for task, each in zip(tasks, wanted, strict=True):
            labels.save(connection, scheme, task, JIMIN, Marks(each.spans, each.intent), 0)
        found, left_out = results(connection, "final")
    assert found == [replace(each, annotator=JIMIN) for each in wanted]
    assert not left_out
    write_as(tmp_path / name, found, "label-studio" if "studio" in format else format)  # type: ignore[arg-type]
    again = read_any(tmp_path / name, format).questions  # type: ignore[arg-type]
    assert again == found
    taken = take_in(store, scheme, again, source=name, double=0.0)
    assert (taken.new, taken.labels, taken.kept) == (0, 0, 0), "twice is as once"


def test_agreement_and_people(store: LabellingStore, scheme: Scheme) -> None:
    tasks = fill(store, *[Question(f"q{n}", f"{n} 다낭") for n in range(6)], double=1.0)
    span = Marks((Span(2, 4, "지역"),), "날씨")
    with store.begin() as connection:
        for task in tasks:
            labels.save(connection, scheme, task, JIMIN, span, 0)
        for task in tasks[:4]:
            other = Marks(span.spans, "잡담") if task is tasks[0] else span
            labels.save(connection, scheme, task, HANA, other, 0)
        labels.skip(connection, tasks[4], HANA, "unclear")
        (pair,) = progress.agreed(connection, labels.latest(connection)).pairs
        assert (pair.n_questions, pair.span_f1, pair.intent_kappa) == (4, 1.0, 0.0)
        first, second = progress.people(connection)
        assert (first.annotator, first.labelled, first.skipped) == (JIMIN, 6, 0)
        assert (second.annotator, second.labelled, second.skipped) == (HANA, 4, 1)
        (dispute,) = progress.disputes(connection, limit=5)
        assert dispute.task.question == "q0"
        assert {label.annotator for label in dispute.labels} == {JIMIN, HANA}


def test_several_at_once_are_offered_different_questions(store: LabellingStore) -> None:
    fill(store, *QUESTIONS[:8])
    offered: list[str | None] = []
    start = threading.Barrier(8)

    def ask(number: int) -> None:
        start.wait()
        with store.begin() as connection:
            offered.append(shown(connection, f"사람 {number}"))

    people = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert sorted(map(str, offered)) == [f"q{number}" for number in range(8)]


KILLED = """
import sys
from nadeuri.data.questions import Span
from nadeuri.understand.labelling import labels
from nadeuri.understand.labelling.database import LabellingStore
from nadeuri.understand.labelling.labels import Marks
from nadeuri.understand.labelling.tasks import unlabelled
from nadeuri.understand.labels import load_scheme
store, scheme = LabellingStore(sys.argv[1]), load_scheme()
with store.reading() as connection:
    tasks = unlabelled(connection)
for task in tasks:
    with store.begin() as connection:
        labels.save(connection, scheme, task, "지민", Marks((Span(0, 1, "인원"),), "잡담"), 0)
    print(task.task, flush=True)
"""


def test_nothing_that_was_kept_is_lost_by_a_kill(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/labelling.sqlite"
    with LabellingStore(url) as store:
        fill(store, *QUESTIONS)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, url], stdout=subprocess.PIPE, text=True
    ) as saver:
        assert saver.stdout is not None
        kept = [saver.stdout.readline().strip() for _ in range(20)]
        saver.kill()
        kept += [line.strip() for line in saver.stdout if line.endswith("\n")]
    with LabellingStore(url) as store, store.reading() as connection:
        said = labels.latest(connection)
        assert {each.task for each in said} >= set(kept)
        assert progress.counts(connection).labelled == len(said) <= len(kept) + 1
