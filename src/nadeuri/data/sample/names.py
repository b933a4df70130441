"""Korean product names, with the right particles."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.random import Generator

from nadeuri.data.sample.destinations import Destination
from nadeuri.korean import josa

PACKAGE = "패키지"
FREE = "자유여행"
HOTEL = "호텔"
TRANSPORT = "항공·교통"
TICKET = "투어·입장권"
CATEGORIES = (PACKAGE, FREE, HOTEL, TRANSPORT, TICKET)

PREMIUM = "프리미엄"
BUDGET = "가성비"

_HOTEL_STYLES = ("그랜드", "가든", "스카이", "로열", "베이", "센트럴", "파크", "리버사이드")
_HOTEL_KINDS = ("호텔", "리조트", "레지던스", "스위트")
_DOMESTIC = "국내"
_ISLAND = "제주"
_ISLAND_DEPARTURES = ("김포", "부산", "대구", "청주", "광주")
_NEAR_DEPARTURES = ("인천", "김포", "부산", "대구", "청주")
_NEAR_REGIONS = ("일본", "중화권")
_FAR_DEPARTURES = ("인천", "부산")
_TRAIN_KINDS = ("KTX 왕복 승차권", "KTX 특실 왕복 승차권", "KTX+렌터카", "고속버스 왕복 승차권")
_FLIGHT_KINDS = (
    "왕복 항공권",
    "왕복 항공권 특가",
    "비즈니스석 왕복 항공권",
    "오전 출발 왕복 항공권",
)
_TICKET_KINDS = (
    "입장권",
    "반일 투어",
    "1일 버스 투어",
    "야경 투어",
    "한국어 가이드 투어",
    "단독 차량 투어",
    "스냅 촬영",
    "모바일 이용권",
)


def period(nights: int) -> str:
    """``2박 3일``."""
    return f"{nights}박 {nights + 1}일"


def product_name(
    rng: Generator,
    place: Destination,
    category: str,
    themes: Sequence[str],
    nights: int,
) -> str:
    """A name such as an agency would print; it starts with the city (or the route) in brackets.

    Args:
        themes: of the product; packages and free travel need at least one besides the grade.
    """
    if category == TRANSPORT:
        return _transport_name(rng, place)
    head = f"[{place.city}]"
    if category == HOTEL:
        style, kind = _pick(rng, _HOTEL_STYLES), _pick(rng, _HOTEL_KINDS)
        return f"{head} {_pick(rng, place.sights)} {style} {kind}"
    if category == TICKET:
        return f"{head} {_pick(rng, place.sights)} {_pick(rng, _TICKET_KINDS)}"
    grade = _grade(themes)
    purposes = [theme for theme in themes if theme not in (PREMIUM, BUDGET)]
    leaving = f"{josa(place.city, '으로', '로')} 떠나는"
    if category == FREE:
        sight = _pick(rng, place.sights)
        return _pick(
            rng,
            (
                f"{head} {grade}항공+호텔 {purposes[0]} 자유여행 {period(nights)}",
                f"{head} {sight} 인근 숙박 {grade}에어텔 {period(nights)}",
                f"{head} {leaving} {grade}{purposes[0]} 에어텔 {nights + 1}일",
            ),
        )
    first, second = (place.sights[i] for i in rng.choice(len(place.sights), 2, replace=False))
    return _pick(
        rng,
        (
            f"{head} {josa(first, '과', '와')} {second} {grade}{purposes[0]} 여행 {nights + 1}일",
            f"{head} {first}·{second} {grade}{purposes[0]} 패키지 {period(nights)}",
            f"{head} {josa(first, '을', '를')} 보는 {grade}{purposes[0]} 여행 {period(nights)}",
            f"{head} {leaving} {grade}{purposes[-1]} 여행, {first} {nights + 1}일",
        ),
    )


def _transport_name(rng: Generator, place: Destination) -> str:
    if place.region != _DOMESTIC:
        departures = _NEAR_DEPARTURES if place.region in _NEAR_REGIONS else _FAR_DEPARTURES
    elif place.city == _ISLAND:
        departures = _ISLAND_DEPARTURES
    else:
        return f"[서울-{place.city}] {_pick(rng, _TRAIN_KINDS)}"
    return f"[{_pick(rng, departures)}-{place.city}] {_pick(rng, _FLIGHT_KINDS)}"


def _grade(themes: Sequence[str]) -> str:
    if PREMIUM in themes:
        return "품격 "
    return "실속 " if BUDGET in themes else ""


def _pick(rng: Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]
