"""The labelled questions as a whole: labels, parts, leakage, variety."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from nadeuri import columns
from nadeuri.data.questions import Question, problem
from nadeuri.data.sample import SIZES
from nadeuri.data.sample.questions import build_questions, has_unseen_place, reserved_places
from nadeuri.data.sample.questions.build import fill, tag
from nadeuri.data.sample.questions.templates import PARTS, TEST, TRAIN, VALID, load_templates
from nadeuri.errors import DataError
from nadeuri.korean import josa

PAIRS = (
    ("은", "는"),
    ("을", "를"),
    ("과", "와"),
    ("이랑", "랑"),
    ("으로", "로"),
    ("이나", "나"),
    ("이", "가"),
    ("이면", "면"),
)
PARTICLE = re.compile(rf"({'|'.join(p for pair in PAIRS for p in pair)})(?=[ ?.,]|$)")
RESERVED = frozenset().union(*reserved_places().values())


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return build_questions(SIZES["demo"].questions, seed=0)


def part(questions: list[Question], name: str) -> list[Question]:
    return [question for question in questions if question.split == name]


def test_the_worlds_have_the_promised_number_of_questions(questions: list[Question]) -> None:
    assert len(questions) == SIZES["demo"].questions >= 6_600
    assert SIZES["full"].questions >= 6_600
    sizes = [len(part(questions, name)) for name in PARTS]
    assert sizes == pytest.approx([4_600, 700, 1_400], rel=0.05)


def test_same_seed_same_questions() -> None:
    assert build_questions(300, seed=4) == build_questions(300, seed=4)
    assert build_questions(300, seed=4) != build_questions(300, seed=5)


def test_every_question_is_sound_and_labelled_in_the_vocabulary(questions: list[Question]) -> None:
    assert [question.id for question in questions if problem(question)] == []
    assert {question.intent for question in questions} == set(columns.INTENTS)
    labels = {span.label for question in questions for span in question.spans}
    assert labels == set(columns.ENTITY_LABELS)
    assert len({question.id for question in questions}) == len(questions)


@pytest.mark.parametrize(("name", "fewest"), [(TRAIN, 60), (VALID, 8), (TEST, 20)])
def test_each_part_has_every_label_and_intent(
    questions: list[Question], name: str, fewest: int
) -> None:
    own = part(questions, name)
    labels = Counter(span.label for question in own for span in question.spans)
    intents = Counter(question.intent for question in own)
    assert min(labels[label] for label in columns.ENTITY_LABELS) >= fewest
    assert min(intents[intent] for intent in columns.INTENTS) >= 2 * fewest


def test_a_small_world_has_every_intent_in_every_part() -> None:
    questions = build_questions(SIZES["tiny"].questions, seed=1)
    for name in PARTS:
        assert {q.intent for q in part(questions, name)} == set(columns.INTENTS)


def test_templates_are_many_and_of_one_part(questions: list[Question]) -> None:
    templates = load_templates()
    assert len(templates) >= 350
    for intent in columns.INTENTS:
        own = [template for template in templates if template.intent == intent]
        assert len(own) >= 40
        assert sum(template.part == TEST for template in own) >= 0.25 * len(own)
    parts: dict[str | None, set[str | None]] = {}
    for question in questions:
        parts.setdefault(question.group, set()).add(question.split)
    assert len(parts) == len(templates)  # a full world uses them all
    assert all(len(found) == 1 for found in parts.values())


def test_no_text_occurs_twice(questions: list[Question]) -> None:
    assert len({question.text for question in questions}) == len(questions)


def test_reserved_names_are_in_the_test_part_alone(questions: list[Question]) -> None:
    assert {"파타야", "인터라켄"} <= reserved_places()[columns.REGION_LABEL]
    assert min(len(reserved_places()[label]) for label in columns.PLACE_LABELS) >= 4
    assert len(RESERVED) >= 60
    for question in questions:
        if question.split != TEST:
            assert not any(name in question.text for name in RESERVED), question.text
            assert not has_unseen_place(question)


def test_half_of_the_places_of_the_test_part_are_reserved(questions: list[Question]) -> None:
    with_place = [
        question
        for question in part(questions, TEST)
        if any(span.label in columns.PLACE_LABELS for span in question.spans)
    ]
    unseen = [question for question in with_place if has_unseen_place(question)]
    assert len(unseen) == sum(map(has_unseen_place, questions))
    assert 0.4 < len(unseen) / len(with_place) < 0.65
    named = {text for question in unseen for text, _ in question.entities} & RESERVED
    assert len(named) > 0.7 * len(RESERVED)
    seen = [question for question in with_place if not has_unseen_place(question)]
    assert not any(text in RESERVED for question in seen for text, _ in question.entities)


def test_the_missions_example_is_labelled_as_it_says(questions: list[Question]) -> None:
    example = next(q for q in questions if q.text == "일본 부모님과 갈만한 패키지 추천")
    assert example.intent == columns.PRODUCT_INTENT
    assert example.entities == (
        ("일본", columns.COUNTRY_LABEL),
        ("부모님", columns.THEME_LABEL),
        ("패키지", columns.PRODUCT_TYPE_LABEL),
    )


def test_companions_are_themes_where_the_trip_is_to_suit_them(questions: list[Question]) -> None:
    labels: dict[str, set[str]] = {}
    suits = re.compile(r".{0,2} ?(갈 ?만한|가기 좋은|묵기 좋은)")
    goes = re.compile(r"(이?랑|하고|과|와) [^ ]+ (가는데|가려는데|가려고|갈 건데)")
    for question in questions:
        for start, end, label in question.spans:
            if label in (columns.THEME_LABEL, columns.COMPANION_LABEL):
                for way in (suits, goes):
                    if way.match(question.text[end:]):
                        labels.setdefault(way.pattern, set()).add(label)
                        labels.setdefault(label, set()).add(question.text[start:end])
    assert labels[suits.pattern] == {columns.THEME_LABEL}
    assert labels[goes.pattern] == {columns.COMPANION_LABEL}
    # the same people in both, so that the words around them decide
    assert len(labels[columns.THEME_LABEL] & labels[columns.COMPANION_LABEL]) >= 5


def test_particles_fit_in_clean_text() -> None:
    rng = np.random.default_rng(2)
    checked = Counter[str]()
    for template in load_templates():
        for _ in range(15):
            question = tag(fill(template.pattern, template.scope, rng))
            for _, end, _ in question.spans:
                if found := PARTICLE.match(question.text[end:]):
                    pair = next(pair for pair in PAIRS if found[1] in pair)
                    word = question.text[:end]
                    assert josa(word, *pair) == word + found[1], question.text
                    checked[found[1]] += 1
    assert set(checked) == {particle for pair in PAIRS for particle in pair}


def test_clean_text_has_neat_spaces() -> None:
    rng = np.random.default_rng(3)
    for template in load_templates():
        for _ in range(10):
            text = tag(fill(template.pattern, template.scope, rng)).text
            assert text == " ".join(text.split())
            assert not set(text) & set("{}[]<>|")


def test_intents_share_their_words(questions: list[Question]) -> None:
    for word, fewest in (("추천", 6), ("얼마", 6), ("예약", 5), ("날씨", 3), ("일정", 4)):
        intents = {question.intent for question in questions if word in question.text}
        assert len(intents) >= fewest, (word, intents)


def test_the_language_is_rich(questions: list[Question]) -> None:
    words = Counter(word for question in questions for word in question.text.split())
    assert len(words) > 5_000
    per_question = sum(len(question.spans) for question in questions) / len(questions)
    assert 1.5 < per_question < 2.5
    without = sum(not question.spans for question in questions) / len(questions)
    assert 0.05 < without < 0.25
    together = sum(" " not in question.text for question in questions) / len(questions)
    assert 0.01 < together < 0.12
    surfaces = {entity for question in questions for entity in question.entities}
    assert len(surfaces) > 1_900


def test_too_many_questions_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nadeuri.data.sample.questions.build._TRIES", 0)
    with pytest.raises(DataError, match="more than the templates of train give"):
        build_questions(100, seed=0)
