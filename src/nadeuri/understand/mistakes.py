"""Questions that a model got wrong, the worst first, for people to read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nadeuri.data.questions import Question, Span
from nadeuri.report.pages import replace_file
from nadeuri.understand.evaluate import boundary_errors
from nadeuri.understand.parse import Parse


@dataclass(frozen=True)
class Mistake:
    """A question, what was found in it, and what is wrong with that.

    Attributes:
        errors: of ``evaluate.ERRORS``, one per wrong or missed entity.
        wrong_intent: whether the intent is another.
    """

    question: Question
    found: Parse
    errors: tuple[str, ...]
    wrong_intent: bool


def mistakes(questions: Sequence[Question], parses: Sequence[Parse]) -> list[Mistake]:
    """Every question that is not wholly right: most errors first, then the surest."""
    made = []
    for question, found in zip(questions, parses, strict=True):
        errors = tuple(boundary_errors(question.spans, found.spans))
        wrong_intent = question.intent not in (None, found.intent)
        if errors or wrong_intent:
            made.append(Mistake(question, found, errors, wrong_intent))
    return sorted(made, key=lambda each: (-len(each.errors) - each.wrong_intent, -_sureness(each)))


def write_mistakes(path: Path, made: Sequence[Mistake]) -> None:
    """Write JSON lines: the text, what is true, what was found, and the errors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, "".join(f"{_line(mistake)}\n" for mistake in made))


def _sureness(mistake: Mistake) -> float:
    wrong = [
        confidence
        for span, confidence in zip(mistake.found.spans, mistake.found.confidences, strict=True)
        if span not in mistake.question.spans
    ]
    return max([*wrong, mistake.found.intent_confidence if mistake.wrong_intent else 0.0])


def _line(mistake: Mistake) -> str:
    question, found = mistake.question, mistake.found
    errors = [*mistake.errors, *(["wrong_intent"] if mistake.wrong_intent else [])]
    return json.dumps(
        {
            "id": question.id,
            "text": question.text,
            "errors": errors,
            "true": {"spans": _surfaces(question.text, question.spans), "intent": question.intent},
            "found": {
                "spans": _surfaces(question.text, found.spans),
                "confidences": [round(confidence, 4) for confidence in found.confidences],
                "intent": found.intent,
                "intent_confidence": round(found.intent_confidence, 4),
            },
        },
        ensure_ascii=False,
    )


def _surfaces(text: str, spans: Sequence[Span]) -> list[list[object]]:
    """``[start, end, label, surface]`` of every span."""
    return [[start, end, label, text[start:end]] for start, end, label in spans]
