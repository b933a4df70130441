"""Taking in what others labelled: under which names, by parts, and what follows from it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Any

import pytest

from nadeuri.data.questions import Question
from nadeuri.errors import QueryError
from nadeuri.understand.exchange.imported import BAD_ANNOTATOR, UNKNOWN_LABEL
from nadeuri.understand.labelling import labels, progress
from nadeuri.understand.labelling.assign import next_task
from nadeuri.understand.labelling.database import LabellingStore
from nadeuri.understand.labelling.labels import Marks
from nadeuri.understand.labelling.results import take_in
from nadeuri.understand.labelling.tasks import add_tasks, task_id, task_of
from nadeuri.understand.labels import Scheme, parse_marked

HANA, JIMIN = "하나", "지민"
NOTHING = Marks((), "잡담")


def test_labels_of_others_are_taken_in_with_their_names(
    store: LabellingStore, scheme: Scheme
) -> None:
    text = "<괌:지역> 얼마"
    named = replace(parse_marked(text, id="1", intent="가격 문의"), annotator=HANA)
    nameless = parse_marked("<다낭:지역> 날씨", id="2", intent="날씨")
    strange = replace(parse_marked("<달:천체> 여행", id="3"), annotator=HANA)
    questions = (named, nameless, strange)
    taken = take_in(store, scheme, questions, source="x", double=0.0)
    assert (taken.new, taken.labels, taken.nameless) == (3, 1, 1)
    assert taken.rejected == [(strange, UNKNOWN_LABEL, "unknown label '천체'")]
    with store.begin() as connection:
        task = task_of(connection, task_id(named.text))
        assert task is not None
        labels.save(connection, scheme, task, HANA, NOTHING, 1)
    taken = take_in(store, scheme, questions, source="x", double=0.0, annotator=JIMIN)
    assert (taken.new, taken.labels, taken.kept, taken.nameless) == (0, 1, 1, 0)
    with store.reading() as connection:
        said = {label.annotator: label.marks for label in labels.latest(connection)}
        assert said == {HANA: NOTHING, JIMIN: Marks(nameless.spans, "날씨")}


def test_a_person_is_the_same_one_wherever_they_come_from(
    store: LabellingStore, scheme: Scheme
) -> None:
    first, second = (parse_marked(f"{n} <괌:지역>", id=str(n)) for n in range(2))
    questions = [
        replace(first, annotator=f" {unicodedata.normalize('NFD', JIMIN)} "),
        replace(second, annotator="지\n민"),
    ]
    taken = take_in(store, scheme, questions, source="x", double=0.0)
    assert (taken.new, taken.labels) == (2, 1)
    assert [(each.id, reason) for each, reason, _ in taken.rejected] == [("1", BAD_ANNOTATOR)]
    with store.reading() as connection:
        assert [each.annotator for each in labels.latest(connection)] == [JIMIN]
    with pytest.raises(QueryError, match="annotator ''"):
        take_in(store, scheme, questions, source="x", double=0.0, annotator="")


def test_others_write_between_the_parts_of_an_import(store: LabellingStore, scheme: Scheme) -> None:
    class Watched(list[Question]):
        """Has somebody label something whenever the next part is taken from it."""

        seen: list[int]

        def __getitem__(self, at: Any) -> Any:
            with store.begin() as connection:  # an import in one transaction would be waited for
                next_task(connection, HANA, 0.0)
                self.seen.append(progress.counts(connection).labelled)
            return super().__getitem__(at)

    questions = Watched(
        Question(f"q{n}", f"{n}번 질문", intent="날씨", annotator=JIMIN) for n in range(1_100)
    )
    questions.seen = []
    taken = take_in(store, scheme, questions, source="x", double=0.0)
    assert (taken.new, taken.labels) == (1_100, 1_100)
    assert questions.seen == [0, 500, 1_000]


def test_what_follows_from_labels_that_are_taken_in(store: LabellingStore, scheme: Scheme) -> None:
    agreed, differing = Question("q0", "괌 날씨"), Question("q1", "괌 추천")
    with store.begin() as connection:
        add_tasks(connection, [agreed, differing], source="x", double=1.0)
        shown = next_task(connection, HANA, 0.0)
        assert shown is not None
        labels.skip(connection, shown, HANA, "private")
    said = [
        replace(question, intent=intent, annotator=name)
        for question, intent, name in (
            (agreed, "날씨", JIMIN),
            (agreed, "날씨", HANA),
            (agreed, "잡담", HANA),  # the first that they say counts
            (differing, "날씨", JIMIN),
            (differing, "상품 추천", HANA),
        )
    ]
    taken = take_in(store, scheme, said, source="x", double=1.0)
    assert (taken.new, taken.labels, taken.kept) == (0, 4, 1)
    with store.reading() as connection:
        found = [task_of(connection, task_id(each.text)) for each in (agreed, differing)]
        assert [each and (each.n_labels, each.disputed, each.withdrawn) for each in found] == [
            (2, False, False),  # not skipped any more
            (2, True, False),
        ]
        assert [each.skipped for each in progress.people(connection)] == [0, 0]
