"""Which places a plan selects, in Korean: the beginning of an answer."""

from __future__ import annotations

from collections.abc import Iterator

from nadeuri.guide.cards import clock
from nadeuri.guide.plan import Near, OpenAt, Plan, PriceRange, Without
from nadeuri.guide.statistics.asked import Asked
from nadeuri.guide.statistics.wording import quoted
from nadeuri.korean import josa

_EVERYWHERE = "제주"
_ANY_KIND = "맛집·카페"
_KILOMETRE = 1_000


def selected(plan: Plan, asked: Asked) -> str:
    """``"한림읍 카페"``, ``"연동을 뺀 성산일출봉 2km 안 예약을 받는 횟집"``.

    Args:
        plan: the whole plan; only what selects places is said.
    """
    if asked.only is not None:
        return f"보여 드린 {len(asked.only)}곳"
    chosen = asked.selecting
    where = "·".join(area.name for area in chosen.areas)
    near = f"{chosen.near.attraction} {_metres(chosen.near)} 안" if chosen.near else ""
    kind = "·".join(chosen.places or chosen.categories) or _ANY_KIND
    start = " ".join(filter(None, (where, near)))
    if not start and not chosen.places:
        start = _EVERYWHERE
    refused = _refused(chosen.without, has_more=bool(asked.refused))
    return " ".join(filter(None, [refused, start, *_wishes(chosen), kind]))


def _wishes(plan: Plan) -> Iterator[str]:
    if plan.open_at and (when := _when(plan.open_at)):
        yield f"{when}에 여는"
    if plan.no_waiting:
        yield "대기가 적은"
    if plan.reservation == "possible":
        yield "예약을 받는"
    if plan.reservation == "not_needed":
        yield "예약 없이 가기 쉬운"
    if plan.menus or plan.price:
        dishes = "·".join(plan.menus) or "대표 메뉴"
        yield f"{_price(plan.price)}{dishes} 파는"
    if plan.companions:
        yield f"{'·'.join(plan.companions)} 손님이 많은"
    if plan.purposes:
        yield f"{'·'.join(plan.purposes)} 방문이 많은"
    if plan.qualities:
        yield f"{quoted(plan.qualities)} 평이 있는"


def _when(at: OpenAt) -> str:
    day = f"{at.weekday}요일" if at.weekday else ""
    return " ".join(filter(None, (day, clock(at.minute) if at.minute is not None else "")))


def _price(price: PriceRange | None) -> str:
    if price is None:
        return ""
    low = f"{price.min_won:,}원 이상 " if price.min_won is not None else ""
    high = f"{price.max_won:,}원 이하 " if price.max_won is not None else ""
    return low + high


def _metres(near: Near) -> str:
    if near.metres < _KILOMETRE:
        return f"{near.metres}m"
    return f"{near.metres / _KILOMETRE:g}km"


def _refused(without: Without, *, has_more: bool) -> str:
    names = [
        *(area.name for area in without.areas),
        *without.categories,
        *without.menus,
        *without.places,
        *(["보여 드린 곳"] if has_more else []),
    ]
    return f"{josa('·'.join(names), '을', '를')} 뺀" if names else ""
