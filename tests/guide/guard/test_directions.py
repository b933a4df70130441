"""Arrows are turned where that is all that is wrong, and only those arrows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nadeuri.guide.guard import refusals
from nadeuri.guide.guard.check import GuardedQuery, guard
from nadeuri.guide.schema import SCHEMA

Ask = Callable[[str], str]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("(t:Town)-[:IN_TOWN]->(p:Place)", "(t:Town)<-[:IN_TOWN]-(p:Place)"),
        ("(p:Place)<-[s:SERVES]-(m)", "(p:Place)-[s:SERVES]->(m)"),
        (
            "(p:Place)-[:SERVES]->(:Menu), (p)<-[:SERVES]-(:Menu)",
            "(p:Place)-[:SERVES]->(:Menu), (p)-[:SERVES]->(:Menu)",
        ),
        (
            "(p:Place)<-[:IN_TOWN]-(:Town)<-[:IN_CITY]-(c:City)",
            "(p:Place)-[:IN_TOWN]->(:Town)-[:IN_CITY]->(c:City)",
        ),
        (
            "(p:Place) WHERE NOT (p)<-[:SERVES]-(:Menu)",
            "(p:Place) WHERE NOT EXISTS { MATCH (p)-[:SERVES]->(:Menu) }",
        ),
    ],
)
def test_an_arrow_is_turned(run: Ask, wrong: str, right: str) -> None:
    assert run(f"MATCH {wrong} RETURN p") == f"MATCH {right} RETURN p LIMIT 100"


def test_what_was_turned_is_told() -> None:
    found = guard("MATCH (t:Town)-[:IN_TOWN]->(p:Place) RETURN p", SCHEMA)
    assert isinstance(found, GuardedQuery)
    assert found.turned == ("IN_TOWN points the other way between Town and Place; turn the arrow",)


def test_right_and_undirected_arrows_are_left_alone() -> None:
    for pattern in ("(t:Town)<-[:IN_TOWN]-(p)", "(t:Town)-[:IN_TOWN]-(p)", "(t:Town)-[]-(p)"):
        found = guard(f"MATCH {pattern} RETURN p", SCHEMA)
        assert isinstance(found, GuardedQuery)
        assert found.turned == ()
        assert pattern in found.text


def test_turning_does_not_help_what_is_impossible_both_ways(refused: Ask) -> None:
    assert refused("MATCH (t:Town)-[:SERVES]->(c:City) RETURN t") == refusals.IMPOSSIBLE_PATTERN
    pulled = "MATCH (p:Place)-[r:IN_TOWN]->(t:Town) MATCH (p)<-[r]-(t) MATCH (t)-[r]->(t) RETURN p"
    assert refused(pulled) == refusals.IMPOSSIBLE_PATTERN
