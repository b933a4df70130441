"""Tags and spans are the same thing written twice; the best tags are the best valid ones."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nadeuri import columns
from nadeuri.data.questions import Span
from nadeuri.understand.bio import (
    FORBIDDEN,
    Floats,
    tag_names,
    to_spans,
    to_tags,
    transition_mask,
    viterbi,
)
from nadeuri.understand.encoding import CharacterEncoder, Encoding

LABELS = (columns.REGION_LABEL, columns.DATE_LABEL)
REGION, DATE = LABELS
SCORES = st.floats(-50, 50, width=32)


@st.composite
def labelled(draw: st.DrawFn) -> tuple[Encoding, list[Span]]:
    """Units with gaps between some, and spans of whole units."""
    starts, ends, at = [], [], 0
    for length, gap in draw(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 1)), max_size=8)):
        starts.append(at + gap)
        ends.append(at + gap + length)
        at = ends[-1]
    spans, unit = [], 0
    while unit < len(starts):
        length = draw(st.integers(0, 3))
        last = min(unit + length, len(starts)) - 1
        if length:
            spans.append(Span(starts[unit], ends[last], draw(st.sampled_from(LABELS))))
        unit = max(last, unit) + 1
    numbers = list(range(len(starts)))
    return Encoding(numbers, numbers, numbers, starts, ends), spans


@given(labelled())
def test_spans_of_whole_units_come_back(case: tuple[Encoding, list[Span]]) -> None:
    encoding, spans = case
    found = to_spans(encoding, to_tags(encoding, spans, LABELS), LABELS)
    assert [span for span, _, _ in found] == spans
    for span, first, behind in found:
        assert (encoding.starts[first], encoding.ends[behind - 1]) == span[:2]


def test_tags_have_the_usual_names() -> None:
    assert tag_names(LABELS) == ("O", "B-지역", "I-지역", "B-날짜", "I-날짜")
    encoding = CharacterEncoder()("내일 부산 가")
    tags = to_tags(encoding, [Span(0, 2, DATE), Span(3, 5, REGION)], LABELS)
    assert [tag_names(LABELS)[tag] for tag in tags] == ["B-날짜", "I-날짜", "B-지역", "I-지역", "O"]


def test_a_unit_that_a_span_touches_is_its_own() -> None:
    units = Encoding([0, 1], [0, 0], [0, 1], [0, 3], [3, 6])
    assert to_tags(units, [Span(1, 4, DATE)], LABELS) == [3, 4]
    assert to_tags(units, [Span(0, 2, REGION), Span(2, 6, DATE)], LABELS) == [1, 3], (
        "the first has it"
    )


def test_neighbours_of_one_label_stay_two() -> None:
    units = Encoding([0, 1], [0, 0], [0, 1], [0, 2], [2, 4])
    spans = [Span(0, 2, REGION), Span(2, 4, REGION)]
    assert to_tags(units, spans, LABELS) == [1, 1]
    assert [span for span, _, _ in to_spans(units, [1, 1], LABELS)] == spans


@pytest.mark.parametrize("n_labels", [0, 1, 2])
@given(data=st.data())
def test_viterbi_finds_the_best_valid_tags(n_labels: int, data: st.DataObject) -> None:
    n_tags = 2 * n_labels + 1
    n_units = data.draw(st.integers(1, 4))
    emissions = data.draw(arrays(np.float32, (n_units, n_tags), elements=SCORES))
    learned = data.draw(arrays(np.float32, (n_tags + 1, n_tags), elements=SCORES))
    start, after = transition_mask(n_labels)
    start, after = start + learned[0], after + learned[1:]
    found = viterbi(emissions, start, after)
    assert is_valid(found)
    best = max(
        score(tags, emissions, start, after)
        for tags in product(range(n_tags), repeat=n_units)
        if is_valid(tags)
    )
    assert score(found, emissions, start, after) == pytest.approx(best, abs=1e-3)


def test_nothing_has_no_tags() -> None:
    start, after = transition_mask(1)
    assert viterbi(np.zeros((0, 3), np.float32), start, after) == []


def test_the_mask_forbids_what_bio_forbids_and_nothing_else() -> None:
    start, after = transition_mask(2)
    for first, second in product(range(5), repeat=2):
        assert (after[first, second] == 0) == is_valid(
            (max(first - 1 + first % 2, 0), first, second)
        )
        assert after[first, second] in (0, np.float32(FORBIDDEN))
    assert start.tolist() == [0, 0, FORBIDDEN, 0, FORBIDDEN]


def is_valid(tags: Sequence[int]) -> bool:
    """I- follows B- or I- of its label."""
    return all(
        tag == 0 or tag % 2 == 1 or before in (tag, tag - 1)
        for before, tag in zip((0, *tags), tags, strict=False)
    )


def score(
    tags: tuple[int, ...] | list[int], emissions: Floats, start: Floats, after: Floats
) -> float:
    total = float(start[tags[0]]) + sum(float(emissions[at, tag]) for at, tag in enumerate(tags))
    return total + sum(float(after[a, b]) for a, b in pairwise(tags))
