"""Whether a place truly fits a plan, by its facts, and how well.

Every hard condition must hold and every wish must be backed by a fact: companions, occasions and
qualities by the least shares that the compiled query asks for, guests by any share at all. This is
checked again for candidates that the query found, and is the only check of those that it did not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from nadeuri import columns
from nadeuri.guide.cypher import HARDLY_RESERVED, HARDLY_WAITING, LEAST_QUALITY, LEAST_SHARE
from nadeuri.guide.facts import DishFact, PlaceFacts
from nadeuri.guide.plan import MINUTES_A_DAY, Area, OpenAt, Plan
from nadeuri.guide.selection.types import Candidate

GROUP = "단체"
"""The companion that stands for many people."""
MANY_PEOPLE = 6
"""So many need a place that groups come to; it orders places and leaves none out."""

_PRIOR_RATING, _PRIOR_N = 4.0, 20  # a place with few ratings counts as if these were added
_PER_STAR = 0.1  # of the score, as in the compiled query
_PER_COSINE = 0.5  # reviews of fitting places differ by some .2: about as much as shares do
_NO_NOISE = 1e-9  # sums of shares differ in their last digits from those of the database


def ranked(plan: Plan, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates in the order in which they are recommended: best first, equal ones by id.

    An order that the plan asks for counts before the score. The score adds up the shares of what
    is wished, the similarity of the reviews (times .5; a place that was not compared counts like
    the least similar one) and the rating (.1 a star), which few ratings pull towards 4.0.
    """
    compared = [each.similarity for each in candidates if each.similarity is not None]
    least = min(compared, default=0.0)

    def key(candidate: Candidate) -> tuple[float, float, str]:
        score = _score(plan, candidate, least)
        return (_asked_order(plan, candidate), -score, candidate.facts.place_id)

    return sorted(candidates, key=key)


def misfits(plan: Plan, candidate: Candidate) -> tuple[str, ...]:
    """What of the plan the place does not meet; empty where it truly fits."""
    return (*_broken(plan, candidate.facts), *_unbacked(plan, candidate))


def dishes_asked(plan: Plan, facts: PlaceFacts) -> list[DishFact]:
    """Dishes that the plan names, or main ones if it names none, within its price; cheapest first.

    Without a price on the menu a dish is within no price that is asked for.
    """
    named = [
        dish
        for dish in facts.menus
        if (any(name in dish.name for name in plan.menus) if plan.menus else dish.is_main)
    ]
    if plan.price is not None:
        low = plan.price.min_won or 0
        high = plan.price.max_won
        named = [
            dish
            for dish in named
            if dish.price is not None and low <= dish.price and (high is None or dish.price <= high)
        ]
    return sorted(named, key=lambda dish: (dish.price is None, dish.price, dish.name))


def metres_to(facts: PlaceFacts, sight: str) -> float | None:
    """How far the sight is; None where it is not near."""
    return min((metres for name, metres in facts.sights if name == sight), default=None)


def guest_share(plan: Plan, facts: PlaceFacts) -> float | None:
    """Share of the guests that the plan names; None where the place has no such numbers."""
    shares = [facts.guests[segment] for segment in plan.segments if segment in facts.guests]
    return sum(shares) if shares else None


def _score(plan: Plan, candidate: Candidate, least_similarity: float) -> float:
    facts = candidate.facts
    similarity = least_similarity if candidate.similarity is None else candidate.similarity
    rating = _PRIOR_RATING if facts.rating is None else facts.rating
    n_ratings = 0 if facts.rating is None else facts.n_ratings
    shrunk = (rating * n_ratings + _PRIOR_RATING * _PRIOR_N) / (n_ratings + _PRIOR_N)
    shares = _companion_share(plan, facts) + _purpose_share(plan, facts)
    shares += (guest_share(plan, facts) or 0.0) + _quality_share(plan, candidate)
    if plan.party_size is not None and plan.party_size >= MANY_PEOPLE:
        shares += facts.companions.get(GROUP, 0.0)
    return shares + _PER_COSINE * similarity + _PER_STAR * shrunk


def _asked_order(plan: Plan, candidate: Candidate) -> float:
    """Lower comes first; equal for all where the plan asks for no order that there is."""
    facts = candidate.facts
    last = float("inf")
    match plan.sort:
        case "rating":
            return last if facts.rating is None else -facts.rating
        case "n_reviews":
            return -facts.n_reviews
        case "distance" if plan.near:
            metres = metres_to(facts, plan.near.attraction)
            return last if metres is None else metres
        case "price" if plan.menus or plan.price:
            prices = [dish.price for dish in dishes_asked(plan, facts) if dish.price is not None]
            return min(prices, default=last)
        case "usage_share" if plan.segments:
            return -(guest_share(plan, facts) or 0.0)
        case _:
            return 0.0


