"""Reading click logs: formats, types, time zones and every way a row can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nadeuri import columns
from nadeuri.data import rejects
from nadeuri.data.sequences import Dataset
from nadeuri.errors import ConfigError, DataError

Histories = Callable[[Dataset], dict[str, list[str]]]
Prepare = Callable[..., Dataset]
Write = Callable[..., Path]


def seconds(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[misc, arg-type]


def reject_rows(dataset: Dataset) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(dataset.path / "rejects.parquet").to_pylist()
    return rows


def test_every_faulty_row_is_counted_and_written_with_its_line(prepare_clicks: Prepare) -> None:
    dataset = prepare_clicks(
        [
            "u1,P1,2026-03-01 10:00:00",
            ",P1,2026-03-01 10:00:00",
            "u1,  ,2026-03-01 10:00:00",
            "u1,P1,",
            "u1,P1,2026-02-30",
            "u1,P1,1969-12-31 23:59:59",
            "",
            "u1,P1",
            'u1,"P1,2026-03-01',
            'u1,P1,2026-03-01,"x"',
            '"u1","P,""2""","2026-03-01 10:00:01"',
        ]
    )
    assert dataset.item_codes == ['P,"2"', "P1"]
    assert [(row[columns.SOURCE_ROW], row[columns.REASON]) for row in reject_rows(dataset)] == [
        (3, rejects.MISSING_USER),
        (4, rejects.MISSING_ITEM),
        (5, rejects.MISSING_TIME),
        (6, rejects.UNPARSABLE_TIME),
        (7, rejects.TIME_OUT_OF_RANGE),
        (9, rejects.MALFORMED_ROW),
        (10, rejects.MALFORMED_ROW),
        (11, rejects.MALFORMED_ROW),
    ]
    assert reject_rows(dataset)[3][columns.TIME] == "2026-02-30"
    assert reject_rows(dataset)[5][columns.VALUE] == "u1,P1"
    assert dataset.manifest["clicks"] == {
        "rows": 10,
        "rejected": {
            "malformed_row": 3,
            "missing_item": 1,
            "missing_time": 1,
            "missing_user": 1,
            "time_out_of_range": 1,
            "unparsable_time": 1,
        },
    }


def test_broken_bytes_are_rejected_alone(tmp_path: Path, prepare_clicks: Prepare) -> None:
    (tmp_path / "clicks.csv").write_bytes(
        b"user,item,time\nu1,P1,2026-03-01\nu\xff,P2,2026-03-01\nu1,P3,2026-03-02\n"
    )
    dataset = prepare_clicks(None)
    assert dataset.manifest["clicks"]["rejected"] == {rejects.BAD_ENCODING: 1}
    assert dataset.item_codes == ["P1", "P3"]


def test_ids_are_trimmed_and_normalised(prepare_clicks: Prepare, histories: Histories) -> None:
    dataset = prepare_clicks(
        [
            "\u1100\u1161,\u1112\u1161\u11ab,2026-03-01",  # 가, 한 as separate letters
            " 가\t,\u3000한 ,2026-03-02",
        ]
    )
    assert histories(dataset) == {"가": ["한", "한"]}


@pytest.mark.parametrize(
    ("time", "settings", "expected"),
    [
        ("2026-03-01 09:00:00", {"timezone": "Asia/Seoul"}, (2026, 3, 1, 0)),
        ("2026-03-01T09:00:00Z", {"timezone": "Asia/Seoul"}, (2026, 3, 1, 9)),
        ("2026-03-01T09:00:00+02:00", {"timezone": "Asia/Seoul"}, (2026, 3, 1, 7)),
        ("2026-03-01", {}, (2026, 3, 1)),
        ("1772355600", {"time_format": "epoch_s"}, (2026, 3, 1, 9)),
        ("1772355600999", {"time_format": "epoch_ms"}, (2026, 3, 1, 9)),
        (
            "2026.03.01 09:00",
            {"time_format": "%Y.%m.%d %H:%M", "timezone": "Asia/Seoul"},
            (2026, 3, 1, 0),
        ),
        (
            "01/03/2026 09:00 +0100",
            {"time_format": "%d/%m/%Y %H:%M %z", "timezone": "Asia/Seoul"},
            (2026, 3, 1, 8),
        ),
        # Clocks went back at 02:00: there were two 01:30, an hour apart; the offset tells.
        ("2025-11-02 01:30:00-05:00", {"timezone": "America/New_York"}, (2025, 11, 2, 6, 30)),
    ],
)
def test_times(
    prepare_clicks: Prepare, time: str, settings: dict[str, str], expected: tuple[int, ...]
) -> None:
    dataset = prepare_clicks([f"u1,P1,{time}"], clicks=settings)
    assert dataset.sequences.times.tolist() == [seconds(*expected)]


