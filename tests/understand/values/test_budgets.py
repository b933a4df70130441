"""Sums of money and what they allow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.understand.values.budgets import Budget, read_budget

MAN = 10_000


@pytest.mark.parametrize(
    ("surface", "low", "high"),
    [
        ("100만원대", 100 * MAN, 200 * MAN - 1),
        ("백만원대", 100 * MAN, 200 * MAN - 1),
        ("150만원대", 150 * MAN, 160 * MAN - 1),
        ("50만원대", 50 * MAN, 60 * MAN - 1),
        ("천만원대", 1000 * MAN, 2000 * MAN - 1),
        ("100~150만원대", 100 * MAN, 160 * MAN - 1),
        ("100만원 초반대", 100 * MAN, 140 * MAN - 1),
        ("100만원대 중반", 140 * MAN, 170 * MAN - 1),
        ("200만원대 후반", 270 * MAN, 300 * MAN - 1),
        ("50만원 이하", None, 50 * MAN),
        ("백만원 안쪽", None, 100 * MAN),
        ("최대 80만원", None, 80 * MAN),
        ("~100만원", None, 100 * MAN),
        ("100만원 넘지 않게", None, 100 * MAN),
        ("100만 원 미만", None, 100 * MAN - 1),
        ("100만원 이상", 100 * MAN, None),
        ("100만원~", 100 * MAN, None),
        ("100만원 초과", 100 * MAN + 1, None),
        ("80만원 정도", 72 * MAN, 88 * MAN),
        ("100만 원 선", 90 * MAN, 110 * MAN),
        ("한 백만원 정도", 90 * MAN, 110 * MAN),
        ("50만원 이하로", None, 50 * MAN),
        ("100만원 내외", 90 * MAN, 110 * MAN),
        ("100~200만원 정도", 90 * MAN, 220 * MAN),
        ("100~150만원", 100 * MAN, 150 * MAN),
        ("100만~150만원", 100 * MAN, 150 * MAN),
        ("50에서 70만원", 50 * MAN, 70 * MAN),
        ("50만원에서 70만원 사이", 50 * MAN, 70 * MAN),
        ("1~2백만원", 100 * MAN, 200 * MAN),
        ("이삼백만원", 200 * MAN, 300 * MAN),
        ("100만원 이상 200만원 이하", 100 * MAN, 200 * MAN),
        ("몇십만원", 10 * MAN, 100 * MAN - 1),
    ],
)
def test_bounds(surface: str, low: int | None, high: int | None) -> None:
    assert read_budget(surface) == Budget(low, high)


@pytest.mark.parametrize(
    ("surface", "won"),
    [
        *(("150만원", 150 * MAN), ("백오십", 150 * MAN), ("150", 150 * MAN), ("120만", 120 * MAN)),
        *(("3백만원", 300 * MAN), ("천만원", 1000 * MAN), ("백이십만원", 120 * MAN), ("만원", MAN)),
        *(("1,200,000원", 120 * MAN), ("1200000", 120 * MAN), ("１００만원", 100 * MAN)),
        *(("1.5억", 15000 * MAN), ("예산 100만원", 100 * MAN), ("오천원", 5000)),
    ],
)
def test_one_sum(surface: str, won: int) -> None:
    assert read_budget(surface) == Budget(won, won)


@pytest.mark.parametrize(
    ("surface", "per_person"),
    [
        *(
            ("1인당 80만원", True),
            ("인당 80", True),
            ("80만원씩", True),
            ("한 사람당 80만원", True),
        ),
        *(
            ("총 80만원", False),
            ("둘이 합쳐 80만원", False),
            ("전체 예산 80만원", False),
            ("80만원/1인", True),
        ),
        ("80만원", None),
    ],
)
def test_per_person(surface: str, per_person: bool | None) -> None:
    assert read_budget(surface) == Budget(80 * MAN, 80 * MAN, per_person=per_person)


@pytest.mark.parametrize(
    ("surface", "amount", "currency"),
    [
        *(("$1000", 1000, "USD"), ("1,000달러", 1000, "USD"), ("천 불", 1000, "USD")),
        ("$33 초반", 33, "USD"),
        *(("500유로", 500, "EUR"), ("10만엔", 100_000, "JPY"), ("3000위안", 3000, "CNY")),
    ],
)
def test_foreign_money_stays_foreign(surface: str, amount: int, currency: str) -> None:
    assert read_budget(surface) == Budget(amount, amount, currency)


@pytest.mark.parametrize(
    "surface",
    ["", "가성비", "저렴한", "0원", "0만원", "만원만원", "200~100만원", "원", "-5만원", "1원 미만"],
)
def test_what_is_no_budget(surface: str) -> None:
    assert read_budget(surface) is None


@given(st.integers(1, 9999), st.sampled_from(["{}만원", "{:,}만 원", "{} 만", "{}0,000원"]))
def test_sums_round_trip(amount: int, form: str) -> None:
    if form == "{}0,000원" and amount >= 100:
        form = "{}0000원"  # the comma would stand in the wrong place
    assert read_budget(form.format(amount)) == Budget(amount * MAN, amount * MAN)


@given(st.integers(1, 9999))
def test_a_band_starts_at_its_name_and_its_parts_tile_it(amount: int) -> None:
    band = read_budget(f"{amount}만원대")
    parts = [read_budget(f"{amount}만원 {part}대") for part in ("초반", "중반", "후반")]
    assert band is not None
    assert band.min_amount == amount * MAN
    ends = [(part.min_amount, part.max_amount) for part in parts if part is not None]
    assert ends[0][0] == band.min_amount
    assert ends[2][1] == band.max_amount
    assert [high and high + 1 for _, high in ends[:2]] == [low for low, _ in ends[1:]]
