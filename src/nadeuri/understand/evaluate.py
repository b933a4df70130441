"""How right a model is: exact spans, where their boundaries go wrong, and intents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nadeuri.data.questions import Question, Span
from nadeuri.understand.parse import Parse

CUT_SHORT, TOO_LONG, SHIFTED = "cut_short", "too_long", "shifted"
WRONG_LABEL, MISSED, SPURIOUS = "wrong_label", "missed", "spurious"
ERRORS = (CUT_SHORT, TOO_LONG, SHIFTED, WRONG_LABEL, MISSED, SPURIOUS)
"""What can be wrong: a predicted entity that lies inside the true one (파타 for 파타야), contains
it, or overlaps it otherwise; the right span with another label; a true entity that nothing
overlaps; a predicted one where there is none."""

_BINS = 10


@dataclass(frozen=True)
class Score:
    """Precision, recall and F1 over exact matches.

    Attributes:
        n_right, n_predicted, n_true: counts.
    """

    n_right: int
    n_predicted: int
    n_true: int

    @property
    def precision(self) -> float:
        """1 where nothing was predicted."""
        return self.n_right / self.n_predicted if self.n_predicted else 1.0

    @property
    def recall(self) -> float:
        """1 where there is nothing to find."""
        return self.n_right / self.n_true if self.n_true else 1.0

    @property
    def f1(self) -> float:
        total = self.n_predicted + self.n_true
        return 2 * self.n_right / total if total else 1.0


@dataclass(frozen=True)
class Evaluation:
    """Figures over a set of questions.

    Attributes:
        micro: all labels together; ``by_label``: each of them.
        errors: count of each of ERRORS.
        intent_accuracy, intent_macro_f1: NaN where no question has an intent.
        by_intent: F1 of each intent.
        span_calibration, intent_calibration: expected calibration error in ten bins of equal width
            (Naeini et al., AAAI 2015).
        whole: share of questions with every entity and the intent right.
    """

    micro: Score
    by_label: dict[str, Score]
    errors: dict[str, int]
    intent_accuracy: float
    intent_macro_f1: float
    by_intent: dict[str, float]
    span_calibration: float
    intent_calibration: float
    whole: float


def evaluate(questions: Sequence[Question], parses: Sequence[Parse]) -> Evaluation:
    """Judge parses against the labels of their questions."""
    pairs = list(zip(questions, parses, strict=True))
    labels = sorted({s.label for q, p in pairs for s in (*q.spans, *p.spans)})
    by_label = {
        label: _score(pairs, lambda span, label=label: span.label == label)  # type: ignore[misc]
        for label in labels
    }
    errors = Counter(error for q, p in pairs for error in boundary_errors(q.spans, p.spans))
    with_intent = [(q.intent, p) for q, p in pairs if q.intent]
    by_intent = _by_intent([(true, p.intent) for true, p in with_intent])
    is_right = [q.intent in (None, p.intent) and set(q.spans) == set(p.spans) for q, p in pairs]
    return Evaluation(
        micro=_score(pairs, lambda span: True),
        by_label=by_label,
        errors={error: errors[error] for error in ERRORS},
        intent_accuracy=_mean([true == p.intent for true, p in with_intent]),
        intent_macro_f1=_mean(by_intent.values()),
        by_intent=by_intent,
        span_calibration=calibration_error(
            [c for _, p in pairs for c in p.confidences],
            [s in q.spans for q, p in pairs for s in p.spans],
        ),
        intent_calibration=calibration_error(
            [p.intent_confidence for _, p in with_intent],
            [true == p.intent for true, p in with_intent],
        ),
        whole=_mean(is_right),
    )


def boundary_errors(true: Sequence[Span], predicted: Sequence[Span]) -> list[str]:
    """One error for every predicted span that is wrong and for every true one that is not met."""
    errors = []
    for span in predicted:
        if span in true:
            continue
        over = [other for other in true if other.start < span.end and span.start < other.end]
        errors.append(_kind(span, over[0]) if over else SPURIOUS)
    for span in true:
        if not any(other.start < span.end and span.start < other.end for other in predicted):
            errors.append(MISSED)
    return errors


def calibration_error(confidences: Sequence[float], is_right: Sequence[bool]) -> float:
    """Mean distance of confidence and share right over ten bins, by their size; NaN without any."""
    if not confidences:
        return float("nan")
    sure, right = np.array(confidences), np.array(is_right, float)
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(sure[bins == number].sum() - right[bins == number].sum()) for number in range(_BINS)
    ]
    return float(sum(gaps) / len(sure))


def _kind(span: Span, true: Span) -> str:
    if (span.start, span.end) == (true.start, true.end):
        return WRONG_LABEL
    if true.start <= span.start and span.end <= true.end:
        return CUT_SHORT
    if span.start <= true.start and true.end <= span.end:
        return TOO_LONG
    return SHIFTED


def _score(pairs: Sequence[tuple[Question, Parse]], counts: Callable[[Span], bool]) -> Score:
    right = predicted = true = 0
    for question, found in pairs:
        golden = {span for span in question.spans if counts(span)}
        answered = {span for span in found.spans if counts(span)}
        right += len(golden & answered)
        predicted += len(answered)
        true += len(golden)
    return Score(right, predicted, true)


def _by_intent(pairs: Sequence[tuple[str, str | None]]) -> dict[str, float]:
    """F1 of every true intent."""
    found = {}
    for intent in sorted({true for true, _ in pairs}):
        right = sum(true == predicted == intent for true, predicted in pairs)
        total = sum((true == intent) + (predicted == intent) for true, predicted in pairs)
        found[intent] = 2 * right / total
    return found


def _mean(values: Iterable[float]) -> float:
    array: NDArray[np.float64] = np.array(list(values), float)
    return float(array.mean()) if len(array) else float("nan")
