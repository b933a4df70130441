"""Rows are multiplied neither by patterns nor by lists; few rows may be combined with many."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nadeuri.guide.guard import refusals

Ask = Callable[[str], str]

FEW = (
    "MATCH (a:Place) WITH round(avg(a.rating), 1) AS mean, head(collect(a.name)) AS name "
    "MATCH (b:Place) WHERE b.rating > mean RETURN b, name",
    "MATCH (a:Menu), (b:Menu) WHERE a.price = b.price + 1000 - 1 RETURN a, b",
    "MATCH (a:Place), (b:Place) WHERE toLower(a.town) = b.town AND '바다' = b.name RETURN a, b",
    "MATCH (a:Place) WITH a.town AS t, collect(a) AS xs, count(*) AS n ORDER BY n DESC "
    "WITH t, xs UNWIND xs AS x RETURN t, x",
    "MATCH (a:Place)-[:SERVES]->(m), (a)-[:IN_TOWN]->(t) RETURN a, m, t",
    "MATCH (a:Place), (b:Place) WHERE a.town = b.town AND a.rating > b.rating RETURN a, b",
    "MATCH (a:Place {name: '바다'}), (b:Place) RETURN a.rating, b.rating",
    "MATCH (a:Place), (b:Place) WHERE a.name = '바다' RETURN a, b",
    "MATCH (a:Place), (b:Place) WHERE a.name IN ['바다', $town] RETURN a, b",
    "MATCH (a:Place) MATCH (b:Place {town: a.town}) RETURN a, b",
    "MATCH (a:Place) WITH avg(a.rating) AS mean MATCH (b:Place) WHERE b.rating > mean RETURN b",
    "MATCH (a:Place) WITH a ORDER BY a.rating DESC LIMIT 10 MATCH (b:Place) RETURN a, b",
    "MATCH (a:Place) WITH a.town AS town, collect(a) AS xs UNWIND xs AS x RETURN town, x",
    "MATCH (a:Place) WITH collect(a) AS xs UNWIND xs AS x RETURN x",
    "MATCH (a:Place) UNWIND a.closed_days AS day UNWIND [1, 2] AS n RETURN day, n",
    "MATCH (p:Place) WHERE EXISTS { (q:Place {town: p.town})-[:SERVES]->() } RETURN p",
    "MATCH (p:Place) WITH p.town AS t, COUNT { (p)-[:SERVES]->() } AS n RETURN t, n",
)
MANY = (
    "MATCH (a:Review) WITH count(*) + COUNT { (a)<-[:HAS_REVIEW]-() } AS n MATCH (b:Review) "
    "RETURN n, b",
    "MATCH (a:Review), (b:Review) WHERE a.rating * 0 = 0 RETURN a, b",
    "MATCH (a:Review), (b:Review) WHERE (a.text = b.text) = false RETURN a, b",
    "MATCH (a:Review), (b:Review) WHERE a.rating * 0 = b.rating * 0 RETURN a, b",
    "MATCH (a:Review) WITH size(a.text) + count(*) AS n MATCH (b:Review) RETURN n, b",
    "MATCH (a:Place) WITH 1 AS t, collect(a) AS xs UNWIND xs AS x WITH t, xs, x, count(*) AS n "
    "UNWIND xs AS y RETURN count(*)",
    "MATCH (a:Place)-[:IN_TOWN]->(t) WITH t, collect(a) AS xs MATCH (t)<-[:IN_TOWN]-(b) "
    "UNWIND xs AS x RETURN b, x",
    "MATCH (a:Place)-[:SERVES]->(m), (b:Place)-[:IN_TOWN]->(t) RETURN a, b",
    "MATCH (a:Place), (b:Place) WHERE a.name = '바다' OR b.name = '바다' RETURN a, b",
    "MATCH (a:Place), (b:Place) WHERE a.town = a.city RETURN a, b",
    "MATCH (a:Place) WITH a, a.rating AS r MATCH (b:Place) WHERE b.rating > r RETURN a, b",
    "MATCH (a:Place) WITH a LIMIT 5000 MATCH (b:Place) RETURN a, b",
    "MATCH (a:Place) WITH a.town AS t, collect(a) AS xs UNWIND xs AS x UNWIND xs AS y RETURN x, y",
    "MATCH (a:Town) WITH collect(a) AS xs WITH xs, xs AS y UNWIND xs AS x UNWIND y AS z RETURN x",
    "MATCH (a:Place) WITH collect(a) AS xs UNWIND xs AS x UNWIND xs[1..] AS y RETURN x, y",
    "MATCH (a:Place) UNWIND [(a)-[:SERVES]->(m) | m] AS x RETURN x",
    "MATCH (p:Place) RETURN [(q:Place)-[:SERVES]->(m) | m.name] AS names",
    "MATCH (p:Place) WHERE EXISTS { MATCH (p)-[:SERVES]->() MATCH (q:Town) } RETURN p",
    "MATCH (p:Place) WHERE EXISTS { (p)-[:SERVES]->(m) WHERE EXISTS { (:Place)-[:SERVES]->() } } "
    "RETURN p",
)


@pytest.mark.parametrize("text", FEW)
def test_connected_pinned_and_few_rows_pass(run: Ask, text: str) -> None:
    assert run(text)


@pytest.mark.parametrize("text", MANY)
def test_products_of_many_rows_are_refused(refused: Ask, text: str) -> None:
    assert refused(text) == refusals.CARTESIAN
