"""From text to entities and intent, whatever runs the network: torch in training, ONNX later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nadeuri.data.questions import Span
from nadeuri.understand.bio import Floats, to_spans, viterbi
from nadeuri.understand.encoding import MAX_PIECES, Encoding, Ints, TextEncoder, padded
from nadeuri.understand.posterior import span_probabilities

Scorer = Callable[[Ints, Ints], tuple[Floats, Floats]]
"""ids, tags int64 [B, L] -> emissions float32 [B, L, T], intent scores float32 [B, I]."""

MAX_CHUNK = 300
"""Characters read at once; a longer text is read in stretches, cut at spaces."""


@dataclass(frozen=True)
class Head:
    """What turns the network's scores into an answer.

    Attributes:
        labels, intents: in the order of the network's outputs.
        start, after: scores of tags at the start and after tags, as in :mod:`bio`.
        span_temperature, intent_temperature: fitted on validation questions.
    """

    labels: tuple[str, ...]
    intents: tuple[str, ...]
    start: Floats
    after: Floats
    span_temperature: float = 1.0
    intent_temperature: float = 1.0


@dataclass(frozen=True)
class Parse:
    """What was found in a text.

    Attributes:
        spans: entities, in order; ``confidences``: the probability of each.
        intent: None where the model knows none, or the text has nothing to read.
        intent_confidence: its probability, 0 where there is none.
    """

    spans: tuple[Span, ...] = ()
    confidences: tuple[float, ...] = ()
    intent: str | None = None
    intent_confidence: float = 0.0


@dataclass(frozen=True)
class Chunk:
    """A stretch of text number ``text``, from character ``start`` on."""

    text: int
    start: int
    encoding: Encoding


def parse(
    texts: Sequence[str], encoder: TextEncoder, score: Scorer, head: Head, *, batch_size: int = 32
) -> list[Parse]:
    """Entities and intent of every text; one without a character to read has neither.

    Args:
        batch_size: stretches of text that are scored together, those of similar length.
    """
    spans: list[list[tuple[Span, float]]] = [[] for _ in texts]
    intents = np.zeros((len(texts), len(head.intents)), np.float32)
    for chunk, emissions, scores in scored(texts, encoder, score, batch_size=batch_size):
        spans[chunk.text].extend(_spans(chunk, emissions, head))
        probabilities = softmax(scores / head.intent_temperature)
        intents[chunk.text] += len(emissions) * probabilities
    return [_answer(sorted(spans[at]), intents[at], head) for at in range(len(texts))]


def scored(
    texts: Sequence[str], encoder: TextEncoder, score: Scorer, *, batch_size: int = 32
) -> Iterator[tuple[Chunk, Floats, Floats]]:
    """Every stretch of the texts with the scores of its units [U, T] and of the intents [I]."""
    chunks = [
        Chunk(number, start, encoding)
        for number, text in enumerate(texts)
        for start, encoding in _encoded(text, encoder)
    ]
    order = sorted(range(len(chunks)), key=lambda at: len(chunks[at].encoding.ids))
    for first in range(0, len(order), batch_size):
        batch = [chunks[at] for at in order[first : first + batch_size]]
        emissions, intents = score(
            padded([chunk.encoding.ids for chunk in batch], encoder.pad),
            padded([chunk.encoding.tags for chunk in batch], 0),
        )
        for row, chunk in enumerate(batch):
            yield chunk, emissions[row][chunk.encoding.units], intents[row]


def stretches(text: str, limit: int = MAX_CHUNK) -> Iterator[tuple[int, int]]:
    """Offsets of stretches of at most ``limit`` characters, cut at a space where there is one."""
    start = 0
    while len(text) - start > limit:
        cut = max((at for at in range(start + 1, start + limit) if text[at].isspace()), default=0)
        end = cut or start + limit
        yield start, end
        start = end
    if text:
        yield start, len(text)


def softmax(scores: Floats) -> Floats:
    """Probabilities along the last axis."""
    raised = np.exp(scores - scores.max(-1, keepdims=True)) if scores.size else scores
    probabilities: Floats = raised / raised.sum(-1, keepdims=True) if scores.size else scores
    return probabilities


def _encoded(
    text: str, encoder: TextEncoder, limit: int = MAX_CHUNK
) -> Iterator[tuple[int, Encoding]]:
    """Stretches of a text that have something to read, each with its first character's offset."""
    for start, end in stretches(text, limit):
        encoding = encoder(text[start:end])
        if len(encoding.ids) > MAX_PIECES:  # some characters (㍿) are several pieces
            for further, shorter in _encoded(text[start:end], encoder, limit // 2):
                yield start + further, shorter
        elif encoding.units:
            yield start, encoding


def _spans(chunk: Chunk, emissions: Floats, head: Head) -> Iterator[tuple[Span, float]]:
    tags = viterbi(emissions, head.start, head.after)
    found = to_spans(chunk.encoding, tags, head.labels)
    places = [(first, behind, tags[first]) for _, first, behind in found]
    sure = span_probabilities(emissions, head.start, head.after, places, head.span_temperature)
    for (span, _, _), probability in zip(found, sure, strict=True):
        shifted = Span(span.start + chunk.start, span.end + chunk.start, span.label)
        yield shifted, probability


def _answer(spans: list[tuple[Span, float]], intents: Floats, head: Head) -> Parse:
    total = intents.sum()
    best = int(intents.argmax()) if total else None
    return Parse(
        spans=tuple(span for span, _ in spans),
        confidences=tuple(probability for _, probability in spans),
        intent=None if best is None else head.intents[best],
        intent_confidence=0.0 if best is None else float(intents[best] / total),
    )
