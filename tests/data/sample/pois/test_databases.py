"""Two databases of the same places: sizes, gold, and what is hard about them."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa
import pytest

from nadeuri import columns
from nadeuri.data.places import great_circle_metres
from nadeuri.data.sample.pois.databases import (
    SCHEMA,
    TEST,
    TRAIN,
    VALID,
    Databases,
    build_databases,
    split_of,
)
from nadeuri.data.sample.pois.drawn import draw_pois

N_AGENCY, N_GOOGLE, N_CITIES = 1_000, 1_200, 20


@pytest.fixture(scope="module")
def databases() -> Databases:
    return build_databases(N_AGENCY, N_GOOGLE, N_CITIES, seed=0)


def by_id(table: pa.Table) -> dict[str, dict[str, object]]:
    return {row[columns.PLACE_ID]: row for row in table.to_pylist()}


def test_sizes_ids_and_schema(databases: Databases) -> None:
    for table, n in ((databases.agency, N_AGENCY), (databases.google, N_GOOGLE)):
        assert table.schema == SCHEMA
        assert table.num_rows == n
        assert len(by_id(table)) == n
        assert table[columns.NAME].null_count == 0
        names = [name for name in SCHEMA.names if pa.types.is_string(SCHEMA.field(name).type)]
        for name in names:
            for text in table[name].drop_null().to_pylist():
                assert text == unicodedata.normalize("NFC", text).strip() != ""


def test_the_same_seed_gives_the_same_tables(databases: Databases) -> None:
    again = build_databases(N_AGENCY, N_GOOGLE, N_CITIES, seed=0)
    assert again.agency == databases.agency
    assert again.google == databases.google
    assert again.gold == databases.gold
    assert build_databases(N_AGENCY, N_GOOGLE, N_CITIES, seed=1).google != databases.google


def test_gold_is_one_to_one_and_three_quarters_have_a_match(databases: Databases) -> None:
    gold = databases.gold.to_pylist()
    same = [row for row in gold if row[columns.RELATION] == columns.SAME]
    assert len(same) == round(0.75 * N_AGENCY)
    for side, table in ((columns.LEFT, databases.agency), (columns.RIGHT, databases.google)):
        ids = [row[side] for row in same]
        assert len(set(ids)) == len(ids)
        assert {row[side] for row in gold} <= set(by_id(table))
    pairs = [(row[columns.LEFT], row[columns.RIGHT]) for row in gold]
    assert len(set(pairs)) == len(pairs)
    assert set(databases.gold[columns.RELATION].to_pylist()) == set(columns.RELATIONS)


def test_no_city_is_in_two_parts(databases: Databases) -> None:
    agency, google = by_id(databases.agency), by_id(databases.google)
    parts: dict[object, set[str]] = defaultdict(set)
    for row in databases.gold.to_pylist():
        left, right = agency[row[columns.LEFT]], google[row[columns.RIGHT]]
        parts[left[columns.CITY]].add(row[columns.SPLIT])
        if right[columns.CITY] is not None:
            parts[right[columns.CITY]].add(row[columns.SPLIT])
    assert all(len(found) == 1 for found in parts.values())
    assert split_of("abcdef") == dict(
        zip("abcdef", (TRAIN, TEST, TRAIN, VALID, TRAIN, TRAIN), strict=True)
    )


def test_relations_are_what_they_say(databases: Databases) -> None:
    lefts = {place_id: number for number, place_id in databases.agency_ids.items()}
    rights = {place_id: number for number, place_id in databases.google_ids.items()}
    for row in databases.gold.to_pylist():
        left = databases.pois[lefts[row[columns.LEFT]]]
        right = databases.pois[rights[row[columns.RIGHT]]]
        metres = great_circle_metres(left.latitude, left.longitude, right.latitude, right.longitude)
        relation = row[columns.RELATION]
        assert left.city == right.city
        assert (left.number == right.number) == (relation == columns.SAME)
        assert (relation == columns.CONTAINS) == (
            left.part_of == right.number or right.part_of == left.number
        )
        if relation == columns.NEARBY:
            assert metres <= 300
        if relation == columns.DIFFERENT:
            assert metres > 300
            assert left.chain == right.chain != ""


def test_the_agency_writes_korean_and_the_map_does_not(databases: Databases) -> None:
    def korean_share(table: pa.Table) -> float:
        names = table[columns.NAME].to_pylist()
        return float(np.mean([any("가" <= char <= "힣" for char in name) for name in names]))

    assert korean_share(databases.agency) > 0.8
    assert korean_share(databases.google) < 0.15  # places in Korea alone
    for table, name, low, high in (
        (databases.agency, columns.LATITUDE, 0.08, 0.16),
        (databases.agency, columns.NAME_EN, 0.6, 0.7),
        (databases.google, columns.LATITUDE, 0.0, 0.0),
        (databases.google, columns.NAME_LOCAL, 0.2, 0.35),
    ):
        assert low <= table[name].null_count / table.num_rows <= high


def test_coordinates_are_moved_but_not_far(databases: Databases) -> None:
    where = {
        row[columns.PLACE_ID]: (row[columns.LATITUDE], row[columns.LONGITUDE])
        for table in (databases.agency, databases.google)
        for row in table.to_pylist()
        if row[columns.LATITUDE] is not None
    }
    pairs = [
        (where[row[columns.LEFT]], where[row[columns.RIGHT]])
        for row in databases.gold.to_pylist()
        if row[columns.RELATION] == columns.SAME and row[columns.LEFT] in where
    ]
    here, there = np.array(pairs).transpose(1, 2, 0)
    metres = great_circle_metres(here[0], here[1], there[0], there[1])
    assert 30 < np.median(metres) < 90
    assert 0.005 < np.mean(metres > 500) < 0.05


def test_places_are_numbered_and_parts_lie_in_their_city() -> None:
    pois = draw_pois(400, 8, seed=2)
    assert [poi.number for poi in pois] == list(range(400))
    assert len(Counter(poi.city.code for poi in pois)) == 8
    for poi in pois:
        if poi.part_of is not None:
            host = pois[poi.part_of]
            assert host.city == poi.city
            assert (
                great_circle_metres(poi.latitude, poi.longitude, host.latitude, host.longitude)
                < 3_000
            )
    names = Counter((poi.city.code, poi.words.name) for poi in pois)
    assert max(names.values()) == 1
