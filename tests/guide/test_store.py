"""What every graph store does: one suite for ladybug and for servers that speak Bolt."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from nadeuri.errors import GraphError, QueryTimeoutError
from nadeuri.guide import schema as graph
from nadeuri.guide.cypher import candidates
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.plan import Area, Plan, Segment
from nadeuri.guide.schema import SCHEMA
from nadeuri.guide.store import GraphStore, require_parameters

PASSWORD = "playwithdata"

PLACES = pa.table(
    {
        "place_id": ["p1", "p2", "p3"],
        "name": ["돌담", "바당", "오름"],
        "rating": [4.5, None, 3.0],
        "opens": [600, 660, None],
        "closed_days": pa.array([["월"], [], ["화", "수"]], pa.list_(pa.string())),
        "takes_reservations": [True, False, None],
    }
)
REVIEWS = pa.table(
    {
        "review_id": ["r1", "r2"],
        "text": ["맛있어요", "'인용' \"부호\" \\ 와 줄\n바꿈"],
        "date": pa.array([date(2026, 1, 2), date(2025, 12, 31)]),
        "rating": [5.0, None],
        "keywords": pa.array([["뷰가 좋아요", "조용해요"], []], pa.list_(pa.string())),
    }
)
SEGMENTS = pa.table(
    {"segment_id": ["age:20대", "age:30대"], "dimension": ["age"] * 2, "value": ["20대", "30대"]}
)
USED = pa.table(
    {
        "from": ["p1", "p1", "p2", "p1"],
        "to": ["age:20대", "age:20대", "age:20대", "age:30대"],
        "month": ["2026-09", "2026-10", "2026-10", "2026-10"],
        "share": [0.25, 0.5, 0.75, 0.1],
    }
)
USES = (
    "MATCH (p:Place)-[u:USED_BY]->(s:Segment) RETURN p.place_id AS place, s.value AS value, "
    "u.month AS month, u.share AS share ORDER BY place, value, month"
)


@pytest.fixture(scope="session")
def bolt_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an ArcadeDB in a process of its own."""
    if importlib.util.find_spec("arcadedb_embedded") is None:
        pytest.skip("arcadedb-embedded is not installed")
    root = tmp_path_factory.mktemp("arcadedb")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(Path(__file__).with_name("bolt_peer.py"))]
    log = (root / "log").open("w")
    server = subprocess.Popen(
        [*command, str(root / "data"), str(port), PASSWORD],
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=root,
    )
    try:
        deadline = time.monotonic() + 120
        while "READY" not in (root / "log").read_text():
            assert server.poll() is None, (root / "log").read_text()[-2000:]
            assert time.monotonic() < deadline, "ArcadeDB does not start"
            time.sleep(0.2)
        yield f"bolt://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(60)
        log.close()


BACKENDS = [
    "ladybug",
    pytest.param("arcadedb", marks=pytest.mark.neo4j),
    pytest.param(
        "neo4j",
        marks=[
            pytest.mark.neo4j,
            pytest.mark.skipif("NEO4J_URI" not in os.environ, reason="NEO4J_URI is not set"),
        ],
    ),
]


@pytest.fixture(params=BACKENDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GraphStore]:
    """An empty graph with its schema."""
    with open_store(request, tmp_path) as opened:
        opened.create_schema()
        yield opened


def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> GraphStore:
    if request.param == "ladybug":
        return LadybugStore(tmp_path / "a.graph", memory_bytes=128 << 20)
    from nadeuri.guide.neo4j import Neo4jStore

    if request.param == "arcadedb":
        uri = request.getfixturevalue("bolt_uri")
        store = Neo4jStore(uri, user="root", password=PASSWORD, database="neo4j")
    else:
        store = Neo4jStore(
            os.environ["NEO4J_URI"],
            user=os.environ.get("NEO4J_USER", "neo4j"),
            password=os.environ.get("NEO4J_PASSWORD", ""),
        )
        if sum(store.counts().values()) and os.environ.get("NEO4J_MAY_ERASE") != "1":
            pytest.fail("the Neo4j at NEO4J_URI is not empty; set NEO4J_MAY_ERASE=1 to erase it")
    store._write("MATCH (n) DETACH DELETE n")
    return store


def filled(store: GraphStore) -> GraphStore:
    store.write_nodes(SCHEMA.node(graph.PLACE), PLACES)
    store.write_nodes(SCHEMA.node(graph.REVIEW), REVIEWS)
    store.write_nodes(SCHEMA.node(graph.SEGMENT), SEGMENTS)
    store.write_relationships(SCHEMA.relationships[graph.USED_BY], USED)
    reviewed = pa.table({"from": ["p1", "p2"], "to": ["r1", "r2"]})
    store.write_relationships(SCHEMA.relationships[graph.HAS_REVIEW], reviewed)
    return store


