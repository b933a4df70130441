"""Values cannot grow from clause to clause, and parts of a query are as large as they may be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nadeuri.guide.guard import refusals

Ask = Callable[[str], str]

SMALL = (
    "MATCH (p:Place) RETURN p.name + ' (' + p.town + ')' AS text",
    "MATCH (p:Place)-[:SERVES]->(m) WITH collect(m.name) AS ms RETURN [x IN ms | trim(x)] AS y",
    "MATCH (p:Place) WITH collect(p.name) + collect(p.town) AS xs RETURN xs[0..10] AS y",
    "UNWIND range(1, 1000) AS i RETURN i + i * 2 AS x",
    "UNWIND range(10, 1, -1) AS i RETURN i",
    "WITH [1, 2, 3] AS xs UNWIND range(0, size(xs) - 1) AS i RETURN xs[i] AS x",
    "MATCH (p:Place) RETURN replace(p.name, ' ', '-') AS x",
    "WITH 'ab' AS s WITH s + s AS s WITH s + s AS s RETURN s",
    "MATCH (p:Place) WHERE p.name =~ '(?i).*(caf[eé]|카페).*' RETURN p",
    r"MATCH (p:Place) WHERE p.name =~ '.*\\bcafe\\b.*' RETURN p",
)
LARGE = (
    "WITH [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] AS l WITH [x IN l | l] AS l WITH [x IN l | l] AS l "
    "WITH [x IN l | l] AS l RETURN l",
    "MATCH (p:Place) WITH collect(p.name) AS xs RETURN [x IN xs | xs] AS y",
    "MATCH (p:Place) WITH collect(p) AS xs WITH collect(xs) AS xs WITH collect(xs) AS xs RETURN xs",
    "WITH 'ab' AS s, 'cd' AS t " + "WITH s + t AS s, s + s + s AS t " * 11 + "RETURN s",
    "WITH {a: 'ab'} AS m " + "WITH {a: m.a + m.a + m.a} AS m " * 8 + "RETURN m",
    "WITH ['ab'] AS l " + "WITH [head(l) + head(l) + head(l)] AS l " * 8 + "RETURN l",
    f"RETURN replace('{'a' * 100}', 'a', replace('{'a' * 100}', 'a', '{'a' * 100}')) AS x",
    f"WITH CASE WHEN true THEN replace('{'a' * 200}', 'a', '{'a' * 200}') END AS x RETURN x",
    f"MATCH (p:Place) WHERE size(replace('{'a' * 200}', 'a', '{'a' * 200}')) > 1 RETURN p",
    f"MATCH (p:Place) RETURN p ORDER BY replace('{'a' * 200}', 'a', '{'a' * 200}')",
    "UNWIND range(0, size([1]) * 1000000) AS i RETURN i",
    "UNWIND range(0, 10, 0) AS i RETURN i",
)


@pytest.mark.parametrize("text", SMALL)
def test_small_values_pass(run: Ask, text: str) -> None:
    assert run(text)


@pytest.mark.parametrize("text", LARGE)
def test_growing_values_are_refused(refused: Ask, text: str) -> None:
    assert refused(text) == refusals.TOO_LARGE


@pytest.mark.parametrize(
    ("text", "more", "reason"),
    [
        ("RETURN " + "(" * 19 + "{}1" + ")" * 19 + " AS x", "- ", refusals.TOO_DEEP),
        ("RETURN [" + "1, " * 99 + "1{}] AS x", ", 1", refusals.TOO_LARGE),
        ("RETURN range(1, 100{}) AS x", "1", refusals.TOO_LARGE),
        ("RETURN '" + "가" * 500 + "{}' AS x", "나", refusals.TOO_LARGE),
        ("RETURN 1 AS " + "x" * 64 + "{}", "x", refusals.TOO_LARGE),
        ("RETURN 922337203685477580{} AS x", "9", refusals.TOO_LARGE),
        ("MATCH (a:Place)" + "-[:IN_TOWN]-()" * 8 + "{} RETURN a", "-[]-()", "too_many_parts"),
        ("MATCH (a:Place)-[:NEAR*1..4]-()-[:NEAR*1..4]-(){} RETURN a", "-[]-()", "too_many_parts"),
        ("MATCH (a:Place)" + ", (a)" * 7 + "{} RETURN a", ", (a)", refusals.TOO_MANY_PARTS),
        ("MATCH (a:Place)" + " WITH a" * 14 + "{} RETURN a", " WITH a", refusals.TOO_MANY_PARTS),
        (
            "RETURN 1 AS x" + " UNION RETURN 1 AS x" * 3 + "{}",
            " UNION RETURN 2 AS x",
            "too_many_parts",
        ),
        ("MATCH (a:Place)-[:NEAR*1..4{}]-(b) RETURN b", "0", refusals.UNBOUNDED_PATH),
        ("MATCH (a:Place) RETURN a SKIP 10000{}", "0", refusals.ROW_LIMIT),
    ],
)
def test_a_limit_is_inclusive(run: Ask, refused: Ask, text: str, more: str, reason: str) -> None:
    assert run(text.replace("{}", ""))
    assert refused(text.replace("{}", more)) == reason