def test_a_wrong_time_pattern_is_a_config_error(prepare_clicks: Prepare) -> None:
    with pytest.raises(ConfigError, match=r"time_format '%Q'"):
        prepare_clicks(["u1,P1,x"], clicks={"time_format": "%Q"})


def test_times_that_never_parse_say_so(prepare_clicks: Prepare) -> None:
    with pytest.raises(DataError) as caught:
        prepare_clicks(["u1,P1,03-01-2026", "u1,P2,03-02-2026"])
    message = str(caught.value)
    assert "none of 2 clicks is left after cleaning: 2 unparsable_time" in message
    assert "clicks.csv:2 '03-01-2026'" in message
    assert "\n" not in message


def test_a_missing_column_is_named_with_those_that_are_there(
    prepare_clicks: Prepare, write: Write
) -> None:
    write("clicks.csv", "member;goods", "u1;P1")
    with pytest.raises(DataError) as caught:
        prepare_clicks(None, clicks={"columns": {"user": "member"}})
    message = str(caught.value)
    assert "clicks.csv: no column 'member' (there are: 'member;goods')" in message
    assert "check [clicks] columns and delimiter" in message


def test_an_empty_file_is_named(prepare_clicks: Prepare, tmp_path: Path) -> None:
    (tmp_path / "clicks.csv").touch()
    with pytest.raises(DataError, match=r"clicks\.csv: the file is empty"):
        prepare_clicks(None)


def test_a_file_with_a_header_only_has_no_clicks(prepare_clicks: Prepare) -> None:
    with pytest.raises(DataError, match=r"no clicks in .*clicks\.csv; there are no rows"):
        prepare_clicks([])


def test_an_ending_we_cannot_read_is_refused(prepare_clicks: Prepare, write: Write) -> None:
    write("clicks.xlsx", "x")
    with pytest.raises(DataError, match=r"clicks\.xlsx: cannot tell the format"):
        prepare_clicks(None, clicks={"files": ("clicks.xlsx",)})


def test_delimiters_and_column_names(
    prepare_clicks: Prepare, write: Write, histories: Histories
) -> None:
    write("clicks.tsv", "언제\t누가 ?\t무엇", "2026-03-01\tu1\tP|1", "2026-03-02\tu1\tP,2")
    mapping = {"user": "누가 ?", "item": "무엇", "time": "언제"}
    dataset = prepare_clicks(None, clicks={"files": ("*.tsv",), "columns": mapping})
    assert histories(dataset) == {"u1": ["P|1", "P,2"]}
    write("pipe.csv", "user|item|time", 'u1|"P|1"|2026-03-01', "u1|P2|2026-03-02")
    dataset = prepare_clicks(None, clicks={"files": ("pipe.csv",), "delimiter": "|"})
    assert histories(dataset) == {"u1": ["P|1", "P2"]}


def test_jsonl(prepare_clicks: Prepare, write: Write, histories: Histories) -> None:
    write(
        "clicks.jsonl",
        '{"user": 7, "item": "P\\u00e9", "time": "2026-03-01", "extra": {"a": [1]}}',
        '{"user": "7", "item": "P2"}',
        '{"user": 7, "item": null, "time": "2026-03-01"}',
        "[1, 2]",
        '{"user": ',
        '{"time": "2026-03-02", "item": 3, "user": "7"}',
    )
    dataset = prepare_clicks(None, clicks={"files": ("clicks.jsonl",)})
    assert histories(dataset) == {"7": ["Pé", "3"]}
    assert [(row[columns.SOURCE_ROW], row[columns.REASON]) for row in reject_rows(dataset)] == [
        (2, rejects.MISSING_TIME),
        (3, rejects.MISSING_ITEM),
        (4, rejects.MALFORMED_ROW),
        (5, rejects.MALFORMED_ROW),
    ]
    write("clicks.jsonl", '{"who": 1, "item": 2, "time": 3}')
    with pytest.raises(DataError, match=r"no column 'user' \(there are: 'who', 'item', 'time'\)"):
        prepare_clicks(None, clicks={"files": ("clicks.jsonl",)})


