"""The company's table of names."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nadeuri import columns
from nadeuri.data import rejects
from nadeuri.data.rejects import RejectsWriter
from nadeuri.errors import DataError
from nadeuri.understand.gazetteer import Entry, Gazetteer
from nadeuri.understand.names import company
from nadeuri.understand.names.builtin import curated_entries
from nadeuri.understand.names.company import company_entries

HEADER = "name,label,code,aliases"


def read(file: Path) -> tuple[list[Entry], RejectsWriter]:
    with RejectsWriter(file.parent / "rejects.parquet") as writer:
        return company_entries(file, writer), writer


def text_file(folder: Path, *lines: str, name: str = "names.csv") -> Path:
    file = folder / name
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_rows_become_entries(tmp_path: Path) -> None:
    file = text_file(
        tmp_path, HEADER, "파타야,지역,PTY,팟타야|빠따야", "태국,국가,TH,", "나라,지역,,"
    )
    entries, writer = read(file)
    assert not writer.counts
    assert [(e.name, e.code, e.country, e.aliases, e.quiet) for e in entries] == [
        ("파타야", "PTY", None, ("팟타야", "빠따야"), ()),
        ("태국", "TH", "TH", (), ()),
        ("나라", None, None, (), ("나라",)),
    ]


def test_every_unusable_row_is_reported(tmp_path: Path) -> None:
    file = text_file(
        tmp_path,
        HEADER,
        "파타야,지역,PTY,",
        ",지역,X,",
        "호이안,도시,X,",
        "호이안,지역",
        '호"이안,"지역,X,',
        f"{'가' * 61},지역,X,",
        "파타야,지역,PAT,",
        "파타야,지역,PTY,",
    )
    entries, writer = read(file)
    assert len(entries) == 1
    rows = pq.read_table(writer.path).to_pylist()
    assert [(row[columns.SOURCE_ROW], row[columns.REASON]) for row in rows] == [
        (3, company.MISSING_NAME),
        (4, company.UNKNOWN_LABEL),
        (5, rejects.MALFORMED_ROW),
        (6, rejects.MALFORMED_ROW),
        (7, company.NAME_TOO_LONG),
        (8, company.CONFLICTING_NAME),
    ]
    assert rows[1][columns.FIELD] == columns.LABEL
    assert rows[1][columns.VALUE] == "도시"
    assert rows[5][columns.VALUE] == "PAT"


def test_broken_bytes_and_nfd(tmp_path: Path) -> None:
    import unicodedata

    file = tmp_path / "names.tsv"
    decomposed = unicodedata.normalize("NFD", "다낭\t지역\tDAD\t").encode()
    file.write_bytes(b"name\tlabel\tcode\taliases\n" + decomposed + b"\n\xff\xfe\t\xb0\t\t\n")
    entries, writer = read(file)
    assert [entry.name for entry in entries] == ["다낭"]
    assert writer.counts == {rejects.BAD_ENCODING: 1}


def test_parquet_with_lists(tmp_path: Path) -> None:
    file = tmp_path / "names.parquet"
    rows = {
        "name": ["하얏트", None],
        "label": [columns.HOTEL_LABEL] * 2,
        "code": [None, "X"],
        "aliases": [["하야트", " 하야트 "], None],
    }
    pq.write_table(pa.table(rows), file)
    entries, writer = read(file)
    assert [(entry.name, entry.aliases) for entry in entries] == [("하얏트", ("하야트",))]
    assert writer.counts == {company.MISSING_NAME: 1}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("name,label,aliases", "a,지역,"), "no column 'code'"),
        ((HEADER, "a,도시,,"), r"no usable name \(1 rows rejected"),
        ((HEADER,), r"no usable name \(0 rows"),
    ],
)
def test_unusable_files(tmp_path: Path, lines: tuple[str, ...], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(text_file(tmp_path, *lines))


def test_not_parquet(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a Parquet file"):
        read(text_file(tmp_path, "x", name="names.parquet"))


def test_company_codes_come_first(tmp_path: Path) -> None:
    entries, _ = read(text_file(tmp_path, HEADER, "오사카,지역,C001,오사카시내"))
    link = Gazetteer.of(entries, curated_entries()).link("오사까", columns.REGION_LABEL)
    assert link is not None
    assert (link.code, link.name, link.country) == ("C001", "오사카", "JP")
