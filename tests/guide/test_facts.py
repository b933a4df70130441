"""The facts of a place are what the tables say of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from nadeuri.errors import GraphError
from nadeuri.guide.facts import N_REVIEWS_SHOWN, DishFact, facts_of
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.plan import Segment

PLACE = "P00007"


def rows(folder: Path, table: str, place_id: str = PLACE) -> list[dict[str, Any]]:
    every = pq.read_table(folder / f"{table}.parquet").to_pylist()
    return [row for row in every if row["place_id"] == place_id]


def test_every_fact_is_a_row_of_the_tables(place_folder: Path, tiny_store: LadybugStore) -> None:
    found = facts_of(tiny_store, [PLACE])[PLACE]
    (place,) = rows(place_folder, "places")
    for name in ("name", "category", "address", "city", "town", "village", "opens", "closes"):
        assert getattr(found, name) == place[name]
    for name in ("latitude", "longitude", "reservation_share", "waiting_share", "waiting_minutes"):
        assert getattr(found, name) == pytest.approx(place[name])
    assert found.takes_reservations is place["takes_reservations"]
    assert set(found.closed_days) == set(place["closed_days"])
    assert set(found.menus) == {
        DishFact(row["name"], row["price"], row["is_main"]) for row in rows(place_folder, "menus")
    }
    assert dict(found.ratings) == {
        row["source"]: (row["rating"], row["n_ratings"]) for row in rows(place_folder, "ratings")
    }
    assert found.n_ratings == sum(n for _, n in found.ratings.values())


def test_shares_are_of_the_visits_the_months_and_the_reviews(
    place_folder: Path, tiny_store: LadybugStore
) -> None:
    found = facts_of(tiny_store, [PLACE])[PLACE]
    for kind, shares in (("companion", found.companions), ("purpose", found.purposes)):
        visits = {
            row["value"]: row["n_visits"]
            for row in rows(place_folder, "visits")
            if row["kind"] == kind and row["n_visits"]
        }
        total = sum(visits.values())
        wanted = {name: n / total for name, n in visits.items()}
        assert {name: share for name, share in shares.items() if share} == pytest.approx(wanted)
        assert list(shares.values()) == sorted(shares.values(), reverse=True)
    months: dict[Segment, list[float]] = defaultdict(list)
    for row in rows(place_folder, "usage"):
        months[Segment(dimension=row["dimension"], value=row["value"])].append(row["share"])
    assert found.guests == pytest.approx({key: sum(own) / len(own) for key, own in months.items()})
    reviews = rows(place_folder, "reviews")
    said = Counter(keyword for row in reviews for keyword in row["keywords"])
    assert found.keywords == pytest.approx({name: n / len(reviews) for name, n in said.items()})
    assert found.n_reviews == len(reviews)


def test_reviews_that_are_asked_for_come_first_and_others_fill_up(
    place_folder: Path, tiny_store: LadybugStore
) -> None:
    reviews = rows(place_folder, "reviews")
    ids = [row["review_id"] for row in reviews]
    worst = min(reviews, key=lambda row: row["rating"] or 5)["review_id"]

    def shown(*wanted: str) -> list[str]:
        found = facts_of(tiny_store, [PLACE], reviews={PLACE: wanted})[PLACE]
        return [review.review_id for review in found.reviews]

    assert shown(ids[3], ids[1]) == [ids[3], ids[1]]
    assert shown(ids[3], ids[3], ids[1], ids[0]) == [ids[3], ids[1], ids[0]]
    assert shown(worst)[0] == worst
    assert len(set(shown(worst))) == N_REVIEWS_SHOWN
    assert shown("P00001-R00001") == shown(), "another place's review is not its own"
    by_rating = sorted(reviews, key=lambda row: row["review_id"])
    by_rating.sort(key=lambda row: (row["rating"] or 0, row["date"]), reverse=True)
    assert shown() == [row["review_id"] for row in by_rating[:N_REVIEWS_SHOWN]]
    review = facts_of(tiny_store, [PLACE])[PLACE].reviews[0]
    assert (review.text, review.source, review.date) == tuple(
        by_rating[0][name] for name in ("text", "source", "date")
    )


def test_places_come_in_the_order_asked_for_and_once(tiny_store: LadybugStore) -> None:
    ids = ["P00009", "P00002", "P00009", "P00005"]
    assert list(facts_of(tiny_store, ids)) == ["P00009", "P00002", "P00005"]
    assert facts_of(tiny_store, []) == {}


def test_each_place_has_facts_of_its_own(tiny_store: LadybugStore) -> None:
    together = facts_of(tiny_store, [f"P{number:05}" for number in range(1, 11)])
    for place_id, found in together.items():
        assert found == facts_of(tiny_store, [place_id])[place_id]
        assert all(review.review_id.startswith(place_id) for review in found.reviews)


def test_a_place_that_the_graph_lacks_is_an_error(tiny_store: LadybugStore) -> None:
    with pytest.raises(GraphError, match=r"place P99999 is not in the graph.*load"):
        facts_of(tiny_store, ["P00001", "P99999"])
