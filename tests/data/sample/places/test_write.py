"""Places of the sample world: sound, reproducible, and true to their traits."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nadeuri import columns
from nadeuri.data import places
from nadeuri.data.place_reader import PlaceReader
from nadeuri.data.rejects import RejectsWriter
from nadeuri.data.sample.places import write_places
from nadeuri.data.sample.places.categories import CAFES, load_categories
from nadeuri.data.sample.places.drawn import ALWAYS, Drawn, draw_places
from nadeuri.data.sample.places.geography import load_attractions, load_towns

N_PLACES, N_REVIEWS, N_MONTHS = 150, 6_000, 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample") / "places"
    write_places(out, N_PLACES, N_REVIEWS, N_MONTHS, seed=0)
    return out


@pytest.fixture(scope="module")
def drawn() -> list[Drawn]:
    return draw_places(N_PLACES, seed=0)


def table(folder: Path, name: str) -> pa.Table:
    return pq.read_table(folder / f"{name}.parquet")


def ask(folder: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        for name in places.TABLES:
            con.register(name, table(folder, name))
        return con.execute(query).fetchall()


def test_every_row_passes_the_contract(folder: Path, tmp_path: Path) -> None:
    with (
        RejectsWriter(tmp_path / "rejects.parquet") as writer,
        PlaceReader(folder, writer) as reader,
    ):
        rows = {name: sum(t.num_rows for _, t in reader.read(name)) for name in places.TABLES}
    assert not writer.counts
    assert rows[places.PLACES] == N_PLACES
    assert rows[places.REVIEWS] == N_REVIEWS
    assert rows[places.USAGE] == N_PLACES * N_MONTHS * 23
    assert min(rows.values()) > 0


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_places(tmp_path / "again", N_PLACES, N_REVIEWS, N_MONTHS, seed=0)
    write_places(tmp_path / "other", N_PLACES, N_REVIEWS, N_MONTHS, seed=1)
    for name in places.TABLES:
        bytes_ = (folder / f"{name}.parquet").read_bytes()
        assert (tmp_path / f"again/{name}.parquet").read_bytes() == bytes_
        if name != places.ATTRACTIONS:
            assert (tmp_path / f"other/{name}.parquet").read_bytes() != bytes_


def test_a_place_does_not_depend_on_how_many_there_are(drawn: list[Drawn]) -> None:
    assert draw_places(20, seed=0) == drawn[:20]


def test_places_lie_where_their_address_says(drawn: list[Drawn]) -> None:
    for place in drawn:
        assert place.spot in place.town.spots
        assert place.address.startswith(f"제주특별자치도 {place.town.city} {place.town.name} ")
        assert place.spot.village is None or place.spot.village in place.address
        metres = places.great_circle_metres(
            place.latitude, place.longitude, place.spot.latitude, place.spot.longitude
        )
        assert metres < 3_500


def test_even_a_tiny_world_has_the_missions_places(drawn: list[Drawn]) -> None:
    assert [(place.town.name, place.category.name) for place in drawn[: len(ALWAYS)]] == list(
        ALWAYS
    )


def test_names_are_unique(drawn: list[Drawn]) -> None:
    many = draw_places(3_000, seed=3)
    assert len({place.name for place in many}) == len(many)


def test_towns_are_those_of_jeju() -> None:
    towns = {town.name: town for town in load_towns()}
    assert len(towns) == 43  # 7 읍, 5 면 and 31 동
    assert {name[-1] for name in towns} == {"읍", "면", "동"}
    assert {town.city for town in towns.values()} == {"제주시", "서귀포시"}
    for name, town in towns.items():
        has_villages = all(spot.village and spot.village.endswith("리") for spot in town.spots)
        assert has_villages == (not name.endswith("동"))
    assert "협재리" in {spot.village for spot in towns["한림읍"].spots}
    attractions = load_attractions()
    assert set(attractions[columns.TOWN].to_pylist()) <= set(towns)
    for row in attractions.to_pylist():  # no digit of a coordinate is mistyped
        middle = towns[row["town"]].spots[0]
        metres = places.great_circle_metres(
            row["latitude"], row["longitude"], middle.latitude, middle.longitude
        )
        assert metres < 16_000, row


def test_prices_fit_the_dish(folder: Path) -> None:
    dishes = {(kind.name, dish.name): dish for kind in load_categories() for dish in kind.dishes}
    rows = ask(
        folder,
        "SELECT category, m.name, price, is_main FROM menus m JOIN places p USING (place_id)",
    )
    assert len(rows) > 500
    for category, name, price, is_main in rows:
        dish = dishes[category, name]
        assert 0.8 * dish.low <= price <= 1.2 * dish.high
        assert is_main == dish.is_main


def test_nobody_comes_while_it_is_closed(folder: Path) -> None:
    closed = ask(
        folder,
        """SELECT max(share) FROM usage JOIN places USING (place_id)
        WHERE dimension = 'weekday' AND list_contains(closed_days, value)""",
    )
    assert closed == [(0.0,)]
    night = ask(
        folder,
        """SELECT max(share) FROM usage JOIN places USING (place_id)
        WHERE dimension = 'hour' AND value = '06-11' AND opens >= 660""",
    )
    assert night == [(0.0,)]


def test_shares_add_up(folder: Path) -> None:
    sums = ask(folder, "SELECT sum(share) FROM usage GROUP BY place_id, month, dimension")
    np.testing.assert_allclose([row[0] for row in sums], 1)


def correlation(folder: Path, first: str, second: str) -> float:
    """Of two figures per place, each a query with ``place_id`` and ``x``."""
    rows = ask(
        folder,
        f"SELECT a.x, b.x FROM ({first}) a JOIN ({second}) b USING (place_id)",
    )
    assert len(rows) > 60
    return float(np.corrcoef(np.array(rows, dtype=float).T)[0, 1])


SHARE = """SELECT place_id,
        coalesce(sum(n_visits) FILTER (value = '{0}'), 0) / sum(n_visits) AS x
    FROM visits WHERE kind = '{1}' GROUP BY place_id HAVING sum(n_visits) > 200"""
SAID = """SELECT place_id, avg(CAST(list_contains(keywords, '{0}') AS DOUBLE)) AS x
    FROM reviews GROUP BY place_id HAVING count(*) >= 15"""
USED = """SELECT place_id, avg(share) AS x FROM usage
    WHERE dimension = '{0}' AND value = '{1}' GROUP BY place_id"""


def test_what_is_said_who_comes_and_who_uses_it_agree(folder: Path) -> None:
    parents = SHARE.format("부모님", "companion")
    assert correlation(folder, parents, SAID.format("부모님과 가기 좋아요")) > 0.5
    assert correlation(folder, parents, USED.format("age", "60대이상")) > 0.5
    children = SHARE.format("아이", "companion")
    assert correlation(folder, children, SAID.format("아이와 가기 좋아요")) > 0.5
    assert correlation(folder, parents, SAID.format("사진이 잘 나와요")) < 0.2
    rating = "SELECT place_id, avg(rating) AS x FROM ratings GROUP BY place_id"
    said = "SELECT place_id, avg(rating) AS x FROM reviews GROUP BY place_id HAVING count(*) >= 15"
    assert correlation(folder, rating, said) > 0.5
    waits = "SELECT place_id, waiting_share AS x FROM places"
    complaints = """SELECT place_id, avg(CAST(text LIKE '%웨이팅이%' OR text LIKE '%줄이 길어%' OR
        text LIKE '%기다렸%' AS DOUBLE)) AS x FROM reviews GROUP BY 1 HAVING count(*) >= 15"""
    assert correlation(folder, waits, complaints) > 0.3


def test_purposes_fit_the_category(folder: Path) -> None:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for category, value in ask(
        folder,
        """SELECT DISTINCT category, value FROM visits JOIN places USING (place_id)
        WHERE kind = 'purpose'""",
    ):
        found[str(value)].add(str(category))
    assert found["작업"] <= CAFES
    assert not found["회식"] & CAFES
    assert set(found) == set(columns.PURPOSES)


def test_the_sea_is_seen_from_the_coast_alone(drawn: list[Drawn], folder: Path) -> None:
    inland = {place.place_id for place in drawn if place.spot.inland}
    assert len(inland) > 20
    seen = {
        row[0]
        for row in ask(folder, "SELECT DISTINCT place_id FROM reviews WHERE text LIKE '%바다가%'")
    }
    assert len(seen) > 30
    assert not seen & inland


def test_reviews_are_varied_korean(folder: Path) -> None:
    texts = table(folder, places.REVIEWS)["text"].to_pylist()
    assert len(set(texts)) > 0.9 * len(texts)
    assert not any(set(text) & set("{}[]|○") for text in texts)
    assert all(text == unicodedata.normalize("NFC", text).strip() for text in texts)
    words = Counter(word for text in texts for word in text.split())
    assert len(words) > 2_500
    assert 15 < np.mean([len(text) for text in texts]) < 60
    assert sum(" " not in text for text in texts) < 0.2 * len(texts)


def test_dishes_in_reviews_are_on_the_menu(folder: Path) -> None:
    """The particle behind a dish fits as well, where the review has no slips."""
    rows = ask(
        folder,
        """SELECT text, list(m.name) FROM reviews JOIN menus m USING (place_id)
        WHERE regexp_matches(text, '[을를] 꼭 드셔보세요') GROUP BY review_id, text""",
    )
    assert len(rows) > 20
    fitting = 0
    for text, menu in rows:
        before = str(text).split(" 꼭 드셔보세요")[0]
        fitting += any(before.endswith((f"{dish}을", f"{dish}를")) for dish in menu)  # type: ignore[union-attr]
    assert fitting > 0.85 * len(rows)


def test_popular_places_have_more_reviews(drawn: list[Drawn], folder: Path) -> None:
    counts = dict(ask(folder, "SELECT place_id, count(*) FROM reviews GROUP BY place_id"))
    order = sorted(drawn, key=lambda place: -place.popularity)
    most, least = order[0].place_id, order[-1].place_id
    assert counts[most] > 4 * counts.get(least, 0)  # type: ignore[operator]
