"""The evaluation on the tiny guide: real answers, judged by the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nadeuri.errors import DataError
from nadeuri.guide.evaluation.metrics import figures
from nadeuri.guide.evaluation.oracle.tables import PlaceTables
from nadeuri.guide.evaluation.read import Questions
from nadeuri.guide.evaluation.run import AnsweredTurn, answer_all
from nadeuri.guide.ladybug_reader import LadybugReader
from nadeuri.guide.parts import GRAPH
from nadeuri.guide.pipeline import Guide, open_guide

AEWOL = {"city": "제주시", "town": "애월읍"}
PORK = {"areas": [AEWOL], "categories": ["흑돼지"]}
QUESTIONS = Questions.model_validate(
    {
        "now": "2026-11-27T18:30:00+09:00",
        "conversation": [
            {
                "id": "pork",
                "kind": "follow_up",
                "turn": [
                    {"question": "애월읍 흑돼지 추천해줘", "plan": PORK},
                    {
                        "question": "가격은?",
                        "about_all_shown": True,
                        "plan": {
                            "intent": "statistic",
                            "relation": "about_shown",
                            "statistic": {"measure": "price"},
                        },
                    },
                ],
            },
            {
                "id": "wrong-gold",
                "kind": "recommend",
                "turn": [{"question": "한림읍 카페", "plan": {"categories": ["국수"]}}],
            },
            {
                "id": "back",
                "kind": "clarification",
                "turn": [{"question": "맛집", "asks_back": True}],
            },
        ],
    }
)


@pytest.fixture(scope="module")
def opened(tiny_guide_folder: Path) -> Iterator[tuple[Guide, LadybugReader]]:
    with (
        open_guide(tiny_guide_folder, clock=lambda: QUESTIONS.now) as guide,
        LadybugReader(tiny_guide_folder / GRAPH) as reader,
    ):
        yield guide, reader


@pytest.fixture(scope="module")
def turns(opened: tuple[Guide, LadybugReader], tiny_tables: PlaceTables) -> list[AnsweredTurn]:
    return list(answer_all(QUESTIONS.conversations, *opened, tiny_tables))


def test_right_answers_are_judged_right(turns: list[AnsweredTurn]) -> None:
    pork, price, _, back = turns
    assert [pork.kind, price.kind, back.kind] == ["recommend", "follow_up", "clarification"]
    for turn in (pork, price, back):
        assert turn.judgement.is_plan, turn.question
        assert turn.judgement.is_kind, turn.question
        assert turn.judgement.is_executed is not False, turn.answer.text
    assert pork.judgement.n_cards == pork.judgement.n_meeting > 1
    assert price.gold is not None
    assert price.gold.shown == tuple(range(1, len(pork.answer.cards) + 1))


def test_a_recommendation_for_another_gold_plan_is_judged_wrong(turns: list[AnsweredTurn]) -> None:
    wrong = turns[2].judgement
    assert not wrong.is_plan
    assert wrong.is_executed is False
    assert wrong.n_meeting == 0 < wrong.n_cards


def test_figures_of_them(turns: list[AnsweredTurn]) -> None:
    found = figures(turns)
    assert found["plan_exact"] == 3 / 4
    assert found["execution_accuracy"] == 2 / 3
    assert 0 < found["constraint_satisfaction"] < 1
    assert found["grounding_violations"] == 0, [turn.judgement.faults for turn in turns]


def test_conversations_are_forgotten(
    turns: list[AnsweredTurn], opened: tuple[Guide, LadybugReader]
) -> None:
    assert turns
    assert opened[0].history("evaluation-pork") == []


def test_tables_of_another_world_are_refused(
    opened: tuple[Guide, LadybugReader], tables: PlaceTables
) -> None:
    with pytest.raises(DataError, match="other places than the 3 of the tables"):
        next(answer_all(QUESTIONS.conversations, *opened, tables))
