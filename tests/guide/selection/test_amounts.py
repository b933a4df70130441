"""Numbers in Korean, in digits and spelled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.guide.selection.amounts import Amount, amounts, read_number


def read(text: str) -> list[tuple[str, float]]:
    return [(amount.unit, amount.value) for amount in amounts(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("18,000원", [("won", 18_000)]),
        ("1만 8천원", [("won", 18_000)]),
        ("만 오천원", [("won", 15_000)]),
        ("가격은 만오천 원이에요", [("won", 15_000)]),
        ("이만삼천오백원", [("won", 23_500)]),
        ("3.5만원", [("won", 35_000)]),
        ("31%와 삼십 퍼센트", [("per_cent", 31), ("per_cent", 30)]),
        ("350m, 1.2km, 2킬로미터", [("metres", 350), ("metres", 1_200), ("metres", 2_000)]),
        ("평점 4.3점", [("points", 4.3)]),
        ("사점 삼점", [("points", 4.3)]),
        ("평가 1,234개", [("count", 1_234)]),
        ("98명이 20분", [("count", 98), ("minutes", 20)]),
        ("열두 명", [("count", 12)]),
        ("60대 손님", [("age", 60)]),
        ("오전 10시 30분부터 밤 9시까지", [("clock", 630), ("clock", 1_260)]),
        ("21:00", [("clock", 1_260)]),
        ("새벽 두 시, 열한 시 반", [("clock", 120), ("clock", 690)]),
        (
            "밤 12시, 낮 12시, 자정, 정오",
            [("clock", 0), ("clock", 720), ("clock", 0), ("clock", 720)],
        ),
        ("2019 그리고 1,80원", [("other", 2_019), ("other", 0)]),
        ("이 점이 좋아요. 천천히 만나요. 공원과 정원, 다시 즉시, 편안한 시간, 일이 많은 분이", []),
    ],
)
def test_amounts(text: str, found: list[tuple[str, float]]) -> None:
    assert read(text) == found


def test_an_amount_knows_its_step_and_whether_half_a_day_is_open() -> None:
    assert [amount.step for amount in amounts("4.3점 1.2km 350m 2km")] == [
        pytest.approx(0.1), pytest.approx(100), 1, 1_000,
    ]  # fmt: skip
    assert [amount.halves for amount in amounts("9시, 오전 9시, 21시, 9:00")] == [
        True, False, False, True,
    ]  # fmt: skip


SYLLABLES = dict(enumerate("영일이삼사오육칠팔구"))


def spelled(number: int) -> str:
    """Below 100 million, as it is read aloud: 만, not 일만; 천, not 일천."""

    def below_10_000(part: int) -> str:
        text = ""
        for unit, size in (("천", 1_000), ("백", 100), ("십", 10), ("", 1)):
            digit = part // size % 10
            if digit:
                text += ("" if digit == 1 and unit else SYLLABLES[digit]) + unit
        return text

    high, low = divmod(number, 10_000)
    head = "" if not high else "만" if high == 1 else f"{below_10_000(high)}만"
    return head + below_10_000(low)


@given(number=st.integers(1, 99_999_999), gap=st.sampled_from(["", " "]))
def test_a_number_is_read_however_it_is_written(number: int, gap: str) -> None:
    ways = [f"{number}", f"{number:,}"]
    if (spelled(number), gap) != ("이", " "):  # there it is a particle
        ways.append(spelled(number))
    high, low = divmod(number, 10_000)
    if high:
        ways.append(f"{high}만{gap}{low or ''}".strip())
    for way in ways:
        assert read_number(way) == number
        assert read(f"값은 {way}{gap}원이에요") == [("won", number)]


@given(text=st.text(alphabet="0123456789,.: 만천백십이삼시분원%점대m가", max_size=30))
def test_no_digit_is_overlooked_and_amounts_do_not_overlap(text: str) -> None:
    found: list[Amount] = amounts(text)
    covered = {at for amount in found for at in range(amount.start, amount.end)}
    assert all(at in covered for at, char in enumerate(text) if char.isdigit())
    assert len(covered) == sum(amount.end - amount.start for amount in found)
