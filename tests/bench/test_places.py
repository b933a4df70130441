"""The benchmark of the place mapping: how data are read, and what is counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nadeuri import columns
from nadeuri.data.poi import POIS
from places import fodors_zagats, geoer, pittsburgh
from places.labelled import Quality, numbered, quality, read_ditto
from places.scale import make_tables
from places.splink import mutual_best

DATA = Path(__file__).parents[3] / "shared" / "data" / "places"


def test_a_line_of_ditto_is_two_records_and_a_label() -> None:
    line = (
        "COL name VAL Old Mill COL address VAL   \tCOL name VAL Mill COL address VAL 1 Hill \t1\n"
    )
    left, right, same = read_ditto(line)
    assert left == {"name": "Old Mill", "address": ""}
    assert right == {"name": "Mill", "address": "1 Hill"}
    assert same


def test_equal_records_are_one_place() -> None:
    records = [{"name": "a"}, {"name": "b"}, {"name": "a"}]
    found, places = numbered(records, "l")
    assert found == [0, 1, 0]
    assert places == [{"place_id": "l0", "name": "a"}, {"place_id": "l1", "name": "b"}]


def test_quality_is_in_percent() -> None:
    found = quality(np.array([True, True, True, False]), np.array([True, True, False, True]))
    assert found.precision == found.recall == pytest.approx(200 / 3)
    assert found.f1 == pytest.approx(200 / 3)
    assert Quality.of(0, 0, 0) == Quality(0, 0, 0)


def test_only_the_best_of_both_places_counts() -> None:
    pairs = [("a", "x", 0.9), ("a", "y", 0.8), ("b", "x", 0.7), ("c", "z", 0.4), ("d", "y", 0.8)]
    assert mutual_best(pairs) == {("a", "x")}
    assert mutual_best([("a", "y", 0.6), ("d", "y", 0.8)]) == {("d", "y")}


def test_the_tables_of_the_scale_are_half_the_same() -> None:
    left, right = make_tables(200)
    assert left.schema == right.schema == POIS.schema
    ids = [set(table[columns.PLACE_ID].to_pylist()) for table in (left, right)]
    assert [len(some) for some in ids] == [200, 200]
    assert {f"r{name[1:]}" for name in ids[0]} & ids[1] == {f"r{i}" for i in range(100)}
    assert make_tables(200)[1].equals(right)
    assert 5 < left[columns.LATITUDE].null_count < 40


@pytest.mark.shared
@pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")
def test_the_data_sets_have_the_published_sizes() -> None:
    city = geoer.read_city(DATA, "fsq", "sin")
    assert (len(city.same), int(city.same.sum())) == (19_243, 2_116)
    left, right = pittsburgh.read_tables(DATA)
    assert (left.num_rows, right.num_rows, len(pittsburgh.read_gold(DATA))) == (2_383, 2_474, 1_237)
    pairs = fodors_zagats.read_pairs(DATA)
    assert [len(pairs.rows(part)) for part in geoer.PARTS] == [567, 190, 189]
    assert len(fodors_zagats.read_gold(DATA)) == 112
    assert pairs.left[columns.NAME][0].as_py() == "toulouse"
