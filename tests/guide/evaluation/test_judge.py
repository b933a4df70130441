"""Judgements of answers that are made up, with a graph where one has to be asked."""

from __future__ import annotations

from typing import Any

import pytest

from nadeuri.guide.answer import Answer
from nadeuri.guide.cards import card_of
from nadeuri.guide.evaluation.judge import Judgement, Shown, judge, slots_of
from nadeuri.guide.evaluation.oracle.fitting import fitting
from nadeuri.guide.evaluation.oracle.tables import PlaceTables
from nadeuri.guide.facts import facts_of
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.plan import Area, Near, Plan, Statistic, Without
from nadeuri.guide.selection.types import Pick

AEWOL = Area(city="제주시", town="애월읍")
PORK = Plan(areas=(AEWOL,), categories=("흑돼지",))
RATING = Statistic(measure="rating")


@pytest.fixture
def fit(tiny_tables: PlaceTables) -> list[str]:
    """Ids of the places that the plan of these tests means."""
    found = sorted(fitting(tiny_tables, PORK))
    assert len(found) >= 4
    return found


def places(store: LadybugStore, plan: Plan, ids: list[str], **changes: Any) -> Answer:
    """An answer that shows these places."""
    facts = facts_of(store, ids)
    cards = [
        card_of(
            facts[place_id],
            Pick(place_id, f"{facts[place_id].name} 추천이에요.", ()),
        ).model_copy(update=changes)
        for place_id in ids
    ]
    return Answer(kind="places", text="골라 봤어요.", cards=tuple(cards), plan=plan)


def judged(
    gold: Plan | None, answer: Answer, tables: PlaceTables, store: LadybugStore, shown: Shown
) -> Judgement:
    shown.hear(gold)
    return judge(gold, answer, shown, tables, store)


def test_a_right_recommendation(
    fit: list[str], tiny_tables: PlaceTables, tiny_store: LadybugStore
) -> None:
    answer = places(tiny_store, PORK, fit[:3])
    found = judged(PORK, answer, tiny_tables, tiny_store, Shown())
    assert found.is_kind
    assert found.is_plan
    assert found.is_executed
    assert found.slots == found.gold_slots
    assert (found.n_fitting, found.n_cards, found.n_meeting, found.n_allowed) == (len(fit), 3, 3, 3)
    assert found.is_empty is False
    assert not [fault for fault in found.faults if "추천" not in fault]


def test_a_wrong_plan_and_a_place_that_does_not_fit(
    fit: list[str], tiny_tables: PlaceTables, tiny_store: LadybugStore
) -> None:
    other = next(each for each in sorted(tiny_tables.places) if each not in fit)
    answer = places(tiny_store, Plan(categories=("카페",)), [fit[0], other])
    found = judged(PORK, answer, tiny_tables, tiny_store, Shown())
    assert not found.is_plan
    assert found.is_executed is False
    assert (found.n_cards, found.n_meeting, found.n_allowed) == (2, 1, 1)
    assert ("categories", '"카페"') in found.slots - found.gold_slots


def test_a_wish_that_is_not_met_is_no_hard_condition(
    tiny_tables: PlaceTables, tiny_store: LadybugStore
) -> None:
    for name in ("반려동물", "단체", "혼자", "동료"):
        gold = PORK.model_copy(update={"companions": (name,)})
        short = fitting(tiny_tables, PORK) - fitting(tiny_tables, gold)
        if short:
            answer = places(tiny_store, gold, [min(short)])
            found = judged(gold, answer, tiny_tables, tiny_store, Shown())
            assert (found.n_cards, found.n_meeting, found.n_allowed) == (1, 0, 1)
            return
    pytest.fail("every place suits everybody")


def test_what_a_card_invents_is_a_fault(
    fit: list[str], tiny_tables: PlaceTables, tiny_store: LadybugStore
) -> None:
    answer = places(tiny_store, PORK, fit[:1], reason="흑돼지가 77원이에요.", n_reviews=999_999)
    faults = judged(PORK, answer, tiny_tables, tiny_store, Shown()).faults
    assert any("77" in fault for fault in faults)
    assert any("n_reviews" in fault for fault in faults)


