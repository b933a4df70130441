"""What a card says of its place that the tables do not know: a check beside the selection's own.

It looks at the facts of the card, at quotes and at every number of the reason with its unit, and
takes what is true from the rows of the tables.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from nadeuri import columns
from nadeuri.guide.answer import Card, Quote
from nadeuri.guide.evaluation.numbers import numbers_in
from nadeuri.guide.evaluation.oracle.tables import PlaceTables, Row
from nadeuri.guide.plan import Plan

_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_QUOTED = re.compile("‘([^’]*)’|'([^']*)'|“([^”]*)”|\"([^\"]*)\"")
_KILOMETRE, _HOUR, _DAY = 1_000, 60, 1_440
_STEP_METRES = 10  # distances below a kilometre may be said in tens
_NOISE = 1e-3  # of a rating, which the graph keeps with four digits
_LEAST_LIKE = 80  # of 100, so that corrected spelling passes


def ungrounded(card: Card, tables: PlaceTables, plan: Plan | None = None) -> list[str]:
    """What is wrong with a card, one text for each fault.

    Args:
        plan: what was asked: sums of shares over its names may be said.
    """
    place = tables.places.get(card.place_id)
    if place is None:
        return [f"{card.place_id}: no such place"]
    reviews = {row[columns.REVIEW_ID]: row for row in tables.reviews_of(card.place_id)}
    faults = [*_wrong_facts(card, tables, place)]
    faults += [f"review {each.review_id}" for each in card.reviews if not _is_quote(each, reviews)]
    quotable = [*columns_of(reviews.values(), columns.TEXT), *tables.keywords]
    rest = card.reason
    for match in _QUOTED.finditer(card.reason):
        quoted = next(part for part in match.groups() if part is not None)
        if not any(_is_like(quoted, text) for text in quotable):
            faults.append(f"quote {quoted!r}")
        rest = rest.replace(match[0], " ")
    faults += [f"number {said} of {card.reason!r}" for said in _unknown(rest, card, tables, plan)]
    return faults


def columns_of(rows: Iterable[Row], name: str) -> list[str]:
    """The values of a column."""
    return [row[name] for row in rows]


def _wrong_facts(card: Card, tables: PlaceTables, place: Row) -> Iterator[str]:
    for name, said, known in (
        (columns.NAME, card.name, place[columns.NAME]),
        (columns.CATEGORY, card.category, place[columns.CATEGORY]),
        (columns.ADDRESS, card.address, place[columns.ADDRESS]),
        (columns.LATITUDE, card.latitude, place[columns.LATITUDE]),
        (columns.LONGITUDE, card.longitude, place[columns.LONGITUDE]),
        (columns.N_REVIEWS, card.n_reviews, tables.n_reviews.get(card.place_id, 0)),
    ):
        if said != known:
            yield f"{name} {said!r}"
    rating = tables.rating(card.place_id)
    if (card.rating is None) != (rating is None) or abs(
        (card.rating or 0) - (rating or 0)
    ) > _NOISE:
        yield f"{columns.RATING} {card.rating}"
    menu = {(dish[columns.NAME], dish[columns.PRICE]) for dish in tables.menus[card.place_id]}
    yield from (f"dish {each.name!r}" for each in card.menus if (each.name, each.price) not in menu)
    yield from (f"hours {time}" for time in _wrong_times(card.hours or "", place))


def _unknown(reason: str, card: Card, tables: PlaceTables, plan: Plan | None) -> Iterator[str]:
    """Numbers, with their units, that no fact of the place gives."""
    place = tables.places[card.place_id]
    yield from _wrong_times(reason, place)
    named = {
        *(value for value in place.values() if isinstance(value, str)),
        *columns_of(tables.menus[card.place_id], columns.NAME),
        *tables.sights_near(card.place_id),
    }
    text = _TIME.sub(" ", reason)
    for name in sorted(named, key=len, reverse=True):
        text = text.replace(name, " ")
    for said in numbers_in(text):
        if not any(said.rounds(number) for number in _known(said.unit, card, tables, plan)):
            yield f"{said.value:g}{said.unit}"


def _known(unit: str, card: Card, tables: PlaceTables, plan: Plan | None) -> Iterator[float]:
    """The place's numbers of one unit."""
    place_id = card.place_id
    place, ratings = tables.places[place_id], tables.ratings.get(place_id, ())
    match unit[:1]:
        case "%":
            yield from (100 * share for share in _shares(place_id, tables, plan))
        case "원":
            prices = (dish[columns.PRICE] for dish in tables.menus[place_id])
            yield from (float(price) for price in prices if price is not None)
        case "k" | "m":
            for metres in tables.sights_near(place_id).values():
                if unit.startswith("k"):
                    yield metres / _KILOMETRE
                else:
                    yield metres
                    yield float(_STEP_METRES * round(metres / _STEP_METRES))
        case "점":
            yield from (row[columns.RATING] for row in ratings)
            if (rating := tables.rating(place_id)) is not None:
                yield rating
        case "분":
            if (minutes := place[columns.WAITING_MINUTES]) is not None:
                yield minutes
        case "개" | "건" | "명":
            yield float(sum(row[columns.N_RATINGS] for row in ratings))
            yield from (float(row[columns.N_RATINGS]) for row in ratings)
            yield float(tables.n_reviews.get(place_id, 0))
        case "대":
            for band in columns.SEGMENTS[columns.AGE]:
                yield from (said.value for said in numbers_in(band))
        case "~" | "-" | "시":
            for band in columns.SEGMENTS[columns.HOUR]:
                yield from (float(hour) for hour in band.split("-"))


def _shares(place_id: str, tables: PlaceTables, plan: Plan | None) -> Iterator[float]:
    """Shares of single names, and of the names of the plan together."""
    place = tables.places[place_id]
    for column in (columns.WAITING_SHARE, columns.RESERVATION_SHARE):
        if (share := place[column]) is not None:
            yield share
    for kind, value in tables.visits[place_id]:
        yield tables.visit_share(place_id, kind, [value]) or 0.0
    for shares in (*tables.each_usage_share(), *tables.each_quality_share()):
        if place_id in shares:
            yield shares[place_id]
    if plan is None:
        return
    for kind, wanted in ((columns.COMPANION, plan.companions), (columns.PURPOSE, plan.purposes)):
        yield tables.visit_share(place_id, kind, wanted) or 0.0
    if plan.segments:
        yield tables.usage_shares(plan.segments).get(place_id, 0.0)
    if plan.qualities:
        yield tables.quality_shares(plan.qualities).get(place_id, 0.0)


def _wrong_times(text: str, place: Row) -> Iterator[str]:
    minutes = (place[columns.OPENS], place[columns.CLOSES])
    known = {minute % _DAY for minute in minutes if minute is not None}
    for match in _TIME.finditer(text):
        if (int(match[1]) * _HOUR + int(match[2])) % _DAY not in known:
            yield match[0]


def _is_quote(quote: Quote, reviews: dict[str, Row]) -> bool:
    row = reviews.get(quote.review_id)
    if row is None or (quote.source, quote.date) != (row[columns.SOURCE], str(row[columns.DATE])):
        return False
    return _is_like(quote.text, row[columns.TEXT])


def _is_like(said: str, written: str) -> bool:
    """Whether it is the text or a part of it, apart from corrected spelling."""
    from rapidfuzz.fuzz import partial_ratio

    one, other = (unicodedata.normalize("NFD", text) for text in (said, written))
    return len(one) <= len(other) + _LEAST_LIKE and partial_ratio(one, other) >= _LEAST_LIKE
