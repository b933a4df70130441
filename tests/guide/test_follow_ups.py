"""Second turns: places shown before, changes of mind, questions back and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from nadeuri.guide.answer import Answer
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.meter import Meter
from nadeuri.guide.nodes.node import Context
from nadeuri.guide.nodes.understand import understand
from nadeuri.guide.parts import Parts
from nadeuri.guide.pipeline import Guide
from nadeuri.guide.state import Conversation, State, new_conversation, plan_of
from nadeuri.guide.vocabulary import Vocabulary

PORK = "애월읍 흑돼지 맛집 추천해줘"
NOW = datetime(2026, 11, 28, 18, 30)


def names(answer: Answer) -> list[str]:
    return [card.name for card in answer.cards]


def ids(answer: Answer) -> set[str]:
    return {card.place_id for card in answer.cards}


def place(store: LadybugStore, place_id: str) -> Mapping[str, Any]:
    [row] = store.query("MATCH (p:Place) WHERE p.place_id = $id RETURN p", {"id": place_id})
    found = row["p"]
    assert isinstance(found, dict)
    return found


def test_questions_about_shown_places(guide: Guide, thread: str) -> None:
    shown = guide.ask(PORK, thread=thread)
    prices = guide.ask("가격은?", thread=thread)
    assert prices.kind == "statistic"
    assert all(name in prices.text for name in names(shown))
    hours = guide.ask("두 번째 집 몇 시까지 해?", thread=thread)
    assert names(shown)[1] in hours.text
    assert names(shown)[0] not in hours.text


def test_what_was_shown_or_refused_does_not_come_again(guide: Guide, thread: str) -> None:
    first = guide.ask(PORK, thread=thread)
    guide.ask("가격은?", thread=thread)
    second = guide.ask("거기 말고 다른 데는?", thread=thread)
    assert second.kind == "places"
    assert len(ids(second)) == 1, "there are four in all"
    assert not ids(first) & ids(second)
    third = guide.ask("다른 데 또 없어?", thread=thread)
    assert third.kind == "nothing_found"
    assert "보여 드린 곳 말고는" in third.text
    cheaper = guide.ask("그럼 10만원 이하로", thread=thread)
    assert cheaper.kind == "nothing_found", "refused in every later refinement"
    again = guide.ask(PORK, thread=thread)
    assert ids(again) == ids(first), "a new question starts afresh"


def test_a_change_of_area_keeps_the_rest(
    guide: Guide, tiny_store: LadybugStore, thread: str
) -> None:
    guide.ask("애월읍 카페 추천해줘", thread=thread)
    answer = guide.ask("애월 말고 한림은?", thread=thread)
    assert answer.kind == "places"
    for card in answer.cards:
        facts = place(tiny_store, card.place_id)
        assert (facts["town"], facts["category"]) == ("한림읍", "카페")


def test_small_talk_in_between_changes_nothing(guide: Guide, thread: str) -> None:
    guide.ask("애월읍 카페 추천해줘", thread=thread)
    guide.ask("고마워", thread=thread)
    assert guide.ask("한림읍은?", thread=thread).kind == "places"


def test_places_that_a_statistic_names_can_be_asked_about(guide: Guide, thread: str) -> None:
    first = guide.ask("평점이 가장 높은 한림읍 카페는?", thread=thread)
    second = guide.ask("거기 주소 알려줘", thread=thread)
    assert second.kind == "statistic"
    assert second.text.split("는 ")[0].split("은 ")[0] in first.text
    assert "한림읍" in second.text


def test_a_restart_forgets_what_was_shown(guide: Guide, thread: str) -> None:
    guide.ask(PORK, thread=thread)
    guide.ask("처음부터 다시", thread=thread)
    answer = guide.ask("가격은?", thread=thread)
    assert answer.kind == "clarification"


def test_a_question_back_can_be_answered_by_a_name(guide: Guide, thread: str) -> None:
    back = guide.ask("그 집 가격은?", thread=thread)
    assert back.kind == "clarification"
    answer = guide.ask("고운마루", thread=thread)
    assert answer.kind == "statistic"
    assert answer.text.startswith("고운마루")
    assert "원" in answer.text


def test_every_offered_choice_is_an_answer(guide: Guide, thread: str) -> None:
    back = guide.ask("맛집 추천해줘", thread=thread)
    assert back.kind == "clarification"
    assert back.choices
    for number, choice in enumerate(back.choices):
        own = f"{thread}-{number}"
        guide.ask("맛집 추천해줘", thread=own)
        assert guide.ask(choice, thread=own).kind in ("places", "nothing_found")


@pytest.mark.parametrize("answer", ["성산읍 수산리", "성산", "성산읍수산리", "성산읍 쪽이요"])
def test_the_village_that_is_meant_is_put_in_the_question(
    tiny_store: LadybugStore, answer: str
) -> None:
    villages = [("제주시", "애월읍", "수산리"), ("서귀포시", "성산읍", "수산리")]
    words: dict[str, Any] = dict.fromkeys(("attractions", "purposes", "keywords", "menus"), ())
    vocabulary = Vocabulary.of(
        villages, categories=["카페"], companions=["부모님"], segments={}, **words
    )
    context = Context(Parts(tiny_store, vocabulary), NOW, Meter(None, 0))
    first: State = {"question": "부모님과 갈 수산리 카페 추천해줘"}
    back = understand(first, context).changes["clarification"]
    assert back is not None
    assert back["choices"] == ["성산읍 수산리", "애월읍 수산리"]
    talk: Conversation = {**new_conversation(), "pending": back}
    plan = plan_of(understand({"question": answer, "conversation": talk}, context).changes["plan"])
    assert plan is not None
    assert [area.name for area in plan.areas] == ["성산읍 수산리"]
    assert (plan.categories, plan.companions) == (("카페",), ("부모님",))
