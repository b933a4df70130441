"""Numbers as Koreans write them: digits, Sino-Korean, native Korean and mixtures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from nadeuri.understand.values.surface import split_range

_DIGITS = {"영": 0, "공": 0} | {name: i + 1 for i, name in enumerate("일이삼사오육칠팔구")}
_SMALL_UNITS = {"십": 10, "백": 100, "천": 1000}
_LARGE_UNITS = {"만": 10_000, "억": 100_000_000}
_NATIVE_ONES = {
    **{"하나": 1, "한": 1, "둘": 2, "두": 2, "셋": 3, "세": 3, "석": 3, "넷": 4, "네": 4, "넉": 4},
    **{"다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9},
}
_NATIVE_TENS = {
    **{"열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50},
    **{"예순": 60, "일흔": 70, "여든": 80, "아흔": 90},
}
_ARABIC = r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]{1,12}(?:\.[0-9]+)?"

_SYLLABLES = "".join(sorted(set("".join([*_DIGITS, *_NATIVE_TENS, *_NATIVE_ONES, "십백천만억"]))))
NUMBER = rf"[0-9,.{_SYLLABLES}]{{1,24}}"
"""Pattern of everything that ``parse_number`` may read (and of more: it has the last word)."""

_TOKEN = re.compile(rf"{_ARABIC}|[{''.join(_DIGITS)}십백천만억]")
_NATIVE_TAIL = re.compile(rf"({'|'.join(_NATIVE_TENS)})?({'|'.join(_NATIVE_ONES)})?")
_ORDINALS = {
    **dict.fromkeys(("첫", "첫째", "첫번째"), 1),
    **dict.fromkeys(("둘째", "두째", "두번째"), 2),
    **dict.fromkeys(("셋째", "세째", "세번째"), 3),
    **dict.fromkeys(("넷째", "네째", "네번째"), 4),
    **dict.fromkeys(("다섯째", "다섯번째"), 5),
    **dict.fromkeys(("마지막", "막", "맨마지막"), -1),
}
ORDINAL = rf"{'|'.join(sorted(_ORDINALS, key=len, reverse=True))}|[1-5](?:번째|째)?"
"""Pattern of everything that ``parse_ordinal`` reads."""


@dataclass(frozen=True)
class Bounds:
    """A count between ``min`` and ``max``, both inclusive; None is an open end."""

    min: int | None
    max: int | None

    def times(self, factor: int) -> Bounds:
        """Both ends multiplied."""
        return Bounds(
            None if self.min is None else self.min * factor,
            None if self.max is None else self.max * factor,
        )


def exactly(number: int) -> Bounds:
    """Bounds that hold one number."""
    return Bounds(number, number)


def parse_number(text: str) -> int | None:
    """``text`` (squeezed, nothing but the number) as an integer; None where it is none.

    Reads ``"1,200"``, ``"삼백오십만"``, ``"3백만"``, ``"1.5억"``, ``"스물두"`` and ``"백스물둘"``.
    """
    native_start = _native_start(text)
    head, tail = text[:native_start], text[native_start:]
    tail_value = _parse_native(tail)
    if tail_value is None:
        return None
    if not head:
        return tail_value if tail else None
    head_value = _parse_sino(head)
    if head_value is None or (tail and head_value % 100):
        return None
    return head_value + tail_value


def parse_ordinal(text: str) -> int | None:
    """``"첫째"``, ``"두번째"``, ``"3"``, ``"넷째"`` as 1 to 5, ``"마지막"`` as -1."""
    if text[:1] in "12345" and re.fullmatch(ORDINAL, text):
        return int(text[0])
    return _ORDINALS.get(text)


def parse_bounds(text: str, counter: str) -> Bounds | None:
    """A number or a range of numbers before its counter, such as ``"3~4명"`` with ``"명|인"``.

    The counter is a pattern and may match nothing.
    """
    one = _parse_counted(text, counter)
    if one is not None:
        return exactly(one)
    ends = split_range(text)
    if ends is None:
        return None
    low, high = (_parse_counted(end, counter) for end in ends)
    return None if low is None or high is None or low > high else Bounds(low, high)


def limited(bounds: Bounds, limit: str) -> Bounds:
    """``bounds`` under 이상, 초과, 이하 or 미만, the whole numbers that are left."""
    if limit == "이상":
        return Bounds(bounds.min, None)
    if limit == "초과":
        return Bounds(None if bounds.max is None else bounds.max + 1, None)
    if limit == "이하":
        return Bounds(None, bounds.max)
    if limit == "미만":
        return Bounds(None, None if bounds.min is None else bounds.min - 1)
    return bounds


LIMITS = {
    **dict.fromkeys(("이상", "넘게", "최소", "최소한", "부터"), "이상"),
    **dict.fromkeys(("초과", "넘는"), "초과"),
    **dict.fromkeys(("이하", "이내", "안쪽", "안", "내", "까지", "밑", "아래", "안에서"), "이하"),
    **dict.fromkeys(("최대", "최대한", "안넘게", "안넘는", "넘지않게", "넘지않는"), "이하"),
    "미만": "미만",
}
"""Words that bound a number, and the bound that each names."""

LIMIT = "|".join(sorted(LIMITS, key=len, reverse=True))
ABOUT = "정도|가량|쯤|내외|안팎|전후|언저리|근처|선|즈음"


def _parse_counted(text: str, counter: str) -> int | None:
    match = re.fullmatch(rf"({NUMBER})(?:{counter})", text)
    return None if match is None else parse_number(match[1])


def _native_start(text: str) -> int:
    """Where the native tail (스물두) begins; its length where there is none."""
    for start in range(max(0, len(text) - 4), len(text)):
        if _NATIVE_TAIL.fullmatch(text, start):
            return start
    return len(text)


def _parse_native(text: str) -> int | None:
    match = _NATIVE_TAIL.fullmatch(text)
    if match is None:
        return None
    return _NATIVE_TENS.get(match[1] or "", 0) + _NATIVE_ONES.get(match[2] or "", 0)


def _parse_sino(text: str) -> int | None:
    """Units must fall (천 before 백, 억 before 만), as they do in every number of the language."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text:
        return None
    total = section = Fraction(0)
    digit: Fraction | None = None
    limit = large_limit = 10**12  # everything that follows is smaller
    for token in tokens:
        if token in _LARGE_UNITS:
            unit = _LARGE_UNITS[token]
            if unit >= large_limit:
                return None
            implied_one = digit is None and section == 0
            total += (1 if implied_one else section + (digit or 0)) * unit
            section, digit, limit, large_limit = Fraction(0), None, unit, unit
        elif token in _SMALL_UNITS:
            unit = _SMALL_UNITS[token]
            if unit >= limit:
                return None
            section += (1 if digit is None else digit) * unit
            digit, limit = None, unit
        else:
            if digit is not None:
                return None
            digit = Fraction(_DIGITS.get(token, token.replace(",", "")))
            if digit >= limit:
                return None
    total += section + (digit or 0)
    return int(total) if total.denominator == 1 else None
