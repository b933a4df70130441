"""Values of a question in words: dates, nights, people and sums as a Korean reader writes them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nadeuri.web.question_types import Budget, Dates, Duration, Party, Range, Value

_SURE = (
    (0.9, "확실해요"),
    (0.7, "거의 확실해요"),
    (0.5, "아마 그럴 거예요"),
    (0.0, "자신이 없어요"),
)
_CURRENCIES = {
    "KRW": "원",
    "USD": "달러",
    "JPY": "엔",
    "EUR": "유로",
    "CNY": "위안",
    "THB": "바트",
    "VND": "동",
    "GBP": "파운드",
}
_UNITS = ((10**12, "조"), (10**8, "억"), (10**4, "만"))


def sureness(probability: float) -> str:
    """A calibrated probability in words."""
    return next(words for least, words in _SURE if probability >= least or least == 0.0)


def percent(probability: float) -> str:
    """Rounded down, so that only what is certain is told as 100%."""
    return f"{math.floor(probability * 100)}%"


def value_words(value: Value | None) -> str:
    """A value for a person; empty where there is none or it says nothing."""
    if value is None:
        return ""
    if isinstance(value, Dates):
        return _dates(value)
    if isinstance(value, Duration):
        return _duration(value)
    return _party(value) if isinstance(value, Party) else _budget(value)


def amount(number: int) -> str:
    """``1,500,000`` as ``150만``, ``123,456,789`` as ``1억 2,345만 6,789``."""
    if number < 0:
        return f"-{amount(-number)}"
    parts = []
    for size, name in _UNITS:
        whole, number = divmod(number, size)
        if whole:
            parts.append(f"{whole:,}{name}")
    if number or not parts:
        parts.append(f"{number:,}")
    return " ".join(parts)


def _dates(value: Dates) -> str:
    if value.start == value.end:
        return value.start.isoformat()
    return f"{value.start.isoformat()} ~ {value.end.isoformat()}"


def _duration(value: Duration) -> str:
    return _joined([(value.nights, "", "박"), (value.days, "", "일")], " ")


def _party(value: Party) -> str:
    groups = (
        (value.adults, "성인 ", "명"),
        (value.seniors, "어르신 ", "명"),
        (value.children, "어린이 ", "명"),
        (value.infants, "유아 ", "명"),
    )
    told = _joined(groups, ", ")
    total = _joined([(value.total, "모두 ", "명")], "")
    counts = [span.min for span, _, _ in groups if span is not None and span.min == span.max]
    is_said = value.total == Range(min=(n := sum(filter(None, counts))), max=n)
    return f"{told} ({total})" if told and total and not is_said else told or total


def _joined(parts: Sequence[tuple[Range | None, str, str]], between: str) -> str:
    told = [
        f"{before}{words}"
        for span, before, unit in parts
        if span is not None and (words := _range(span, unit))
    ]
    return between.join(told)


def _range(span: Range, unit: str) -> str:
    if span.min is None and span.max is None:
        return ""
    if span.min is None:
        return f"{span.max:,}{unit} 이하"
    if span.max is None:
        return f"{span.min:,}{unit} 이상"
    if span.min == span.max:
        return f"{span.min:,}{unit}"
    return f"{span.min:,}~{span.max:,}{unit}"


def _budget(value: Budget) -> str:
    unit = _CURRENCIES.get(value.currency, value.currency)
    each = {True: "한 사람에 ", False: "모두 합쳐 ", None: ""}[value.per_person]
    return f"{each}{told}" if (told := _sum(value.min_amount, value.max_amount, unit)) else ""


def _sum(least: int | None, most: int | None, unit: str) -> str:
    if least is None and most is None:
        return ""
    if least is None:
        return f"{_money(most or 0, unit)} 이하"
    if most is None:
        return f"{_money(least, unit)} 이상"
    if least == most:
        return _money(least, unit)
    if _is_band(least, most):
        return f"{_money(least, unit)}대"
    return f"{_money(least, unit)} ~ {_money(most, unit)}"


def _money(number: int, unit: str) -> str:
    """``100만 원``, ``500달러``, ``300 SGD``."""
    words = amount(number)
    is_spaced = words[-1:] in {name for _, name in _UNITS} or unit.isascii()
    return f"{words} {unit}" if is_spaced else f"{words}{unit}"


def _is_band(least: int, most: int) -> bool:
    """``100만 원대`` is from 1,000,000 to 1,999,999: all with the same first figures."""
    width = most - least + 1
    return least >= width >= 10 and width % 10 == 0 and least % width == 0 and _is_power(width)


def _is_power(number: int) -> bool:
    return set(str(number)[1:]) <= {"0"} and str(number).startswith("1")
