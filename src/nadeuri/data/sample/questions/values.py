"""Values of the other slots: curated lists, and dates, stays, parties and budgets by rule."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

from numpy.random import Generator

from nadeuri import columns
from nadeuri.data.sample.questions.grammar import pick
from nadeuri.errors import DataError

AREA, HOME_AREA = "권역", "국내권역"
"""Pools of areas larger than a city, abroad and at home."""

_RESERVED = "*"
_NATIVE = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열")
_ORDINALS = ("첫째", "둘째", "셋째", "넷째")
_WEEKDAYS = ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일")
_HOLIDAYS = (
    "추석 연휴", "설 연휴", "추석", "구정", "설날", "여름방학", "겨울방학", "봄방학", "크리스마스",
    "연말", "연초", "연말연시", "황금연휴", "어린이날", "석가탄신일", "광복절", "개천절", "한글날",
    "여름휴가", "신정", "삼일절", "크리스마스 연휴", "5월 황금연휴", "10월 연휴", "현충일",
)  # fmt: skip
_SEASONS = ("봄", "여름", "가을", "겨울")
_SOON = (
    "이번 주말", "다음 주", "다음 주말", "이번 달", "다음 달", "이번주", "다음주", "담주", "담달",
    "다음달", "이번달 말", "다음 달 초", "다음달 중순", "내달", "주말", "내년", "올해 말",
)  # fmt: skip
_DAYS = ("오늘", "내일", "모레")


def draw_value(rng: Generator, pool: str, *, unseen: bool) -> tuple[str, str]:
    """A value for a slot that is no place, with its label.

    Args:
        unseen: from the reserved values of the pool, if it has any; otherwise from the others.

    Raises:
        DataError: no such pool.
    """
    base = pool.rstrip("0123456789")
    if base in _RULES:
        rule, label = _RULES[base]
        return rule(rng), label
    if base not in _listed():
        raise DataError(f"templates.tsv: slot {{{pool}}} is no pool of values.tsv")
    label, values = _listed()[base]
    reserved = [value for value in values if value.startswith(_RESERVED)]
    options = reserved if unseen and reserved else [v for v in values if v not in reserved]
    return pick(rng, options).removeprefix(_RESERVED), label


def reserved_values() -> dict[str, frozenset[str]]:
    """Reserved names of the lists, by entity label."""
    found: dict[str, set[str]] = {}
    for label, values in _listed().values():
        found.setdefault(label, set()).update(
            value[1:] for value in values if value.startswith(_RESERVED)
        )
    return {label: frozenset(names) for label, names in found.items() if names}


def date(rng: Generator) -> str:
    """A date, a stretch of the calendar or a holiday: ``다음 달 둘째 주``, ``7월 말``, ``10/3``."""
    month, day = int(rng.integers(1, 13)), int(rng.integers(1, 29))
    week = pick(rng, _ORDINALS)
    when = pick(rng, (f"{month}월", f"{month}월", "다음 달", "다음달", "이번 달"))
    forms: tuple[Callable[[], str], ...] = (
        lambda: f"{month}월",
        lambda: f"{month}월 {pick(rng, ('초', '말', '중순', '말경', '초순', '하순'))}",
        lambda: f"{month}월 {day}일",
        lambda: pick(
            rng,
            (f"{month}/{day}", f"{month}월{day}일", f"{month}.{day}", f"{day}일", f"{month}월말"),
        ),
        lambda: f"{when} {week} 주",
        lambda: pick(
            rng,
            (
                f"{month}월 {day}일~{min(day + 4, 28)}일",
                f"{month}월 {day}일 {pick(rng, _WEEKDAYS)}",
            ),
        ),
        lambda: f"{pick(rng, ('이번 주', '다음 주', '담주', '다다음주'))} {pick(rng, _WEEKDAYS)}",
        lambda: pick(rng, ("내년 ", "올해 ", "내년 ")) + pick(rng, (f"{month}월", *_SEASONS)),
        lambda: pick(rng, _HOLIDAYS),
        lambda: pick(rng, _HOLIDAYS),
        lambda: pick(rng, _SOON),
        lambda: season(rng),
    )
    return pick(rng, forms)()


def season(rng: Generator) -> str:
    """A season: ``겨울``, ``올여름``."""
    return pick(rng, ("", "", "", "이번 ", "올")) + pick(rng, _SEASONS)


def near_day(rng: Generator) -> str:
    """A day whose weather can be forecast, or a month whose climate is known."""
    month = int(rng.integers(1, 13))
    near = (
        *_DAYS[:3],
        *_SOON[:10],
        f"{month}월",
        f"{month}월",
        f"{month}월 {pick(rng, ('초', '말'))}",
    )
    weekday = f"{pick(rng, ('이번 주', '다음 주', '이번주'))} {pick(rng, _WEEKDAYS)}"
    return pick(rng, (*near, *_SEASONS, weekday, weekday, date(rng), date(rng)))


def stay(rng: Generator) -> str:
    """A length of stay: ``2박 3일``, ``3박5일``, ``일주일``."""
    nights = int(
        rng.choice([1, 2, 3, 4, 5, 6, 7, 8], p=[0.1, 0.22, 0.24, 0.18, 0.1, 0.07, 0.05, 0.04])
    )
    days = nights + (2 if nights in (3, 4) and rng.random() < 0.35 else 1)
    written = ("", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구")
    named = (
        "일주일",
        "열흘",
        "보름",
        "한 달",
        "2주",
        "10일",
        "한달",
        "1주일",
        "사흘",
        "나흘",
        "2주일",
    )
    return pick(
        rng,
        (
            f"{nights}박 {days}일", f"{nights}박 {days}일", f"{nights}박{days}일",
            f"{nights}박{days}일", f"{days}일", f"{nights}박",
            f"{written[min(nights, 5)]}박{written[min(days, 7)]}일", pick(rng, named),
        ),
    )  # fmt: skip


def party(rng: Generator) -> str:
    """Who counts: ``4인 가족``, ``성인 2명 아이 1명``, ``둘이``, ``4pax``."""
    n, children = int(rng.integers(2, 9)), int(rng.integers(1, 4))
    adults = pick(rng, ("성인", "어른", "대인"))
    young = pick(rng, ("아이", "소아", "아동", "유아", "어린이", "초등학생", "중학생"))
    return pick(
        rng,
        (
            f"{n}명", f"{n}인", f"{_NATIVE[n]} 명", f"{_NATIVE[n]}명",
            f"{max(3, min(n, 6))}인 가족", f"{max(3, min(n, 6))}인가족",
            f"{adults} {n}명", f"{adults} {n}명 {young} {children}명",
            f"{adults}{n} {young}{children}", f"{adults} {n}, {young} {children}",
            f"{_NATIVE[min(n, 4)]} 식구" if n > 2 else "둘",
            f"{n}pax", f"{n * 5}명",
        ),
    )  # fmt: skip


def together(rng: Generator) -> str:
    """How many of us go, as an adverb: ``둘이``, ``넷이서``."""
    return pick(rng, ("둘이", "둘이서", "셋이", "셋이서", "넷이서", "다섯이서", "넷이"))


def budget(rng: Generator) -> str:
    """An amount of money: ``100만원대``, ``50만 원 이하``, ``백만원 안쪽``."""
    amount = int(
        rng.choice([20, 30, 40, 50, 60, 70, 80, 100, 120, 150, 180, 200, 250, 300, 400, 500])
    )
    unit = pick(rng, ("만원", "만원", "만 원", "만"))
    spelled = {
        50: "오십만원", 100: "백만원", 150: "백오십만원", 200: "이백만원", 300: "삼백만원",
        30: "삼십만원", 500: "오백만원", 80: "팔십만원", 70: "칠십만원", 250: "이백오십만원",
    }  # fmt: skip
    number = spelled[amount] if amount in spelled and rng.random() < 0.25 else f"{amount}{unit}"
    if rng.random() < 0.08:
        return f"{amount}~{amount + 50}만원"
    limit = pick(
        rng,
        ("대", "대", " 이하", " 이내", " 정도", "정도", " 안쪽", " 미만", "", "", " 초반대", " 선",
         " 내외", "이하", " 안팎", "이내"),
    )  # fmt: skip
    return number + limit


_RULES: Mapping[str, tuple[Callable[[Generator], str], str]] = {
    "날짜": (date, columns.DATE_LABEL),
    "계절": (season, columns.DATE_LABEL),
    "날": (near_day, columns.DATE_LABEL),
    "기간": (stay, columns.DURATION_LABEL),
    "인원": (party, columns.PARTY_LABEL),
    "몇이": (together, columns.PARTY_LABEL),
    "예산": (budget, columns.BUDGET_LABEL),
}


@cache
def _listed() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Label and values by pool, of ``values.tsv``."""
    resource = files("nadeuri.data.sample.questions").joinpath("values.tsv")
    with resource.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return {row["pool"]: (row["label"], tuple(row["values"].split(";"))) for row in rows}
