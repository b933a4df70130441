"""The facts of drawn places as tables of :mod:`nadeuri.data.places`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from nadeuri import columns
from nadeuri.data import places
from nadeuri.data.sample.places.drawn import Drawn, generator
from nadeuri.data.sample.places.reviews import SOURCES, Review
from nadeuri.data.sample.places.traits import (
    companion_shares,
    jitter,
    people_shares,
    purpose_shares,
    quality,
)

LAST_MONTH = (2026, 10)

_RATINGS, _VISITS, _USAGE = 2, 3, 4  # random streams
_VISITS_PER_REVIEW = 14
_APPETITE = {"00-06": 0.3, "06-11": 0.6, "11-14": 2.2, "14-17": 1.0, "17-21": 1.8, "21-24": 0.8}
_WEEKDAYS = (0.9, 0.85, 0.9, 0.9, 1.15, 1.5, 1.35)
_DAY_MINUTES = 1440


def place_table(drawn: Iterable[Drawn]) -> pa.Table:
    """:data:`~nadeuri.data.places.PLACES`."""
    return _table(places.PLACES, map(_place, drawn))


def rating_table(drawn: Iterable[Drawn], n_reviews: Sequence[int], seed: int) -> pa.Table:
    """:data:`~nadeuri.data.places.RATINGS`; a place that nobody reviewed has none."""
    return _table(
        places.RATINGS,
        (
            row
            for place, n in zip(drawn, n_reviews, strict=True)
            if n
            for row in _ratings(place, n, seed)
        ),
    )


def menu_table(drawn: Iterable[Drawn]) -> pa.Table:
    """:data:`~nadeuri.data.places.MENUS`."""
    rows = (
        {
            columns.MENU_ID: f"{place.place_id}-M{number:02}",
            columns.PLACE_ID: place.place_id,
            columns.NAME: item.name,
            columns.PRICE: item.price,
            columns.IS_MAIN: item.is_main,
        }
        for place in drawn
        for number, item in enumerate(place.menu, 1)
    )
    return _table(places.MENUS, rows)


def visit_table(drawn: Iterable[Drawn], n_reviews: Sequence[int], seed: int) -> pa.Table:
    """:data:`~nadeuri.data.places.VISITS`."""
    return _table(
        places.VISITS,
        (row for place, n in zip(drawn, n_reviews, strict=True) for row in _visits(place, n, seed)),
    )


def review_table(place: Drawn, reviews: Iterable[Review]) -> pa.Table:
    """:data:`~nadeuri.data.places.REVIEWS` of one place."""
    rows = (
        {
            columns.REVIEW_ID: f"{place.place_id}-R{number:05}",
            columns.PLACE_ID: place.place_id,
            columns.SOURCE: review.source,
            columns.TEXT: review.text,
            columns.DATE: review.date,
            columns.RATING: review.rating,
            columns.KEYWORDS: list(review.keywords),
        }
        for number, review in enumerate(reviews, 1)
    )
    return _table(places.REVIEWS, rows)


def usage_table(drawn: Iterable[Drawn], n_months: int, seed: int) -> pa.Table:
    """:data:`~nadeuri.data.places.USAGE` of the last ``n_months`` months."""
    return _table(
        places.USAGE, (row for place in drawn for row in _usage(place, months(n_months), seed))
    )


def months(n: int) -> list[str]:
    """The last ``n`` months, oldest first, as ``YYYY-MM``."""
    year, month = LAST_MONTH
    last = year * 12 + month - 1
    return [f"{at // 12}-{at % 12 + 1:02}" for at in range(last - n + 1, last + 1)]


def _table(name: str, rows: Iterable[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=places.TABLES[name].schema)


def _place(place: Drawn) -> dict[str, Any]:
    return {
        columns.PLACE_ID: place.place_id,
        columns.NAME: place.name,
        columns.CATEGORY: place.category.name,
        columns.ADDRESS: place.address,
        columns.CITY: place.town.city,
        columns.TOWN: place.town.name,
        columns.VILLAGE: place.spot.village,
        columns.LATITUDE: place.latitude,
        columns.LONGITUDE: place.longitude,
        columns.OPENS: place.opens,
        columns.CLOSES: place.closes,
        columns.CLOSED_DAYS: list(place.closed_days),
        columns.TAKES_RESERVATIONS: place.takes_reservations,
        columns.RESERVATION_SHARE: place.reservation_share,
        columns.WAITING_SHARE: place.waiting_share,
        columns.WAITING_MINUTES: place.waiting_minutes,
    }


def _ratings(place: Drawn, n: int, seed: int) -> Iterator[dict[str, Any]]:
    rng = generator(seed, _RATINGS, place.number)
    level = 1.8 + 3.6 * quality(place.traits)
    for source, share in zip(SOURCES, (0.5, 0.3, 0.2), strict=True):
        n_ratings = int(rng.poisson(n * share * 2.5))
        if n_ratings:
            rating = float(np.clip(rng.normal(level, 0.15), 1, 5))
            yield {
                columns.PLACE_ID: place.place_id,
                columns.SOURCE: source,
                columns.RATING: round(rating, 2),
                columns.N_RATINGS: n_ratings,
            }


def _visits(place: Drawn, n: int, seed: int) -> Iterator[dict[str, Any]]:
    rng = generator(seed, _VISITS, place.number)
    total = (n + 1) * _VISITS_PER_REVIEW
    for kind, shares in (
        (columns.PURPOSE, purpose_shares(place.traits, place.category)),
        (columns.COMPANION, companion_shares(place.traits, place.category)),
    ):
        counts = rng.multinomial(total, list(shares.values()))
        for value, count in zip(shares, counts.tolist(), strict=True):
            if count:
                yield {
                    columns.PLACE_ID: place.place_id,
                    columns.KIND: kind,
                    columns.VALUE: value,
                    columns.N_VISITS: count,
                }


def _usage(place: Drawn, in_months: Sequence[str], seed: int) -> Iterator[dict[str, Any]]:
    rng = generator(seed, _USAGE, place.number)
    typical = {
        columns.WEEKDAY: _weekday_shares(place),
        columns.HOUR: _hour_shares(place),
        **people_shares(place.traits),
    }
    for month in in_months:
        for dimension, shares in typical.items():
            counted = jitter(rng, list(shares.values()), strength=60)
            for value, share in zip(shares, counted.tolist(), strict=True):
                yield {
                    columns.PLACE_ID: place.place_id,
                    columns.MONTH: month,
                    columns.DIMENSION: dimension,
                    columns.VALUE: value,
                    columns.SHARE: share,
                }


def _weekday_shares(place: Drawn) -> dict[str, float]:
    """Nobody comes on a closed day."""
    days = columns.SEGMENTS[columns.WEEKDAY]
    odds = {
        day: 0.0 if day in place.closed_days else weight
        for day, weight in zip(days, _WEEKDAYS, strict=True)
    }
    return _normalised(odds)


def _hour_shares(place: Drawn) -> dict[str, float]:
    """Appetite at that hour, for as long as the place is open then."""
    return _normalised(
        {
            band: _APPETITE[band] * _open_minutes(place, band)
            for band in columns.SEGMENTS[columns.HOUR]
        }
    )


def _open_minutes(place: Drawn, band: str) -> int:
    start, end = (int(hour) * 60 for hour in band.split("-"))
    return sum(
        max(0, min(end + shift, place.closes) - max(start + shift, place.opens))
        for shift in (0, _DAY_MINUTES)
    )


def _normalised(odds: dict[str, float]) -> dict[str, float]:
    total = sum(odds.values())
    return {name: odd / total for name, odd in odds.items()}
