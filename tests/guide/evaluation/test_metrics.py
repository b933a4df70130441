"""Figures of judgements that are made up."""

from __future__ import annotations

import pytest

from nadeuri.guide.answer import Answer, Step
from nadeuri.guide.evaluation.judge import Judgement
from nadeuri.guide.evaluation.metrics import figures, grouped, stage_ms
from nadeuri.guide.evaluation.read import QuestionKind
from nadeuri.guide.evaluation.report import report_of
from nadeuri.guide.evaluation.run import AnsweredTurn

A, B, C = ("areas", "a"), ("areas", "b"), ("menus", "c")


def turn(
    judgement: Judgement, kind: QuestionKind = "recommend", ms: float = 10.0, *tags: str
) -> AnsweredTurn:
    answer = Answer(kind="places", text="네.", steps=(Step(name="select", ms=ms / 2),))
    return AnsweredTurn("c1", 1, kind, tags, "질문", None, answer, ms, judgement)


TURNS = [
    turn(
        Judgement(
            True,
            True,
            frozenset({A, B}),
            frozenset({A, B}),
            is_executed=True,
            n_fitting=5,
            n_cards=3,
            n_meeting=3,
            n_allowed=3,
        )
    ),
    turn(
        Judgement(
            True,
            False,
            frozenset({A}),
            frozenset({A, C}),
            is_executed=False,
            n_fitting=2,
            n_cards=1,
            n_meeting=0,
            n_allowed=1,
            faults=("x", "y"),
        ),
        "follow_up",
        30.0,
        "typo",
    ),
    turn(Judgement(False, False, frozenset({B}), n_fitting=4, is_executed=False)),
    turn(Judgement(True, True, n_fitting=0, is_executed=True)),
]


def test_figures() -> None:
    assert figures(TURNS) == pytest.approx(
        {
            "plan_exact": 2 / 4,
            "slot_precision": 3 / 4,
            "slot_recall": 3 / 4,
            "slot_f1": 3 / 4,
            "answer_kind": 3 / 4,
            "constraint_satisfaction": 3 / 4,
            "hard_constraint_satisfaction": 4 / 4,
            "execution_accuracy": 2 / 4,
            "empty_rate": 1 / 3,
            "n_recommended": 4 / 3,
            "grounding_violations": 2,
        }
    )


def test_what_there_was_nothing_to_measure_on_is_absent() -> None:
    found = figures([turn(Judgement(True, True))])
    assert found == {"plan_exact": 1, "answer_kind": 1, "grounding_violations": 0}
    assert figures([]) == {"grounding_violations": 0}


def test_stages_and_groups() -> None:
    assert stage_ms(TURNS)["total"] == pytest.approx((10, 27))
    assert stage_ms(TURNS)["select"] == pytest.approx((5, 13.5))
    assert {name: len(some) for name, some in grouped(TURNS, lambda each: each.tags).items()} == {
        "typo": 1
    }


def test_the_report_says_what_went_wrong() -> None:
    report = report_of({"questions": TURNS})
    assert report.n == {"questions": 4}
    assert report.kinds["questions"]["follow_up"]["n"] == 1
    assert report.tags["questions"]["typo"]["plan_exact"] == 0
    assert [failure.faults for failure in report.failures] == [
        (
            "plan lacks nothing; has menus c",
            "selects other places",
            "1 of 1 places do not fit",
            "x",
            "y",
        ),
        (
            "answered with places",
            "plan lacks areas b; has nothing",
            "selects other places",
            "no place, though 4 fit",
        ),
    ]
