"""Values of questions in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.web.question_types import Budget, Dates, Duration, Party, Range
from nadeuri.web.question_words import amount, percent, sureness, value_words


def span(least: int | None, most: int | None) -> Range:
    return Range(min=least, max=most)


def party(**groups: Range) -> Party:
    none: dict[str, Any] = dict.fromkeys(("total", "adults", "children", "infants", "seniors"))
    return Party(kind="party", **(none | groups))


def budget(
    least: int | None, most: int | None, currency: str = "KRW", each: bool | None = None
) -> Budget:
    return Budget(
        kind="budget", min_amount=least, max_amount=most, currency=currency, per_person=each
    )


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2026, 12, 7), date(2026, 12, 13), "2026-12-07 ~ 2026-12-13"),
        (date(2026, 12, 7), date(2026, 12, 7), "2026-12-07"),
    ],
)
def test_dates(start: date, end: date, words: str) -> None:
    assert value_words(Dates(kind="date", start=start, end=end)) == words


@pytest.mark.parametrize(
    ("nights", "days", "words"),
    [
        (span(2, 2), span(3, 3), "2박 3일"),
        (span(3, 4), None, "3~4박"),
        (None, span(None, 5), "5일 이하"),
        (span(7, None), None, "7박 이상"),
        (span(None, None), None, ""),
        (None, None, ""),
    ],
)
def test_durations(nights: Range | None, days: Range | None, words: str) -> None:
    assert value_words(Duration(kind="duration", nights=nights, days=days)) == words


def test_parties() -> None:
    two, one, three = span(2, 2), span(1, 1), span(3, 3)
    assert value_words(party(adults=two)) == "성인 2명"
    assert value_words(party(adults=two, children=one, total=three)) == "성인 2명, 어린이 1명"
    assert value_words(party(adults=two, total=three)) == "성인 2명 (모두 3명)"
    assert value_words(party(total=span(3, 4))) == "모두 3~4명"
    assert value_words(party(seniors=two, infants=one)) == "어르신 2명, 유아 1명"
    assert value_words(party()) == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (budget(None, 1_000_000), "100만 원 이하"),
        (budget(1_000_000, 1_999_999), "100만 원대"),
        (budget(300_000, 399_999), "30만 원대"),
        (budget(1_500_000, None), "150만 원 이상"),
        (budget(500_000, 1_000_000), "50만 원 ~ 100만 원"),
        (budget(1_234_500, 1_234_500), "123만 4,500원"),
        (budget(None, 500, "USD"), "500달러 이하"),
        (budget(20_000, 20_000, "JPY"), "2만 엔"),
        (budget(None, 300, "SGD"), "300 SGD 이하"),
        (budget(None, 1_000_000, each=True), "한 사람에 100만 원 이하"),
        (budget(None, 1_000_000, each=False), "모두 합쳐 100만 원 이하"),
        (budget(None, None), ""),
        (budget(0, 0), "0원"),
        (budget(0, 9), "0원 ~ 9원"),
    ],
)
def test_budgets(value: Budget, words: str) -> None:
    assert value_words(value) == words


def test_nothing_has_no_words() -> None:
    assert value_words(None) == ""


@given(st.integers(0, 10**15))
def test_an_amount_can_be_read_back(number: int) -> None:
    sizes = {"조": 10**12, "억": 10**8, "만": 10**4}
    total = 0
    for part in amount(number).replace(",", "").split():
        total += int(part.rstrip("조억만")) * sizes.get(part[-1], 1)
    assert total == number


@given(st.floats(0, 1))
def test_only_what_is_certain_is_all_of_it(probability: float) -> None:
    assert (percent(probability) == "100%") == (probability == 1)
    assert sureness(probability).endswith("요")
