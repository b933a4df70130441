"""What the answer to a statistic question has to say: a second opinion on the compiled query.

A place's share of guests is the mean over the months of the sum over the segments; its share of
visits is of those of that kind; its price is the mean of the dishes asked for (else of its main
dishes), and the cheapest or dearest of them where the lowest or highest is asked for. Several
places together have the mean of their values. What is measured does not select places.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from nadeuri import columns
from nadeuri.errors import QueryError
from nadeuri.guide.evaluation.oracle.fitting import fitting
from nadeuri.guide.evaluation.oracle.tables import PlaceTables
from nadeuri.guide.plan import Measure, Plan, Statistic

_SHARES: frozenset[Measure] = frozenset(
    {"usage_share", "visit_share", "waiting_share", "quality", "reservation"}
)
_TOLD: frozenset[Measure] = frozenset({"hours", "address", "menus", "reviews"})
_MEASURED_BY: Mapping[str, frozenset[str]] = {
    "usage_share": frozenset({"segments"}),
    "visit_share": frozenset({"companions", "purposes"}),
    "quality": frozenset({"qualities"}),
    "price": frozenset({"menus", "price"}),
}
"""Fields of a plan that say what is measured."""
_COLUMNS: Mapping[str, str] = {
    "waiting_share": columns.WAITING_SHARE,
    "waiting_minutes": columns.WAITING_MINUTES,
    "reservation": columns.RESERVATION_SHARE,
}
_PERCENT = 100
_TIE = 1e-9
_COMMONEST = 3
_DAY, _HOUR = 1440, 60
_TAKES = frozenset(
    {"예약을 받아", "예약이 가능", "예약 가능", "예약할 수 있", "예약돼", "예약이 돼"}
)
_TAKES_NOT = frozenset({"받지 않", "안 받", "예약이 안", "예약 불가", "불가능", "예약할 수 없"})


@dataclass(frozen=True)
class Truth:
    """What a right answer says.

    Attributes:
        winners: names of the places of which one has to be named before the ``others``.
        others: names of the other places that were compared.
        numbers: have to be said, rounded as one likes; shares in percent.
        wordings: of each, one has to be said.
        is_known: False where the tables cannot answer, and the guide has to say so.
    """

    winners: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    numbers: tuple[float, ...] = ()
    wordings: tuple[frozenset[str], ...] = field(default=())
    is_known: bool = True


def truth(tables: PlaceTables, plan: Plan, *, about: Sequence[str] | None = None) -> Truth:
    """The truth that a plan of intent ``statistic`` asks for.

    Args:
        about: ids of the places that were shown and are asked about; None for a plan that selects
            its own.

    Raises:
        QueryError: the oracle has no definition for what is asked.
    """
    statistic = plan.statistic
    if statistic is None:
        raise QueryError("the oracle was asked for a statistic of a plan without one")
    places = list(about) if about is not None else _selected(tables, plan, statistic.measure)
    if statistic.measure == "n_places" and statistic.pick == "value":
        return Truth(numbers=(len(places),), is_known=bool(places))
    if not places:
        return Truth(is_known=False)
    if statistic.measure in _TOLD and statistic.pick == "value":
        return _facts(tables, places, statistic.measure)
    values = _values(tables, plan, statistic, places)
    if not values:
        return Truth(is_known=False)
    if statistic.pick != "value":
        return _first(tables, values, statistic)
    if about is None and not plan.places:
        return Truth(numbers=(_shown(statistic.measure, sum(values.values()) / len(values)),))
    return _one_by_one(tables, plan, statistic, values)


def _selected(tables: PlaceTables, plan: Plan, measure: Measure) -> list[str]:
    ignored = _MEASURED_BY.get(measure, frozenset()) | {"segments"}
    selecting = plan.model_copy(
        update={name: Plan.model_fields[name].default for name in sorted(ignored)}
    )
    return sorted(fitting(tables, selecting))


def _values(
    tables: PlaceTables, plan: Plan, statistic: Statistic, places: Sequence[str]
) -> dict[str, float]:
    """The value of each place that has one."""
    of_place = _measured(tables, plan, statistic)
    values = {place_id: of_place(place_id) for place_id in places}
    return {place_id: float(value) for place_id, value in values.items() if value is not None}


def _measured(
    tables: PlaceTables, plan: Plan, statistic: Statistic
) -> Callable[[str], float | None]:
    match statistic.measure:
        case "usage_share":
            if len({segment.dimension for segment in plan.segments}) != 1:
                raise QueryError("the oracle measures guests of one dimension only")
            return tables.usage_shares(plan.segments, statistic.month).get
        case "visit_share" if bool(plan.companions) != bool(plan.purposes):
            kind, wanted = (
                (columns.COMPANION, plan.companions)
                if plan.companions
                else (columns.PURPOSE, plan.purposes)
            )
            return lambda place_id: tables.visit_share(place_id, kind, wanted)
        case "quality" if plan.qualities:
            return tables.quality_shares(plan.qualities).get
        case "rating":
            return tables.rating
        case "n_reviews":
            return lambda place_id: tables.n_reviews.get(place_id, 0)
        case "price":
            return lambda place_id: _price(tables, plan, statistic, place_id)
        case "waiting_share" | "waiting_minutes" | "reservation":
            column = _COLUMNS[statistic.measure]
            return lambda place_id: tables.places[place_id][column]
        case _:
            raise QueryError(
                f"the oracle has no {statistic.pick} of {statistic.measure} for this plan; ask "
                "for something else"
            )


def _price(tables: PlaceTables, plan: Plan, statistic: Statistic, place_id: str) -> float | None:
    prices = _prices(tables, plan, place_id)
    if not prices:
        return None
    match statistic.pick:
        case "lowest":
            return min(prices)
        case "highest":
            return max(prices)
        case _:
            return sum(prices) / len(prices)


def _prices(tables: PlaceTables, plan: Plan, place_id: str) -> list[int]:
    """Prices of the dishes asked for, else of the main dishes, within the price range."""
    least = plan.price.min_won if plan.price and plan.price.min_won is not None else 0
    most = plan.price.max_won if plan.price else None
    return [
        dish[columns.PRICE]
        for dish in tables.menus.get(place_id, ())
        if dish[columns.PRICE] is not None
        and dish[columns.PRICE] >= least
        and (most is None or dish[columns.PRICE] <= most)
        and (
            any(name in dish[columns.NAME] for name in plan.menus)
            if plan.menus
            else dish[columns.IS_MAIN]
        )
    ]


def _first(tables: PlaceTables, values: Mapping[str, float], statistic: Statistic) -> Truth:
    best = (max if statistic.pick == "highest" else min)(values.values())
    winners = {place_id for place_id, value in values.items() if abs(value - best) <= _TIE}
    name = {place_id: tables.places[place_id][columns.NAME] for place_id in values}
    return Truth(
        winners=frozenset(name[place_id] for place_id in winners),
        others=frozenset(name[place_id] for place_id in values.keys() - winners),
        numbers=(_shown(statistic.measure, best),),
    )


def _one_by_one(
    tables: PlaceTables, plan: Plan, statistic: Statistic, values: Mapping[str, float]
) -> Truth:
    """Each place by its name, with its number; prices from the lowest to the highest."""
    names = tuple(frozenset({tables.places[place_id][columns.NAME]}) for place_id in values)
    if statistic.measure == "price":
        ends = [
            float(end)
            for place_id in values
            for prices in [_prices(tables, plan, place_id)]
            for end in (min(prices), max(prices))
        ]
        return Truth(numbers=tuple(ends), wordings=names)
    if statistic.measure == "reservation":
        takes = tuple(
            _TAKES if tables.places[place_id][columns.TAKES_RESERVATIONS] else _TAKES_NOT
            for place_id in values
        )
        return Truth(wordings=(*names, *takes))
    numbers = tuple(_shown(statistic.measure, value) for value in values.values())
    return Truth(numbers=numbers, wordings=names)


def _facts(tables: PlaceTables, places: Sequence[str], measure: Measure) -> Truth:
    wordings: list[frozenset[str]] = []
    for place_id in places:
        place = tables.places[place_id]
        match measure:
            case "hours":
                if place[columns.OPENS] is None or place[columns.CLOSES] is None:
                    continue
                wordings += [_clock(place[columns.OPENS]), _clock(place[columns.CLOSES])]
                wordings += [frozenset({day}) for day in place[columns.CLOSED_DAYS] or ()]
            case "address":
                wordings.append(frozenset({place[columns.ADDRESS]}))
            case "menus":
                dishes = tables.menus.get(place_id, ())
                wordings.append(frozenset(dish[columns.NAME] for dish in dishes))
            case _:
                wordings.append(_commonest_keywords(tables, place_id))
    return Truth(wordings=tuple(wordings), is_known=bool(wordings))


def _commonest_keywords(tables: PlaceTables, place_id: str) -> frozenset[str]:
    """Its most ticked keywords, with all that are ticked as often as the last of them."""
    counted = Counter(
        keyword
        for review in tables.reviews_of(place_id)
        for keyword in review[columns.KEYWORDS] or ()
    )
    last = min((n for _, n in counted.most_common(_COMMONEST)), default=0)
    return frozenset(keyword for keyword, n in counted.items() if n >= last)


def _clock(minute: int) -> frozenset[str]:
    """Ways to write a time; midnight is 24:00 or 00:00."""
    late = {f"{minute // _HOUR:02}:{minute % _HOUR:02}"}
    return frozenset(late | {f"{minute % _DAY // _HOUR:02}:{minute % _HOUR:02}"})


def _shown(measure: Measure, value: float) -> float:
    return _PERCENT * value if measure in _SHARES else value
