"""Labelled pairs of places: how a place of one table relates to one of another.

Columns: ``left`` and ``right`` (ids; ``right`` null: the place has no match), ``relation`` (of
``columns.RELATIONS``; "same" where the column is absent), ``split`` (where there is one). Labels
are few and made by hand, so that one that is wrong is an error and not left out.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data.files import LINE, READABLE, ROW, csv_header, read_lines, require_columns
from nadeuri.errors import DataError

SCHEMA = pa.schema(
    [
        pa.field(columns.LEFT, pa.string(), nullable=False),
        pa.field(columns.RIGHT, pa.string()),
        pa.field(columns.RELATION, pa.string(), nullable=False),
        pa.field(columns.SPLIT, pa.string()),
    ]
)
_REQUIRED = (columns.LEFT, columns.RIGHT)
_SETTING = "labelled pairs in docs/data-contracts.md"


def read_labelled_pairs(file: Path, *, encoding: str = "utf-8") -> pa.Table:
    """Read a Parquet, CSV or TSV file of labelled pairs; schema of :data:`SCHEMA`.

    Raises:
        DataError: the file cannot be read, lacks a column, or a row is no labelled pair (its number
            is in the message: of a text file the line).
    """
    rows = _parquet_rows(file) if file.suffix == ".parquet" else _text_rows(file, encoding)
    if not rows:
        raise DataError(f"{file}: no labelled pair in it")
    labelled = [_labelled(file, number, row) for number, row in rows]
    return pa.Table.from_pylist(labelled, schema=SCHEMA)


def _labelled(file: Path, number: int, row: Mapping[str, Any]) -> dict[str, str | None]:
    cells = {name: _text(row.get(name)) for name in SCHEMA.names}
    if columns.RELATION not in row:
        cells[columns.RELATION] = columns.SAME
    relation = cells[columns.RELATION]
    if cells[columns.LEFT] is None:
        raise DataError(f"{file}:{number}: no {columns.LEFT} place; every label is about one")
    if relation not in columns.RELATIONS:
        raise DataError(
            f"{file}:{number}: {columns.RELATION} {relation!r} is none of "
            f"{', '.join(columns.RELATIONS)}"
        )
    if cells[columns.RIGHT] is None and relation != columns.DIFFERENT:
        raise DataError(
            f"{file}:{number}: {relation} to no place; name it, or give the relation "
            f"{columns.DIFFERENT} to say that there is no match"
        )
    return cells


def _parquet_rows(file: Path) -> list[tuple[int, dict[str, Any]]]:
    try:
        table = pq.read_table(file)
    except (OSError, pa.ArrowInvalid) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{file}: not a Parquet file ({reason})") from error
    require_columns(file, _REQUIRED, table.column_names, _SETTING)
    known = [name for name in SCHEMA.names if name in table.column_names]
    return list(enumerate(table.select(known).to_pylist(), start=1))


def _text_rows(file: Path, encoding: str) -> list[tuple[int, dict[str, Any]]]:
    delimiter = "\t" if ".tsv" in file.suffixes else ","
    header = csv_header(file, encoding, delimiter)
    require_columns(file, _REQUIRED, header, _SETTING)
    rows = []
    for lines in read_lines(file, encoding):
        for number, line, readable in zip(
            *(lines[name].to_pylist() for name in (ROW, LINE, READABLE)), strict=True
        ):
            if number == 1:
                continue
            cells = next(csv.reader([line], delimiter=delimiter))
            if not readable or len(cells) != len(header):
                raise DataError(f"{file}:{number}: {line[:80]!r} is no row of {len(header)} cells")
            rows.append((number, dict(zip(header, cells, strict=True))))
    return rows


def _text(value: Any) -> str | None:
    return None if value is None else unicodedata.normalize("NFC", str(value)).strip() or None
