"""The shipped questions are in form and name what the sample world has; other files are checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.errors import DataError
from nadeuri.guide.evaluation.oracle.fitting import fitting
from nadeuri.guide.evaluation.oracle.tables import PlaceTables
from nadeuri.guide.evaluation.read import (
    PARTS,
    Conversation,
    kind_of,
    read_questions,
    read_shipped,
)
from nadeuri.guide.plan import Area, Plan

NOW = "now = 2026-11-27T18:30:00+09:00\n"
ONE = f"""{NOW}
[[conversation]]
id = "a"
kind = "recommend"
[[conversation.turn]]
question = "애월 카페"
plan.categories = ["카페"]
"""


def shipped() -> Iterator[Conversation]:
    for part in PARTS:
        yield from read_shipped(part).conversations


def plans() -> Iterator[tuple[str, Plan]]:
    for conversation in shipped():
        for turn in conversation.turns:
            if turn.plan is not None:
                yield turn.question, turn.plan


def test_there_are_enough_questions_of_every_kind() -> None:
    kinds = Counter(
        kind_of(conversation, at)
        for conversation in shipped()
        for at in range(len(conversation.turns))
    )
    tags = Counter(tag for conversation in shipped() for tag in conversation.tags)
    assert kinds.total() >= 220
    assert kinds["statistic"] >= 30
    assert kinds["follow_up"] >= 40
    assert kinds["injection"] >= 10
    assert min(kinds.values()) >= 8
    assert min(tags[tag] for tag in ("typo", "loan_word", "negation", "near", "price", "time")) >= 8


def test_a_third_is_for_development_and_no_question_is_in_both_parts() -> None:
    development, held_back = (
        {turn.question for each in read_shipped(part).conversations for turn in each.turns}
        for part in PARTS
    )
    share = len(development) / (len(development) + len(held_back))
    assert 0.25 < share < 0.45
    assert not {each.id for each in read_shipped("development").conversations} & {
        each.id for each in read_shipped("held_back").conversations
    }
    assert len(development & held_back) == 0


def test_gold_plans_name_what_the_demo_world_has(demo_tables: PlaceTables) -> None:
    rows = demo_tables.places.values()
    towns = {(row[columns.CITY], row[columns.TOWN]) for row in rows}
    villages = {(row[columns.TOWN], row[columns.VILLAGE]) for row in rows}
    dishes = {dish[columns.NAME] for menu in demo_tables.menus.values() for dish in menu}

    def exists(area: Area) -> bool:
        if area.village:
            return (area.town, area.village) in villages and (area.city, area.town) in towns
        if area.town:
            return (area.city, area.town) in towns
        return area.city in {city for city, _ in towns}

    for question, plan in plans():
        without = plan.without
        assert all(map(exists, (*plan.areas, *without.areas))), question
        categories = {*plan.categories, *without.categories}
        assert categories <= {row[columns.CATEGORY] for row in rows}, question
        assert {*plan.places, *without.places} <= {row[columns.NAME] for row in rows}, question
        for name in (*plan.menus, *without.menus):
            assert any(name in dish for dish in dishes), question
        assert set(plan.companions) <= set(columns.COMPANIONS), question
        assert set(plan.purposes) <= set(columns.PURPOSES), question
        assert set(plan.qualities) <= set(demo_tables.keywords), question
        assert all(each.value in columns.SEGMENTS[each.dimension] for each in plan.segments)
        if plan.near:
            assert demo_tables.metres_to(plan.near.attraction), question


def test_follow_ups_have_something_to_follow(demo_tables: PlaceTables) -> None:
    for conversation in shipped():
        before: Plan | None = None
        for turn in conversation.turns:
            plan = turn.plan
            if plan is None or plan.intent not in ("recommend", "statistic"):
                continue
            assert (plan.relation == "new") or before is not None, turn.question
            if plan.relation == "about_shown":
                assert before is not None
                assert max(plan.shown, default=1) <= len(fitting(demo_tables, before))
                assert turn.about_all_shown == (not plan.shown)
            else:
                before = plan


def test_positions_are_those_that_were_shown() -> None:
    conversation = next(
        each for each in shipped() if any(turn.about_all_shown for turn in each.turns)
    )
    turn = next(turn for turn in conversation.turns if turn.about_all_shown)
    after_two, first = turn.plan_with(2), conversation.turns[0]
    assert after_two is not None
    assert after_two.shown == (1, 2)
    assert first.plan_with(2) == first.plan


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(ONE, encoding="utf-8")
    questions = read_questions(path)
    assert questions.now.isoformat() == "2026-11-27T18:30:00+09:00"
    assert questions.conversations[0].turns[0].plan == Plan(categories=("카페",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("now = ", "no TOML"),
        (NOW, "conversation"),
        (ONE.replace(NOW, ""), "now"),
        (ONE.replace("+09:00", ""), "now"),
        (ONE + ONE.replace(NOW, ""), "two conversations have the id a"),
        (ONE.replace("plan.categories", "plan.kinds"), "conversation.0.turn.0.plan.kinds"),
        (ONE.replace('plan.categories = ["카페"]', ""), "asks_back"),
        (ONE + "asks_back = true\n", "asks_back"),
        (ONE + "plan.shown = [1]\nabout_all_shown = true\n", "about_all_shown"),
        (ONE.replace('"recommend"', '"guess"'), "conversation.0.kind"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"own\.toml") as error:
        read_questions(path)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_absent_or_no_text_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_questions(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match="cannot be read"):
        read_questions(tmp_path / "binary.toml")


@given(st.text(max_size=80))
def test_any_text_is_questions_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "any.toml"
    path.write_text(text, encoding="utf-8", errors="replace")
    with pytest.raises(DataError):
        read_questions(path)
