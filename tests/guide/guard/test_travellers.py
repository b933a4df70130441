"""Queries as a model writes them for travellers' questions pass as they are."""

from __future__ import annotations

import pytest

from nadeuri.guide.guard.check import GuardedQuery, guard
from nadeuri.guide.schema import SCHEMA

QUERIES = (
    "MATCH (p:Place)-[:IN_CATEGORY]->(:Category {name: '흑돼지'}) MATCH "
    "(p)-[:IN_TOWN]->(:Town {name: '애월읍'}) MATCH (p)-[v:VISITED_WITH]->(:Companion "
    "{name: '부모님'}) MATCH (p)-[u:USED_BY]->(:Segment {dimension: 'age', value: "
    "'60대이상'}) RETURN p.name, p.rating, v.share, u.share ORDER BY u.share DESC, "
    "v.share DESC LIMIT 3",
    "MATCH (p:Place)-[:IN_TOWN]->(t:Town {name:'한림읍'}), "
    "(p)-[:IN_CATEGORY]->(c:Category {name:'카페'}), (p)-[u:USED_BY]->(s:Segment "
    "{dimension:'age', value:'30대'}) WITH p, avg(u.share) AS share ORDER BY share DESC "
    "LIMIT 1 RETURN p.name AS name, share",
    "MATCH (p:Place) WHERE p.opens <= 600 AND p.closes >= 1320 AND NOT '월' IN "
    "p.closed_days AND p.waiting_share < 0.2 RETURN p.name",
    "MATCH (p:Place)-[:HAS_REVIEW]->(r:Review) WHERE '조용해요' IN r.keywords OR r.text "
    "CONTAINS '조용' WITH p, count(r) AS n, avg(r.rating) AS score WHERE n >= 3 RETURN "
    "p.name, n, round(score, 2) AS score ORDER BY n DESC, p.place_id",
    "MATCH (p:Place)-[n:NEAR]->(a:Attraction) WHERE a.name = '성산일출봉' AND n.metres "
    "<= 2000 OPTIONAL MATCH (p)-[:SERVES]->(m:Menu) WHERE m.is_main = true RETURN "
    "p.name, n.metres, collect(m.name)[0..3] AS menus, min(m.price) AS low ORDER BY "
    "n.metres",
    "MATCH (p:Place)-[:SERVES]->(m:Menu) WHERE m.name CONTAINS '고기국수' AND m.price "
    "<= 10000 RETURN DISTINCT p.name, m.price",
    "MATCH (a:Place {name:'가'}), (b:Place {name:'나'}) RETURN a.rating - b.rating AS diff",
    "MATCH (t:Town)-[:IN_CITY]->(c:City {name: '서귀포시'}) MATCH "
    "(p:Place)-[:IN_TOWN]->(t) RETURN t.name, count(p) AS n ORDER BY n DESC",
    "MATCH (p:Place)-[r:RATED_BY]->(s:Source) WITH p, sum(r.rating * r.n_ratings) / "
    "sum(r.n_ratings) AS mean RETURN p.name, mean ORDER BY mean DESC LIMIT 6",
    "MATCH (p:Place) WHERE 2 * 6371 * asin(sqrt(sin(radians(p.latitude - 33.4) / 2)^2 + "
    "cos(radians(33.4)) * cos(radians(p.latitude)) * sin(radians(p.longitude - 126.3) / "
    "2)^2)) < 5 RETURN p.name",
)


@pytest.mark.parametrize("text", QUERIES)
def test_a_query_for_a_traveller_passes(text: str) -> None:
    found = guard(text, SCHEMA)
    assert isinstance(found, GuardedQuery), found
    assert found.turned == ()
