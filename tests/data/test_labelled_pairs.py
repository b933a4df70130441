"""Labelled pairs of places, read from files."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nadeuri.data.labelled_pairs import SCHEMA, read_labelled_pairs
from nadeuri.errors import DataError


def test_text_is_read_trimmed_and_normalised(tmp_path: Path) -> None:
    file = tmp_path / "pairs.tsv"
    place = unicodedata.normalize("NFD", "경복궁")
    file.write_text(
        f"right\tleft\trelation\tnote\n G1 \t{place}\tsame\t!\n\tA2\tdifferent\t\n", "utf-8"
    )
    table = read_labelled_pairs(file)
    assert table.schema == SCHEMA
    assert table.to_pylist() == [
        {"left": "경복궁", "right": "G1", "relation": "same", "split": None},
        {"left": "A2", "right": None, "relation": "different", "split": None},
    ]


def test_pairs_without_relation_are_the_same(tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("left,right,split\nA1,G1,test\n", "utf-8")
    (row,) = read_labelled_pairs(file).to_pylist()
    assert (row["relation"], row["split"]) == ("same", "test")


def test_parquet_is_read_likewise(tmp_path: Path) -> None:
    file = tmp_path / "pairs.parquet"
    pq.write_table(pa.table({"left": ["A1"], "right": ["G1"], "relation": ["contains"]}), file)
    assert read_labelled_pairs(file).to_pylist()[0]["relation"] == "contains"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("left\nA1\n", "no column 'right'"),
        ("left,right\n", "no labelled pair"),
        ("left,right\nA1\n", ":2: 'A1' is no row of 2 cells"),
        ("left,right\n,G1\n", ":2: no left place"),
        ("left,right,relation\nA1,G1,match\n", ":2: relation 'match' is none of same"),
        ("left,right,relation\nA1,G1,\n", ":2: relation None"),
        ("left,right,relation\nA1,,nearby\n", ":2: nearby to no place"),
    ],
)
def test_a_label_that_is_wrong_is_an_error(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(DataError) as raised:
        read_labelled_pairs(file)
    assert said in str(raised.value)


def test_what_is_no_parquet_file_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "pairs.parquet"
    file.write_text("left,right")
    with pytest.raises(DataError, match="not a Parquet file"):
        read_labelled_pairs(file)
