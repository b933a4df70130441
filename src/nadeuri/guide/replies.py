"""What the guide says besides recommendations and numbers, in Korean."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from nadeuri.guide.plan import OpenAt, Plan, PriceRange
from nadeuri.guide.rules.text import Text

_COUNTS = ("", "한 곳", "두 곳", "세 곳")
_MOST_CONDITIONS = 6
_WON_A_MAN = 10_000  # 만
_HOUR, _NOON, _DAY = 60, 12 * 60, 24 * 60


def progress_of(node: str) -> str:
    """What is told while a node works."""
    return str(_replies()["progress"][node])


def chat(question: str) -> str:
    """An answer to small talk."""
    said = Text.of(question).squeezed
    entries = _replies()["chat"]
    fitting = (each for each in entries if any(word in said for word in each["words"]))
    return str(next(fitting, entries[-1])["text"])


def out_of_scope() -> str:
    """For a question that is not about places to eat and drink on Jeju."""
    return str(_replies()["out_of_scope"]["text"])


def found(plan: Plan, n_found: int) -> str:
    """Above the cards."""
    conditions, texts = _listed(plan), _replies()["found"]
    if n_found < plan.n_wanted:
        name = "fewer" if conditions else "fewer_at_all"
    else:
        name = "given" if conditions else "none_given"
    return str(texts[name]).format(conditions=conditions, count=_COUNTS[n_found])


def nothing_found(plan: Plan, *, left_out: bool) -> str:
    """Where no place fits.

    Args:
        left_out: whether places would have fitted that were shown before.
    """
    conditions, texts = _listed(plan), _replies()["nothing_found"]
    if left_out:
        name = "no_more" if conditions else "no_more_at_all"
    else:
        name = "none_given" if conditions else "none"
    return str(texts[name]).format(conditions=conditions)


def without(plan: Plan, field: str, n_found: int, *, is_all: bool) -> str:
    """How many places there would be, did not ``field`` of the plan stand in the way.

    Args:
        is_all: whether there are no more than ``n_found``.
    """
    alone = ", ".join(conditions_of(Plan.model_validate({field: getattr(plan, field)})))
    text = _replies()["nothing_found"]["without" if is_all else "without_many"]
    return str(text).format(condition=alone, n=n_found)


def advice() -> str:
    """For a traveller who got no place and no better advice."""
    return str(_replies()["nothing_found"]["advice"])


def lost() -> str:
    """In the place of an old answer that cannot be read any more."""
    return str(_replies()["lost"]["text"])


def conditions_of(plan: Plan) -> list[str]:
    """What a plan asks for, each in a few words."""
    return list(dict.fromkeys(_conditions(plan)))


def _listed(plan: Plan) -> str:
    conditions = conditions_of(plan)
    more = " 등" if len(conditions) > _MOST_CONDITIONS else ""
    return ", ".join(conditions[:_MOST_CONDITIONS]) + more


def _conditions(plan: Plan) -> Iterator[str]:
    yield from (area.name for area in plan.areas)
    if plan.near:
        yield f"{plan.near.attraction} {_distance(plan.near.metres)} 이내"
    yield from plan.categories
    yield from plan.menus
    if plan.price and plan.price != PriceRange():
        yield _price(plan.price)
    yield from plan.companions
    yield from (_segment(each.dimension, each.value) for each in plan.segments)
    yield from plan.purposes
    yield from plan.qualities
    if plan.open_at and plan.open_at != OpenAt():
        yield _opening(plan.open_at)
    if plan.no_waiting:
        yield "웨이팅 거의 없음"
    if plan.reservation:
        yield "예약 가능" if plan.reservation == "possible" else "예약 없이 이용"
    without = plan.without
    names = (*(area.name for area in without.areas), *without.categories, *without.menus)
    yield from (f"{name} 제외" for name in (*names, *without.places))


def _distance(metres: int) -> str:
    return f"{metres / 1_000:g}km" if metres >= 1_000 else f"{metres}m"


def _price(price: PriceRange) -> str:
    if price.min_won is None:
        return f"{_won(price.max_won or 0)} 이하"
    if price.max_won is None:
        return f"{_won(price.min_won)} 이상"
    return f"{_won(price.min_won)}~{_won(price.max_won)}"


def _won(amount: int) -> str:
    """20,000 as 2만원, 15,500 as 15,500원."""
    if amount and amount % _WON_A_MAN == 0:
        return f"{amount // _WON_A_MAN:,}만원"
    return f"{amount:,}원"


def _segment(dimension: str, value: str) -> str:
    if dimension == "weekday":
        return f"{value}요일"
    return f"{value}시" if dimension == "hour" else value.replace("이", " 이")


def _opening(at: OpenAt) -> str:
    day = f"{at.weekday}요일" if at.weekday else ""
    return " ".join(filter(None, (day, "" if at.minute is None else _clock(at.minute), "영업")))


def _clock(minute: int) -> str:
    half = "오전" if minute % _DAY < _NOON else "오후"
    hours, minutes = divmod(minute, _HOUR)
    return f"{half} {(hours - 1) % 12 + 1}시" + (f" {minutes}분" if minutes else "")


@cache
def _replies() -> dict[str, Any]:
    text = files("nadeuri.guide").joinpath("replies.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
