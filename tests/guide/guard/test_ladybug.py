"""What passes runs on ladybug, and strings reach it as the guard read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import ladybug
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nadeuri.guide.guard import tree
from nadeuri.guide.guard.write import written

Ask = Callable[[str], str]

TABLES = (
    "CREATE NODE TABLE Place(name STRING PRIMARY KEY, town STRING, rating DOUBLE, "
    "closed_days STRING[])",
    "CREATE NODE TABLE Town(name STRING PRIMARY KEY)",
    "CREATE NODE TABLE Menu(menu_id STRING PRIMARY KEY, name STRING, price INT64)",
    "CREATE REL TABLE IN_TOWN(FROM Place TO Town)",
    "CREATE REL TABLE SERVES(FROM Place TO Menu)",
    "CREATE (:Place {name: '바다', town: '애월읍', rating: 4.5, closed_days: ['월']})"
    "-[:IN_TOWN]->(:Town {name: '애월읍'})",
    "MATCH (p:Place) CREATE (p)-[:SERVES]->(:Menu {menu_id: 'm', name: '흑돼지', price: 20000})",
)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ladybug.Connection]:
    """A graph of one place, one town and one menu."""
    database = ladybug.Database(str(Path(tmp_path_factory.mktemp("graph")) / "graph"))
    connection = ladybug.Connection(database)
    for statement in TABLES:
        connection.execute(statement)
    yield connection
    connection.close()
    database.close()


def rows(connection: ladybug.Connection, text: str) -> list[list[object]]:
    result = connection.execute(text)
    assert isinstance(result, ladybug.QueryResult)
    return [list(row) for row in result]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MATCH (p:Place)-[:IN_TOWN]->(t {name: '애월읍'}) RETURN p.name AS 이름", [["바다"]]),
        ("MATCH (t:Town)-[:IN_TOWN]->(p:Place) RETURN p.name, t.name", [["바다", "애월읍"]]),
        ("MATCH (p:Place) WHERE EXISTS {(p)-[:SERVES]->(:Menu)} RETURN p.rating", [[4.5]]),
        ("MATCH (p:Place) WHERE (p)-->(:Town) AND exists(p.town) RETURN p.name", [["바다"]]),
        ("MATCH (p:Place) RETURN count{(p)-[:SERVES]->()} AS `how many`", [[1]]),
        ("MATCH (x:Place|Town) RETURN count(*) AS set", [[2]]),
        ("MATCH (p:Place) WHERE any(d IN p.closed_days WHERE d = '월') RETURN p.name", [["바다"]]),
        ("MATCH (p:Place)-[:SERVES]->(m) WITH p, min(m.price) AS low WHERE low > 9000 "
         "RETURN p.name, low ORDER BY low DESC SKIP 0 LIMIT 5", [["바다", 20000]]),
        ("MATCH (p:Place) WHERE p.name =~ '바.' AND NOT (p.rating < 4 OR p.rating > 5) "
         "RETURN CASE WHEN p.rating > 4 THEN 'a' ELSE 'b' END AS x", [["a"]]),
        ("RETURN 1 AS x UNION ALL RETURN -(2 + 3) * 2 AS x", [[1], [-10]]),
        ("MATCH (p:Place)-[:IN_TOWN*1..2]->(t) RETURN t.name", [["애월읍"]]),
    ],
)  # fmt: skip
def test_a_guarded_query_runs(
    connection: ladybug.Connection, run: Ask, text: str, expected: list[list[object]]
) -> None:
    assert sorted(rows(connection, run(text)), key=str) == sorted(expected, key=str)


visible = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=30)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(visible | st.sampled_from(["\\", "'", '"', "\n", "\t", "`", "//", "/*", "$x"])))
def test_a_string_arrives_as_it_was_read(connection: ladybug.Connection, parts: list[str]) -> None:
    value = "".join(parts)
    projection = tree.Projection(False, False, ((tree.Text(value), "x"),), (), None, None)
    text = written(tree.Query(((tree.Return(projection),),), ()))
    assert rows(connection, text) == [[value]]
