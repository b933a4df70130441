"""Spans of characters as BIO tags of units, and the best valid tags back as spans."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nadeuri.data.questions import Span
from nadeuri.understand.encoding import Encoding

OUTSIDE, BEGIN, INSIDE = "O", "B-", "I-"
FORBIDDEN = -1e4
"""Score of what BIO does not allow; finite, so that float32 sums of it stay finite."""

Floats = NDArray[np.float32]


def tag_names(labels: Sequence[str]) -> tuple[str, ...]:
    """``O`` and then ``B-`` and ``I-`` of every label: tag ``2i + 1`` begins label ``i``."""
    return (OUTSIDE, *(prefix + label for label in labels for prefix in (BEGIN, INSIDE)))


def transition_mask(n_labels: int) -> tuple[Floats, Floats]:
    """0 where BIO allows a tag at the start ([T]) and after another ([T, T]), else FORBIDDEN."""
    n_tags = 2 * n_labels + 1
    start = np.zeros(n_tags, np.float32)
    start[2::2] = FORBIDDEN
    after = np.zeros((n_tags, n_tags), np.float32)
    after[:, 2::2] = FORBIDDEN
    for inside in range(2, n_tags, 2):
        after[inside, inside] = after[inside - 1, inside] = 0
    return start, after


def to_tags(encoding: Encoding, spans: Sequence[Span], labels: Sequence[str]) -> list[int]:
    """The tag of every unit: those that a span touches are its own.

    A unit that two spans share goes to the first of them.
    """
    numbers = {label: number for number, label in enumerate(labels)}
    tags = [0] * len(encoding.units)
    at = 0
    for span in spans:
        begin = 2 * numbers[span.label] + 1
        while at < len(tags) and encoding.ends[at] <= span.start:
            at += 1
        tag = begin
        while at < len(tags) and encoding.starts[at] < span.end:
            tags[at], tag = tag, begin + 1
            at += 1
    return tags


def to_spans(
    encoding: Encoding, tags: Sequence[int], labels: Sequence[str]
) -> list[tuple[Span, int, int]]:
    """Spans of valid tags, each with its first unit and the unit behind its last."""
    spans: list[tuple[Span, int, int]] = []
    first = None
    for at in range(len(tags) + 1):
        tag = tags[at] if at < len(tags) else 0
        if first is not None and (tag == 0 or tag % 2):
            start, end = encoding.starts[first], encoding.ends[at - 1]
            spans.append((Span(start, end, labels[(tags[first] - 1) // 2]), first, at))
            first = None
        if tag % 2:
            first = at
    return spans


def viterbi(emissions: Floats, start: Floats, after: Floats) -> list[int]:
    """The best tags of one sequence.

    Args:
        emissions: [U, T] score of each tag at each unit.
        start: [T] score of the first tag.
        after: [T, T] score of a tag (column) after another (row).
    """
    if not len(emissions):
        return []
    best = emissions[0] + start
    back = np.empty(emissions.shape, np.int64)
    for at in range(1, len(emissions)):
        scores = best[:, None] + after
        back[at] = scores.argmax(0)
        best = scores.max(0) + emissions[at]
    tags = [int(best.argmax())]
    for at in range(len(emissions) - 1, 0, -1):
        tags.append(int(back[at, tags[-1]]))
    return tags[::-1]
