"""What the graph knows of a few places: all that a recommendation may say of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from nadeuri import columns
from nadeuri.errors import GraphError
from nadeuri.guide.plan import Segment
from nadeuri.guide.store import GraphReader, Row

N_REVIEWS_SHOWN = 2
"""Reviews of each place, where it has as many."""

_MOST_ROWS = 10_000  # of one query: ten places have some 2,000 rows of menus, keywords or sights
_OF_PLACE = "MATCH (p:Place) WHERE p.place_id IN $ids"
_PLACES = f"{_OF_PLACE} RETURN p"
_MENUS = (
    f"{_OF_PLACE} MATCH (p)-[:SERVES]->(m:Menu) RETURN p.place_id AS place_id, m.name AS name, "
    "m.price AS price, m.is_main AS is_main, m.menu_id AS menu_id ORDER BY place_id, menu_id"
)
_RATINGS = (
    f"{_OF_PLACE} MATCH (p)-[r:RATED_BY]->(s:Source) RETURN p.place_id AS place_id, "
    "s.name AS source, r.rating AS rating, r.n_ratings AS n_ratings ORDER BY place_id, source"
)
_COMPANIONS = (
    f"{_OF_PLACE} MATCH (p)-[v:VISITED_WITH]->(w:Companion) RETURN p.place_id AS place_id, "
    "w.name AS name, v.share AS share ORDER BY place_id, share DESC, name"
)
_PURPOSES = (
    f"{_OF_PLACE} MATCH (p)-[v:VISITED_FOR]->(w:Purpose) RETURN p.place_id AS place_id, "
    "w.name AS name, v.share AS share ORDER BY place_id, share DESC, name"
)
_GUESTS = (
    f"{_OF_PLACE} MATCH (p)-[u:USED_BY]->(s:Segment) RETURN p.place_id AS place_id, "
    "s.dimension AS dimension, s.value AS name, avg(u.share) AS share "
    "ORDER BY place_id, dimension, name"
)
_SIGHTS = (
    f"{_OF_PLACE} MATCH (p)-[n:NEAR]->(a:Attraction) RETURN p.place_id AS place_id, "
    "a.name AS name, n.metres AS metres ORDER BY place_id, metres, name"
)
_KEYWORDS = (
    f"{_OF_PLACE} MATCH (p)-[:HAS_REVIEW]->(r:Review) UNWIND r.keywords AS name "
    "WITH p.place_id AS place_id, name, count(*) AS n "
    "RETURN place_id, name, n ORDER BY place_id, n DESC, name"
)
_REVIEW = (
    "RETURN p.place_id AS place_id, r.review_id AS review_id, r.source AS source, r.text AS text, "
    "r.date AS date, r.rating AS rating, r.keywords AS keywords"
)
# a condition on the review itself would have ladybug look through all reviews, for 800 ms
_ITS_REVIEWS = f"{_OF_PLACE} MATCH (p)-[:HAS_REVIEW]->(r:Review) WITH p, r, r.review_id + '' AS id"
_WANTED_REVIEWS = f"{_ITS_REVIEWS} WHERE id IN $reviews {_REVIEW}"
_BEST_REVIEWS = (
    f"{_ITS_REVIEWS} WHERE NOT id IN $reviews {_REVIEW} "
    "ORDER BY CASE WHEN rating IS NULL THEN 0.0 ELSE rating END DESC, date DESC, review_id "
    f"LIMIT {N_REVIEWS_SHOWN}"
)


@dataclass(frozen=True)
class DishFact:
    """A line of a menu; the price is in won."""

    name: str
    price: int | None
    is_main: bool


@dataclass(frozen=True)
class ReviewFact:
    """A review as it was written."""

    review_id: str
    source: str
    text: str
    date: date
    rating: float | None
    keywords: tuple[str, ...]


@dataclass(frozen=True)
class PlaceFacts:
    """A place and what is known of it; None and empty where nothing is.

    Attributes:
        opens, closes: minutes after midnight; above 1440 on the day after.
        reservation_share, waiting_share: of the visits.
        waiting_minutes: mean wait of the visits with one.
        rating, n_ratings: over all sources; each source's own are in ``ratings``.
        companions, purposes: shares of the visits, highest first.
        guests: mean monthly shares of the usage.
        sights: name and metres, nearest first.
        keywords: shares of the reviews that have them, highest first.
        reviews: those to show, best first.
    """

    place_id: str
    name: str
    category: str
    address: str
    city: str
    town: str
    village: str | None
    latitude: float
    longitude: float
    opens: int | None
    closes: int | None
    closed_days: tuple[str, ...]
    takes_reservations: bool | None
    reservation_share: float | None
    waiting_share: float | None
    waiting_minutes: float | None
    rating: float | None
    n_ratings: int
    n_reviews: int
    ratings: Mapping[str, tuple[float, int]]
    menus: tuple[DishFact, ...]
    companions: Mapping[str, float]
    purposes: Mapping[str, float]
    guests: Mapping[Segment, float]
    sights: tuple[tuple[str, float], ...]
    keywords: Mapping[str, float]
    reviews: tuple[ReviewFact, ...]


def facts_of(
    reader: GraphReader,
    place_ids: Sequence[str],
    *,
    reviews: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, PlaceFacts]:
    """The facts of some places, in the order of ``place_ids``.

    Args:
        place_ids: about ten at most.
        reviews: ids of the reviews to show by place, best first. Where there are fewer than
            :data:`N_REVIEWS_SHOWN` those that rated it best and are newest follow.

    Raises:
        GraphError: the graph lacks one of the places.
    """
    ids = list(dict.fromkeys(place_ids))
    if not ids:
        return {}
    places: dict[str, dict[str, Any]] = {}
    for row in _ask(reader, _PLACES, ids):
        place = row["p"]
        assert isinstance(place, dict)
        places[place[columns.PLACE_ID]] = place
    if missing := [place_id for place_id in ids if place_id not in places]:
        raise GraphError(
            f"place {', '.join(missing)} is not in the graph; load the places and embed them again"
        )
    found = {
        name: _by_place(_ask(reader, query, ids))
        for name, query in (
            ("menus", _MENUS),
            ("ratings", _RATINGS),
            ("companions", _COMPANIONS),
            ("purposes", _PURPOSES),
            ("guests", _GUESTS),
            ("sights", _SIGHTS),
            ("keywords", _KEYWORDS),
        )
    }
    shown = _reviews(reader, ids, reviews or {})
    return {
        place_id: _facts(
            places[place_id], {name: rows[place_id] for name, rows in found.items()}, shown
        )
        for place_id in ids
    }


def _facts(
    place: Mapping[str, Any],
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    reviews: Mapping[str, tuple[ReviewFact, ...]],
) -> PlaceFacts:
    n_reviews = int(place.get(columns.N_REVIEWS) or 0)
    return PlaceFacts(
        place_id=place[columns.PLACE_ID],
        name=place[columns.NAME],
        category=place[columns.CATEGORY],
        address=place[columns.ADDRESS],
        city=place[columns.CITY],
        town=place[columns.TOWN],
        village=place.get(columns.VILLAGE),
        latitude=place[columns.LATITUDE],
        longitude=place[columns.LONGITUDE],
        opens=place.get(columns.OPENS),
        closes=place.get(columns.CLOSES),
        closed_days=_weekdays(place.get(columns.CLOSED_DAYS) or ()),
        takes_reservations=place.get(columns.TAKES_RESERVATIONS),
        reservation_share=place.get(columns.RESERVATION_SHARE),
        waiting_share=place.get(columns.WAITING_SHARE),
        waiting_minutes=place.get(columns.WAITING_MINUTES),
        rating=place.get(columns.RATING),
        n_ratings=int(place.get(columns.N_RATINGS) or 0),
        n_reviews=n_reviews,
        ratings={row["source"]: (row["rating"], row["n_ratings"]) for row in rows["ratings"]},
        menus=tuple(
            DishFact(row["name"], row["price"], bool(row["is_main"])) for row in rows["menus"]
        ),
        companions={row["name"]: row["share"] for row in rows["companions"]},
        purposes={row["name"]: row["share"] for row in rows["purposes"]},
        guests={
            Segment(dimension=row["dimension"], value=row["name"]): row["share"]
            for row in rows["guests"]
        },
        sights=tuple((row["name"], row["metres"]) for row in rows["sights"]),
        keywords={row["name"]: row["n"] / max(n_reviews, 1) for row in rows["keywords"]},
        reviews=reviews[place[columns.PLACE_ID]],
    )


def _reviews(
    reader: GraphReader, ids: Sequence[str], wanted: Mapping[str, Sequence[str]]
) -> dict[str, tuple[ReviewFact, ...]]:
    """The reviews to show of each place: those that are wanted first, in their order."""
    asked = {place_id: list(dict.fromkeys(wanted.get(place_id, ()))) for place_id in ids}
    named = [review_id for own in asked.values() for review_id in own]
    rows = _ask(reader, _WANTED_REVIEWS, ids, named) if named else []
    known = {(row["place_id"], row["review_id"]): row for row in rows}
    shown = {}
    for place_id, own in asked.items():
        chosen = [known[place_id, each] for each in own if (place_id, each) in known]
        if len(chosen) < N_REVIEWS_SHOWN:
            more = _ask(
                reader, _BEST_REVIEWS, [place_id], [str(row["review_id"]) for row in chosen]
            )
            chosen += more[: N_REVIEWS_SHOWN - len(chosen)]
        shown[place_id] = tuple(map(_review, chosen))
    return shown


def _review(row: Mapping[str, Any]) -> ReviewFact:
    return ReviewFact(
        review_id=row["review_id"],
        source=row["source"],
        text=row["text"],
        date=row["date"],
        rating=row["rating"],
        keywords=tuple(row["keywords"] or ()),
    )


def _ask(
    reader: GraphReader, cypher: str, ids: Sequence[str], reviews: Sequence[str] | None = None
) -> list[Row]:
    parameters: dict[str, object] = {"ids": list(ids)}
    if reviews is not None:
        parameters["reviews"] = list(reviews)
    return reader.query(cypher, parameters, limit=_MOST_ROWS)


def _by_place(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row[columns.PLACE_ID]].append(row)
    return found


def _weekdays(days: Sequence[str]) -> tuple[str, ...]:
    """In the order of the week."""
    return tuple(day for day in columns.SEGMENTS[columns.WEEKDAY] if day in days)
