from __future__ import annotations

import re
from pathlib import Path

import pytest

from nadeuri import columns
from nadeuri.data.questions import Question, Span, problem
from nadeuri.errors import ConfigError
from nadeuri.understand.labels import guideline, load_scheme, parse_marked

PAGE = Path(__file__).parents[2] / "docs/labelling.md"
BLOCK = re.compile(r"<!-- scheme -->\n(.*?)<!-- /scheme -->", re.DOTALL)

OWN = """
[[entity]]
name = "음식"
definition = "먹을 것"
positive = ["<냉면:음식> 맛집"]
[[intent]]
name = "맛집"
definition = "식당을 찾는다."
"""


def test_the_shipped_scheme_defines_every_label_and_intent_with_examples() -> None:
    scheme = load_scheme()
    assert scheme.labels == columns.ENTITY_LABELS
    assert scheme.intent_names == columns.INTENTS
    for entry in (*scheme.entities, *scheme.intents):
        assert len(entry.positive) >= 3, entry.name
        assert len(entry.negative) >= 1, entry.name
        assert entry.definition.endswith("."), entry.name
    assert all(entity.boundaries for entity in scheme.entities)


def test_examples_are_sound_and_labelled_alike_wherever_they_stand() -> None:
    labelled: dict[str, Question] = {}
    for number, marked in enumerate(load_scheme().examples()):
        question = parse_marked(marked, id=str(number))
        assert problem(question) is None, marked
        assert "<" not in question.text, marked
        assert labelled.setdefault(question.text, question).spans == question.spans


def test_examples_have_one_intent_each() -> None:
    positive = [text for intent in load_scheme().intents for text in intent.positive]
    assert len(set(positive)) == len(positive)


@pytest.mark.parametrize(
    ("marked", "label", "surface"),
    [
        ("부모님과 갈만한", columns.THEME_LABEL, "부모님"),
        ("남편이랑", columns.COMPANION_LABEL, "남편"),
        ("4인 가족이", columns.PARTY_LABEL, "4인 가족"),
        ("인천 출발", columns.DEPARTURE_LABEL, "인천"),
        ("괌 리조트", columns.REGION_LABEL, "괌"),
        ("대만 3박", columns.COUNTRY_LABEL, "대만"),
        ("인당 50만원 이하", columns.BUDGET_LABEL, "50만원 이하"),
        ("성인 2명 아이 1명", columns.PARTY_LABEL, "성인 2명 아이 1명"),
    ],
)
def test_the_hard_cases_are_decided_by_example(marked: str, label: str, surface: str) -> None:
    questions = [parse_marked(text, id="") for text in load_scheme().examples()]
    found = {pair for q in questions if marked in q.text for pair in q.entities}
    assert (surface, label) in found


def test_the_page_shows_the_scheme() -> None:
    block = BLOCK.search(PAGE.read_text(encoding="utf-8"))
    assert block is not None
    assert block[1] == guideline(load_scheme()), (
        "write guideline(load_scheme()) into docs/labelling.md"
    )


def test_marked_text_becomes_a_question() -> None:
    question = parse_marked("<일본:국가> 3:30 <패키지:상품 유형> 추천", id="a", intent="상품 추천")
    assert question.text == "일본 3:30 패키지 추천"
    assert question.entities == (("일본", "국가"), ("패키지", "상품 유형"))


def test_check_names_what_the_scheme_lacks() -> None:
    scheme = load_scheme()
    good = Question("a", "일본 여행", (Span(0, 2, "국가"),), "상품 추천#가격 문의")
    assert scheme.check(good) == []
    bad = Question("a", "일본 여행", (Span(0, 2, "나라"),), "상품 추천#주문")
    assert scheme.check(bad) == ["unknown label '나라'", "unknown intent '주문'"]


def test_a_company_brings_its_own_scheme(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    scheme = load_scheme(path)
    assert scheme.labels == ("음식",)
    assert scheme.intent_names == ("맛집",)
    assert "`<냉면:음식> 맛집`" in guideline(scheme)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<냉면:음식>", "<냉면:메뉴>", "unknown label '메뉴'"),
        ("<냉면:음식>", "냉면", "marks no 음식"),
        ('positive = ["<냉면:음식> 맛집"]', "", None),
        ("definition", "meaning", "definition"),
        ("[[entity]]", "[[entity", "not TOML"),
        ('name = "맛집"', 'name = "맛#집"', "no '#'"),
        ('[[intent]]\nname = "맛집"', '[[entity]]\nname = "음식"', "defined twice"),
        (
            "[[intent]]",
            'negative = [{ text = "<회:음식>", because = "." }]\n[[intent]]',
            "counter-example",
        ),
    ],
)
def test_a_wrong_scheme_is_named(tmp_path: Path, old: str, new: str, message: str | None) -> None:
    path = tmp_path / "own.toml"
    assert old in OWN
    path.write_text(OWN.replace(old, new), encoding="utf-8")
    if message is None:
        load_scheme(path)
        return
    with pytest.raises(ConfigError, match=re.escape(str(path))) as error:
        load_scheme(path)
    assert message in str(error.value)


def test_an_absent_scheme_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_scheme(tmp_path / "none.toml")
