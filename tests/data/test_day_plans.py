"""Day plans of packages and travellers: every way to write them, and every fault."""

from __future__ import annotations

import gzip
import json
import unicodedata
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nadeuri import columns
from nadeuri.data.day_plans import (
    ITINERARY_STOPS,
    PACKAGE_STOPS,
    read_itinerary_stops,
    read_package_stops,
)
from nadeuri.errors import DataError

ROWS = [
    {"itinerary": "I1", "day": 1, "order": 1, "place_id": "G1", "name": "오사카성, 천수각"},
    {"itinerary": "I1", "day": 2, "order": 10, "place_id": None, "name": "민박"},
]


def write(folder: Path, ending: str) -> Path:
    file = folder / f"trip{ending}"
    if ending == ".parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), file)
    elif ending == ".json":
        file.write_text(json.dumps(ROWS), encoding="utf-8")
    else:
        lines = [
            "place_id,name,itinerary,day,order",
            'G1,"오사카성, 천수각",I1,1,1',
            ",민박,I1,2,10",
        ]
        if ending == ".tsv":
            lines = ["place_id\tname\titinerary\tday\torder", "G1\t오사카성, 천수각\tI1\t1\t1"]
            lines.append("\t민박\tI1\t2\t10")
        text = "\n".join([*lines, ""])
        data = unicodedata.normalize("NFD", text).encode()
        file.write_bytes(gzip.compress(data) if ending.endswith("gz") else data)
    return file


@pytest.mark.parametrize("ending", [".parquet", ".json", ".csv", ".tsv", ".csv.gz"])
def test_every_format_gives_the_same(ending: str, tmp_path: Path) -> None:
    table = read_itinerary_stops(write(tmp_path, ending))
    assert table.schema.equals(ITINERARY_STOPS)
    assert table.to_pylist() == [
        {name: row[name] for name in ITINERARY_STOPS.names} for row in ROWS
    ]


def test_the_body_of_a_request_is_an_itinerary(tmp_path: Path) -> None:
    file = tmp_path / "trip.json"
    stop = {"place_id": "G1", "day": 1.0, "order": 1}
    file.write_text(json.dumps({"ids": "google", "stops": [stop]}), encoding="utf-8")
    (row,) = read_itinerary_stops(file).to_pylist()
    assert row == {"itinerary": None, "day": 1, "order": 1, "place_id": "G1", "name": None}


def test_stops_of_packages(tmp_path: Path) -> None:
    file = tmp_path / "stops.csv"
    file.write_text("package,day,order,place_id\nP1,1,1, A1 \n", encoding="utf-8")
    table = read_package_stops(file)
    assert table.schema.equals(PACKAGE_STOPS)
    assert table.to_pylist() == [{"package": "P1", "day": 1, "order": 1, "place_id": "A1"}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("package,day,order,place_id\n", "no stop in it"),
        ("package,day,order,place_id\nP1,1,1,A1\n,1,1,A1\n", r":3: no package"),
        ("package,day,order,place_id\nP1,1,1,\n", r":2: no place_id"),
        ("package,day,order,place_id\nP1,0,1,A1\n", r":2: day '0' is no whole number from 1"),
        ("package,day,order,place_id\nP1,1,1.5,A1\n", r":2: order '1\.5'"),
        ("package,day,order,place_id\nP1,nan,1,A1\n", r":2: day 'nan'"),
        ("package,day,order,place_id\nP1,inf,1,A1\n", r":2: day 'inf'"),
        ("package,day,order,place_id\nP1,첫날,1,A1\n", r":2: day '첫날'"),
        ("package,day,order,place_id\nP1,1,1\n", r":2: .* is no row of 4 cells"),
        ("package,day,place_id\nP1,1,A1\n", "no column 'order'"),
        ("", "the file is empty"),
    ],
)
def test_faults_are_named(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "stops.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        read_package_stops(file)


@pytest.mark.parametrize("text", ["", "[1]", '{"stops": 1}', '"G1"', "\udcff"])
def test_json_that_is_no_list_of_stops(text: str, tmp_path: Path) -> None:
    file = tmp_path / "trip.json"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(DataError, match=r"not a JSON file|no list of stops"):
        read_itinerary_stops(file)


def test_a_stop_without_id_and_name(tmp_path: Path) -> None:
    file = tmp_path / "trip.json"
    file.write_text('[{"day": 1, "order": 1, "place_id": " "}]', encoding="utf-8")
    with pytest.raises(DataError, match=f"neither {columns.PLACE_ID} nor"):
        read_itinerary_stops(file)


def test_no_parquet_file(tmp_path: Path) -> None:
    (tmp_path / "trip.parquet").write_text("no")
    with pytest.raises(DataError, match="not a Parquet file"):
        read_itinerary_stops(tmp_path / "trip.parquet")
