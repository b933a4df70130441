"""Reading tables of points of interest: what is let through, and what becomes of the rest."""

from __future__ import annotations

import gzip
import unicodedata
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.data import places, rejects
from nadeuri.data.poi import POIS, read_pois
from nadeuri.data.rejects import RejectsWriter
from nadeuri.errors import DataError


def read(file: Path, **options: object) -> tuple[pa.Table, dict[str, int]]:
    with RejectsWriter(file.with_name("rejects.parquet")) as writer:
        table = read_pois(file, writer, **options)  # type: ignore[arg-type]
    return table, dict(writer.counts)


def written(folder: Path, text: str, name: str = "pois.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_only_id_and_name_are_needed(tmp_path: Path) -> None:
    table, counts = read(written(tmp_path, "place_id,name\n1,오사카성\n"))
    assert table.schema == POIS.schema
    assert table.to_pylist() == [
        {**dict.fromkeys(POIS.schema.names), "place_id": "1", "name": "오사카성"}
    ]
    assert counts == {}


def test_text_is_composed_and_trimmed(tmp_path: Path) -> None:
    apart = unicodedata.normalize("NFD", "오사카성")
    table, _ = read(written(tmp_path, f"place_id,name,city\n 1 , {apart} ,  \n"))
    assert table[columns.NAME].to_pylist() == ["오사카성"]
    assert table[columns.CITY].to_pylist() == [None]


def test_rows_without_a_use_are_rejected(tmp_path: Path) -> None:
    text = "place_id,name\n1,a\n,b\n3,\n1,a\n1,other\nbroken\n"
    table, counts = read(written(tmp_path, text))
    assert table[columns.PLACE_ID].to_pylist() == ["1"]
    assert counts == {
        places.MISSING_VALUE: 2,
        places.DUPLICATE_ROW: 1,
        places.CONFLICTING_ROW: 1,
        rejects.MALFORMED_ROW: 1,
    }


@pytest.mark.parametrize(
    ("latitude", "longitude", "reason"),
    [
        ("north", "2", places.UNREADABLE_VALUE),
        ("91", "2", places.OUT_OF_RANGE),
        ("1", "inf", places.OUT_OF_RANGE),
        ("0", "0", places.OUT_OF_RANGE),
    ],
)
def test_impossible_coordinates_become_none(
    tmp_path: Path, latitude: str, longitude: str, reason: str
) -> None:
    text = f"place_id,name,latitude,longitude\n1,a,{latitude},{longitude}\n"
    table, counts = read(written(tmp_path, text))
    assert table.select([columns.LATITUDE, columns.LONGITUDE]).to_pylist() == [
        {columns.LATITUDE: None, columns.LONGITUDE: None}
    ]
    assert counts == {reason: 1}


def test_half_a_position_is_none_without_complaint(tmp_path: Path) -> None:
    text = "place_id,name,latitude,longitude\n1,a,34.5,\n2,b,0,126.5\n"
    table, counts = read(written(tmp_path, text))
    assert table[columns.LATITUDE].to_pylist() == [None, 0.0]
    assert counts == {}


def test_parquet_and_compressed_tsv_read_alike(tmp_path: Path) -> None:
    rows = {
        "place_id": [1.0, 2.0],
        "name": ["a", "b"],
        "latitude": [1.5, None],
        "longitude": [2.5, 3.0],
    }
    pq.write_table(pa.table(rows), tmp_path / "pois.parquet")
    text = "place_id\tname\tlatitude\tlongitude\n1\ta\t1.5\t2.5\n2\tb\t\t3\n"
    (tmp_path / "pois.tsv.gz").write_bytes(gzip.compress(text.encode()))
    assert read(tmp_path / "pois.parquet")[0] == read(tmp_path / "pois.tsv.gz")[0]


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    file = written(tmp_path, "code,title\n1,a\n")
    table, _ = read(file, renamed={"place_id": "code", "name": "title"})
    assert table[columns.NAME].to_pylist() == ["a"]
    with pytest.raises(DataError, match="no column 'place_id'"):
        read(file)
    with pytest.raises(DataError, match="no column 'where'"):
        read(file, renamed={"place_id": "code", "name": "title", "city": "where"})
    with pytest.raises(DataError, match="no column is named 'town'"):
        read(file, renamed={"town": "title"})


def test_a_table_without_places_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no usable row among 1"):
        read(written(tmp_path, "place_id,name\n1,\n"))
    with pytest.raises(DataError, match="not a Parquet file"):
        read(written(tmp_path, "no", "pois.parquet"))


@given(st.lists(st.text(max_size=20), max_size=5))
def test_any_line_is_read_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("pois")
    body = "\n".join(line.replace("\n", " ").replace("\r", " ") for line in lines)
    file = written(folder, f"place_id,name,latitude,longitude\nfirst,a,1,2\n{body}\n")
    table, counts = read(file)
    n_lines = sum(bool(line.strip()) for line in body.split("\n"))
    rows_rejected = sum(counts.values()) - counts.get(places.UNREADABLE_VALUE, 0)
    assert table.num_rows + rows_rejected >= 1 + n_lines - counts.get(places.OUT_OF_RANGE, 0)
