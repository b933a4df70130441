"""Names are checked with what they stand for: labels are inferred, scopes are kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nadeuri.guide.guard import refusals

Ask = Callable[[str], str]

KNOWN = (
    "MATCH (p)-[:SERVES]->(m) RETURN p.rating, m.price",
    "MATCH (p)-[:IN_TOWN]->()-[:IN_CITY]->(c {name: '제주시'}) RETURN p.address",
    "MATCH (p:Place)-[r:RATED_BY|VISITED_FOR]->(x) RETURN r.rating, r.share, x.name",
    "MATCH (p:Place)-[r]->(:Town|Menu) RETURN type(r), p.name",
    "MATCH (p:Place) WITH collect(p) AS ps UNWIND ps AS q RETURN q.name, ps[0].name",
    "MATCH (p:Place) WITH head(collect(p)) AS p RETURN p.name, [x IN [p] | x.town] AS towns",
    "MATCH (p:Place) WITH {name: p.name, best: p} AS m RETURN m.name, m.best.town, m['best'].town",
    "MATCH (r:Review) RETURN r.date.year, date(r.date).weekDay, datetime().month",
    "MATCH (p:Place) RETURN p.name AS p ORDER BY p.rating DESC",
    "MATCH (p:Place) WITH p.name AS name ORDER BY p.rating WHERE p.rating > 4 RETURN name",
    "MATCH (p:Place) WITH * RETURN *, p.name AS name",
    "MATCH path = (p:Place)-[:IN_TOWN]->(:Town) RETURN [n IN nodes(path) | n.name] AS names",
    "MATCH (p:Place)-[r:NEAR]->(a) RETURN startNode(r).name, properties(a).latitude",
    "MATCH (p:Place)-[rs:IN_TOWN|IN_CITY*1..2]->(c:City) RETURN size(rs), p.name",
    "OPTIONAL MATCH (p:Place) RETURN coalesce(p, null).name, CASE WHEN true THEN p END.town",
    "MATCH (p:Place {town: t.name})-[:SERVES {}]->(m {name: m.menu_id}), (t:Town) RETURN p, m",
    "MATCH (p:Place)-[r:NEAR]->() WITH r MATCH (q:Place)-[r]->(a) RETURN r.metres, a.name",
)
UNKNOWN = (
    ("MATCH (p)-[:SERVES]->(m) RETURN m.rating", refusals.UNKNOWN_PROPERTY),
    ("MATCH (p:Place)-[r:RATED_BY]->(x) RETURN r.share", refusals.UNKNOWN_PROPERTY),
    ("MATCH (p:Place)-[:SERVES {price: 1}]->(x) RETURN p", refusals.UNKNOWN_PROPERTY),
    ("MATCH (p:Place) WITH {name: p.name} AS m RETURN m.rating", refusals.UNKNOWN_PROPERTY),
    ("MATCH (p:Place) WITH {best: p} AS m RETURN m.best.secret", refusals.UNKNOWN_PROPERTY),
    ("MATCH (p:Place) WITH collect(p) AS ps RETURN ps.name", refusals.UNKNOWN_PROPERTY),
    ("MATCH (p:Place) WITH collect(p) AS ps RETURN ps[0].secret", refusals.UNKNOWN_PROPERTY),
    ("MATCH (p:Place) WITH [p] AS ps RETURN [x IN ps | x.secret] AS y", refusals.UNKNOWN_PROPERTY),
    ("MATCH (p:Place) RETURN [(p)-[:SERVES]->(m) | m.town] AS y", refusals.UNKNOWN_PROPERTY),
    ("MATCH (p:Place) RETURN p.name.secret", refusals.UNKNOWN_PROPERTY),
    ("MATCH (p:Place) RETURN properties(p).secret", refusals.UNKNOWN_PROPERTY),
    (
        "MATCH (p:Place) WHERE EXISTS { (p)-[:SERVES]->(m) WHERE m.x = 1 } RETURN p",
        "unknown_property",
    ),
    ("MATCH (p:Place) WITH count(*) AS n RETURN p.name", refusals.UNKNOWN_VARIABLE),
    ("MATCH (p:Place) RETURN COUNT { (p)-[:SERVES]->(m) } AS n, m", refusals.UNKNOWN_VARIABLE),
    ("MATCH (p:Place) RETURN p.name UNION MATCH (q:Place) RETURN p.name", "unknown_variable"),
    ("MATCH (p:Place) RETURN p ORDER BY q.name", refusals.UNKNOWN_VARIABLE),
    ("MATCH (p:Place {name: q}) RETURN p", refusals.UNKNOWN_VARIABLE),
    ("MATCH (p:Place)-[:IN_TOWN*1..2]->(c:City) RETURN c", refusals.IMPOSSIBLE_PATTERN),
    ("MATCH (m:Menu) WHERE (m)-[:IN_TOWN]-() RETURN m", refusals.IMPOSSIBLE_PATTERN),
    ("MATCH (x)-[:SERVES]->(m) WITH m MATCH (m)-[:HAS_REVIEW]-() RETURN m", "impossible_pattern"),
)


@pytest.mark.parametrize("text", KNOWN)
def test_known_names_pass(run: Ask, text: str) -> None:
    assert run(text)


@pytest.mark.parametrize(("text", "reason"), UNKNOWN)
def test_unknown_names_are_refused(refused: Ask, text: str, reason: str) -> None:
    assert refused(text) == reason
