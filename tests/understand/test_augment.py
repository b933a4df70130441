"""Augmentation: whole names in every slot, evenly used, and never the evaluation's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.data.questions import Question, Span, problem
from nadeuri.understand import augment as module
from nadeuri.understand.augment import augment, with_names
from nadeuri.understand.gazetteer import Entry, Gazetteer, key_of

REGION, COUNTRY, HOTEL = columns.REGION_LABEL, columns.COUNTRY_LABEL, columns.HOTEL_LABEL
CITIES = {
    "JP": ("오사카", "도쿄", "삿포로"),
    "TH": ("파타야", "방콕", "치앙마이"),
    "CH": ("인터라켄", "루체른", "베른"),
    "FR": ("파리", "니스", "리옹"),
}
COUNTRIES = {"JP": "일본", "TH": "태국", "CH": "스위스", "FR": "프랑스", "MC": "모나코"}
GAZETTEER = Gazetteer.of(
    [Entry(name, COUNTRY, code, code) for code, name in COUNTRIES.items()],
    [Entry(name, REGION, None, code) for code, names in CITIES.items() for name in names],
    [
        Entry("나라", REGION, None, "JP", ("나라시",), quiet=("나라", "나라시")),
        Entry("하얏트", HOTEL, aliases=("하야트", "Hyatt")),
        Entry("힐튼", HOTEL),
    ],
)
LABELS = (COUNTRY, REGION, HOTEL)


def question(text: str, *entities: tuple[str, str], id_: str = "q") -> Question:
    spans, at = [], 0
    for surface, label in entities:
        at = text.index(surface, at)
        spans.append(Span(at, at := at + len(surface), label))
    return Question(id_, text, tuple(spans), columns.WEATHER_INTENT, "t1", "train", "kim")


WEATHER = question("오사카 날씨는?", ("오사카", REGION))
BOTH = question(
    "프랑스 파리로 가는데 파리는 어때?", ("프랑스", COUNTRY), ("파리", REGION), ("파리", REGION)
)


def test_replaced_spans_are_whole_names() -> None:
    sources = [
        WEATHER,
        BOTH,
        question("베른이랑루체른 하얏트", ("베른", REGION), ("루체른", REGION), ("하얏트", HOTEL)),
    ]
    names = {surface for entry in GAZETTEER.entries for surface in entry.drawable}
    result = augment(sources, GAZETTEER, labels=LABELS, factor=5, seed=3)
    assert len(result.questions) >= 10
    for made in result.questions:
        assert problem(made) is None
        assert {surface for surface, _ in made.entities} <= names
        rest = made.text
        for surface, _ in made.entities:
            rest = rest.replace(surface, "", 1)
        assert not any(name in rest for name in names)


def test_new_question_belongs_to_its_source() -> None:
    made, other = augment([WEATHER], GAZETTEER, labels=[REGION], factor=2, seed=0).questions
    assert (made.id, other.id) == ("q+a1", "q+a2")
    assert (made.intent, made.group, made.split) == (columns.WEATHER_INTENT, "t1", "train")
    assert made.annotator == "augment"
    assert made.text != other.text


@pytest.mark.parametrize(
    ("text", "new", "expected"),
    [
        ("오사카를 보는", "방콕", "방콕을 보는"),
        ("오사카로는 어때", "방콕", "방콕으로는 어때"),
        ("오사카와의 거리", "리옹", "리옹과의 거리"),
        ("오사카가족여행", "방콕", "방콕가족여행"),
        ("오사카 가족여행", "방콕", "방콕 가족여행"),
        ("오사카예요?", "방콕", "방콕이에요?"),
        ("'오사카'를", "방콕", "'방콕'를"),
    ],
)
def test_particles_follow(text: str, new: str, expected: str) -> None:
    made = with_names(question(text, ("오사카", REGION)), {(REGION, "오사카"): new})
    assert made.text == expected
    assert made.entities == ((new, REGION),)


def test_equal_slots_get_equal_names_and_particles_each() -> None:
    made = with_names(BOTH, {(COUNTRY, "프랑스"): "태국", (REGION, "파리"): "방콕"})
    assert made.text == "태국 방콕으로 가는데 방콕은 어때?"
    assert made.entities == (("태국", COUNTRY), ("방콕", REGION), ("방콕", REGION))


def test_adjacent_spans() -> None:
    source = question(
        "일본과태국오사카도", ("일본", COUNTRY), ("태국", COUNTRY), ("오사카", REGION)
    )
    made = with_names(source, {(COUNTRY, "일본"): "모나코", (COUNTRY, "태국"): "스위스"})
    assert made.text == "모나코와스위스오사카도"
    assert made.entities == (("모나코", COUNTRY), ("스위스", COUNTRY), ("오사카", REGION))


@given(
    st.lists(
        st.tuples(st.sampled_from(["", " ", "은 ", "과", "가족여행 "]), st.sampled_from("가나다")),
        min_size=1,
        max_size=6,
    ),
    st.dictionaries(
        st.tuples(st.just(REGION), st.sampled_from("가나다")), st.sampled_from(["부산", "제주"])
    ),
)
def test_spans_stay_exact(
    parts: Sequence[tuple[str, str]], names: dict[tuple[str, str], str]
) -> None:
    text, spans = "", []
    for filler, name in parts:
        text += filler
        spans.append(Span(len(text), len(text) + 1, REGION))
        text += name
    made = with_names(Question("q", text + "도", tuple(spans)), names)
    assert problem(made) is None
    assert made.entities == tuple((names.get((REGION, n), n), REGION) for _, n in parts)


def test_country_and_city_move_together() -> None:
    result = augment([BOTH], GAZETTEER, labels=[COUNTRY, REGION], factor=6, seed=1)
    assert len(result.questions) >= 3
    for made in result.questions:
        (country, _), (city, _), (again, _) = made.entities
        code = GAZETTEER.lookup(country, COUNTRY)[0].code
        assert code is not None
        assert city == again
        assert city in CITIES[code]


def test_city_alone_stays_in_its_country_and_country_alone_stays() -> None:
    cities = augment([BOTH], GAZETTEER, labels=[REGION], factor=2, seed=1).questions
    assert {made.entities[1][0] for made in cities} == {"니스", "리옹"}
    assert all(made.entities[0][0] == "프랑스" for made in cities)
    result = augment([BOTH], GAZETTEER, labels=[COUNTRY], factor=1, seed=1)
    assert not result.questions
    assert sum(result.skipped.values()) == 1


def test_excluded_names_and_their_aliases_never_occur() -> None:
    excluded = ["파타야", "하야트", "베른", "인터"]
    hotel = question("하얏트 오사카", ("하얏트", HOTEL), ("오사카", REGION))
    stays = question("파타야 말고 오사카", ("오사카", REGION))
    result = augment(
        [WEATHER, hotel, stays],
        GAZETTEER,
        labels=LABELS,
        factor=20,
        seed=1,
        exclude=excluded,
        max_per_name=99,
    )
    assert result.questions
    for made in result.questions:
        assert not any(name in made.text for name in excluded)
    assert not {"하얏트", "Hyatt", "나라"} & set(result.names_used)
    assert result.skipped[module.EXCLUDED] == 20


def test_names_are_used_evenly_up_to_the_limit() -> None:
    sources = [question(f"{n}번 서울 날씨는?", ("서울", REGION), id_=f"q{n}") for n in range(30)]
    even = augment(sources, GAZETTEER, labels=[REGION], factor=1, seed=1, max_per_name=9)
    assert sorted(even.names_used) == sorted(name for names in CITIES.values() for name in names)
    assert set(even.names_used.values()) == {2, 3}
    few = augment(sources, GAZETTEER, labels=[REGION], factor=1, seed=1, max_per_name=2)
    assert len(few.questions) == 24
    assert set(few.names_used.values()) == {2}
    assert few.skipped == {module.USED_UP: 6}


def test_texts_are_new_and_questions_without_slots_are_counted() -> None:
    taken = [question(f"{n} 날씨는?", (n, REGION)) for n in CITIES["TH"]]
    none = Question("q", "날씨 어때?")
    result = augment([WEATHER, *taken, none], GAZETTEER, labels=[REGION], factor=9, seed=1)
    texts = Counter(made.text for made in result.questions)
    assert set(texts.values()) == {1}
    assert not set(texts) & {source.text for source in (WEATHER, *taken)}
    assert result.skipped[module.NO_SLOT] == 9
    assert result.skipped[module.KNOWN_TEXT] > 0
    assert len(result.questions) + sum(result.skipped.values()) == 9 * 5


def test_the_seed_decides() -> None:
    def made(seed: int) -> list[Question]:
        return augment([WEATHER, BOTH], GAZETTEER, labels=LABELS, factor=2, seed=seed).questions

    assert made(5) == made(5)
    assert any(made(5) != made(seed) for seed in range(4))


def test_population_brings_large_places_first() -> None:
    small = [Entry(f"작은{n}", REGION, weight=10) for n in "가나다라마바사아자차"]
    gazetteer = Gazetteer.of([*small, Entry("큰곳", REGION, weight=1e9)])
    for seed in range(5):
        (made,) = augment(
            [WEATHER], gazetteer, labels=[REGION], factor=1, seed=seed, weights="population"
        ).questions
        assert made.entities == (("큰곳", REGION),)
    firsts = {
        augment([WEATHER], gazetteer, labels=[REGION], factor=1, seed=seed).questions[0].text
        for seed in range(5)
    }
    assert len(firsts) > 1


def test_keys_of_drawn_names_are_looked_up() -> None:
    result = augment([WEATHER], GAZETTEER, labels=[REGION], factor=3, seed=2)
    assert all(GAZETTEER.lookup(key_of(name), REGION) for name in result.names_used)
