"""Several people at one store, in any order: nothing is lost, and nothing is asked twice."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, func, select

from nadeuri.data.questions import Question, Span
from nadeuri.understand.labelling import labels, progress
from nadeuri.understand.labelling.assign import LEASE_S, next_task
from nadeuri.understand.labelling.database import LabellingStore
from nadeuri.understand.labelling.labels import (
    REASONS,
    WITHDRAWING,
    Marks,
    Reason,
    SettledError,
    StaleLabelError,
)
from nadeuri.understand.labelling.results import results
from nadeuri.understand.labelling.tables import LABELS, VERDICTS
from nadeuri.understand.labelling.tasks import Task, add_tasks, task_id, task_of
from nadeuri.understand.labels import load_scheme

TEXTS = ("오사카 얼마", "다낭 날씨", "괌 추천", "제주 코스")
SCHEME = load_scheme()
PEOPLE = st.sampled_from(["지민", "하나", "도윤"])
TASKS = st.sampled_from([task_id(text) for text in TEXTS])
MARKS = st.builds(
    Marks,
    st.sampled_from([(), (Span(0, 1, "지역"),), (Span(0, 1, "국가"),)]),
    st.sampled_from(["날씨", "가격 문의", None]),
)


class Labelling(RuleBasedStateMachine):
    """A model of what people said, beside the store that was told the same."""

    @initialize(double=st.sampled_from([0.0, 0.5, 1.0]))
    def open(self, double: float) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.store = LabellingStore(f"sqlite:///{self.folder}/labelling.sqlite")
        questions = [Question(f"q{number}", text) for number, text in enumerate(TEXTS)]
        with self.store.begin() as connection:
            assert add_tasks(connection, questions, source="test", double=double) == len(TEXTS)
            assert add_tasks(connection, questions, source="again", double=double) == 0
            self.copies = {
                task_id(text): self._task(connection, task_id(text)).copies for text in TEXTS
            }
        self.now = 0.0
        self.said: dict[tuple[str, str], tuple[int, Marks]] = {}
        self.decided: dict[str, tuple[int, str, Marks]] = {}
        self.skipped: dict[tuple[str, str], Reason] = {}
        self.leases: dict[str, tuple[str, float]] = {}
        self.rows = self.verdict_rows = 0

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @rule(person=PEOPLE)
    def ask(self, person: str) -> None:
        with self.store.begin() as connection:
            task = next_task(connection, person, self.now)
        if task is None:
            assert not any(self._is_open(each, person) for each in self.copies)
            return
        assert self._is_open(task.task, person)
        held, until = self.leases.get(person, ("", 0.0))
        if until > self.now and self._is_open(held, person):
            assert task.task == held, "what was shown comes again"
        self.leases[person] = (task.task, self.now + LEASE_S)

    @rule(seconds=st.sampled_from([1.0, LEASE_S / 2, LEASE_S * 2]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(person=PEOPLE, task=TASKS, marks=MARKS, behind=st.booleans())
    def save(self, person: str, task: str, marks: Marks, behind: bool) -> None:
        """Also of tasks that were not offered: a link leads to any."""
        revision, before = self.said.get((task, person), (0, None))
        with self._writing(task) as (connection, found):
            if behind and before != marks:
                with pytest.raises(StaleLabelError):
                    labels.save(connection, SCHEME, found, person, marks, revision + 1)
                return
            kept = labels.save(connection, SCHEME, found, person, marks, revision)
        if before != marks:
            revision += 1
            self.rows += 1
        assert kept == revision
        self.said[task, person] = (revision, marks)
        self.skipped.pop((task, person), None)
        self._leave(task, person)

    @rule(person=PEOPLE, task=TASKS, reason=st.sampled_from(REASONS))
    def skip(self, person: str, task: str, reason: Reason) -> None:
        with self._writing(task) as (connection, found):
            labels.skip(connection, found, person, reason)
        self.skipped[task, person] = reason
        self._leave(task, person)

    @rule(person=PEOPLE, task=TASKS, marks=MARKS)
    def decide(self, person: str, task: str, marks: Marks) -> None:
        revision, who, before = self.decided.get(task, (0, "", None))
        with self._writing(task) as (connection, found):
            if not (self._is_disputed(task) or task in self.decided):
                with pytest.raises(SettledError):
                    labels.adjudicate(connection, SCHEME, found, person, marks, revision)
                return
            kept = labels.adjudicate(connection, SCHEME, found, person, marks, revision)
        if (who, before) != (person, marks):
            revision += 1
            self.verdict_rows += 1
        assert kept == revision
        self.decided[task] = (revision, person, marks)

    @precondition(lambda self: hasattr(self, "said"))
    @invariant()
    def it_is_all_there(self) -> None:
        with self.store.reading() as connection:
            found = {
                (each.task, each.annotator): (each.revision, each.marks)
                for each in labels.latest(connection)
            }
            counts = progress.counts(connection)
            final, left_out = results(connection, "final")
            everything, _ = results(connection, "all")
            rows = connection.scalar(select(func.count()).select_from(LABELS))
            verdict_rows = connection.scalar(select(func.count()).select_from(VERDICTS))
        assert found == self.said
        assert (rows, verdict_rows) == (self.rows, self.verdict_rows), "nothing is overwritten"
        labelled = {task for task, _ in self.said}
        gone = {task for task in self.copies if self._is_withdrawn(task)}
        open_disputes = {
            task for task in labelled if self._is_disputed(task) and task not in self.decided
        }
        assert counts.labelled == len(labelled)
        assert counts.disputed == len(open_disputes - gone)
        assert counts.withdrawn == len(gone)
        assert {task_id(each.text) for each in final} == labelled - gone - open_disputes
        assert left_out.total() == len(labelled & (gone | open_disputes))
        for each in final:
            task = task_id(each.text)
            if task in self.decided:
                assert Marks(each.spans, each.intent) == self.decided[task][2], "a verdict wins"
        assert len(everything) == sum(task not in gone for task, _ in self.said)
        assert len({each.id for each in everything}) == len(everything)

    @contextmanager
    def _writing(self, task: str) -> Iterator[tuple[Connection, Task]]:
        with self.store.begin() as connection:
            yield connection, self._task(connection, task)

    def _task(self, connection: Connection, task: str) -> Task:
        found = task_of(connection, task)
        assert found is not None
        return found

    def _leave(self, task: str, person: str) -> None:
        if self.leases.get(person, ("", 0.0))[0] == task:
            del self.leases[person]

    def _is_open(self, task: str, person: str) -> bool:
        if (task, person) in self.said or (task, person) in self.skipped:
            return False
        others = sum(
            held == task and until > self.now and who != person
            for who, (held, until) in self.leases.items()
        )
        n_labels = sum(each == task for each, _ in self.said)
        return n_labels + others < self.copies.get(task, 0) and not self._is_withdrawn(task)

    def _is_withdrawn(self, task: str) -> bool:
        return any(
            each == task and reason in WITHDRAWING for (each, _), reason in self.skipped.items()
        )

    def _is_disputed(self, task: str) -> bool:
        return len({marks for (each, _), (_, marks) in self.said.items() if each == task}) > 1


def test_people_in_any_order() -> None:
    run_state_machine_as_test(
        Labelling,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
