from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from timing import quickest_s

from nadeuri.data.questions import Question
from nadeuri.understand.labels import parse_marked
from nadeuri.understand.quality import (
    LEFT_OUT,
    conflicts,
    leaks,
    mentions,
    near_duplicates,
    similar_pairs,
    statistics,
    text_key,
)


def plain(*texts: str) -> list[Question]:
    return [Question(f"q{number}", text) for number, text in enumerate(texts)]


def marked(*texts: str) -> list[Question]:
    return [parse_marked(text, id=f"q{number}") for number, text in enumerate(texts)]


def test_statistics() -> None:
    questions = [
        parse_marked("<일본:국가> <도쿄:지역>", id="a", intent="날씨"),
        parse_marked("<일본:국가>이랑 <대만:국가>", id="b", intent="날씨"),
        Question("c", "안녕", intent="잡담", split="test", annotator="kim"),
        Question("d", "안녕"),
    ]
    found = statistics(questions)
    assert (found.n_questions, found.n_texts, found.n_without_spans) == (4, 3, 2)
    assert found.labels == {"국가": 3, "지역": 1}
    assert found.intents == {"날씨": 2, "잡담": 1}
    assert (found.parts, found.annotators) == ({"test": 1}, {"kim": 1})
    assert found.length == (2, 3.5, 7)
    assert found.n_surfaces == {"국가": 2, "지역": 1}
    assert found.surfaces["국가"] == [("일본", 2), ("대만", 1)]
    assert statistics([]).length == (0, 0, 0)


def test_conflicting_labels() -> None:
    found = conflicts(
        marked(
            "<일본:국가> 여행",
            "<일본:국가>에서 <부산:지역>까지",
            "일본에서 뭐 해",
            "<부산:출발지> 출발",
            "<일본:지역> 여행",
            "일본어 되나요",
        )
    )
    japan, busan = found.labels
    assert japan.surface == "일본"
    assert japan.counts == {LEFT_OUT: 1, "국가": 2, "지역": 1}
    assert japan.examples == {LEFT_OUT: ["q2"], "국가": ["q0", "q1"], "지역": ["q4"]}
    assert busan.counts == {"지역": 1, "출발지": 1}
    assert found.intents == []


def test_conflicting_intents() -> None:
    questions = [
        Question("a", "얼마", intent="가격 문의"),
        Question("b", "얼마"),
        Question("c", "더워", intent="날씨"),
        Question("d", "더워", intent="날씨"),
    ]
    [conflict] = conflicts(questions).intents
    assert conflict.text == "얼마"
    assert conflict.intents == {"가격 문의": ["a"], None: ["b"]}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("부산 가자", ["부산"]),
        ("부산으로는 안 가", ["부산"]),
        ("부산스럽다", []),
        ("서부산 가자", []),
        ("오사카 성 입장권", ["오사카 성"]),
        ("오사카 성인 2명", ["오사카"]),
        ("부산, 오사카!", ["부산", "오사카"]),
        ("부산2", []),
        ("", []),
    ],
)
def test_mentions_are_words_with_or_without_a_particle(text: str, found: list[str]) -> None:
    surfaces = {"부산", "오사카", "오사카 성"}
    assert [text[start:end] for start, end in mentions(text, surfaces)] == found


def test_near_duplicates_pair_each_copy_once() -> None:
    questions = plain(
        "다낭 3박 5일 패키지 추천해 주세요",
        "다낭 3박5일 패키지 추천해주세요!",
        "DA낭",
        "다낭 3박 5일 패키지 추천해 주세요.",
        "다낭 3박 5일 패키지 추천해 주세여",
        "전혀 다른 질문",
    )
    found = near_duplicates(questions, 0.75)
    assert [(a, b) for a, b, _ in found] == [("q0", "q1"), ("q0", "q3"), ("q0", "q4")]
    assert [similarity for *_, similarity in found[:2]] == [1.0, 1.0]
    assert found[2].similarity == pytest.approx(14 / 18)


@given(
    st.lists(st.text("가나다 ", max_size=6), max_size=12),
    st.sampled_from([0.3, 0.5, 2 / 3, 0.8, 1.0]),
)
def test_no_similar_pair_is_missed(texts: list[str], threshold: float) -> None:
    keys = list(dict.fromkeys(text_key(text) for text in texts))

    def grams(key: str) -> set[str]:
        framed = f"\n{key}\n"
        return {a + b for a, b in pairwise(framed)}

    expected = {
        (a, b): similarity
        for a, b in combinations(range(len(keys)), 2)
        if (
            similarity := len(grams(keys[a]) & grams(keys[b]))
            / len(grams(keys[a]) | grams(keys[b]))
        )
        >= threshold
    }
    found = {(min(a, b), max(a, b)): s for a, b, s in similar_pairs(keys, threshold)}
    assert found == pytest.approx(expected)


def test_leaks_name_the_most_similar_training_question() -> None:
    train = [Question("t0", "괌 날씨 알려줘"), Question("t1", "하와이 리조트 추천해 주세요")]
    test = [
        Question("e0", "하와이 리조트 추천해 주세요?"),
        Question("e1", "하와이 리조트 추천해 주세"),
        Question("e2", "괌 날씨"),
        Question("e3", "하와이 리조트 추천해주세요"),
    ]
    found = leaks(train, test, 0.75)
    assert [(a, b) for a, b, _ in found] == [("t1", "e0"), ("t1", "e1"), ("t1", "e3")]
    assert leaks(test, []) == leaks([], test) == []


def test_sixteen_thousand_questions_take_seconds() -> None:
    random = np.random.default_rng(0)
    syllables = [chr(code) for code in range(ord("가"), ord("가") + 600)]
    words = ["".join(random.choice(syllables, 2)) for _ in range(900)]
    endings = ["추천해 줘", "알려 줄래", "얼마예요", "찾아 주세요"]
    texts = [
        f"{' '.join(random.choice(words, 3))} {endings[number % 4]}" for number in range(16_000)
    ]
    assert quickest_s(lambda: near_duplicates(plain(*texts)), 10) < 10  # about 1 s alone
