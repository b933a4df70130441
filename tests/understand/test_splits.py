from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from nadeuri.data.questions import Question, Span
from nadeuri.errors import DataError
from nadeuri.understand.exchange.formats import read_any
from nadeuri.understand.labels import parse_marked
from nadeuri.understand.quality import leaks, mentions
from nadeuri.understand.splits import (
    PARTS,
    TEST,
    TRAIN,
    VALID,
    delexicalise,
    name_key,
    split_by_group,
    split_by_names,
)

KOCHAT = Path(__file__).parents[3] / "shared/data/questions/kochat"
PLACES = ("서울", "부산", "Hanoi", "오사카 성", "괌", "도쿄", "다낭", "방콕", "파리", "로마")
FRAMES = ("{} 가자", "{} 날씨 어때", "{}에서 뭐 해", "{} 얼마", "{} 표", "안녕", "{}이랑 서울 중에")
LABEL = "지역"


def question(number: int, place: str, frame: str, group: str | None, intent: str) -> Question:
    before, slot, _ = frame.partition("{}")
    spans = (Span(len(before), len(before) + len(place), LABEL),) if slot else ()
    return Question(f"q{number}", frame.format(place), spans, intent, group)


@st.composite
def labelled(draw: st.DrawFn) -> list[Question]:
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(PLACES),
                st.sampled_from(FRAMES),
                st.none() | st.sampled_from("abcdefgh"),
                st.sampled_from(["날씨", "가격"]),
            ),
            min_size=15,
            max_size=60,
        )
    )
    return [question(number, *row) for number, row in enumerate(rows)]


SHARES = st.sampled_from([(0.1, 0.2), (0.0, 0.3), (0.2, 0.0), (0.25, 0.25)])


@given(labelled(), SHARES, st.integers(0, 3))
def test_groups_stay_whole_and_nothing_is_lost(
    questions: list[Question], shares: tuple[float, float], seed: int
) -> None:
    try:
        parts = split_by_group(questions, *shares, seed)
    except DataError:  # a part is empty: too few questions
        reject()
    assert sorted(q.id for part in parts.values() for q in part) == sorted(q.id for q in questions)
    assert all(q.split == name for name, part in parts.items() for q in part)
    for key in (lambda q: q.group, delexicalise):
        homes: dict[str, set[str]] = {}
        for name, part in parts.items():
            for q in part:
                if key(q) is not None:
                    homes.setdefault(key(q), set()).add(name)
        assert all(len(names) == 1 for names in homes.values())
    assert leaks(parts[TRAIN], parts[TEST]) == []
    assert split_by_group(questions, *shares, seed) == parts


def test_intents_are_spread_over_the_parts() -> None:
    intents = ["날씨"] * 80 + ["가격"] * 15 + ["잡담"] * 5
    questions = [
        Question(
            f"q{number}", f"{chr(0xAC00 + 61 * number)}{chr(0xB000 + 37 * number)}", (), intent
        )
        for number, intent in enumerate(intents)
    ]
    parts = split_by_group(questions, 0.2, 0.2, seed=1)
    assert {part: len(parts[part]) for part in PARTS} == {TRAIN: 60, VALID: 20, TEST: 20}
    assert Counter(q.intent for q in parts[TEST]) == {"날씨": 16, "가격": 3, "잡담": 1}
    other = split_by_group(questions, 0.2, 0.2, seed=2)
    assert {q.id for q in other[TEST]} != {q.id for q in parts[TEST]}


def test_families_that_are_too_large_are_named() -> None:
    questions = [Question(f"q{n}", f"질문 {n}", group="all") for n in range(10)]
    with pytest.raises(DataError, match="part valid is empty: 10 questions are only 1 families"):
        split_by_group(questions, 0.1, 0.1, 0)


@pytest.mark.parametrize("shares", [(0.5, 0.5), (-0.1, 0.2), (0.1, float("nan"))])
def test_shares_that_are_none_are_named(shares: tuple[float, float]) -> None:
    with pytest.raises(DataError, match="together below 1"):
        split_by_group([], *shares, 0)
    with pytest.raises(DataError, match="together below 1"):
        split_by_names([], [LABEL], *shares, 0)


@given(labelled(), SHARES, st.integers(0, 3))
def test_names_and_templates_of_a_part_are_unseen_in_the_others(
    questions: list[Question], shares: tuple[float, float], seed: int
) -> None:
    try:
        split = split_by_names(questions, [LABEL], *shares, seed)
    except DataError:  # a part is empty: too few questions
        reject()
    kept = [q for part in PARTS for q in split[part]]
    assert sorted(q.id for q in [*kept, *split.dropped]) == sorted(q.id for q in questions)
    words = {
        part: {name_key(word) for q in split[part] for s, _ in q.entities for word in s.split()}
        - split.ordinary
        for part in PARTS
    }
    templates = {part: {delexicalise(q) for q in split[part]} for part in PARTS}
    for part in PARTS:
        assert words[part] <= split.names[part]
        assert split.n_templates[part] == len(templates[part])
        for other in set(PARTS) - {part}:
            assert not words[part] & words[other]
            assert not templates[part] & templates[other]
            held_out = {p for p in PLACES if name_key(p) in split.names[other]}
            assert not any(list(mentions(q.text, held_out)) for q in split[part])
    assert split_by_names(questions, [LABEL], *shares, seed) == split


def test_an_ordinary_word_that_is_labelled_by_mistake_is_not_held_out() -> None:
    right = [question(n, place, "{} 먼지 어때", None, "날씨") for n, place in enumerate(PLACES)]
    slip = [Question("slip", "먼지 어때", (Span(0, 2, LABEL),), "날씨")]
    other = [question(50 + n, place, "{} 좋아", None, "가격") for n, place in enumerate(PLACES)]
    split = split_by_names([*right, *slip, *other], [LABEL], 0.2, 0.4, 0)
    assert split.ordinary == {"먼지"}
    assert all("먼지" not in names for names in split.names.values())
    kept = [q.id for part in PARTS for q in split[part]]
    assert "slip" in kept
    assert any(q.id in kept for q in right), "held out, the word would be a mix in all of them"


def test_templates_have_labels_for_names() -> None:
    first = parse_marked("<일본:국가>  <Free Tour:상품 유형> 추천", id="a")
    second = parse_marked("<대만:국가> <패키지:상품 유형> 추천 ", id="b")
    assert delexicalise(first) == delexicalise(second) == "[국가] [상품 유형] 추천"
    assert name_key("Ho Chi Minh") == name_key("hochi minh")


@pytest.mark.shared
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_kochat_by_names_leaves_thousands_to_train_on(seed: int) -> None:
    if not KOCHAT.is_dir():
        pytest.skip("needs the data sets in ../shared/data")
    labels = ("LOCATION", "PLACE")
    split = split_by_names(read_any(KOCHAT).questions, labels, 0.1, 0.2, seed)
    assert len(split[TRAIN]) > 5_000
    named = [q for q in split[TEST] if any(label in labels for _, label in q.entities)]
    assert len(named) > 200
    assert sum(map(len, split.parts.values())) + len(split.dropped) == 16_004