def test_the_schema_can_be_created_again(store: GraphStore) -> None:
    filled(store).create_schema()
    counts = store.counts()
    assert set(counts) == {*SCHEMA.labels, *SCHEMA.relationships}
    assert {name: n for name, n in counts.items() if n} == {
        "Place": 3,
        "Review": 2,
        "Segment": 2,
        "USED_BY": 4,
        "HAS_REVIEW": 2,
    }


def test_values_come_back_as_they_were(store: GraphStore) -> None:
    filled(store)
    rows = store.query(
        "MATCH (r:Review) RETURN r.text AS text, r.date AS date, r.rating AS rating, "
        "r.keywords AS keywords ORDER BY r.review_id"
    )
    expected = REVIEWS.drop_columns("review_id").to_pylist()
    assert rows == [
        {name: row[name] for name in ("text", "date", "rating", "keywords")} for row in expected
    ]
    assert all(type(row["date"]) is date for row in rows)


def test_nodes_are_the_properties_that_they_have(store: GraphStore) -> None:
    filled(store)
    rows = store.query(
        "MATCH (p:Place {place_id: $id})-[u:USED_BY]->(s) WHERE u.month = $month "
        "RETURN p, u, s, [s.value, p.name] AS both ORDER BY s.value",
        {"id": "p2", "month": "2026-10"},
    )
    assert rows == [
        {
            "p": {
                "place_id": "p2",
                "name": "바당",
                "opens": 660,
                "closed_days": [],
                "takes_reservations": False,
            },
            "u": {"month": "2026-10", "share": 0.75},
            "s": {"segment_id": "age:20대", "dimension": "age", "value": "20대"},
            "both": ["20대", "바당"],
        }
    ]


def test_parameters_of_every_type(store: GraphStore) -> None:
    given = {"a": "가'\"\\", "b": 3, "c": 1.5, "d": True, "e": ["x", "y"], "f": None}
    returned = ", ".join(f"${name} AS {name}" for name in given)
    assert store.query(f"RETURN {returned}", given) == [given]
    filled(store)
    since = {"day": date(2026, 1, 1), "empty": []}
    assert store.query(
        "MATCH (r:Review) WHERE r.date >= $day AND NOT r.review_id IN $empty "
        "RETURN r.review_id AS id",
        since,
    ) == [{"id": "r1"}]


def test_the_same_rows_again_change_nothing(store: GraphStore) -> None:
    filled(store)
    before = store.query(USES), store.counts()
    assert store.write_nodes(SCHEMA.node(graph.PLACE), PLACES) == 0
    assert store.write_relationships(SCHEMA.relationships[graph.USED_BY], USED) == 0
    assert (store.query(USES), store.counts()) == before


def test_new_and_changed_nodes_are_told_apart(store: GraphStore) -> None:
    filled(store)
    rows = pa.table({"place_id": ["p4", "p1", "p2"], "rating": [1.0, None, 4.0]})
    assert store.write_nodes(SCHEMA.node(graph.PLACE), rows) == 1
    found = store.query(
        "MATCH (p:Place) RETURN p.place_id AS id, p.name AS name, p.rating AS rating ORDER BY id"
    )
    assert [tuple(row.values()) for row in found] == [
        ("p1", "돌담", None),
        ("p2", "바당", 4.0),
        ("p3", "오름", 3.0),
        ("p4", None, 1.0),
    ]


def test_a_changed_relationship_is_updated(store: GraphStore) -> None:
    filled(store)
    rows = USED.slice(1, 2).set_column(3, "share", pa.array([0.9, 0.75]))
    rows = pa.concat_tables(
        [rows, pa.table({"from": ["p3"], "to": ["age:30대"], "month": ["2026-10"], "share": [1.0]})]
    )
    assert store.write_relationships(SCHEMA.relationships[graph.USED_BY], rows) == 1
    assert [(r["place"], r["value"], r["month"], r["share"]) for r in store.query(USES)] == [
        ("p1", "20대", "2026-09", 0.25),
        ("p1", "20대", "2026-10", 0.9),
        ("p1", "30대", "2026-10", 0.1),
        ("p2", "20대", "2026-10", 0.75),
        ("p3", "30대", "2026-10", 1.0),
    ]


def test_relationships_take_the_place_of_others(store: GraphStore) -> None:
    filled(store)
    edge = SCHEMA.relationships[graph.USED_BY]
    assert store.write_relationships(edge, USED.slice(1, 1), instead_of=["p1", "p3"]) == 0
    assert [(r["place"], r["month"]) for r in store.query(USES)] == [
        ("p1", "2026-10"),
        ("p2", "2026-10"),
    ]
    assert store.write_relationships(edge, USED.slice(0, 0), instead_of=["p2"]) == 0
    assert [r["place"] for r in store.query(USES)] == ["p1"]


