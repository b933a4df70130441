"""Texts of any length come back with spans at the right characters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.data.questions import Span
from nadeuri.understand.bio import Floats, transition_mask
from nadeuri.understand.encoding import MAX_PIECES, CharacterEncoder, Encoding, Ints
from nadeuri.understand.parse import MAX_CHUNK, Head, Parse, parse, softmax, stretches

LABEL = columns.REGION_LABEL
INTENTS = (columns.PRODUCT_INTENT, columns.CHAT_INTENT)
MARK = ord("X")


def head(intents: tuple[str, ...] = INTENTS) -> Head:
    return Head((LABEL,), intents, *transition_mask(1))


class MarksX:
    """A scorer that takes every X, with those behind it, for an entity; notes what it is given."""

    def __init__(self, n_intents: int = len(INTENTS)) -> None:
        self.shapes: list[tuple[int, ...]] = []
        self._n_intents = n_intents

    def __call__(self, ids: Ints, tags: Ints) -> tuple[Floats, Floats]:
        self.shapes.append(ids.shape)
        emissions = np.zeros((*ids.shape, 3), np.float32)
        is_mark = ids == MARK
        follows = np.zeros_like(is_mark)
        follows[:, 1:] = is_mark[:, :-1]
        emissions[..., 1] = np.where(is_mark & ~follows, 20, -20)
        emissions[..., 2] = np.where(is_mark & follows, 20, -20)
        # the more marks, the more of the first intent
        intents = np.zeros((len(ids), self._n_intents), np.float32)
        if self._n_intents:
            intents[:, 0] = np.where(is_mark.any(1), 4, -4)
        return emissions, intents


def expected(text: str) -> list[tuple[int, int]]:
    """Stretches of X."""
    found, start = [], None
    for at, char in enumerate(f"{text} "):
        if char == "X" and start is None:
            start = at
        elif char != "X" and start is not None:
            found.append((start, at))
            start = None
    return found


def test_a_long_text_is_read_in_stretches() -> None:
    random = np.random.default_rng(0)
    words = [
        "X" * random.integers(1, 4) if random.random() < 0.3 else "여행지" for _ in range(2900)
    ]
    text = " ".join(words)
    assert len(text) > 10_000
    score = MarksX()
    (found,) = parse([text], CharacterEncoder(), score, head())
    assert [(start, end) for start, end, _ in found.spans] == expected(text)
    assert {label for _, _, label in found.spans} == {LABEL}
    assert len(found.confidences) == len(found.spans)
    assert min(found.confidences) > 0.99
    assert max(length for _, length in score.shapes) <= MAX_CHUNK


@given(st.lists(st.text("Xㅋ \n가", max_size=40), max_size=6), st.integers(1, 4))
def test_every_text_has_its_own_spans(texts: list[str], batch_size: int) -> None:
    found = parse(texts, CharacterEncoder(), MarksX(), head(), batch_size=batch_size)
    assert [[span[:2] for span in parsed.spans] for parsed in found] == [
        expected(text) for text in texts
    ]


def test_nothing_to_read_has_no_answer() -> None:
    score = MarksX()
    assert parse(["", " \n", "\u3000" * 1000], CharacterEncoder(), score, head()) == [Parse()] * 3
    assert parse([], CharacterEncoder(), score, head()) == []
    assert score.shapes == []


def test_the_intent_of_a_long_text_is_that_of_its_stretches_by_length() -> None:
    first = 1 / (1 + np.exp(-4))
    text = "X" + "가" * (MAX_CHUNK - 1) + "가" * (MAX_CHUNK // 2)
    (found,) = parse([text], CharacterEncoder(), MarksX(), head())
    assert found.intent == columns.PRODUCT_INTENT
    assert found.intent_confidence == pytest.approx((2 * first + (1 - first)) / 3)


def test_temperatures_divide_scores() -> None:
    cold, warm = (
        parse(
            ["X"],
            CharacterEncoder(),
            MarksX(),
            Head((LABEL,), INTENTS, *transition_mask(1), temperature, temperature),
        )[0]
        for temperature in (1.0, 8.0)
    )
    assert cold.spans == warm.spans == (Span(0, 1, LABEL),)
    assert cold.confidences[0] > 0.999 > warm.confidences[0] > 0.9
    assert warm.intent_confidence == pytest.approx(1 / (1 + np.exp(-4 / 8)))


def test_a_model_without_intents_answers_none() -> None:
    (found,) = parse(["X 가"], CharacterEncoder(), MarksX(0), head(()))
    assert (found.intent, found.intent_confidence, len(found.spans)) == (None, 0.0, 1)


class Threefold:
    """Every character is three pieces, as ㍿ is four."""

    pad = 0

    def __call__(self, text: str) -> Encoding:
        ids = [ord(char) for char in text for _ in range(3)]
        places = [at for at, char in enumerate(text) if not char.isspace()]
        ends = [at + 1 for at in places]
        return Encoding(ids, [0] * len(ids), [3 * at for at in places], places, ends)

    save = CharacterEncoder.save


def test_stretches_of_too_many_pieces_are_cut_again() -> None:
    class Begins(MarksX):
        def __call__(self, ids: Ints, tags: Ints) -> tuple[Floats, Floats]:
            emissions, intents = super().__call__(ids, tags)
            emissions[..., 1] = np.where(ids == MARK, 20, -20)
            emissions[..., 2] = -20
            return emissions, intents

    score = Begins()
    text = "가가X가 가" * 200
    (found,) = parse([text], Threefold(), score, head())
    assert [(start, end) for start, end, _ in found.spans] == expected(text)
    assert max(length for _, length in score.shapes) <= MAX_PIECES


@given(st.text("가 \n", max_size=60), st.integers(2, 12))
def test_stretches_follow_one_another_and_cut_at_spaces(text: str, limit: int) -> None:
    found = list(stretches(text, limit))
    assert "".join(text[start:end] for start, end in found) == text
    assert all(0 < end - start <= limit for start, end in found)
    for start, end in found[:-1]:
        assert text[end].isspace() or not any(map(str.isspace, text[start + 1 : start + limit]))


def test_softmax_of_extreme_scores() -> None:
    scores = np.array([[1e4, 0, 0], [0, 0, 0]], np.float32)
    assert softmax(scores) == pytest.approx(np.array([[1, 0, 0], [1 / 3] * 3]))
    assert softmax(scores[:, :0]).shape == (2, 0)
