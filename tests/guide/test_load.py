"""Loading tables of places: whole, again, interrupted, and bit by bit."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from nadeuri import columns
from nadeuri.cli import main
from nadeuri.data import places
from nadeuri.data.places import great_circle_metres
from nadeuri.errors import DataError
from nadeuri.guide import schema as graph
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.load import LoadSummary, load_folder
from nadeuri.guide.schema import SCHEMA

MEMORY_BYTES = 128 << 20

LOAD_IN_PARTS = """
import sys
from pathlib import Path
from nadeuri.data import place_reader
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide import load
from nadeuri.guide.load import load_folder

place_reader._BATCH_ROWS = load._PART_ROWS = 64
with LadybugStore(Path(sys.argv[2]), memory_bytes=128 << 20) as store:
    load_folder(
        Path(sys.argv[1]), store, Path(sys.argv[3]), on_part=lambda part: print(part, flush=True)
    )
"""


def load(folder: Path, path: Path) -> LoadSummary:
    with LadybugStore(path, memory_bytes=MEMORY_BYTES) as store:
        return load_folder(folder, store, path.with_name("rejects.parquet"))


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All nodes and relationships, in an order of their own."""
    found = {}
    with LadybugStore(path, read_only=True, memory_bytes=MEMORY_BYTES) as store:
        for node in SCHEMA.nodes:
            listed = ", ".join(f"n.`{name}`" for name in node.properties)
            found[node.label] = store.query(f"MATCH (n:`{node.label}`) RETURN {listed}")
        for edge in SCHEMA.edges:
            ends = f"a.`{SCHEMA.keys[edge.start]}`, b.`{SCHEMA.keys[edge.end]}`"
            listed = "".join(f", r.`{name}`" for name in edge.properties)
            found[edge.name] = store.query(
                f"MATCH (a:`{edge.start}`)-[r:`{edge.name}`]->(b:`{edge.end}`) "
                f"RETURN {ends}{listed}"
            )
    return {
        name: sorted((tuple(row.values()) for row in rows), key=repr)
        for name, rows in found.items()
    }


def ask(path: Path, cypher: str) -> list[tuple[object, ...]]:
    with LadybugStore(path, read_only=True, memory_bytes=MEMORY_BYTES) as store:
        return [tuple(row.values()) for row in store.query(cypher)]


def few(folder: Path, out: Path, n: int) -> Path:
    """The first ``n`` places of a folder, with all that belongs to them."""
    out.mkdir()
    ids = pq.read_table(folder / "places.parquet")[columns.PLACE_ID][:n]
    for name, table in places.TABLES.items():
        rows = pq.read_table(folder / f"{name}.parquet")
        if columns.PLACE_ID in table.schema.names:
            rows = rows.filter(pa.compute.is_in(rows[columns.PLACE_ID], pa.array(ids)))
        pq.write_table(rows, out / f"{name}.parquet")
    return out


@pytest.fixture
def small(place_folder: Path, tmp_path: Path) -> Path:
    return few(place_folder, tmp_path / "small", 5)


def test_the_graph_holds_what_the_tables_say(place_folder: Path, tiny_graph: Path) -> None:
    found = contents(tiny_graph)
    with duckdb.connect() as con:
        for name in places.TABLES:
            con.register(name, pq.read_table(place_folder / f"{name}.parquet"))

        def rows(query: str) -> list[tuple[object, ...]]:
            return sorted(con.execute(query).fetchall(), key=repr)

        assert found[graph.REVIEW] == rows("SELECT * EXCLUDE (place_id) FROM reviews")
        assert found[graph.HAS_REVIEW] == rows("SELECT place_id, review_id FROM reviews")
        assert found[graph.MENU] == rows("SELECT * EXCLUDE (place_id) FROM menus")
        assert found[graph.RATED_BY] == rows("SELECT * FROM ratings")
        assert found[graph.IN_CATEGORY] == rows("SELECT place_id, category FROM places")
        assert found[graph.IN_TOWN] == rows("SELECT place_id, town FROM places")
        assert found[graph.IN_CITY] == rows("SELECT DISTINCT town, city FROM places")
        assert found[graph.ATTRACTION] == rows("SELECT * EXCLUDE (town) FROM attractions")
        assert found[graph.USED_BY] == rows(
            "SELECT place_id, concat(dimension, ':', value), month, share FROM usage"
        )
        assert found[graph.VISITED_FOR] == rows(
            """SELECT place_id, value, n_visits,
                CAST(n_visits AS DOUBLE) / sum(n_visits) OVER (PARTITION BY place_id)
            FROM visits WHERE kind = 'purpose'"""
        )
        facts = [name for name in places.TABLES[places.PLACES].schema.names if name != "village"]
        found_facts = ask(
            tiny_graph, f"MATCH (p:Place) RETURN {', '.join(f'p.{name}' for name in facts)}"
        )
        expected_facts = rows(f"SELECT {', '.join(facts)} FROM places")
    assert sorted(found_facts, key=repr) == expected_facts


