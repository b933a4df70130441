"""Questions and their gold plans, and what must hold for any text."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from timing import quickest_s

from nadeuri.guide.plan import Area, OpenAt, Plan
from nadeuri.guide.rules.clarify import ANYWHERE
from nadeuri.guide.rules.entities import Entity
from nadeuri.guide.rules.reading import Reading, read
from nadeuri.guide.vocabulary import Vocabulary

MOST_SECONDS = 0.05
Make = Callable[[dict[str, Any]], Plan]

WORDS = """
애월 한림읍 수산리 흑돼지 카페 회 성산일출봉 근처 500m 차로 10분 2만원대 만오천원 ~ 이하 60대
부모님 4명
넷이서 밤 10시 일요일 지금 조용한 뷰 말고 빼고 없는 웨이팅 예약 거기 다른 더 가격은 얼마 가장
높은 비중
두 곳만 추천해줘 안녕 날씨 서울 무시하고 mz 2030 1,000 ? 는 에서
"""
PIECES = st.sampled_from(WORDS.split())
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(PIECES, max_size=60).map(" ".join),
    st.lists(PIECES, max_size=60).map("".join),
    st.tuples(PIECES, st.integers(1, 5_000)).map(lambda pair: (pair[0] * pair[1])[:10_000]),
)


def test_tuned_question(
    tuned: dict[str, Any], vocabulary: Vocabulary, now: datetime, gold_plan: Make
) -> None:
    found = _read(tuned, vocabulary, now, gold_plan)
    if "ask" in tuned:
        assert found.clarification is not None
        assert found.clarification.unclear == tuned["ask"]
    else:
        assert found.plan == gold_plan(tuned["plan"])


def test_questions_that_were_held_back(
    held_back: Sequence[dict[str, Any]],
    vocabulary: Vocabulary,
    now: datetime,
    gold_plan: Make,
    slots_of: Callable[[Reading | Plan], set[tuple[str, str]]],
) -> None:
    n_exact = n_both = n_found = n_gold = 0
    for question in held_back:
        found = slots_of(_read(question, vocabulary, now, gold_plan))
        gold = (
            {("ask", question["ask"])}
            if "ask" in question
            else slots_of(gold_plan(question["plan"]))
        )
        n_exact += found == gold
        n_both += len(found & gold)
        n_found, n_gold = n_found + len(found), n_gold + len(gold)
    assert len(held_back) == 50
    assert n_exact >= 48
    assert 2 * n_both / (n_found + n_gold) >= 0.95


def test_questions_without_any_space_are_mostly_read(
    held_back: Sequence[dict[str, Any]], vocabulary: Vocabulary, now: datetime, gold_plan: Make
) -> None:
    n_same = 0
    for question in held_back:
        spaced = _read(question, vocabulary, now, gold_plan)
        glued = question | {"text": question["text"].replace(" ", "")}
        n_same += _read(glued, vocabulary, now, gold_plan).plan == spaced.plan
    assert n_same >= 45


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    text=TEXTS,
    before=st.sampled_from([None, "카페", "흑돼지"]),
    shown=st.lists(st.sampled_from(["귤꽃카페", "돌담너머", ""]), max_size=3),
)
def test_any_text_is_a_plan_or_a_question_and_soon(
    text: str, before: str | None, shown: list[str], vocabulary: Vocabulary, now: datetime
) -> None:
    plan_before = Plan(categories=(before,)) if before else None

    def reading() -> Reading:
        return read(text, vocabulary, now=now, before=plan_before, shown=shown)

    assert quickest_s(reading, MOST_SECONDS) < MOST_SECONDS
    found = reading()
    assert (found.plan is None) != (found.clarification is None)
    if found.plan is not None:
        assert Plan.model_validate_json(found.plan.model_dump_json()) == found.plan
        assert set(found.plan.areas) <= set(vocabulary.areas)
        assert all(position <= len(shown) for position in found.plan.shown)
    elif found.clarification is not None:
        assert found.clarification.text.endswith("요.") or "?" in found.clarification.text


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "1,",
        "만",
        "1~",
        "회나",
        "가장",
        "제일가",
        "애월이나",
        "리뷰수는",
        "오",
        "배",
        "\x00",
        "ﷺ",
    ],
)
def test_long_repetitions_take_no_longer(unit: str, vocabulary: Vocabulary, now: datetime) -> None:
    text = (unit * 10_000)[:10_000]
    assert quickest_s(lambda: read(text, vocabulary, now=now), MOST_SECONDS) < MOST_SECONDS


def test_decomposed_full_width_and_hidden_letters(vocabulary: Vocabulary, now: datetime) -> None:
    plain = read("애월 카페 20대", vocabulary, now=now).plan
    assert plain is not None
    decomposed = unicodedata.normalize("NFD", "애월 카페 20대")
    for text in (decomposed, "애월 카페 ２０대", "애\u200b월 카\u200d페 20대"):
        assert read(text, vocabulary, now=now).plan == plain


def test_every_choice_of_a_question_back_is_understood(
    vocabulary: Vocabulary, now: datetime
) -> None:
    for text in ("맛집 추천해줘", "수산리 카페"):
        asked = read(text, vocabulary, now=now).clarification
        assert asked is not None
        assert len(asked.choices) >= 2
        for choice in asked.choices:
            plan = read(choice, vocabulary, now=now).plan
            assert plan is not None
            assert plan.areas or (choice == ANYWHERE and plan.sort == "rating")


def test_question_back_in_good_korean(vocabulary: Vocabulary, now: datetime) -> None:
    asked = read("수산리 카페", vocabulary, now=now).clarification
    assert asked is not None
    assert asked.text == "성산읍 수산리와 애월읍 수산리 가운데 어디를 찾으세요?"


def test_town_or_city_tells_villages_of_one_name_apart(
    vocabulary: Vocabulary, now: datetime
) -> None:
    for text in ("성산읍에 있는 수산리 카페", "서귀포시 쪽 수산리 카페"):
        plan = read(text, vocabulary, now=now).plan
        assert plan is not None
        assert plan.areas == (Area(city="서귀포시", town="성산읍", village="수산리"),)


def test_guesses_are_noted(vocabulary: Vocabulary, now: datetime) -> None:
    found = read("에월 흑대지", vocabulary, now=now)
    assert found.notes == ("read '에월' as 애월읍", "read '흑대지' as 흑돼지")


def test_clock_is_the_callers(vocabulary: Vocabulary) -> None:
    plan = read("지금 여는 카페", vocabulary, now=datetime(2026, 12, 2, 9, 5)).plan
    assert plan is not None
    assert plan.open_at == OpenAt(weekday="수", minute=545)


def test_question_model_adds_what_the_rules_missed(vocabulary: Vocabulary, now: datetime) -> None:
    def entities(text: str) -> list[Entity]:
        assert text == "카페 가려고"
        return [
            Entity("place", "구자읍"),
            Entity("party", "스무 명 남짓", people=20),
            Entity("day", "성탄절", day=date(2026, 12, 25)),
            Entity("place", "화성"),
        ]

    plan = read("카페 가려고", vocabulary, now=now, entities=entities).plan
    assert plan == Plan(
        areas=(Area(city="제주시", town="구좌읍"),),
        categories=("카페",),
        party_size=20,
        open_at=OpenAt(weekday="금"),
    )


def test_question_model_overrules_nothing(vocabulary: Vocabulary, now: datetime) -> None:
    text = "애월 카페 4명"
    found = [Entity("place", "한림"), Entity("party", "4명", people=9)]
    with_model = read(text, vocabulary, now=now, entities=lambda _: found)
    assert with_model == read(text, vocabulary, now=now)


def test_places_are_read_for_facts_only(vocabulary: Vocabulary, now: datetime) -> None:
    fact = read("귤꽃카페 평점은?", vocabulary, now=now).plan
    wish = read("귤꽃카페 같은 곳 추천해줘", vocabulary, now=now).plan
    assert fact is not None
    assert fact.places == ("귤꽃카페",)
    assert wish == Plan(categories=("카페",))


def test_starting_again_forgets(vocabulary: Vocabulary, now: datetime) -> None:
    before = Plan(categories=("카페",))
    found = read("처음부터 다시", vocabulary, now=now, before=before, shown=["귤꽃카페"])
    assert found.clarification is not None


def _read(
    question: dict[str, Any], vocabulary: Vocabulary, now: datetime, gold_plan: Make
) -> Reading:
    before = gold_plan(question["before"]) if "before" in question else None
    return read(
        question["text"], vocabulary, now=now, before=before, shown=question.get("shown", ())
    )