def test_parquet_types(prepare_clicks: Prepare, tmp_path: Path, histories: Histories) -> None:
    instants = np.array(["2026-03-01T09:00:00.5", "2026-03-01T10:00"], dtype="datetime64[us]")
    table = {"user": [1.0, float("nan")], "item": pa.array(["P1", "P2"]).dictionary_encode()}
    for name, time, expected in (
        ("naive", pa.array(instants), (2026, 3, 1, 0)),
        ("instant", pa.array(instants, pa.timestamp("ns", tz="UTC")), (2026, 3, 1, 9)),
        ("date", pa.array(instants).cast(pa.date32()), (2026, 2, 28, 15)),
        ("text", ["2026-03-01 09:00", "x"], (2026, 3, 1, 0)),
    ):
        pq.write_table(pa.table(table | {"time": time}), tmp_path / f"{name}.parquet")
        dataset = prepare_clicks(
            None, clicks={"files": (f"{name}.parquet",), "timezone": "Asia/Seoul"}
        )
        assert histories(dataset) == {"1": ["P1"]}
        assert dataset.sequences.times.tolist() == [seconds(*expected)], name
        assert reject_rows(dataset)[0][columns.REASON] == rejects.MISSING_USER
        assert reject_rows(dataset)[0][columns.SOURCE_ROW] == 2


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("user", [[1], [2]], "column 'user' holds BIGINT[], which cannot be an id"),
        ("item", [True, False], "column 'item' holds BOOLEAN, which cannot be an id"),
        ("time", [1, 2], 'set time_format = "epoch_s" or "epoch_ms"'),
        ("time", [True, False], "column 'time' holds BOOLEAN, which cannot be a time"),
    ],
)
def test_a_wrong_type_is_named(
    prepare_clicks: Prepare, tmp_path: Path, column: str, values: list[Any], message: str
) -> None:
    table: dict[str, Any] = {"user": ["a", "b"], "item": [1, 2], "time": ["2026-03-01"] * 2}
    pq.write_table(pa.table(table | {column: values}), tmp_path / "clicks.parquet")
    with pytest.raises(DataError) as caught:
        prepare_clicks(None, clicks={"files": ("clicks.parquet",)})
    assert message in str(caught.value)
    assert "clicks.parquet" in str(caught.value)


def test_a_file_that_is_no_parquet_is_named(prepare_clicks: Prepare, write: Write) -> None:
    write("clicks.parquet", "user,item,time")
    with pytest.raises(DataError, match=r"clicks\.parquet: not a Parquet file"):
        prepare_clicks(None, clicks={"files": ("clicks.parquet",)})


def test_a_damaged_parquet_file_is_named(prepare_clicks: Prepare, tmp_path: Path) -> None:
    file = tmp_path / "clicks.parquet"
    users = [f"u{number}" for number in range(5000)]
    pq.write_table(pa.table({"user": users, "item": users, "time": ["2026-03-01"] * 5000}), file)
    content = bytearray(file.read_bytes())
    content[100:20_000] = bytes(19_900)
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"clicks\.parquet: cannot be read") as caught:
        prepare_clicks(None, clicks={"files": ("clicks.parquet",)})
    assert "\n" not in str(caught.value)


def test_brackets_in_a_folder_name_are_no_pattern(
    prepare_clicks: Prepare, tmp_path: Path, histories: Histories
) -> None:
    (tmp_path / "[2026] it's").mkdir()
    table = pa.table({"user": ["u1"], "item": ["P1"], "time": ["2026-03-01"]})
    pq.write_table(table, tmp_path / "[2026] it's" / "clicks.parquet")
    files = {"files": ("*/clicks.parquet",)}
    assert histories(prepare_clicks(None, "[out] it's", clicks=files)) == {"u1": ["P1"]}


def test_without_times_the_order_of_files_and_rows_counts(
    prepare_clicks: Prepare, write: Write, histories: Histories
) -> None:
    write("b.csv", "user,item", "u1,P3", "u2,P3", "u1,P3")
    write("a.csv", "user,item", "u1,P9", "u1,P1")
    settings = {"files": ("b.csv", "a.csv"), "columns": {"user": "user", "item": "item"}}
    dataset = prepare_clicks(None, clicks=settings, cleaning={"deduplicate": True})
    assert not dataset.has_times
    assert histories(dataset) == {"u1": ["P9", "P1", "P3", "P3"], "u2": ["P3"]}
    by_user = dict(
        zip(
            dataset.user_ids,
            np.split(dataset.sequences.times, dataset.sequences.offsets[1:-1]),
            strict=True,
        )
    )
    assert by_user["u1"].tolist() == [0, 1, 2, 3]
    assert by_user["u2"].tolist() == [0]