def test_totals_of_places_follow_from_ratings_and_reviews(
    place_folder: Path, tiny_graph: Path
) -> None:
    found = ask(
        tiny_graph,
        "MATCH (p:Place) RETURN p.place_id, p.rating, p.n_ratings, p.n_reviews ORDER BY p.place_id",
    )
    with duckdb.connect() as con:
        for name in ("places", "ratings", "reviews"):
            con.register(name, pq.read_table(place_folder / f"{name}.parquet"))
        expected = con.execute(
            """SELECT place_id, sum(rating * n_ratings) / sum(n_ratings), sum(n_ratings),
                (SELECT count(*) FROM reviews r WHERE r.place_id = p.place_id)
            FROM places p LEFT JOIN ratings USING (place_id) GROUP BY place_id ORDER BY place_id"""
        ).fetchall()
    assert [(row[0], row[2], row[3]) for row in found] == [
        (place, n or 0, n_reviews) for place, _, n, n_reviews in expected
    ]
    assert [row[1] for row in found] == pytest.approx([row[1] for row in expected], abs=1e-4)


def test_near_is_five_kilometres(tiny_graph: Path) -> None:
    found = contents(tiny_graph)
    spots = {
        str(row[0]): row[1:]
        for row in ask(tiny_graph, "MATCH (p:Place) RETURN p.place_id, p.latitude, p.longitude")
    }
    sights = {str(row[0]): row[2:] for row in found[graph.ATTRACTION]}
    expected = {
        (place, sight): float(great_circle_metres(*here, *there))
        for place, here in spots.items()
        for sight, there in sights.items()
    }
    near = {(str(a), str(b)): metres for a, b, metres in found[graph.NEAR]}
    assert near.keys() == {ends for ends, metres in expected.items() if metres <= 5_000}
    for ends, metres in near.items():
        assert metres == pytest.approx(expected[ends], abs=0.051)