def test_a_relationship_to_nowhere_is_refused_whole(store: GraphStore) -> None:
    filled(store)
    rows = pa.concat_tables([USED.slice(0, 1), USED.slice(0, 1)])
    rows = rows.set_column(0, "from", pa.array(["p3", "nobody"]))
    with pytest.raises(GraphError):
        store.write_relationships(SCHEMA.relationships[graph.USED_BY], rows)
    assert store.counts()["USED_BY"] == 4
    assert store.write_nodes(SCHEMA.node(graph.PLACE), PLACES) == 0  # the store is still usable


def test_empty_tables_are_fine(store: GraphStore) -> None:
    assert store.write_nodes(SCHEMA.node(graph.PLACE), PLACES.slice(0, 0)) == 0
    assert store.write_relationships(SCHEMA.relationships[graph.USED_BY], USED.slice(0, 0)) == 0


def test_no_more_rows_than_asked_for(store: GraphStore) -> None:
    filled(store)
    assert len(store.query("MATCH (p:Place) RETURN p.name AS n", limit=2)) == 2


def test_a_wrong_query_is_an_error_of_one_line(store: GraphStore) -> None:
    for wrong in ("MATCH (p:Place RETURN p", "", "nonsense"):
        with pytest.raises(GraphError, match=r"^the graph refuses the query: [^\n]+$"):
            store.query(wrong)


def test_a_parameter_without_value_is_an_error(store: GraphStore) -> None:
    with pytest.raises(GraphError, match="parameter town, city has no value"):
        store.query("RETURN $town, '$quoted', $city, $given", {"given": 1})


def test_a_query_that_takes_too_long_is_stopped(store: GraphStore) -> None:
    n = 1500 if store.dialect == "ladybug" else 250  # ArcadeDB goes on: see Neo4jStore.query
    rows = pa.table({"place_id": [f"x{i:05}" for i in range(n)], "name": ["y"] * n})
    store.write_nodes(SCHEMA.node(graph.PLACE), rows)
    start = time.monotonic()
    with pytest.raises(QueryTimeoutError, match=r"took more than 0\.3 s"):
        store.query(
            "MATCH (a:Place), (b:Place), (c:Place) WHERE a.name <> b.name + c.place_id "
            "OR a.place_id + b.place_id <> c.place_id RETURN count(*) AS n",
            timeout_s=0.3,
        )
    assert time.monotonic() - start < 10
    assert store.query("MATCH (p:Place) RETURN count(*) AS n") == [{"n": n}]


def test_parameters_in_strings_are_none() -> None:
    require_parameters(r"""RETURN 'it\'s $a', `$b`, "$c" """, {})
    with pytest.raises(GraphError, match="parameter a "):
        require_parameters("RETURN $a", {"b": 1})


def test_ever_new_queries_do_not_fill_the_cache(tiny_graph: Path) -> None:
    plan = Plan(
        areas=(Area(city="제주시"),),
        companions=("부모님",),
        qualities=("친절해요",),
        segments=(Segment(dimension="age", value="60대이상"),),
    )
    with LadybugStore(tiny_graph, read_only=True, memory_bytes=128 << 20) as store:
        for limit in range(1, 41):
            query = candidates(plan, limit=limit)
            assert len(store.query(query.cypher, query.parameters)) <= limit


def test_a_reader_cannot_write(tiny_graph: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(tiny_graph, tmp_path / "copy.graph"))
    with LadybugStore(copy, read_only=True, memory_bytes=128 << 20) as reader:
        before = reader.counts()
        for statement in (
            "CREATE (:Category {name: 'x'})",
            "MATCH (n:Category) DETACH DELETE n",
            "MATCH (p:Place) SET p.rating = 5.0",
            "DROP TABLE NEAR",
        ):
            with pytest.raises(GraphError, match="read-only"):
                reader.query(statement)
        assert reader.counts() == before


def test_a_graph_that_is_absent_or_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match=r"none\.graph: no graph there; make one with nadeuri"):
        LadybugStore(tmp_path / "none.graph", read_only=True)
    (tmp_path / "text.graph").write_text("hello " * 2000)
    with pytest.raises(GraphError, match=r"text\.graph: cannot be opened"):
        LadybugStore(tmp_path / "text.graph")


def test_a_server_that_is_absent_is_named() -> None:
    from nadeuri.guide.neo4j import Neo4jStore

    with pytest.raises(GraphError, match=r"bolt://127\.0\.0\.1:1: cannot connect .*NEO4J_URI"):
        Neo4jStore("bolt://127.0.0.1:1", password="x")
    with pytest.raises(GraphError, match="cannot connect"):
        Neo4jStore("carrier-pigeon://coop")


def test_many_different_queries_do_not_pile_up(tiny_store: LadybugStore) -> None:
    for number in range(1_100):
        assert tiny_store.query(f"RETURN {number} AS n") == [{"n": number}]
    assert len(tiny_store._connections) == 1
