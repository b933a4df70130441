"""Which texts tell a truth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.guide.evaluation.numbers import numbers_in
from nadeuri.guide.evaluation.oracle.statistics import Truth
from nadeuri.guide.evaluation.told import tells

BEST = Truth(frozenset({"초록카페"}), frozenset({"바당커피", "새벽다방"}), (34.24,))


@pytest.mark.parametrize(
    ("text", "is_true"),
    [
        ("초록카페예요. 30대가 34.2%를 차지해요. 그다음은 바당커피(31%)예요.", True),
        ("초록카페예요. 30대가 34%를 차지해요.", True),
        ("초록카페예요. 30대가 34.3%를 차지해요.", False),
        ("초록카페예요.", False),
        ("바당커피(34.2%)와 초록카페예요.", False),
        ("바당커피예요. 34.2%예요.", False),
        ("정보가 없어요.", False),
    ],
)
def test_the_first_place_and_its_number(text: str, is_true: bool) -> None:
    assert tells(text, BEST) == is_true


def test_one_of_each_wording() -> None:
    truth = Truth(wordings=(frozenset({"24:00", "00:00"}), frozenset({"월"})))
    assert tells("00:00까지 열어요. 월요일은 쉬어요.", truth)
    assert not tells("00:00까지 열어요.", truth)


def test_what_is_not_known_has_to_be_said() -> None:
    assert tells("정보가 없어요.", Truth(is_known=False))
    assert not tells("평점은 4.2점이에요.", Truth(is_known=False))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("18,000원", [(18_000.0, 0, "원")]),
        ("평점 4.43점, 1,234개", [(4.43, 2, "점,"), (1_234.0, 0, "개")]),
        ("1.2km 350 m", [(1.2, 1, "km"), (350.0, 0, "m")]),
        ("12,34", [(12.0, 0, ",3"), (34.0, 0, "")]),
        ("없음", []),
    ],
)
def test_numbers_of_a_text(text: str, numbers: list[tuple[float, int, str]]) -> None:
    assert [(each.value, each.digits, each.unit) for each in numbers_in(text)] == numbers


@given(st.floats(0, 1e6), st.integers(0, 3))
def test_a_number_that_is_said_rounded_is_recognised(value: float, digits: int) -> None:
    (said,) = numbers_in(f"약 {value:,.{digits}f}원")
    assert said.rounds(value)
    assert not said.rounds(value + 2 * 10.0**-digits)
