"""Figures and errors, by hand."""

from __future__ import annotations

import math

import pytest

from nadeuri import columns
from nadeuri.data.questions import Question, Span
from nadeuri.understand.evaluate import (
    CUT_SHORT,
    ERRORS,
    MISSED,
    SHIFTED,
    SPURIOUS,
    TOO_LONG,
    WRONG_LABEL,
    Score,
    boundary_errors,
    calibration_error,
    evaluate,
)
from nadeuri.understand.parse import Parse

PLACE, DATE = columns.REGION_LABEL, columns.DATE_LABEL
BUY, CHAT = columns.PRODUCT_INTENT, columns.CHAT_INTENT
TRUE = Span(3, 6, PLACE)


@pytest.mark.parametrize(
    ("predicted", "error"),
    [
        (Span(3, 5, PLACE), CUT_SHORT),
        (Span(4, 6, DATE), CUT_SHORT),
        (Span(3, 8, PLACE), TOO_LONG),
        (Span(0, 9, PLACE), TOO_LONG),
        (Span(2, 5, PLACE), SHIFTED),
        (Span(5, 9, PLACE), SHIFTED),
        (Span(3, 6, DATE), WRONG_LABEL),
    ],
)
def test_a_span_that_overlaps_is_one_error(predicted: Span, error: str) -> None:
    assert boundary_errors([TRUE], [predicted]) == [error]


def test_spans_that_nothing_overlaps() -> None:
    assert boundary_errors([TRUE], []) == [MISSED]
    assert boundary_errors([], [TRUE]) == [SPURIOUS]
    assert boundary_errors([TRUE], [Span(6, 8, PLACE)]) == [SPURIOUS, MISSED], "they only touch"
    assert boundary_errors([TRUE], [TRUE]) == []


def test_a_name_cut_in_two_is_two_errors() -> None:
    assert boundary_errors([TRUE], [Span(3, 4, PLACE), Span(4, 6, PLACE)]) == [CUT_SHORT] * 2


def test_figures_of_a_few_questions() -> None:
    text = "내일 파타야 가요"
    tomorrow, pattaya = Span(0, 2, DATE), Span(3, 6, PLACE)
    questions = [
        Question("1", text, (tomorrow, pattaya), BUY),
        Question("2", text, (pattaya,), BUY),
        Question("3", text, (), CHAT),
        Question("4", text, (tomorrow,)),
    ]
    parses = [
        Parse((tomorrow, pattaya), (0.95, 0.9), BUY, 0.8),
        Parse((Span(3, 5, PLACE),), (0.55,), CHAT, 0.6),
        Parse((tomorrow,), (0.5,), CHAT, 0.9),
        Parse((tomorrow,), (0.85,), BUY, 0.7),
    ]
    found = evaluate(questions, parses)
    assert found.micro == Score(3, 5, 4)
    assert (found.micro.precision, found.micro.recall) == (3 / 5, 3 / 4)
    assert found.micro.f1 == pytest.approx(2 / 3)
    assert found.by_label == {DATE: Score(2, 3, 2), PLACE: Score(1, 2, 2)}
    assert found.errors == {**dict.fromkeys(ERRORS, 0), CUT_SHORT: 1, SPURIOUS: 1}
    assert found.intent_accuracy == pytest.approx(2 / 3)
    assert found.by_intent == pytest.approx({BUY: 2 / 3, CHAT: 2 / 3})
    assert found.intent_macro_f1 == pytest.approx(2 / 3)
    assert found.whole == 2 / 4, "of the last only the entities are known"
    # bins [.5, .6): .55 and .5, none right; [.8, .9): .85; [.9, 1]: .95 and .9, all right
    assert found.span_calibration == pytest.approx((1.05 + 0.15 + 0.15) / 5)
    assert found.intent_calibration == pytest.approx((0.2 + 0.6 + 0.1) / 3)


def test_without_intents_their_figures_are_unknown() -> None:
    found = evaluate([Question("1", "부산")], [Parse(intent=BUY, intent_confidence=1.0)])
    for figure in (found.intent_accuracy, found.intent_macro_f1, found.intent_calibration):
        assert math.isnan(figure)
    assert found.micro == Score(0, 0, 0)
    assert (found.micro.precision, found.micro.recall, found.micro.f1) == (1, 1, 1)
    assert found.whole == 1


def test_calibration_error_by_hand() -> None:
    assert calibration_error([0.72, 0.78, 0.75, 0.75], [True, True, True, False]) == 0
    assert calibration_error([1.0, 1.0], [True, False]) == pytest.approx(0.5)
    assert calibration_error([0.05, 0.95], [True, True]) == pytest.approx((0.95 + 0.05) / 2)
    assert math.isnan(calibration_error([], []))
