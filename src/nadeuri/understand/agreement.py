"""Agreement of annotators who labelled the same questions: span F1, kappa and alpha."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from nadeuri.data.questions import Question, Span

_WORD = re.compile(r"\S+")
_OUTSIDE = "O"

Labelled = dict[str, dict[str, Question]]
"""By text, by annotator."""


@dataclass(frozen=True)
class PairAgreement:
    """Two annotators on the questions that both labelled.

    Attributes:
        first, second: the annotators.
        n_questions: how many both labelled.
        span_f1: of exact spans with their labels, one taken as truth for the other (F1 does not
            depend on which; Hripcsak and Rothschild 2005); None without any span.
        label_f1: the same by label.
        word_kappa: Cohen's kappa of the label of each word (that of the first span in it, or none).
        intent_kappa: Cohen's kappa of the intents, where both gave one.

    A kappa is None where nothing is to be told apart: no question, or one and the same class only.
    """

    first: str
    second: str
    n_questions: int
    span_f1: float | None
    label_f1: dict[str, float]
    word_kappa: float | None
    intent_kappa: float | None


class Disagreement(NamedTuple):
    """A text, and what each annotator made of it."""

    text: str
    labelled: dict[str, tuple[str | None, tuple[Span, ...]]]


@dataclass(frozen=True)
class Agreement:
    """Agreement of all annotators.

    Attributes:
        n_questions: texts that two or more labelled.
        pairs: every pair with a common question.
        word_alpha, intent_alpha: Krippendorff's alpha over all annotators, of what the kappas are
            of; None where nothing is to be told apart.
        disagreements: in the order of the questions.
    """

    n_questions: int
    pairs: list[PairAgreement]
    word_alpha: float | None
    intent_alpha: float | None
    disagreements: list[Disagreement]


def agreement(questions: Sequence[Question]) -> Agreement:
    """Compare annotators over the texts that several labelled; other questions are left aside.

    Of a text that somebody labelled twice, the last counts.
    """
    labelled = _labelled(questions)
    annotators = sorted({name for by in labelled.values() for name in by})
    pairs = []
    for first, second in combinations(annotators, 2):
        both = [by for by in labelled.values() if first in by and second in by]
        if both:
            pairs.append(_pair(first, second, [(by[first], by[second]) for by in both]))
    return Agreement(
        n_questions=len(labelled),
        pairs=pairs,
        word_alpha=krippendorff_alpha(
            votes
            for by in labelled.values()
            for votes in zip(*(word_labels(question) for question in by.values()), strict=True)
        ),
        intent_alpha=krippendorff_alpha(
            [question.intent for question in by.values() if question.intent]
            for by in labelled.values()
        ),
        disagreements=[
            Disagreement(text, {name: (q.intent, q.spans) for name, q in by.items()})
            for text, by in labelled.items()
            if len({(question.intent, question.spans) for question in by.values()}) > 1
        ],
    )


def word_labels(question: Question) -> list[str]:
    """For each word between spaces, the label of the first span in it, or ``O``."""
    labels = []
    for word in _WORD.finditer(question.text):
        within = (s.label for s in question.spans if s.start < word.end() and word.start() < s.end)
        labels.append(next(within, _OUTSIDE))
    return labels


def krippendorff_alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Alpha of nominal values: 1 - observed / expected disagreement; None with one value only.

    Args:
        units: for each unit what the annotators gave, in any order, as many as there are; a unit
            with fewer than two is left aside.

    Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability".
    """
    totals: Counter[Hashable] = Counter()
    observed = 0.0
    for values in units:
        n = len(values)
        if n < 2:
            continue
        counts = Counter(values)
        totals.update(counts)
        observed += sum(count * (n - count) for count in counts.values()) / (n - 1)
    n = totals.total()
    expected = sum(count * (n - count) for count in totals.values()) / (n - 1) if n > 1 else 0.0
    return 1 - observed / expected if expected else None


def _labelled(questions: Iterable[Question]) -> Labelled:
    by_text: Labelled = defaultdict(dict)
    for question in questions:
        if question.annotator:
            by_text[question.text][question.annotator] = question
    return {text: by for text, by in by_text.items() if len(by) > 1}


def _pair(first: str, second: str, common: list[tuple[Question, Question]]) -> PairAgreement:
    labels = sorted({span.label for pair in common for question in pair for span in question.spans})
    f1 = {label: _span_f1(common, label) for label in labels}
    words = [(word_labels(a), word_labels(b)) for a, b in common]
    intents = [(a.intent, b.intent) for a, b in common if a.intent and b.intent]
    return PairAgreement(
        first=first,
        second=second,
        n_questions=len(common),
        span_f1=_span_f1(common),
        label_f1={label: score for label, score in f1.items() if score is not None},
        word_kappa=_kappa([w for a, _ in words for w in a], [w for _, b in words for w in b]),
        intent_kappa=_kappa([a for a, _ in intents], [b for _, b in intents]),
    )


def _span_f1(common: list[tuple[Question, Question]], label: str | None = None) -> float | None:
    shared = total = 0
    for a, b in common:
        first, second = (
            {span for span in question.spans if label in (None, span.label)} for question in (a, b)
        )
        shared += len(first & second)
        total += len(first) + len(second)
    return 2 * shared / total if total else None


def _kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Cohen 1960, "A Coefficient of Agreement for Nominal Scales"."""
    if len({*first, *second}) < 2:
        return None
    n = len(first)
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    of_second = Counter(second)
    expected = sum(count * of_second[each] for each, count in Counter(first).items()) / n**2
    return (observed - expected) / (1 - expected)
