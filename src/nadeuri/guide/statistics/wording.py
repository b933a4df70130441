"""What a statistic is called in Korean, and what is said of one place's value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from nadeuri import columns
from nadeuri.guide.cards import clock
from nadeuri.guide.plan import MINUTES_A_DAY, Measure, Plan, Segment
from nadeuri.guide.statistics.asked import Asked
from nadeuri.guide.statistics.compile import HIGH, LOW, VALUE
from nadeuri.guide.store import Row
from nadeuri.korean import josa

_EXTREMES: Mapping[Measure, tuple[str, str]] = {
    "n_reviews": ("많은", "적은"),
    "price": ("비싼", "싼"),
    "waiting_minutes": ("긴", "짧은"),
}
"""What the highest and the lowest are called, where they are not 높은 and 낮은."""

_BY_THEMSELVES = {"혼자": "혼자 하는 방문", "단체": "단체 방문"}
"""Companions that are no company."""
_NAMES: Mapping[Measure, str] = {
    "rating": "평점",
    "n_reviews": "리뷰 수",
    "waiting_share": "대기한 방문 비중",
    "waiting_minutes": "대기 시간",
    "reservation": "예약 방문 비중",
}
_UNITS: Mapping[Measure, tuple[str, int]] = {
    "rating": ("점", 2),
    "n_reviews": ("개", 1),
    "price": ("원", 0),
    "waiting_minutes": ("분", 1),
}
"""Unit, and the digits after the point; other measures are shares."""


def measure_name(plan: Plan, measure: Measure) -> str:
    """``"30대 이용 비중"``, ``"흑돼지 가격"``."""
    match measure:
        case "usage_share":
            month = plan.statistic.month if plan.statistic else None
            return (
                f"{f'{month}월 ' if month else ''}{_guests(plan.segments)}{_mean(plan)} 이용 비중"
            )
        case "visit_share":
            return f"{_visits(plan)} 비중"
        case "price":
            return f"{' · '.join(plan.menus) or '대표 메뉴'} 가격"
        case "quality":
            return f"{quoted(plan.qualities)} 리뷰 비율"
        case _:
            return _NAMES[measure]


def superlative(asked: Asked) -> str:
    """``"가장 높은 곳"``."""
    if asked.measure == "hours":
        return "가장 일찍 여는 곳" if asked.ascending else "가장 늦게까지 여는 곳"
    return f"가장 {extremes(asked.measure)[asked.ascending]} 곳"


def extremes(measure: Measure) -> tuple[str, str]:
    """The words for the highest and the lowest: ``("많은", "적은")``."""
    return _EXTREMES.get(measure, ("높은", "낮은"))


def amount(measure: Measure, value: object) -> str:
    """``"34.2%"``, ``"12,500원"``, ``"4.43점"``."""
    assert isinstance(value, int | float)
    if measure == "hours":
        return clock(int(value))
    if measure not in _UNITS:
        return f"{_plain(100 * value, 1)}%"
    unit, digits = _UNITS[measure]
    return f"{_plain(value, digits)}{unit}"


def number_of_places(number: object) -> str:
    """``"1,204곳"``."""
    assert isinstance(number, int)
    return f"{number:,}곳"


def is_it(text: str) -> str:
    """With the verb: ``"34.2%예요"``, ``"12,500원이에요"``."""
    return f"{text}예요" if text.rstrip(")").endswith("%") else josa(text, "이에요", "예요")


def said_of(plan: Plan, measure: Measure, row: Row) -> str:
    """What is said of a place, as the rest of a sentence about it."""
    value = row[VALUE]
    if value is None:
        return "정보가 없어요"
    told = amount(measure, value)
    match measure:
        case "usage_share":
            return f"{josa(_guests(plan.segments), '이', '가')}{_mean(plan)} {told}를 차지해요"
        case "visit_share":
            return f"{josa(_visits(plan), '이', '가')} {told}를 차지해요"
        case "n_reviews":
            return f"리뷰가 {told} 있어요"
        case "price":
            return _price_of(plan, row, told)
        case "waiting_share":
            return f"방문의 {told}가 대기했어요"
        case "waiting_minutes":
            return f"대기할 때 평균 {told} 걸려요"
        case "reservation":
            return f"방문의 {told}가 예약한 방문이에요"
        case "quality":
            if value == 0:
                return f"{quoted(plan.qualities)} 평이 있는 리뷰가 없어요"
            return f"리뷰의 {told}에 {quoted(plan.qualities)} 평이 있어요"
        case _:
            return f"{josa(_NAMES[measure], '이', '가')} {is_it(told)}"


def hours_of(row: Row) -> str:
    """``"10:00부터 21:00까지 열어요. 수요일은 쉬어요"``."""
    opens, closes = row[columns.OPENS], row[columns.CLOSES]
    closed = row[columns.CLOSED_DAYS]
    assert isinstance(closed, list | None)
    days = "·".join(f"{day}요일" for day in closed or ())
    rest = f"{josa(days, '은', '는')} 쉬어요" if days else ""
    if not isinstance(opens, int) or not isinstance(closes, int):
        return rest or "영업시간 정보가 없어요"
    if closes - opens >= MINUTES_A_DAY:
        return f"24시간 열어요. {rest}" if rest else "매일 24시간 열어요"
    times = f"{clock(opens)}부터 {clock(closes)}까지 열어요"
    return f"{times}. {rest}" if rest else f"매일 {times}"


def _price_of(plan: Plan, row: Row, told: str) -> str:
    dishes = " · ".join(plan.menus) or "대표 메뉴"
    if row.get(LOW) == row.get(HIGH):
        return f"{josa(dishes, '이', '가')} {is_it(told)}"
    low, high = amount("price", row[LOW]), amount("price", row[HIGH])
    return f"{josa(dishes, '이', '가')} {low}부터 {high}까지 있어요"


def _guests(segments: Sequence[Segment]) -> str:
    """``"20대·30대"``; of several dimensions ``"30대와 여성"``."""
    groups = [
        "·".join(_guest(each) for each in group)
        for _, group in groupby(segments, key=lambda each: each.dimension)
    ]
    return joined(groups)


def _guest(segment: Segment) -> str:
    match segment.dimension:
        case columns.WEEKDAY:
            return f"{segment.value}요일"
        case columns.HOUR:
            return f"{segment.value.replace('-', '~')}시"
        case _:
            return segment.value.replace("이상", " 이상").replace("이하", " 이하")


def _mean(plan: Plan) -> str:
    return " 평균" if len({segment.dimension for segment in plan.segments}) > 1 else ""


def _visits(plan: Plan) -> str:
    """``"부모님과 함께하는 방문"``, ``"혼자 하는 방문과 데이트 목적 방문"``."""
    visits = [_BY_THEMSELVES[name] for name in plan.companions if name in _BY_THEMSELVES]
    if others := [name for name in plan.companions if name not in _BY_THEMSELVES]:
        visits.append(f"{josa('·'.join(others), '과', '와')} 함께하는 방문")
    if plan.purposes:
        visits.append(f"{'·'.join(plan.purposes)} 목적 방문")
    return joined(visits)


def joined(names: Sequence[str]) -> str:
    """``"가와 나"``."""
    return " ".join([*(josa(name, "과", "와") for name in names[:-1]), *names[-1:]])


def quoted(names: Sequence[str]) -> str:
    """``"'조용해요'·'친절해요'"``."""
    return "·".join(f"'{name}'" for name in names)


def _plain(value: float, digits: int) -> str:
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
