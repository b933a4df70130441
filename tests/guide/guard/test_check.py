"""What passes is run as written from the tree: with a LIMIT, on one line, with known parameters."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from nadeuri.guide.guard.check import GuardedQuery, guard
from nadeuri.guide.guard.limits import Limits
from nadeuri.guide.schema import SCHEMA

Ask = Callable[[str], str]


@pytest.mark.parametrize(
    ("text", "run_as"),
    [
        ("MATCH (p:Place) RETURN p.name", "MATCH (p:Place) RETURN p.name LIMIT 100"),
        ("match (p:Place) return p.name limit 3;", "MATCH (p:Place) RETURN p.name LIMIT 3"),
        ("MATCH (p:Place) RETURN p.name LIMIT 5000", "MATCH (p:Place) RETURN p.name LIMIT 100"),
        (
            "MATCH (p:Place) RETURN p.name UNION ALL MATCH (t:Town) RETURN t.name LIMIT 999",
            "MATCH (p:Place) RETURN p.name LIMIT 100 "
            "UNION ALL MATCH (t:Town) RETURN t.name LIMIT 100",
        ),
        (
            "MATCH (p:Place)--(m:Menu) // comment\nWHERE NOT ((m.price) > 10000) /* another */\n"
            "WITH p, count(m) AS n WHERE n > 2 RETURN p.name AS `가게 이름`, n ORDER BY n DESC",
            "MATCH (p:Place)-[]-(m:Menu) WHERE NOT m.price > 10000 WITH p, count(m) AS n "
            "WHERE n > 2 RETURN p.name AS `가게 이름`, n ORDER BY n DESC LIMIT 100",
        ),
        (
            'MATCH (p:Place {name: "it\'s"}) RETURN p.name AS set',
            r"MATCH (p:Place {name: 'it\'s'}) RETURN p.name AS `set` LIMIT 100",
        ),
        (
            "MATCH (p:Place) WHERE exists(p.rating) AND exists((p)-[:SERVES]->()) RETURN p",
            "MATCH (p:Place) WHERE p.rating IS NOT NULL "
            "AND EXISTS { MATCH (p)-[:SERVES]->() } RETURN p LIMIT 100",
        ),
        (
            "MATCH (p:Place) WHERE EXISTS {(p)-[:SERVES]->(m) WHERE m.price < 9000} RETURN p",
            "MATCH (p:Place) WHERE EXISTS { MATCH (p)-[:SERVES]->(m) WHERE m.price < 9000 } "
            "RETURN p LIMIT 100",
        ),
        (
            "MATCH (p:Place) RETURN [(p)-[:SERVES]->(m) WHERE m.price < 9000 | m.name] AS menus, "
            "CASE WHEN p.rating > 4 THEN 'good' ELSE 'fair' END AS kind, TOLOWER(p.name) AS low",
            "MATCH (p:Place) RETURN [(p)-[:SERVES]->(m) WHERE m.price < 9000 | m.name] AS menus, "
            "CASE WHEN p.rating > 4 THEN 'good' ELSE 'fair' END AS kind, toLower(p.name) AS low "
            "LIMIT 100",
        ),
        (
            "MATCH (r:Review) WHERE any(k IN r.keywords WHERE k IN ['조용해요', '뷰가 좋아요']) "
            "UNWIND r.keywords AS k RETURN k, count(*) AS n ORDER BY n DESC, k SKIP 007",
            "MATCH (r:Review) WHERE any(k IN r.keywords WHERE k IN ['조용해요', '뷰가 좋아요']) "
            "UNWIND r.keywords AS k RETURN k, count(*) AS n ORDER BY n DESC, k SKIP 7 LIMIT 100",
        ),
    ],
)
def test_a_query_is_written_anew(run: Ask, text: str, run_as: str) -> None:
    assert run(text) == run_as
    assert run(run_as) == run_as


@pytest.mark.parametrize(
    "answer",
    [
        "```\nRETURN 1 AS x\n```",
        "```cypher\nRETURN 1 AS x\n```",
        "Here it is:\n\n  ~~~ Cypher\nRETURN 1 AS x\n  ~~~\nIt `RETURN`s one. 👩‍👧",
        "  RETURN 1 AS x ;  ",
    ],
)
def test_the_query_is_taken_out_of_a_fence(run: Ask, answer: str) -> None:
    assert run(answer) == "RETURN 1 AS x LIMIT 100"


def test_korean_in_any_composition_is_read_as_nfc(run: Ask) -> None:
    composed = "MATCH (t:Town {name: '애월읍'}) RETURN t.name AS 이름 LIMIT 1"
    decomposed = unicodedata.normalize("NFD", composed)
    assert decomposed != composed
    assert run(decomposed) == run(composed) == composed


def test_parameters_that_are_used_are_told() -> None:
    text = "MATCH (p:Place {town: $town}) WHERE p.name IN $names OR p.town = $town RETURN p"
    found = guard(text, SCHEMA, parameters={"town", "names", "other"})
    assert isinstance(found, GuardedQuery)
    assert found.parameters == ("names", "town")
    assert "{town: $town}" in found.text


def test_limits_are_those_that_are_given() -> None:
    text = "MATCH (p:Place)-[:SERVES]->(m:Menu) RETURN m.name LIMIT 50"
    found = guard(text, SCHEMA, limits=Limits(rows=7))
    assert isinstance(found, GuardedQuery)
    assert found.text.endswith("LIMIT 7")
    assert not isinstance(guard(text, SCHEMA, limits=Limits(hops=0)), GuardedQuery)
