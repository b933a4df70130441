"""What a load computes from the graph itself: distances to attractions, totals of places."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa

from nadeuri import columns
from nadeuri.data.places import great_circle_metres
from nadeuri.guide.schema import (
    ATTRACTION,
    FROM,
    HAS_REVIEW,
    PLACE,
    RATED_BY,
    REVIEW,
    SOURCE,
    TO,
)
from nadeuri.guide.store import GraphStore

NEAR_METRES = 5_000.0
"""Attractions up to this far from a place are near it."""

_ALL = 1 << 40  # rows: more than there are
_PATIENCE_S = 3_600.0
_BLOCK = 4_096  # places whose distances are in memory together


def everything(store: GraphStore, cypher: str) -> list[dict[str, Any]]:
    """All rows of a query, however long it takes."""
    return store.query(cypher, timeout_s=_PATIENCE_S, limit=_ALL)


def place_ids(store: GraphStore) -> list[str]:
    """Ids of the places in the graph, sorted."""
    rows = everything(store, f"MATCH (p:{PLACE}) RETURN p.{columns.PLACE_ID} AS id")
    return sorted(row["id"] for row in rows)


def positions(store: GraphStore) -> tuple[pa.Table, pa.Table]:
    """Ids and coordinates of the places and of the attractions, by id."""
    return (
        _positions(store, PLACE, columns.PLACE_ID),
        _positions(store, ATTRACTION, columns.ATTRACTION_ID),
    )


def near(found: pa.Table, sights: pa.Table) -> pa.Table:
    """Rows of ``NEAR``: places and attractions at most :data:`NEAR_METRES` apart.

    Args:
        found, sights: as :func:`positions` gives them.
    """
    parts = [
        _near(found.slice(at, _BLOCK), sights) for at in range(0, max(1, found.num_rows), _BLOCK)
    ]
    return pa.concat_tables(parts)


def totals(store: GraphStore) -> pa.Table:
    """Mean rating (weighted over the sources), ratings and reviews of every place."""
    rated: defaultdict[str, list[tuple[str, float, int]]] = defaultdict(list)
    for row in everything(
        store,
        f"MATCH (p:{PLACE})-[r:{RATED_BY}]->(s:{SOURCE}) "
        f"RETURN p.{columns.PLACE_ID} AS id, s.{columns.NAME} AS source, "
        f"r.{columns.RATING} AS rating, r.{columns.N_RATINGS} AS n",
    ):
        rated[row["id"]].append((row["source"], row["rating"], row["n"]))
    counted = everything(
        store,
        f"MATCH (p:{PLACE})-[:{HAS_REVIEW}]->(r:{REVIEW}) "
        f"RETURN p.{columns.PLACE_ID} AS id, count(r) AS n",
    )
    reviewed = {row["id"]: row["n"] for row in counted}
    ids = place_ids(store)
    return pa.table(
        {
            columns.PLACE_ID: pa.array(ids, pa.string()),
            columns.RATING: pa.array([_mean_rating(rated[place]) for place in ids], pa.float64()),
            columns.N_RATINGS: pa.array(
                [sum(n for _, _, n in rated[place]) for place in ids], pa.int64()
            ),
            columns.N_REVIEWS: pa.array([reviewed.get(place, 0) for place in ids], pa.int64()),
        }
    )


def _positions(store: GraphStore, label: str, key: str) -> pa.Table:
    rows = everything(
        store,
        f"MATCH (n:{label}) RETURN n.{key} AS {key}, "
        f"n.{columns.LATITUDE} AS {columns.LATITUDE}, n.{columns.LONGITUDE} AS {columns.LONGITUDE}",
    )
    rows.sort(key=lambda row: str(row[key]))
    numbers = (columns.LATITUDE, columns.LONGITUDE)
    kinds = [(key, pa.string()), *((name, pa.float64()) for name in numbers)]
    return pa.Table.from_pylist(rows, schema=pa.schema(kinds))


def _near(found: pa.Table, sights: pa.Table) -> pa.Table:
    metres = great_circle_metres(
        found[columns.LATITUDE].to_numpy()[:, None],
        found[columns.LONGITUDE].to_numpy()[:, None],
        sights[columns.LATITUDE].to_numpy()[None, :],
        sights[columns.LONGITUDE].to_numpy()[None, :],
    )  # [n_places, n_attractions]
    place, sight = np.nonzero(metres <= NEAR_METRES)
    return pa.table(
        {
            FROM: found[columns.PLACE_ID].take(pa.array(place)),
            TO: sights[columns.ATTRACTION_ID].take(pa.array(sight)),
            columns.METRES: np.round(metres[place, sight], 1),
        }
    )


def _mean_rating(rated: list[tuple[str, float, int]]) -> float | None:
    total = sum(n for _, _, n in rated)
    if total == 0:
        return None
    return round(sum(rating * n for _, rating, n in sorted(rated)) / total, 4)
