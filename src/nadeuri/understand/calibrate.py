"""Temperatures that make confidences mean what they say, fitted on validation questions.

One temperature divides the tags' scores, another the intents' (Guo et al., ICML 2017): each is the
one under which what the labels say of the answers is most probable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import minimize_scalar

from nadeuri.data.questions import Question
from nadeuri.understand.bio import Floats, to_spans, viterbi
from nadeuri.understand.encoding import TextEncoder
from nadeuri.understand.parse import Head, Scorer, scored, softmax
from nadeuri.understand.posterior import span_probabilities

_LOWEST, _HIGHEST = 0.25, 8.0
_CERTAIN = 1e-6


def calibrated(
    head: Head, questions: Sequence[Question], encoder: TextEncoder, score: Scorer
) -> Head:
    """``head`` with both temperatures fitted; one stays as it is where nothing is known for it."""
    numbers = {intent: number for number, intent in enumerate(head.intents)}
    spans: list[tuple[Floats, list[tuple[int, int, int]], list[bool]]] = []
    intents: list[tuple[Floats, int]] = []
    for chunk, emissions, scores in scored([q.text for q in questions], encoder, score):
        question = questions[chunk.text]
        tags = viterbi(emissions, head.start, head.after)
        found = to_spans(chunk.encoding, tags, head.labels)
        if found:
            true = {(s.start - chunk.start, s.end - chunk.start, s.label) for s in question.spans}
            places = [(first, behind, tags[first]) for _, first, behind in found]
            spans.append((emissions, places, [tuple(span) in true for span, _, _ in found]))
        if question.intent in numbers:
            intents.append((scores, numbers[question.intent]))

    def span_loss(temperature: float) -> float:
        sure = [
            span_probabilities(emissions, head.start, head.after, places, temperature)
            for emissions, places, _ in spans
        ]
        right = np.concatenate([np.array(is_right) for _, _, is_right in spans])
        return _log_loss(np.where(right, np.concatenate(sure), 1 - np.concatenate(sure)))

    def intent_loss(temperature: float) -> float:
        return _log_loss(
            np.array([softmax(scores / temperature)[number] for scores, number in intents])
        )

    return replace(
        head,
        span_temperature=_best(span_loss) if spans else head.span_temperature,
        intent_temperature=_best(intent_loss) if intents else head.intent_temperature,
    )


def _best(loss: Callable[[float], float]) -> float:
    found = minimize_scalar(
        lambda log: loss(float(np.exp(log))),
        bounds=(np.log(_LOWEST), np.log(_HIGHEST)),
        method="bounded",
        options={"xatol": 0.01},
    )
    return float(np.exp(found.x))


def _log_loss(probabilities: Floats) -> float:
    """Mean negative log of the probability given to what is true."""
    return float(-np.log(np.maximum(probabilities, _CERTAIN)).mean())
