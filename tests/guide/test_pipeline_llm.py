"""The guide with a language model, a double on a socket: used, misbehaving, and too expensive."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from nadeuri.embed import UseEmbedder
from nadeuri.guide.answer import Answer
from nadeuri.guide.parts import open_vectors
from nadeuri.guide.pipeline import Guide, open_guide
from nadeuri.llm import LanguageModel, LanguageModelConfig

PORK = "애월읍 흑돼지 맛집 추천해줘"
PLAN = {
    "intent": "recommend",
    "areas": [{"city": "제주시", "town": "애월읍"}],
    "categories": ["흑돼지"],
}
CYPHER = {
    "cypher": "MATCH (p:Place) WHERE p.town IN $towns RETURN p.place_id AS place_id",
    "parameters": {"towns": ["애월읍", "한림읍"]},
}
REVIEWS = {"reviews": ["고기가 부드럽고 육즙이 가득했어요", "부모님이 정말 좋아하셨어요"]}
NOW = datetime(2026, 11, 28, 18, 30)

Opened = Callable[..., AbstractContextManager[Guide]]


@pytest.fixture
def model(chat_server: Any) -> Iterator[LanguageModel]:
    made = LanguageModel(LanguageModelConfig(chat_server.url, "small", timeout_s=5, retries=1))
    yield made
    made.close()


@pytest.fixture
def opened(tiny_guide_folder: Path, use_embedder: UseEmbedder, model: LanguageModel) -> Opened:
    vectors = open_vectors(tiny_guide_folder, embedder=use_embedder)

    def open_with(**options: Any) -> Guide:
        return open_guide(
            tiny_guide_folder, clock=lambda: NOW, vectors=vectors, model=model, **options
        )

    return open_with


def answers_with(chat_server: Any, **by_schema: object) -> None:
    """Answers by the name of the schema that is asked for; others get nonsense."""

    def answer(body: dict[str, Any]) -> str:
        name = body["response_format"]["json_schema"]["name"]
        found = by_schema.get(name, "well, let me think")
        return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)

    chat_server.answer = answer


def by(answer: Answer) -> dict[str, str]:
    return {step.name: step.by for step in answer.steps}


def notes(answer: Answer, name: str) -> str:
    return " ".join(note for step in answer.steps if step.name == name for note in step.notes)


def test_each_step_says_who_did_it(chat_server: Any, opened: Opened) -> None:
    answers_with(chat_server, Plan=PLAN, WrittenReviews=REVIEWS)
    with opened() as guide:
        answer = guide.ask(PORK, thread="a")
    assert answer.kind == "places"
    assert by(answer)["understand"] == by(answer)["second"] == "language_model"
    assert by(answer)["candidates"] == "default"
    assert by(answer)["select"] == "default", "what it said was no selection"
    assert notes(answer, "select")
    assert answer.usage.calls == len(chat_server.requests)
    assert answer.usage.prompt_tokens == 10 * answer.usage.calls


@pytest.mark.parametrize("fault", ["500", "garbage", "cut"])
def test_without_any_answer_the_defaults_do_it_all(
    chat_server: Any, opened: Opened, fault: str
) -> None:
    chat_server.faults = [fault] * 100
    with opened() as guide:
        answer = guide.ask(PORK, thread="a")
    assert answer.kind == "places"
    assert len(answer.cards) == 3
    assert set(by(answer).values()) == {"default"}
    for step in ("understand", "second", "select"):
        assert "small" in notes(answer, step)
    assert answer.usage.calls == 0


def test_a_turn_that_has_spent_its_tokens_goes_on_with_the_defaults(
    chat_server: Any, opened: Opened
) -> None:
    answers_with(chat_server, Plan=PLAN, WrittenReviews=REVIEWS)
    with opened(max_tokens=15) as guide:
        first, second = (guide.ask(PORK, thread=name) for name in "ab")
    for answer in (first, second):
        assert by(answer)["understand"] == "language_model", "every turn has a budget of its own"
        assert by(answer)["second"] == by(answer)["select"] == "default"
        assert "15 tokens of a turn are spent" in notes(answer, "second")
        assert "15 tokens of a turn are spent" in notes(answer, "select")
        assert answer.usage.calls == 1
    assert len(chat_server.requests) == 2


def test_places_of_written_cypher_have_to_meet_the_plan(chat_server: Any, opened: Opened) -> None:
    answers_with(chat_server, Plan=PLAN, WrittenReviews=REVIEWS, WrittenCypher=CYPHER)
    with opened(writes_cypher=True) as guide:
        answer = guide.ask(PORK, thread="a")
    assert by(answer)["candidates"] == "language_model"
    assert {card.category for card in answer.cards} == {"흑돼지"}
    assert all("애월읍" in card.address for card in answer.cards)
    assert len(answer.queries) == 2
    assert answer.queries[1].parameters["towns"] == ["애월읍", "한림읍"]


@pytest.mark.parametrize(
    "cypher",
    [
        "MATCH (p:Place) DETACH DELETE p",
        "COPY (MATCH (p:Place) RETURN p) TO '/tmp/stolen.csv'",
        "MATCH (p:Place) WHERE p.town = '한림읍' RETURN p.place_id AS place_id",
    ],
)
def test_written_cypher_that_leads_nowhere_is_not_used(
    chat_server: Any, opened: Opened, cypher: str
) -> None:
    written = {"cypher": cypher, "parameters": {}}
    answers_with(chat_server, Plan=PLAN, WrittenReviews=REVIEWS, WrittenCypher=written)
    with opened(writes_cypher=True) as guide:
        answer = guide.ask(PORK, thread="a")
    assert len(answer.cards) == 3
    assert by(answer)["candidates"] == "default"
    assert "Cypher of the language model not used" in notes(answer, "candidates")
    assert len(answer.queries) == 1


def test_follow_ups_go_to_the_model_with_what_was_shown(chat_server: Any, opened: Opened) -> None:
    answers_with(chat_server, Plan=PLAN, WrittenReviews=REVIEWS)
    with opened() as guide:
        shown = guide.ask(PORK, thread="a")
        other = {**PLAN, "relation": "refine", "without": {"shown": True}}
        answers_with(chat_server, Plan=other, WrittenReviews=REVIEWS)
        second = guide.ask("거기 말고 다른 데는?", thread="a")
    asked = json.loads(
        next(
            body["messages"][1]["content"]
            for body in reversed(chat_server.requests)
            if body["response_format"]["json_schema"]["name"] == "Plan"
        )
    )
    assert asked["shown"] == [card.name for card in shown.cards]
    assert asked["before"]["categories"] == ["흑돼지"]
    assert second.kind == "places"
    assert not {card.place_id for card in shown.cards} & {card.place_id for card in second.cards}