def _broken(plan: Plan, facts: PlaceFacts) -> Iterator[str]:
    """Hard conditions that do not hold."""
    without = plan.without
    named = {dish.name for dish in facts.menus}
    conditions: tuple[tuple[bool, Callable[[], bool], str], ...] = (
        (bool(plan.areas), lambda: any(_lies_in(facts, area) for area in plan.areas), "area"),
        (bool(plan.categories), lambda: facts.category in plan.categories, "category"),
        (bool(plan.places), lambda: facts.name in plan.places, "name"),
        (bool(plan.menus or plan.price), lambda: bool(dishes_asked(plan, facts)), "dish or price"),
        (plan.near is not None, lambda: _is_near(plan, facts), "distance"),
        (plan.open_at is not None, lambda: _is_open(plan.open_at, facts), "opening hours"),
        (plan.no_waiting, lambda: _is_below(facts.waiting_share, HARDLY_WAITING), "waiting"),
        (
            plan.reservation == "possible",
            lambda: facts.takes_reservations is True,
            "takes no reservations",
        ),
        (
            plan.reservation == "not_needed",
            lambda: _is_below(facts.reservation_share, HARDLY_RESERVED),
            "needs a reservation",
        ),
        (True, lambda: not any(_lies_in(facts, area) for area in without.areas), "refused area"),
        (True, lambda: facts.category not in without.categories, "refused category"),
        (True, lambda: facts.name not in without.places, "refused place"),
        (
            bool(without.menus),
            lambda: not any(refused in name for refused in without.menus for name in named),
            "refused dish",
        ),
    )
    for applies, holds, what in conditions:
        if applies and not holds():
            yield what


def _unbacked(plan: Plan, candidate: Candidate) -> Iterator[str]:
    """Wishes that no fact backs."""
    facts = candidate.facts
    if plan.companions and _companion_share(plan, facts) < LEAST_SHARE - _NO_NOISE:
        yield "companions"
    if plan.purposes and _purpose_share(plan, facts) < LEAST_SHARE - _NO_NOISE:
        yield "purposes"
    if plan.segments and not guest_share(plan, facts):
        yield "guests"
    if plan.qualities and _quality_share(plan, candidate) < LEAST_QUALITY - _NO_NOISE:
        yield "qualities"


def _companion_share(plan: Plan, facts: PlaceFacts) -> float:
    return sum(facts.companions.get(name, 0.0) for name in plan.companions)


def _purpose_share(plan: Plan, facts: PlaceFacts) -> float:
    return sum(facts.purposes.get(name, 0.0) for name in plan.purposes)


def _quality_share(plan: Plan, candidate: Candidate) -> float:
    """As the query counted it; else of the commonest, for a review may have several."""
    counted = candidate.numbers.get("quality_share") if plan.qualities else None
    if counted is not None:
        return counted
    return max((candidate.facts.keywords.get(name, 0.0) for name in plan.qualities), default=0.0)


def _lies_in(facts: PlaceFacts, area: Area) -> bool:
    if area.village:
        return facts.village == area.village and area.town in (None, facts.town)
    return facts.town == area.town if area.town else facts.city == area.city


def _is_near(plan: Plan, facts: PlaceFacts) -> bool:
    assert plan.near is not None
    metres = metres_to(facts, plan.near.attraction)
    return metres is not None and metres <= plan.near.metres


def _is_open(at: OpenAt | None, facts: PlaceFacts) -> bool:
    """Since the same day, or since the day before."""
    if at is None or at == OpenAt():
        return True
    weekdays = columns.SEGMENTS[columns.WEEKDAY]
    before = weekdays[weekdays.index(at.weekday) - 1] if at.weekday else None
    ways = [(at.weekday, at.minute)]
    if at.minute is not None:
        ways.append((before, at.minute + MINUTES_A_DAY))  # type: ignore[arg-type]
    return any(_is_open_on(facts, weekday, minute) for weekday, minute in ways)


def _is_open_on(facts: PlaceFacts, weekday: str | None, minute: int | None) -> bool:
    if weekday is not None and weekday in facts.closed_days:
        return False
    if minute is None:
        return True
    if facts.opens is None or facts.closes is None:
        return False
    return facts.opens <= minute < facts.closes


def _is_below(share: float | None, limit: float) -> bool:
    return share is not None and share < limit
