"""Tables of places: what is read, and why rows are not."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.data import places, rejects
from nadeuri.data.place_reader import PlaceReader
from nadeuri.data.places import TABLES, great_circle_metres
from nadeuri.data.rejects import RejectsWriter
from nadeuri.errors import DataError

PLACE = {
    "place_id": "p1",
    "name": "돌담 흑돼지",
    "category": "흑돼지",
    "address": "제주시 애월읍 애월리 1",
    "city": "제주시",
    "town": "애월읍",
    "village": "애월리",
    "latitude": "33.46",
    "longitude": "126.31",
    "opens": "660",
    "closes": "1320",
    "closed_days": "수|목",
    "takes_reservations": "true",
    "reservation_share": "0.2",
    "waiting_share": "0.1",
    "waiting_minutes": "12.5",
}


def csv_file(folder: Path, name: str, *rows: dict[str, str]) -> Path:
    file = folder / f"{name}.csv"
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def read(folder: Path, name: str, **options: object) -> tuple[pa.Table, list[dict[str, object]]]:
    """Sound rows of a table and the rejected ones (of this table and of places)."""
    path = folder / "out" / "rejects.parquet"
    path.parent.mkdir(exist_ok=True)
    with (
        RejectsWriter(path) as writer,
        PlaceReader(folder, writer, **options) as reader,  # type: ignore[arg-type]
    ):
        if name != places.PLACES:
            list(reader.read(places.PLACES))
        tables = [table for _, table in reader.read(name)]
    rejected = pq.read_table(path).to_pylist() if writer.counts else []
    schema = TABLES[name].schema
    return pa.concat_tables(tables) if tables else schema.empty_table(), rejected


def reasons(rejected: list[dict[str, object]]) -> list[tuple[object, ...]]:
    return [
        (row[columns.SOURCE_ROW], row[columns.REASON], row[columns.FIELD], row[columns.VALUE])
        for row in rejected
    ]


def test_a_row_of_text_becomes_typed_values(tmp_path: Path) -> None:
    csv_file(tmp_path, "places", PLACE | {"village": " ", "name": " 돌담  "})
    table, rejected = read(tmp_path, places.PLACES)
    assert not rejected
    assert table.schema == TABLES[places.PLACES].schema
    assert table.to_pylist() == [
        PLACE
        | {
            "name": "돌담",
            "village": None,
            "latitude": 33.46,
            "longitude": 126.31,
            "opens": 660,
            "closes": 1320,
            "closed_days": ["수", "목"],
            "takes_reservations": True,
            "reservation_share": 0.2,
            "waiting_share": 0.1,
            "waiting_minutes": 12.5,
        }
    ]


def test_text_is_nfc(tmp_path: Path) -> None:
    csv_file(tmp_path, "places", PLACE | {"name": unicodedata.normalize("NFD", "바다")})
    table, _ = read(tmp_path, places.PLACES)
    assert table["name"].to_pylist() == ["바다"]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("place_id", "", places.MISSING_VALUE),
        ("name", "  ", places.MISSING_VALUE),
        ("latitude", "north", places.UNREADABLE_VALUE),
        ("latitude", "nan", places.UNREADABLE_VALUE),
        ("latitude", "91", places.OUT_OF_RANGE),
        ("opens", "660.5", places.UNREADABLE_VALUE),
        ("closes", "600", places.OUT_OF_RANGE),
        ("closed_days", "수|Thursday", places.UNKNOWN_VALUE),
        ("takes_reservations", "maybe", places.UNREADABLE_VALUE),
        ("waiting_share", "1.2", places.OUT_OF_RANGE),
    ],
)
def test_an_unsound_place_is_rejected_alone(
    tmp_path: Path, field: str, value: str, reason: str
) -> None:
    csv_file(tmp_path, "places", PLACE | {field: value}, PLACE | {"place_id": "p2"})
    table, rejected = read(tmp_path, places.PLACES)
    assert table["place_id"].to_pylist() == ["p2"]
    shown = value.strip() or None
    assert reasons(rejected) == [(2, reason, field, shown)]


def test_rows_are_tied_to_places_that_are_known(tmp_path: Path) -> None:
    csv_file(tmp_path, "places", PLACE)
    rating = {"place_id": "p1", "source": "나들지도", "rating": "4.5", "n_ratings": "10"}
    csv_file(tmp_path, "ratings", rating, rating | {"place_id": "p7"}, rating | {"place_id": "p9"})
    table, rejected = read(tmp_path, places.RATINGS)
    assert table["place_id"].to_pylist() == ["p1"]
    assert reasons(rejected) == [
        (3, places.UNKNOWN_PLACE, "place_id", "p7"),
        (4, places.UNKNOWN_PLACE, "place_id", "p9"),
    ]
    table, _ = read(tmp_path, places.RATINGS, known_places=["p9"])
    assert table["place_id"].to_pylist() == ["p1", "p9"]


def test_a_place_that_is_rejected_is_not_known(tmp_path: Path) -> None:
    csv_file(tmp_path, "places", PLACE | {"latitude": "?"})
    csv_file(
        tmp_path, "ratings", {"place_id": "p1", "source": "a", "rating": "4", "n_ratings": "1"}
    )
    table, rejected = read(tmp_path, places.RATINGS)
    assert table.num_rows == 0
    assert [row[columns.REASON] for row in rejected] == [
        places.UNREADABLE_VALUE,
        places.UNKNOWN_PLACE,
    ]


def test_of_rows_with_one_key_the_first_is_kept(tmp_path: Path) -> None:
    other = PLACE | {"place_id": "p2"}
    csv_file(tmp_path, "places", PLACE, other, PLACE, PLACE | {"name": "다른 이름"})
    table, rejected = read(tmp_path, places.PLACES)
    assert table["name"].to_pylist() == ["돌담 흑돼지", "돌담 흑돼지"]
    assert reasons(rejected) == [
        (4, places.DUPLICATE_ROW, None, "p1"),
        (5, places.CONFLICTING_ROW, None, "p1"),
    ]


def test_repeats_are_found_across_batches_and_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nadeuri.data.place_reader._BATCH_ROWS", 2)
    table = pa.table(
        {
            "review_id": ["r1", "r2", "r3", "r1"],
            "place_id": ["p1"] * 4,
            "source": ["a"] * 4,
            "text": ["하나", "둘", "셋", "넷"],
            "date": pa.array([date(2026, 1, 1)] * 4),
        }
    )
    (tmp_path / "reviews").mkdir()
    pq.write_table(table, tmp_path / "reviews/2026-01.parquet")
    pq.write_table(table.slice(1, 1), tmp_path / "reviews/2026-02.parquet")
    found, rejected = read(tmp_path, places.REVIEWS, known_places=["p1"])
    assert found["text"].to_pylist() == ["하나", "둘", "셋"]
    assert found["keywords"].to_pylist() == [[], [], []]
    assert found["rating"].to_pylist() == [None] * 3
    assert reasons(rejected) == [
        (4, places.CONFLICTING_ROW, None, "r1"),
        (1, places.DUPLICATE_ROW, None, "r2"),
    ]


def test_broken_lines_are_reported_whole(tmp_path: Path) -> None:
    header = ",".join(("menu_id", "place_id", "name", "price", "is_main"))
    lines = [
        header,
        "m1,p1,고기국수,9000,true",
        "m2,p1",
        'm3,p1,"a,9000,true',
        'm4,p1,"국수, 밥",1,',
    ]
    data = "\n".join(lines).encode() + b"\nm5,p1,\xff\xfe,9000,true\n"
    (tmp_path / "menus.csv").write_bytes(data)
    table, rejected = read(tmp_path, places.MENUS, known_places=["p1"])
    assert table["name"].to_pylist() == ["고기국수", "국수, 밥"]
    assert table["is_main"].to_pylist() == [True, None]
    assert [(row[columns.SOURCE_ROW], row[columns.REASON]) for row in rejected] == [
        (3, rejects.MALFORMED_ROW),
        (4, rejects.MALFORMED_ROW),
        (6, rejects.BAD_ENCODING),
    ]
    assert rejected[0][columns.VALUE] == "m2,p1"


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ({"month": "2026-13"}, "month", places.UNREADABLE_VALUE),
        ({"month": "2026-1"}, "month", places.UNREADABLE_VALUE),
        ({"dimension": "mood"}, "dimension", places.UNKNOWN_VALUE),
        ({"value": "월"}, "value", places.UNKNOWN_VALUE),
        ({"share": "-0.1"}, "share", places.OUT_OF_RANGE),
    ],
)
def test_usage_has_few_values(tmp_path: Path, row: dict[str, str], field: str, reason: str) -> None:
    sound = {
        "place_id": "p1",
        "month": "2026-10",
        "dimension": "age",
        "value": "20대",
        "share": "0.5",
    }
    csv_file(tmp_path, "usage", sound, sound | row)
    table, rejected = read(tmp_path, places.USAGE, known_places=["p1"])
    assert table.num_rows == 1
    assert [(row[columns.FIELD], row[columns.REASON]) for row in rejected] == [(field, reason)]


def test_a_folder_without_tables_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no table of places here; .*reviews"):
        read(tmp_path, places.PLACES)


def test_a_table_twice_is_refused(tmp_path: Path) -> None:
    csv_file(tmp_path, "places", PLACE)
    (tmp_path / "places.tsv").touch()
    with pytest.raises(DataError, match=r"both places\.csv and places\.tsv; keep one"):
        read(tmp_path, places.PLACES)


def test_a_column_that_is_missing_is_named(tmp_path: Path) -> None:
    csv_file(tmp_path, "places", {"place_id": "p1", "name": "가"})
    with pytest.raises(DataError, match=r"places\.csv: no column 'category'"):
        read(tmp_path, places.PLACES)


def test_a_file_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "menus.parquet").write_text("hello", encoding="utf-8")
    with pytest.raises(DataError, match=r"menus\.parquet: not a Parquet file"):
        read(tmp_path, places.MENUS)


def test_distances_on_the_globe() -> None:
    # Jeju City Hall to Seogwipo City Hall, about 28 km; a degree of latitude is 111.2 km
    assert great_circle_metres(33.4996, 126.5312, 33.2541, 126.5601) == pytest.approx(27_440, 0.01)
    assert great_circle_metres(33, 126, 34, 126) == pytest.approx(111_195, abs=1)
    assert great_circle_metres(33, 126, 33, 126) == 0


@given(
    st.lists(st.tuples(*[st.floats(-90, 90), st.floats(-180, 180)] * 2), min_size=1, max_size=20)
)
def test_distance_is_symmetric_and_bounded(pairs: list[tuple[float, float, float, float]]) -> None:
    a, b, c, d = np.array(pairs).T
    there, back = great_circle_metres(a, b, c, d), great_circle_metres(c, d, a, b)
    np.testing.assert_allclose(there, back, atol=1e-3)
    assert (there <= 20_015_200).all()


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=12)


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.fixed_dictionaries(dict.fromkeys(PLACE, CELL)), max_size=5))
def test_whatever_comes_every_row_is_kept_or_rejected(
    rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    cells = {name: [PLACE[name], *(row[name] for row in rows)] for name in PLACE}
    pq.write_table(pa.table(cells), folder / "places.parquet")
    table, rejected = read(folder, places.PLACES)
    assert table.num_rows + len(rejected) == len(rows) + 1
    assert table["place_id"][0].as_py() == "p1"
    table.validate(full=True)
