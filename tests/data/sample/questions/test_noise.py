"""Slips keep the spans exact."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.data.questions import Question, Span, problem
from nadeuri.data.sample.questions.noise import (
    EDITS,
    Edit,
    Tagged,
    add_space,
    drop_all_spaces,
    drop_mark,
    drop_space,
    roughen,
    typo,
)

PLAIN = st.text(st.sampled_from("가는데에서 을?!~1aㅠ😊"), max_size=8)
NAME = st.text(st.sampled_from("일본오사카성훗"), min_size=1, max_size=5)


@st.composite
def tagged(draw: st.DrawFn) -> Tagged:
    """Text between names, some of two words; every name is a span."""
    text = draw(PLAIN)
    spans = []
    for words in draw(st.lists(st.lists(NAME, min_size=1, max_size=2), max_size=4)):
        name = " ".join(words)
        spans.append(Span(len(text), len(text) + len(name), "지역"))
        text += name + draw(PLAIN)
    return Tagged(text, tuple(spans))


@given(tagged(), st.integers(0, 2**32), st.sampled_from([edit for edit, _ in EDITS]))
def test_each_slip_keeps_spans_sound(before: Tagged, seed: int, edit: Edit) -> None:
    after = edit(before, np.random.default_rng(seed))
    assert [span.label for span in after.spans] == [span.label for span in before.spans]
    if after.text.strip():
        assert problem(Question("1", after.text, after.spans)) is None
    for old, new in zip(before.spans, after.spans, strict=True):
        was, is_now = before.text[old.start : old.end], after.text[new.start : new.end]
        assert len(is_now) >= len(was.replace(" ", ""))
        changed = sum(
            a != b for a, b in zip(was.replace(" ", ""), is_now.replace(" ", ""), strict=False)
        )
        assert changed <= 1


@given(tagged(), st.integers(0, 2**32))
def test_outside_of_the_edited_stretch_nothing_moves(before: Tagged, seed: int) -> None:
    for edit in (drop_space, drop_all_spaces, add_space):
        after = edit(before, np.random.default_rng(seed))
        assert after.text.replace(" ", "") == before.text.replace(" ", "")
        assert [after.text[s.start : s.end].replace(" ", "") for s in after.spans] == [
            before.text[s.start : s.end].replace(" ", "") for s in before.spans
        ]


@given(tagged(), st.integers(0, 2**32))
def test_roughened_text_is_still_sound(before: Tagged, seed: int) -> None:
    after = roughen(before, np.random.default_rng(seed))
    assert len(after.spans) == len(before.spans)
    if after.text.strip():
        assert problem(Question("1", after.text, after.spans)) is None


def test_replacing_at_the_edges_of_a_span() -> None:
    question = Tagged("일본 여행", (Span(0, 2, "국가"),))
    assert question.replace(2, 2, "은").spans == (Span(0, 2, "국가"),)
    assert question.replace(0, 0, "저 ").spans == (Span(2, 4, "국가"),)
    assert question.replace(1, 2, "봉").text == "일봉 여행"
    assert question.replace(1, 1, " ").spans == (Span(0, 3, "국가"),)


def test_slips_look_like_slips() -> None:
    question = Tagged("일본 여행지 추천해줘?", (Span(0, 2, "국가"),))
    rng = np.random.default_rng(0)
    assert drop_all_spaces(question, rng).text == "일본여행지추천해줘?"
    assert drop_mark(question, rng).text == "일본 여행지 추천해줘"
    typos = {typo(question, rng).text for _ in range(400)}
    assert {"일본 여행지 추천헤줘?", "일본 여행지 추처해줘?"} <= typos
    assert all(len(text) == len(question.text) for text in typos)


def test_most_typos_leave_entities_alone() -> None:
    question = Tagged("일본 가자", (Span(0, 2, "국가"),))
    rng = np.random.default_rng(1)
    texts = [typo(question, rng).text for _ in range(600)]
    entity = sum(not text.startswith("일본") for text in texts)
    outside = sum(not text.endswith("가자") for text in texts)
    assert 0 < entity < 0.6 * outside


def test_the_odds_add_up() -> None:
    assert sum(odds for _, odds in EDITS) == pytest.approx(1)