def test_loading_again_skips_everything(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.graph"
    first = load(small, path)
    before = contents(path)
    again = load(small, path)
    assert first.skipped == 0
    assert again.skipped == sum(again.rows.values()) == sum(first.rows.values())
    assert again.created == {}
    assert again.counts == first.counts
    assert contents(path) == before


def test_loading_from_elsewhere_changes_nothing_either(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.graph"
    load(small, path)
    before = contents(path)
    again = load(Path(shutil.copytree(small, tmp_path / "elsewhere")), path)
    assert again.skipped == 0  # everything was compared
    assert again.created == {}
    assert contents(path) == before


def test_what_another_folder_overwrote_is_written_again(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.graph"
    load(small, path)
    before = contents(path)
    other = tmp_path / "other"
    other.mkdir()
    menus = pq.read_table(small / "menus.parquet")
    prices = pa.array([price + 500 for price in menus["price"].to_pylist()])
    pq.write_table(menus.set_column(3, "price", prices), other / "menus.parquet")
    load(other, path)
    assert contents(path) != before
    load(small, path)
    assert contents(path) == before


@pytest.mark.parametrize("n_parts", [2, 7, 12])
def test_a_killed_load_goes_on_where_it_stopped(small: Path, tmp_path: Path, n_parts: int) -> None:
    """SIGKILL in the midst of a load, after some parts."""
    path, rejects = tmp_path / "a.graph", tmp_path / "rejects.parquet"
    command = [sys.executable, "-c", LOAD_IN_PARTS, str(small), str(path), str(rejects)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        finished = [process.stdout.readline().strip() for _ in range(n_parts)]
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert all(finished)

    with LadybugStore(path, read_only=True, memory_bytes=MEMORY_BYTES) as store:
        assert store.counts()[graph.PLACE] == 5  # the first part, and readable as it is
    rest = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert rest
    assert not set(rest) & set(finished)
    load(small, tmp_path / "whole.graph")
    assert contents(path) == contents(tmp_path / "whole.graph")


def test_new_reviews_are_added_to_what_is_there(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.graph"
    load(small, path)
    (tmp_path / "new").mkdir()
    review = pq.read_table(small / "reviews.parquet").slice(0, 1).to_pylist()[0]
    place = review[columns.PLACE_ID]
    new = [
        review | {columns.REVIEW_ID: "new-1", columns.TEXT: "새로 쓴 리뷰"},
        review,  # is there already
        review | {columns.REVIEW_ID: "new-2", columns.PLACE_ID: "P99999"},
    ]
    schema = places.TABLES[places.REVIEWS].schema
    pq.write_table(pa.Table.from_pylist(new, schema=schema), tmp_path / "new/reviews.parquet")
    count = f"MATCH (p:Place {{place_id: '{place}'}}) RETURN p.n_reviews, p.name"
    before = ask(path, count)[0]
    summary = load(tmp_path / "new", path)
    assert summary.created == {"Review": 1, "HAS_REVIEW": 1}
    assert summary.rejected == {places.UNKNOWN_PLACE: 1}
    rejected = pq.read_table(tmp_path / "rejects.parquet").to_pylist()
    assert [(row[columns.SOURCE_ROW], row[columns.VALUE]) for row in rejected] == [(3, "P99999")]
    assert ask(path, count)[0] == (int(str(before[0])) + 1, before[1])
    load(small, path)
    assert not (tmp_path / "rejects.parquet").exists()  # of the load before


def test_a_place_that_changed_is_moved_and_not_doubled(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.graph"
    load(small, path)
    rows = pq.read_table(small / "places.parquet").to_pylist()
    rows[0] |= {"town": "우도면", "category": "카페", "latitude": 33.5, "longitude": 126.95}
    schema = places.TABLES[places.PLACES].schema
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), small / "places.parquet")
    visits = pq.read_table(small / "visits.parquet").to_pylist()
    gone = next(row for row in visits if row["place_id"] == rows[0]["place_id"])
    schema = places.TABLES[places.VISITS].schema
    kept = [row for row in visits if row != gone]
    pq.write_table(pa.Table.from_pylist(kept, schema=schema), small / "visits.parquet")
    load(small, path)
    one = f"(p:Place {{place_id: '{rows[0]['place_id']}'}})"
    found = ask(
        path,
        f"MATCH {one}-[:IN_TOWN]->(t), {one.replace('p:', ':')}-[:IN_CATEGORY]->(c) "
        "RETURN t.name, c.name, p.town",
    )
    assert found == [("우도면", "카페", "우도면")]
    near = [row[0] for row in ask(path, f"MATCH {one}-[:NEAR]->(a:Attraction) RETURN a.name")]
    assert "우도봉" in near
    assert "새별오름" not in near
    assert ask(path, f"MATCH {one}-[v:VISITED_FOR]->(x {{name: '{gone['value']}'}}) RETURN v") == []
    sums = ask(path, f"MATCH {one}-[v:VISITED_FOR]->() RETURN sum(v.share)")
    assert sums[0][0] == pytest.approx(1)


def test_a_folder_with_nothing_to_load_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no table of places here"):
        load(tmp_path, tmp_path / "a.graph")
    result = CliRunner().invoke(
        main, ["guide", "load", str(tmp_path), "--graph", str(tmp_path / "b.graph")]
    )
    assert result.exit_code == 2
    assert "no table of places here" in result.output
    assert not (tmp_path / "b.graph").exists()


def test_the_verb_loads_and_says_what_is_there(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NADEURI_HOME", str(tmp_path / "work"))
    menus = pq.read_table(small / "menus.parquet").to_pylist()
    menus[0]["price"] = -1
    schema = places.TABLES[places.MENUS].schema
    pq.write_table(pa.Table.from_pylist(menus, schema=schema), small / "menus.parquet")
    result = CliRunner().invoke(main, ["guide", "load", str(small)])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "work/guide/places.graph").is_file()
    assert (tmp_path / "work/guide/rejects.parquet").is_file()
    assert "rejected: 1 out_of_range (first:" in result.output
    lines = [line.split() for line in result.output.splitlines()]
    assert ["Place", "5", "5"] in lines


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--neo4j", "--graph", "a.graph"], "give one of them"),
        (["--neo4j"], "NEO4J_URI is not set"),
    ],
)
def test_the_verb_wants_one_target(
    small: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.delenv("NEO4J_URI", raising=False)
    result = CliRunner().invoke(main, ["guide", "load", str(small), *arguments])
    assert result.exit_code == 2
    assert message in result.output
