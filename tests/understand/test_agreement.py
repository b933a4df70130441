from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from nadeuri.data.questions import Question
from nadeuri.understand.agreement import agreement, krippendorff_alpha, word_labels
from nadeuri.understand.labels import parse_marked


def by(annotator: str, *marked: tuple[str, str]) -> list[Question]:
    return [
        replace(parse_marked(text, id=f"{annotator}{number}", intent=intent), annotator=annotator)
        for number, (text, intent) in enumerate(marked)
    ]


HELLO = ("안녕", "잡담")
KIM = by("kim", ("<일본:국가> <도쿄:지역> 가자", "날씨"), ("<괌:지역> 얼마", "가격"), HELLO)
LEE = by("lee", ("<일본:국가> <도쿄 가자:지역>", "날씨"), ("<괌:국가> 얼마", "날씨"), HELLO)


def test_two_annotators() -> None:
    found = agreement([*KIM, *LEE, Question("x", "혼자", annotator="kim"), Question("y", "안녕")])
    assert found.n_questions == 3
    [pair] = found.pairs
    assert (pair.first, pair.second, pair.n_questions) == ("kim", "lee", 3)
    assert pair.span_f1 == pytest.approx(2 / 6)
    assert pair.label_f1 == {"국가": pytest.approx(2 / 3), "지역": 0.0}
    # words: 국가 지역 O | 지역 O | O against 국가 지역 지역 | 국가 O | O
    assert pair.word_kappa == pytest.approx((4 / 6 - 12 / 36) / (1 - 12 / 36))
    assert pair.intent_kappa == pytest.approx((2 / 3 - 3 / 9) / (1 - 3 / 9))
    assert [disagreement.text for disagreement in found.disagreements] == [
        "일본 도쿄 가자",
        "괌 얼마",
    ]
    assert found.disagreements[1].labelled["lee"] == ("날씨", LEE[1].spans)


def test_annotators_who_agree_and_those_who_cannot_be_told_apart() -> None:
    same = [replace(question, annotator="lee") for question in KIM]
    found = agreement([*KIM, *same])
    assert found.pairs[0].span_f1 == found.pairs[0].intent_kappa == 1.0
    assert found.word_alpha == found.intent_alpha == 1.0
    assert found.disagreements == []

    silent = agreement([*by("kim", HELLO), *by("lee", HELLO)])
    assert silent.pairs[0].span_f1 is None
    assert silent.pairs[0].word_kappa is silent.pairs[0].intent_kappa is None
    assert silent.word_alpha is silent.intent_alpha is None


def test_three_annotators_of_different_questions() -> None:
    found = agreement([*KIM[:2], *LEE[1:], *by("park", ("안녕", "날씨"))])
    assert [(pair.first, pair.second, pair.n_questions) for pair in found.pairs] == [
        ("kim", "lee", 1),
        ("lee", "park", 1),
    ]
    assert agreement([]).pairs == []


def test_alpha_of_krippendorffs_example() -> None:
    """Krippendorff 2011, section C: four observers, missing values, nominal alpha .743."""
    rows = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    units = [[value for value in unit if value is not None] for unit in zip(*rows, strict=True)]
    assert krippendorff_alpha(units) == pytest.approx(0.743, abs=0.0005)


@given(st.lists(st.lists(st.integers(0, 2), max_size=4), max_size=8))
def test_alpha_is_one_only_without_a_difference(units: list[list[int]]) -> None:
    alpha = krippendorff_alpha(units)
    if alpha is not None:
        pairable = [unit for unit in units if len(unit) > 1]
        assert (alpha == 1.0) == all(len(set(unit)) == 1 for unit in pairable)
        assert alpha <= 1.0


def test_a_word_has_the_label_of_its_first_span() -> None:
    question = parse_marked("<오사카 성:관광지>에서 <일본:국가><도쿄:지역> 가자", id="a")
    assert word_labels(question) == ["관광지", "관광지", "국가", "O"]


INTENTS = st.sampled_from(["날씨", "가격", "잡담"])


@given(st.lists(st.tuples(INTENTS, INTENTS), min_size=1, max_size=30))
def test_kappa_is_cohens(said: list[tuple[str, str]]) -> None:
    kim, lee = (
        by(name, *((f"질문 {n}", intents[which]) for n, intents in enumerate(said)))
        for which, name in enumerate(("kim", "lee"))
    )
    found = agreement([*kim, *lee]).pairs[0].intent_kappa
    if found is None:
        assert len({intent for pair in said for intent in pair}) == 1
    else:
        assert found == pytest.approx(cohen_kappa_score(*zip(*said, strict=True)))
