"""Temperatures undo what scales the scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from nadeuri import columns
from nadeuri.data.questions import Question, Span
from nadeuri.understand.bio import Floats, transition_mask
from nadeuri.understand.calibrate import calibrated
from nadeuri.understand.encoding import CharacterEncoder, Ints
from nadeuri.understand.evaluate import evaluate
from nadeuri.understand.parse import MAX_CHUNK, Head, parse

LABEL = columns.REGION_LABEL
INTENTS = (columns.PRODUCT_INTENT, columns.CHAT_INTENT)
HEAD = Head((LABEL,), INTENTS, *transition_mask(1))


def noisy(scale: float) -> Callable[[Ints, Ints], tuple[Floats, Floats]]:
    """Scores that are right as often as softmax of them (``scale`` 1) says."""

    def score(ids: Ints, tags: Ints) -> tuple[Floats, Floats]:
        odds = (ids[:, :1] - 0x4000).astype(np.float32) / 1000  # what the question says
        emissions = np.zeros((*ids.shape, 3), np.float32)
        emissions[:, :, 1:] = -20
        emissions[:, :1, 1] = odds
        return scale * emissions, scale * np.concatenate([odds, 0 * odds], 1)

    return score


@pytest.fixture
def questions() -> list[Question]:
    """600 of one character, whose code point tells the log odds that it is an entity."""
    random = np.random.default_rng(0)
    made = []
    for number, odds in enumerate(random.normal(0, 1.5, 600)):
        code = 0x4000 + round(1000 * float(np.clip(odds, -4, 4)))
        is_entity, is_first = random.random(2) < 1 / (1 + np.exp(-(code - 0x4000) / 1000))
        spans = (Span(0, 1, LABEL),) if is_entity else ()
        made.append(Question(str(number), chr(code), spans, INTENTS[0 if is_first else 1]))
    return made


def test_scores_five_times_as_large_have_a_temperature_five_times_as_high(
    questions: list[Question],
) -> None:
    once = calibrated(HEAD, questions, CharacterEncoder(), noisy(1))
    assert once.span_temperature == pytest.approx(1, abs=0.35)
    assert once.intent_temperature == pytest.approx(1, abs=0.35)
    five = calibrated(HEAD, questions, CharacterEncoder(), noisy(5))
    assert five.span_temperature == pytest.approx(5 * once.span_temperature, rel=0.05)
    assert five.intent_temperature == pytest.approx(5 * once.intent_temperature, rel=0.05)


def test_calibration_makes_confidences_mean_what_they_say(questions: list[Question]) -> None:
    texts = [question.text for question in questions]
    head = calibrated(HEAD, questions, CharacterEncoder(), noisy(5))
    before, after = (
        evaluate(questions, parse(texts, CharacterEncoder(), noisy(5), chosen))
        for chosen in (HEAD, head)
    )
    assert after.span_calibration < 0.06 < before.span_calibration
    assert after.intent_calibration < 0.06 < before.intent_calibration
    assert (before.micro, before.intent_accuracy) == (after.micro, after.intent_accuracy)


def test_spans_of_a_long_text_are_compared_where_they_are() -> None:
    """Each stretch begins with an entity; were they taken for wrong, little would be certain."""
    text = chr(0x4000 + 500) + "가" * (MAX_CHUNK - 1)
    spans = tuple(Span(at, at + 1, LABEL) for at in (0, MAX_CHUNK, 2 * MAX_CHUNK))
    found = calibrated(HEAD, [Question("1", text * 3, spans)], CharacterEncoder(), noisy(1))
    assert found.span_temperature < 0.3


def test_what_is_not_known_stays() -> None:
    head = replace(HEAD, span_temperature=2.0, intent_temperature=3.0)
    silent = [Question("1", chr(0x4000 - 3000), intent=columns.WEATHER_INTENT)]
    found = calibrated(head, silent, CharacterEncoder(), noisy(1))
    assert (found.span_temperature, found.intent_temperature) == (2.0, 3.0)