def test_a_refused_place_is_a_fault_and_counts_as_misfit(
    fit: list[str], tiny_tables: PlaceTables, tiny_store: LadybugStore
) -> None:
    shown = Shown()
    shown.hear(PORK)
    shown.see(places(tiny_store, PORK, fit[:2]))
    again = PORK.model_copy(update={"relation": "refine", "without": Without(shown=True)})
    found = judged(again, places(tiny_store, again, fit[1:3]), tiny_tables, tiny_store, shown)
    assert found.n_meeting == 1
    assert found.n_fitting == len(fit) - 2
    assert any("was refused" in fault for fault in found.faults)
    later = PORK.model_copy(update={"relation": "refine"})
    shown.hear(later)
    assert shown.refused == set(fit[:2]), "refused places stay refused"
    shown.hear(PORK)
    assert shown.refused == frozenset(), "until there is a new question"


def test_no_place_is_right_where_none_fits_and_wrong_where_some_do(
    tiny_tables: PlaceTables, tiny_store: LadybugStore
) -> None:
    def nothing(plan: Plan) -> Judgement:
        answer = Answer(kind="nothing_found", text="없어요.", plan=plan)
        return judged(plan, answer, tiny_tables, tiny_store, Shown())

    nowhere = PORK.model_copy(update={"near": Near(attraction="마라도", metres=1)})
    assert (nothing(nowhere).is_kind, nothing(nowhere).is_empty) == (True, None)
    assert (nothing(PORK).is_kind, nothing(PORK).is_empty) == (False, True)


@pytest.mark.parametrize(
    ("gold", "kind", "plan", "is_kind", "is_plan"),
    [
        (None, "clarification", None, True, True),
        (None, "chat", Plan(intent="chat"), False, False),
        (Plan(intent="chat"), "chat", Plan(intent="chat"), True, True),
        (Plan(intent="out_of_scope"), "clarification", None, False, False),
    ],
)
def test_answers_without_places(
    tiny_tables: PlaceTables,
    tiny_store: LadybugStore,
    gold: Plan | None,
    kind: Any,
    plan: Plan | None,
    is_kind: bool,
    is_plan: bool,
) -> None:
    answer = Answer(kind=kind, text="네.", plan=plan)
    found = judged(gold, answer, tiny_tables, tiny_store, Shown())
    assert (found.is_kind, found.is_plan) == (is_kind, is_plan)
    assert found.is_executed is None


def test_a_statistic_is_true_where_its_text_says_so(
    fit: list[str], tiny_tables: PlaceTables, tiny_store: LadybugStore
) -> None:
    gold = Plan(intent="statistic", relation="about_shown", statistic=RATING, shown=(2,))
    rating = tiny_tables.rating(fit[1])
    assert rating is not None
    name = tiny_tables.places[fit[1]]["name"]
    shown = Shown(tuple(fit[:2]))
    for said, is_true in ((f"{rating:.2f}", True), (f"{rating - 1:.2f}", False)):
        text = f"{name}의 평점은 {said}점이에요."
        answer = Answer(kind="statistic", text=text, plan=gold)
        found = judged(gold, answer, tiny_tables, tiny_store, shown)
        assert found.is_executed is is_true
        assert found.is_plan
    third = gold.model_copy(update={"shown": (3,)})
    assert judged(third, answer, tiny_tables, tiny_store, shown).is_executed is False


def test_a_question_about_all_shown_places_needs_no_positions() -> None:
    all_of_them = Plan(intent="statistic", relation="about_shown", statistic=RATING)
    positions = all_of_them.model_copy(update={"shown": (1, 2)})
    assert slots_of(all_of_them, 2) == slots_of(positions, 2)
    assert slots_of(all_of_them, 3) != slots_of(positions, 3)


def test_slots_name_every_value_with_its_field() -> None:
    plan = Plan(
        areas=(AEWOL,),
        categories=("카페", "베이커리"),
        near=Near(attraction="새별오름", metres=500),
        without=Without(categories=("술집",)),
        no_waiting=True,
    )
    assert slots_of(plan) == {
        ("areas", '{"city": "제주시", "town": "애월읍"}'),
        ("categories", '"카페"'),
        ("categories", '"베이커리"'),
        ("near.attraction", '"새별오름"'),
        ("near.metres", "500"),
        ("without.categories", '"술집"'),
        ("no_waiting", "true"),
    }
    assert slots_of(None) == frozenset()
