"""Paraphrases: projection of spans, what is refused, and going on after a kill."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.data.questions import Question, Span, problem
from nadeuri.llm import LanguageModel, LanguageModelConfig, LanguageModelError
from nadeuri.understand import paraphrase as module
from nadeuri.understand.paraphrase import marked, paraphrase, project

SOURCE = Question(
    "q1",
    "일본 부모님과 갈만한 패키지 추천",
    (
        Span(0, 2, columns.COUNTRY_LABEL),
        Span(3, 6, columns.COMPANION_LABEL),
        Span(12, 15, columns.PRODUCT_TYPE_LABEL),
    ),
    columns.PRODUCT_INTENT,
    group="t1",
    split="train",
)
GOOD = "<동행>부모님</동행> 모시고 <국가>일본</국가> 가기 좋은 <상품 유형>패키지</상품 유형> 있나요"


@pytest.fixture
def model(chat_server: Any) -> Iterator[LanguageModel]:
    chat_server.answer = lambda body: json.dumps({"paraphrases": [GOOD, GOOD, "일본 패키지"]})
    config = LanguageModelConfig(chat_server.url, "small", timeout_s=5, retries=0)
    model = LanguageModel(config)
    yield model
    model.close()


def test_spans_follow_the_markers(model: LanguageModel, tmp_path: Path) -> None:
    result = paraphrase([SOURCE], model, tmp_path / "answers.jsonl")
    (made,) = result.questions
    assert made.text == "부모님 모시고 일본 가기 좋은 패키지 있나요"
    assert made.entities == (("부모님", "동행"), ("일본", "국가"), ("패키지", "상품 유형"))
    assert (made.id, made.intent, made.group, made.split, made.annotator) == (
        "q1+p1",
        SOURCE.intent,
        "t1",
        "train",
        "paraphrase",
    )
    assert result.rejected == {module.DUPLICATE: 1, module.OTHER_ENTITIES: 1}


def test_prompt_marks_the_entities(chat_server: Any, model: LanguageModel, tmp_path: Path) -> None:
    paraphrase([SOURCE], model, tmp_path / "answers.jsonl", per_question=7)
    request = chat_server.requests[0]["messages"][-1]["content"]
    assert marked(SOURCE) in request
    assert "7가지" in request
    assert marked(SOURCE).startswith("<국가>일본</국가> <동행>부모님</동행>과")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (GOOD.replace("</국가>", ""), module.BROKEN_MARKERS),
        (GOOD.replace("</국가>", "</지역>"), module.BROKEN_MARKERS),
        (f"<테마>{GOOD}</테마>", module.BROKEN_MARKERS),
        (GOOD + " >", module.BROKEN_MARKERS),
        (GOOD.replace("일본", ""), module.BROKEN_MARKERS),
        ("", module.BROKEN_MARKERS),
        (GOOD.replace("일본", "중국"), module.OTHER_ENTITIES),
        (GOOD.replace("국가>", "지역>"), module.OTHER_ENTITIES),
        (GOOD + " <국가>일본</국가>", module.OTHER_ENTITIES),
        (GOOD + " <테마>온천</테마>", module.OTHER_ENTITIES),
        (GOOD + " 일본요", module.UNMARKED_ENTITY),
        (GOOD + " 정말로" * 20, module.TOO_LONG),
        (GOOD + " I would love to travel soon", module.NOT_KOREAN),
    ],
)
def test_refused(answer: str, reason: str) -> None:
    assert project(SOURCE, answer) == reason


def test_the_source_itself_projects_onto_itself() -> None:
    assert project(SOURCE, marked(SOURCE)) == SOURCE


@given(st.lists(st.sampled_from(["<국가>", "</국가>", "<동행>", "일본", "부모님", " ", "<", "가"])))
def test_any_answer_is_sound_or_refused(parts: list[str]) -> None:
    made = project(SOURCE, "".join(parts))
    assert isinstance(made, str) or problem(made) is None


def test_a_killed_run_pays_nothing_twice(
    chat_server: Any, model: LanguageModel, tmp_path: Path
) -> None:
    store = tmp_path / "answers.jsonl"
    other = Question("q2", "일본 날씨", (Span(0, 2, columns.COUNTRY_LABEL),))
    first = paraphrase([SOURCE], model, store)
    with store.open("a", encoding="utf-8") as lines:
        lines.write('{"key": "half of a li')
    assert paraphrase([SOURCE], model, store) == first
    assert len(chat_server.requests) == 1
    chat_server.answer = lambda body: json.dumps({"paraphrases": ["<국가>일본</국가> 기온은?"]})
    both = paraphrase([SOURCE, other], model, store)
    assert len(chat_server.requests) == 2
    assert [question.id for question in both.questions] == ["q1+p1", "q2+p1"]
    assert paraphrase([SOURCE, other], model, store) == both
    assert len(chat_server.requests) == 2


def test_another_prompt_is_asked_anew(
    chat_server: Any, model: LanguageModel, tmp_path: Path
) -> None:
    for per_question in (2, 3):
        paraphrase([SOURCE], model, tmp_path / "answers.jsonl", per_question=per_question)
    assert len(chat_server.requests) == 2


def test_questions_without_an_answer_are_counted_and_asked_again(
    chat_server: Any, model: LanguageModel, tmp_path: Path
) -> None:
    chat_server.faults = ["500"]
    store = tmp_path / "answers.jsonl"
    assert paraphrase([SOURCE], model, store).rejected == {module.NO_ANSWER: 1}
    assert len(paraphrase([SOURCE], model, store).questions) == 1


def test_a_dead_server_ends_the_run_and_keeps_the_answers(
    chat_server: Any, model: LanguageModel, tmp_path: Path
) -> None:
    store = tmp_path / "answers.jsonl"
    questions = [
        Question(f"q{i}", f"일본 {i}일", (Span(0, 2, columns.COUNTRY_LABEL),)) for i in range(20)
    ]
    chat_server.answer = lambda body: json.dumps({"paraphrases": ["<국가>일본</국가> 여행"]})
    chat_server.faults = ["", "", *["500"] * 18]
    with pytest.raises(LanguageModelError):
        paraphrase(questions, model, store, workers=1)
    assert len(store.read_text(encoding="utf-8").splitlines()) == 2
    assert len(chat_server.requests) < 20
