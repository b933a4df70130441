"""Sums of money: "100만원대", "50만원 이하", "1인당 80만원 정도"."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from nadeuri.understand.values.numbers import (
    ABOUT,
    LIMIT,
    LIMITS,
    NUMBER,
    Bounds,
    exactly,
    limited,
    parse_number,
)
from nadeuri.understand.values.surface import split_range, squeeze

WON = "KRW"
_CURRENCIES = {
    WON: "원|won|krw|₩",
    "USD": "달러|불|usd|\\$",
    "EUR": "유로|eur|€",
    "JPY": "엔|jpy|¥",
    "CNY": "위안|cny",
}
_SIGNS = {"$": "USD", "€": "EUR", "¥": "JPY", "₩": WON}
_UNIT = "|".join(f"(?P<{code}>{names})" for code, names in _CURRENCIES.items())
_AMOUNT = re.compile(rf"(?P<sign>[$€¥₩])?(?P<number>{NUMBER})(?:{_UNIT})?")
_EACH = re.compile(r"/?(?:1|일|한)(?:인당?|명당|사람당)|인당|각자|각각|씩|/인|두당|perperson")
_TOGETHER = re.compile(
    r"총(?:예산|경비|액)?|전체(?:예산)?|(?:둘이서?|셋이서?|넷이서?)?(?:다해서|합쳐서?)|모두|통틀어|전부"
)
_FILLERS = re.compile(
    r"^(?:예산은?|경비는?|가격은?|비용은?|금액은?|약|대략|한(?=[0-9일이삼사오육칠팔구백천]))|예산$|[:()]"
)
_ROUGH = re.compile(rf"(.+?)(?:{ABOUT})(?:으로|에서|에)?")
_BAND = re.compile(r"(.+?)(?:대(초반|중반|후반)?|(초반|중반|후반)대?)(?:로|에서|의)?")
_LIMITED = re.compile(rf"(최소한?|최대한?)?(.+?)({LIMIT})?(?:으로|로|의)?(?:사이)?")
_BETWEEN = re.compile(r"(.+(?:이상|초과|부터))(.+(?:이하|미만|이내|까지))(?:사이)?")
_TENTHS_OF_BAND = {"": (0, 10), "초반": (0, 4), "중반": (4, 7), "후반": (7, 10)}
_TENS_OF_MANY = re.compile(r"(?:몇|수)(십|백|천)(만?)원?")


@dataclass(frozen=True)
class Budget:
    """Money between two sums, both inclusive; None is an open end.

    Attributes:
        min_amount: in units of ``currency``.
        max_amount: in units of ``currency``.
        currency: ISO 4217.
        per_person: True for 1인당, False for 총, None where the surface does not say.
    """

    min_amount: int | None
    max_amount: int | None
    currency: str = WON
    per_person: bool | None = None

    def as_json(self) -> dict[str, object]:
        """``{"min_amount": 1000000, "max_amount": 1999999, "currency": "KRW", ...}``."""
        return asdict(self)


@dataclass(frozen=True)
class _Money:
    bounds: Bounds
    currency: str

    def widened(self) -> _Money:
        """10% either way."""
        low, high = self.bounds.min, self.bounds.max
        return _Money(
            Bounds(
                None if low is None else low * 9 // 10, None if high is None else high * 11 // 10
            ),
            self.currency,
        )


def read_budget(surface: str) -> Budget | None:
    """The sums that ``surface`` allows, or None (가성비 names none).

    - ``N만원대`` is the band of N's last non-zero digit: 100만원대 is 1,000,000 to 1,999,999,
      150만원대 is 1,500,000 to 1,599,999. 초반 is its first 40%, 중반 the next 30%, 후반 the rest.
    - 정도, 쯤, 내외 allow 10% either way. A sum without such a word is exact.
    - 미만 and 초과 leave out the sum itself.
    - A number below 10,000 that names no unit counts 만원 (백오십 is 1,500,000).
    """
    text = squeeze(surface)
    if text is None:
        return None
    per_person = None
    if _EACH.search(text):
        text, per_person = _EACH.sub("", text), True
    elif _TOGETHER.search(text):
        text, per_person = _TOGETHER.sub("", text), False
    text = _FILLERS.sub("", text)
    if text.startswith("~"):
        text = text[1:] + "이하"
    elif text.endswith("~"):
        text = text[:-1] + "이상"
    money = _read_money(text)
    if money is None or (money.bounds.max is not None and money.bounds.max <= 0):
        return None
    return Budget(money.bounds.min, money.bounds.max, money.currency, per_person)


def _read_money(text: str) -> _Money | None:
    if match := _BETWEEN.fullmatch(text):
        low, high = _read_limited(match[1]), _read_limited(match[2])
        return _between(low, high)
    if match := _TENS_OF_MANY.fullmatch(text):
        unit = {"십": 10, "백": 100, "천": 1000}[match[1]] * (10_000 if match[2] else 1)
        return _Money(Bounds(unit, 10 * unit - 1), WON)
    if match := _ROUGH.fullmatch(text):
        around = _read_plain(match[1])
        return _read_money(match[1]) if around is None else around.widened()
    if match := _BAND.fullmatch(text):
        return _read_band(match[1], match[2] or match[3] or "")
    return _read_limited(text)


def _read_limited(text: str) -> _Money | None:
    if (plain := _read_plain(text)) is not None:
        return plain
    match = _LIMITED.fullmatch(text)
    if match is None:
        return None
    money = _read_plain(match[2])
    return money and _Money(
        limited(money.bounds, LIMITS.get(match[3] or match[1] or "", "")), money.currency
    )


def _read_plain(text: str) -> _Money | None:
    """One sum, or two joined as a range."""
    if (one := _read_amount(text)) is not None:
        return one
    ends = split_range(text)
    return _between(_read_amount(ends[0]), _read_amount(ends[1])) if ends else None


def _read_amount(text: str) -> _Money | None:
    match = _AMOUNT.fullmatch(text)
    number = parse_number(match["number"]) if match else None
    if match is None or number is None:
        return None
    named = _SIGNS.get(match["sign"] or "") or match.lastgroup
    currency = named if named in _CURRENCIES else WON
    has_unit = named in _CURRENCIES or "만" in match["number"]
    return _Money(exactly(number if has_unit or number >= 10_000 else number * 10_000), currency)


def _read_band(text: str, part: str) -> _Money | None:
    low = _read_plain(text)
    if low is None or low.bounds.min is None or low.bounds.max is None:
        return None
    width = _last_digit_place(low.bounds.max)
    first, last = _TENTHS_OF_BAND[part if width >= 10 else ""]  # a band of 1 has no parts
    return _Money(
        Bounds(
            low.bounds.min + width * first // 10,
            low.bounds.max + width * last // 10 - 1,
        ),
        low.currency,
    )


def _last_digit_place(number: int) -> int:
    """1,000,000 for 3,000,000 and 100,000 for 1,500,000."""
    place = 1
    while number and number % (10 * place) == 0:
        place *= 10
    return place


def _between(low: _Money | None, high: _Money | None) -> _Money | None:
    if low is None or high is None or low.bounds.min is None or high.bounds.max is None:
        return None
    currency = high.currency if low.currency == WON else low.currency
    if low.bounds.min > high.bounds.max:
        return None
    return _Money(Bounds(low.bounds.min, high.bounds.max), currency)
