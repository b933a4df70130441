"""Questions laid side by side: what is labelled, and what each model found, as coloured marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nadeuri.data.questions import Question, Span
from nadeuri.understand.parse import Parse

HUES = 6


class Piece(NamedTuple):
    """A stretch of text; ``label`` and ``hue`` are None outside of entities."""

    text: str
    label: str | None
    hue: int | None


@dataclass(frozen=True)
class Reading:
    """A question as one model (None: as its annotators) understood it."""

    model: str | None
    pieces: tuple[Piece, ...]
    intent: str | None
    is_right: bool


@dataclass(frozen=True)
class Sample:
    """A question and its readings, that of the annotators first."""

    text: str
    readings: tuple[Reading, ...]

    @property
    def is_right(self) -> bool:
        """Whether every model understood it."""
        return all(reading.is_right for reading in self.readings)


def draw(
    questions: Sequence[Question], answers: Mapping[str, Sequence[Parse]], n: int
) -> tuple[list[Sample], list[Sample]]:
    """``n`` questions at random, and ``n`` others, at random among those that a model got wrong.

    Args:
        answers: by model, one per question.
    """
    labels = sorted({span.label for question in questions for span in question.spans})
    hues = {label: number % HUES for number, label in enumerate(labels)}
    order = np.random.default_rng(0).permutation(len(questions)).tolist()
    usual = [_sample(questions[at], at, answers, hues) for at in order[:n]]
    rest = (_sample(questions[at], at, answers, hues) for at in order[n:])
    wrong = (sample for sample in rest if not sample.is_right)
    return usual, [sample for sample, _ in zip(wrong, range(n), strict=False)]


def pieces(text: str, spans: Sequence[Span], hues: Mapping[str, int]) -> Iterator[Piece]:
    """The text cut at its entities; a label without a colour of its own takes the first."""
    at = 0
    for start, end, label in spans:
        if at < start:
            yield Piece(text[at:start], None, None)
        yield Piece(text[start:end], label, hues.get(label, 0))
        at = end
    if at < len(text):
        yield Piece(text[at:], None, None)


def _sample(
    question: Question, at: int, answers: Mapping[str, Sequence[Parse]], hues: Mapping[str, int]
) -> Sample:
    labelled = tuple(pieces(question.text, question.spans, hues))
    readings = [Reading(None, labelled, question.intent, True)]
    for model, parses in answers.items():
        found = parses[at]
        is_right = found.spans == question.spans and question.intent in (None, found.intent)
        cut = tuple(pieces(question.text, found.spans, hues))
        readings.append(Reading(model, cut, found.intent, is_right))
    return Sample(question.text, tuple(readings))
