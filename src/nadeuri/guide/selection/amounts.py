"""Amounts in Korean text, in digits or spelled: prices, shares, distances, times, counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from nadeuri.guide.plan import MINUTES_A_DAY

Unit = Literal["won", "per_cent", "metres", "minutes", "clock", "points", "count", "age", "other"]

_UNITS: dict[str, Unit] = {
    "원": "won",
    "%": "per_cent",
    "퍼센트": "per_cent",
    "프로": "per_cent",
    "킬로미터": "metres",
    "킬로": "metres",
    "km": "metres",
    "미터": "metres",
    "m": "metres",
    "분": "minutes",
    "점": "points",
    "명": "count",
    "건": "count",
    "개": "count",
    "대": "age",
}
_KILOMETRES = ("킬로미터", "킬로", "km")
_SINO = dict(zip("영일이삼사오육칠팔구", range(10), strict=True))
_SMALL = {"십": 10, "백": 100, "천": 1_000}
_LARGE = {"만": 10_000, "억": 100_000_000}
_ONES = {"한": 1, "하나": 1, "두": 2, "둘": 2, "세": 3, "셋": 3, "네": 4, "넷": 4, "다섯": 5,
         "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9}  # fmt: skip
_TENS = {"열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50, "예순": 60,
         "일흔": 70, "여든": 80, "아흔": 90}  # fmt: skip
_HALVES = {
    "오전": 0,
    "새벽": 0,
    "아침": 0,
    "오후": 720,
    "낮": 720,
    "점심": 720,
    "저녁": 720,
    "밤": 720,
}

_DIGITS = r"\d[\d,]*(?:\.\d+)?"
_SPELLED = "[영일이삼사오육칠팔구십백천만억]"
_AFTER_DIGITS = rf"{_DIGITS}(?:\s?[십백천만억](?:\s?(?:{_DIGITS}|{_SPELLED}))*)?"
_ALL_SPELLED = rf"(?!이\s){_SPELLED}(?:\s?{_SPELLED})*"  # 이 before a space is a particle
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_HALF = rf"(?P<half>{'|'.join(_HALVES)})?\s*"
_CLOCK = re.compile(rf"{_HALF}(?P<hour>\d{{1,2}})\s?:\s?(?P<minute>\d{{2}})(?!\d)")
_NATIVE = rf"(?:{'|'.join(_TENS)})?(?:{'|'.join(sorted(_ONES, key=len, reverse=True))})?"
_HOURS = re.compile(
    rf"{_HALF}(?:(?P<digits>(?<!\d)\d{{1,2}})|(?P<sino>(?<![가-힣])이?십[일이삼사]?)"
    rf"|(?P<native>(?<![가-힣])(?:{_NATIVE})))\s?시(?!간|작|절|설|원|장|내|끌|골|선|식|청|도|대|켜|키)"
    rf"(?:\s?(?:(?P<minute>\d{{1,2}}|[이삼사오]?십[일이삼사오육칠팔구]?|[오])\s?분|(?P<and_half>반)))?"
)
_NAMED_TIMES = re.compile("(?P<midnight>자정)|(?P<noon>정오)")
_AMOUNT = re.compile(
    rf"(?P<number>{_AFTER_DIGITS}|{_ALL_SPELLED})\s?(?P<unit>{_UNIT})?", re.IGNORECASE
)
_POINTS = re.compile(
    r"(?<![가-힣])(?P<whole>[영일삼사오])\s?점\s?(?P<tenths>[영일삼사오육칠팔구]|이(?=점|[^가-힣]|$))점?"
)
_COUNTED = re.compile(
    rf"(?<![가-힣])(?P<native>(?:{'|'.join(_TENS)})(?:{'|'.join(_ONES)})?|(?:{'|'.join(_ONES)}))\s?"
    r"(?:명|곳|군데|개|가지|분의|배|시간|달|해|살|번|사람|접시|그릇|잔|마리|집|건|분)"
)
_SPELLED_ALONE = ("won", "per_cent", "metres")
"""Units behind which even one spelled digit is a number: 만원, but not 이 점."""


@dataclass(frozen=True)
class Amount:
    """A number that a text states.

    Attributes:
        start, end: where.
        value: won, per cent, metres, minutes (also of a clock), points, ...
        step: what its last written digit counts: .1 for 4.3, 100 for 1.2km.
        halves: of a clock time without 오전 or 오후: it may be half a day later.
    """

    start: int
    end: int
    unit: Unit
    value: float
    step: float
    halves: bool = False


def amounts(text: str) -> list[Amount]:
    """All amounts of a text, in order; digits that belong to none are amounts of unit ``other``."""
    found: list[Amount] = []
    rest = text
    for read in (_clocks, _hours, _named_times, _spelled_points, _plain, _counted):
        for amount in read(rest):
            found.append(amount)
            blank = "\x00" * (amount.end - amount.start)
            rest = rest[: amount.start] + blank + rest[amount.end :]
    return sorted(found, key=lambda amount: amount.start)


def read_number(text: str) -> float | None:
    """``"18,000"``, ``"1만 8천"``, ``"만 오천"``, ``"1.2"``; None where it is no number."""
    tokens = re.findall(rf"{_DIGITS}|{_SPELLED}", text)
    total = section = 0.0
    digit: float | None = None
    for token in tokens:
        if token in _SMALL:
            section += (1.0 if digit is None else digit) * _SMALL[token]
            digit = None
        elif token in _LARGE:
            section += digit or 0.0
            total += (section or 1.0) * _LARGE[token]
            section, digit = 0.0, None
        elif digit is not None:
            return None  # two digits in a row
        else:
            digit = float(_SINO[token]) if token in _SINO else _digits(token)
            if digit is None:
                return None
    return total + section + (digit or 0.0)


def _clocks(text: str) -> Iterator[Amount]:
    for match in _CLOCK.finditer(text):
        yield _clock(match, int(match["hour"]), int(match["minute"]))


def _hours(text: str) -> Iterator[Amount]:
    for match in _HOURS.finditer(text):
        if match["digits"]:
            hour = int(match["digits"])
        elif match["sino"]:
            hour = int(read_number(match["sino"]) or 0)
        elif match["native"]:
            hour = _native(match["native"])
        else:
            continue
        minute = 30 if match["and_half"] else int(read_number(match["minute"] or "") or 0)
        yield _clock(match, hour, minute)


def _clock(match: re.Match[str], hour: int, minute: int) -> Amount:
    half = match["half"]
    value = hour * 60 + minute
    if half is not None and hour <= 12:
        value = value % 720 + _HALVES[half]
        if half == "밤" and hour in (12, 1, 2, 3, 4):  # 밤 12시 is midnight
            value -= 720
    return Amount(
        match.start(), match.end(), "clock", value % MINUTES_A_DAY, 1, half is None and hour <= 12
    )


def _named_times(text: str) -> Iterator[Amount]:
    for match in _NAMED_TIMES.finditer(text):
        yield Amount(match.start(), match.end(), "clock", 0 if match["midnight"] else 720, 1)


def _spelled_points(text: str) -> Iterator[Amount]:
    for match in _POINTS.finditer(text):
        value = _SINO[match["whole"]] + _SINO[match["tenths"]] / 10
        yield Amount(match.start(), match.end(), "points", value, 0.1)


def _plain(text: str) -> Iterator[Amount]:
    for match in _AMOUNT.finditer(text):
        number, written = match["number"], (match["unit"] or "").lower()
        unit = _UNITS.get(written, "other")
        has_digits = any(char.isdigit() for char in number)
        if not has_digits and not _is_spelled_number(text, match, unit):
            continue
        value = read_number(number)
        if value is None:
            yield Amount(match.start(), match.end(), "other", 0, 1)
            continue
        factor = 1_000 if written in _KILOMETRES else 1
        _, point, decimals = number.strip().rpartition(".")
        step = 10.0 ** -len(decimals) if point else 1.0
        yield Amount(match.start(), match.end(), unit, value * factor, step * factor)


def _is_spelled_number(text: str, match: re.Match[str], unit: Unit) -> bool:
    """Whether syllables such as 이 and 만 are a number here, and not parts of other words."""
    number = match["number"].replace(" ", "")
    if unit in _SPELLED_ALONE:
        return True
    before = text[match.start() - 1 : match.start()]
    inside_a_word = "가" <= before <= "힣"
    return unit != "other" and (len(number) > 1 or number in _SMALL) and not inside_a_word


def _counted(text: str) -> Iterator[Amount]:
    for match in _COUNTED.finditer(text):
        yield Amount(match.start(), match.end(), "count", _native(match["native"]), 1)


def _native(text: str) -> int:
    for name, tens in _TENS.items():
        if text.startswith(name):
            return tens + _ONES.get(text.removeprefix(name), 0)
    return _ONES.get(text, 0)


def _digits(token: str) -> float | None:
    """Commas part thousands or nothing is read."""
    if "," in token and not re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", token):
        return None
    return float(token.replace(",", ""))
