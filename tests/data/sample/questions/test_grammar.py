"""The template language."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.data.sample.questions.grammar import (
    PARTICLES,
    Choice,
    Piece,
    Slot,
    choose,
    parse,
    pieces,
)
from nadeuri.errors import DataError


def surfaces(source: str, n: int = 60) -> set[str]:
    rng = np.random.default_rng(0)
    pattern = parse(source, {"요": parse("[요|용]", {})})
    return {"".join(map(str, choose(pattern, rng))) for _ in range(n)}


def test_alternatives_nest_and_may_be_empty() -> None:
    assert surfaces("가[나[다|]|]라") == {"가라", "가나라", "가나다라"}


def test_phrases_are_put_in() -> None:
    assert surfaces("좋아<요>!") == {"좋아요!", "좋아용!"}


def test_a_bar_outside_of_brackets_is_text() -> None:
    assert surfaces("가|나") == {"가|나"}


def test_slots_have_pool_particle_and_fixed_value() -> None:
    assert parse("{지역2|으로} {국가=일본}", {}) == (
        Slot("지역2", "으로"),
        " ",
        Slot("국가", None, "일본"),
    )
    assert isinstance(parse("[가|나]", {})[0], Choice)


def test_particles_follow_the_value() -> None:
    rng = np.random.default_rng(0)
    chosen = choose(parse("{지역|으로} {국가=일본|은} {지역}", {}), rng)
    filled = pieces(chosen, {"지역": ("서울", "지역")}, rng)
    assert filled == [
        Piece("서울", "지역"),
        Piece("로"),
        Piece(" "),
        Piece("일본", "국가"),
        Piece("은", droppable=True),
        Piece(" "),
        Piece("서울", "지역"),
    ]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("[가|나", "not closed"),
        ("{지역", "not closed"),
        ("<추천", "not closed"),
        ("가]나", "closes nothing"),
        ("<없는 말>", "no phrase '없는 말'"),
        ("{지역|께서}", "particle '께서'"),
    ],
)
def test_faults_are_named(source: str, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        parse(source, {})


@given(st.lists(st.text("가나 다", max_size=4), min_size=1, max_size=4))
def test_every_alternative_can_come(options: list[str]) -> None:
    assert surfaces(f"[{'|'.join(options)}]", n=200) == set(options)


def test_every_particle_pair_is_complete() -> None:
    for name, variants in PARTICLES.items():
        assert all(after and plain for after, plain in variants), name
