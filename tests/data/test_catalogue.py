"""The catalogue: what is refused, what is rejected and counted, and in which order items come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nadeuri import columns
from nadeuri.data import catalogue as catalogue_module
from nadeuri.data import rejects
from nadeuri.data.sequences import Dataset, MetadataField
from nadeuri.errors import DataError

Prepare = Callable[..., Dataset]
Write = Callable[..., Path]

CLICKS = ["u1,P1,2026-03-01", "u1,P2,2026-03-02"]
FIELDS = {"city": "categorical", "theme": "multi", "price": "numeric"}
SETTINGS: dict[str, Any] = {"file": "items.csv", "fields": FIELDS, "display": ("name",)}
HEAD = "item,name,city,theme,price"


@pytest.fixture
def prepare_items(prepare_clicks: Prepare, write: Write) -> Prepare:
    """``prepare_items("P1,이름,OSA,가족|온천,100", ..., settings...)`` -> Dataset."""

    def run(*lines: str, clicks: list[str] = CLICKS, **settings: Any) -> Dataset:
        write("items.csv", HEAD, *lines)
        return prepare_clicks(clicks, catalogue=SETTINGS | settings)

    return run


def test_fields_have_their_types_and_missing_values(prepare_items: Prepare) -> None:
    dataset = prepare_items(
        "P2,다낭,DAD,,",
        "P1,\u110b\u1169사카 , OSA ,가족| 온천|가족|,1e5",
        '"P3","a,b",,온천,-1',
    )
    assert dataset.fields == (
        MetadataField("city", "categorical"),
        MetadataField("theme", "multi"),
        MetadataField("price", "numeric"),
    )
    assert dataset.catalogue.to_pylist() == [
        {"item": "P1", "name": "오사카", "city": "OSA", "theme": ["가족", "온천"], "price": 1e5},
        {"item": "P2", "name": "다낭", "city": "DAD", "theme": [], "price": None},
        {"item": "P3", "name": "a,b", "city": None, "theme": ["온천"], "price": -1.0},
    ]
    described = {field["name"]: field for field in dataset.manifest["fields"]}
    assert (described["city"]["values"], described["city"]["missing"]) == (2, 1)
    assert (described["theme"]["values"], described["theme"]["missing"]) == (2, 1)


def test_unknown_items_are_rejected(prepare_items: Prepare) -> None:
    dataset = prepare_items(
        "P1,,,,", "P2,,,,", "P3,,,,", clicks=[*CLICKS, "u1,p1,2026-03-03", "u2,P9,2026-03-03"]
    )
    assert dataset.n_items == 3  # a product that nobody clicked stays: it can be recommended
    assert dataset.manifest["clicks"]["rejected"] == {rejects.UNKNOWN_ITEM: 2}
    written = pq.read_table(dataset.path / "rejects.parquet").to_pylist()
    assert [(row[columns.USER], row[columns.ITEM]) for row in written] == [
        ("u1", "p1"),
        ("u2", "P9"),
    ]


def test_a_log_of_unknown_items_only_leaves_nothing(prepare_items: Prepare) -> None:
    with pytest.raises(DataError, match=r"2 unknown_item \(first: .*clicks\.csv:2 'P1'\)"):
        prepare_items("Q1,,,,")


def test_a_nan_price_is_set_missing_and_counted(prepare_items: Prepare) -> None:
    dataset = prepare_items("P1,,,,NaN", "P2,,,,inf", "P3,,,,12", "P4,,,,싸다", "P5,,,,")
    assert dataset.catalogue["price"].to_pylist() == [None, None, 12.0, None, None]
    assert dataset.manifest["catalogue"] == {
        "rows": 5,
        "rejected": {},
        "rejected_values": {rejects.NOT_A_NUMBER: 1, rejects.NOT_FINITE: 2},
    }
    written = pq.read_table(dataset.path / "rejects.parquet").to_pylist()
    assert [
        (row[columns.SOURCE_ROW], row[columns.ITEM], row[columns.FIELD], row[columns.VALUE])
        for row in written
    ] == [(2, "P1", "price", "NaN"), (3, "P2", "price", "inf"), (5, "P4", "price", "싸다")]


def test_nan_in_a_typed_column_is_missing_too(prepare_clicks: Prepare, tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"item": ["P1", "P2"], "price": [float("nan"), 3.0], "code": [float("nan"), 7.0]}),
        tmp_path / "items.parquet",
    )
    settings = {"file": "items.parquet", "fields": {"price": "numeric", "code": "categorical"}}
    dataset = prepare_clicks(CLICKS, catalogue=settings)
    assert dataset.catalogue["price"].to_pylist() == [None, 3.0]
    assert dataset.catalogue["code"].to_pylist() == [None, "7"]
    assert dataset.manifest["catalogue"]["rejected_values"] == {rejects.NOT_FINITE: 1}


def test_duplicate_codes(prepare_items: Prepare) -> None:
    dataset = prepare_items("P1,a,OSA,x,1", "P2,b,,,", "P1,a,OSA,x,1.0", "P1,a,TYO,x,1", ",a,,,")
    assert dataset.catalogue["city"].to_pylist() == ["OSA", None]
    assert dataset.manifest["catalogue"]["rows"] == 5
    assert dataset.manifest["catalogue"]["rejected"] == {
        rejects.CONFLICTING_CODE: 1,
        rejects.DUPLICATE_CODE: 1,
        rejects.MISSING_ITEM: 1,
    }


def test_unreadable_rows_are_rejected(prepare_items: Prepare) -> None:
    dataset = prepare_items("P1,a,OSA,x,1", "P2,b,", 'P3,"c,OSA,x,1')
    assert dataset.item_codes == ["P1"]
    assert dataset.manifest["catalogue"]["rejected"] == {rejects.MALFORMED_ROW: 2}


def test_a_missing_column_is_named(prepare_items: Prepare) -> None:
    with pytest.raises(DataError) as caught:
        prepare_items("P1,a,OSA,x,1", columns={"city": "city_cd"})
    message = str(caught.value)
    assert "items.csv: no column 'city_cd' (there are: 'item', 'name', 'city'" in message
    assert "check [catalogue] columns" in message


def test_words_in_a_numeric_field_are_a_wrong_type(prepare_items: Prepare) -> None:
    with pytest.raises(DataError) as caught:
        prepare_items("P1,a,OSA,x,비쌈", "P2,a,OSA,x,쌈")
    assert "field price is declared numeric, but no value is a number (row 2: '비쌈')" in str(
        caught.value
    )


def test_a_list_in_a_categorical_field_is_a_wrong_type(
    prepare_clicks: Prepare, tmp_path: Path
) -> None:
    pq.write_table(pa.table({"item": ["P1"], "city": [["a"]]}), tmp_path / "items.parquet")
    settings = {"file": "items.parquet", "fields": {"city": "categorical"}}
    with pytest.raises(DataError, match=r"'city' holds list<.*declare it \"multi\""):
        prepare_clicks(CLICKS, catalogue=settings)


@pytest.mark.parametrize("content", ["", HEAD + "\n", HEAD + "\n,,,,\n"])
def test_an_empty_catalogue_is_refused(
    prepare_clicks: Prepare, tmp_path: Path, content: str
) -> None:
    (tmp_path / "items.csv").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"items\.csv: (the file is empty|no usable row among)"):
        prepare_clicks(CLICKS, catalogue=SETTINGS)


def test_jsonl_catalogue(prepare_clicks: Prepare, write: Write) -> None:
    write(
        "items.jsonl",
        '{"item": "P1", "theme": ["가족", "가족"], "price": 3, "city": true}',
        '{"item": "P2", "theme": "온천|가족"}',
        "nonsense",
    )
    settings = {"file": "items.jsonl", "fields": FIELDS}
    dataset = prepare_clicks(CLICKS, catalogue=settings)
    assert dataset.catalogue["theme"].to_pylist() == [["가족"], ["온천", "가족"]]
    assert dataset.catalogue["city"].to_pylist() == ["true", None]
    assert dataset.manifest["catalogue"]["rejected"] == {rejects.MALFORMED_ROW: 1}
    with pytest.raises(DataError, match="no column 'nights'"):
        prepare_clicks(CLICKS, catalogue=settings | {"fields": {"nights": "numeric"}})


def test_a_field_with_very_many_values_is_warned_about(
    prepare_items: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_module, "MANY_VALUES", 2)
    dataset = prepare_items("P1,,a,x|y|z,1", "P2,,b,x,2", "P3,,b,x,3")
    assert dataset.manifest["warnings"] == [
        "field theme has 3 different values, 2 of them on one item only"
    ]


def test_item_order_is_that_of_the_codes(prepare_clicks: Prepare, write: Write) -> None:
    write("items.csv", "item", "10", "9", "x")
    settings = {"file": "items.csv"}
    clicks = ["u1,9,2026-03-01"]
    assert prepare_clicks(clicks, catalogue=settings).item_codes == ["10", "9", "x"]
    write("items.csv", "item", "10", "9", "007")
    assert prepare_clicks(clicks, catalogue=settings).item_codes == ["007", "9", "10"]
