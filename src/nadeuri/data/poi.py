"""Tables of points of interest: the contract of their columns, and the reader that enforces it.

A table is one file, Parquet or text with a line of column names (``.csv``, ``.tsv``, also ``.gz``
and ``.zst``). Only ``place_id`` and ``name`` have to be there. All text is NFC-normalised and
trimmed here, and nowhere later.
"""

from __future__ import annotations

import csv
import math
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data import places, rejects
from nadeuri.data.files import LINE, READABLE, ROW, csv_header, read_lines, require_columns
from nadeuri.data.places import NUMBER, Column, Table
from nadeuri.data.rejects import RejectsWriter
from nadeuri.errors import DataError

POIS = Table(
    "pois",
    (columns.PLACE_ID,),
    (
        Column(columns.PLACE_ID),
        Column(columns.NAME),  # in the main language of the database
        Column(columns.NAME_EN, required=False),
        Column(columns.NAME_LOCAL, required=False),
        Column(columns.COUNTRY, required=False),
        Column(columns.CITY, required=False),
        Column(columns.LATITUDE, NUMBER, required=False),
        Column(columns.LONGITUDE, NUMBER, required=False),
        Column(columns.ADDRESS, required=False),
        Column(columns.POSTAL_CODE, required=False),
        Column(columns.PHONE, required=False),
        Column(columns.CATEGORY, required=False),
    ),
)
"""One row a place; ``place_id`` is unique. What is unknown is null."""

_LIMITS = {columns.LATITUDE: 90.0, columns.LONGITUDE: 180.0}
_TEXTS = tuple(column.name for column in POIS.columns if column.type == places.TEXT)
_REQUIRED = tuple(column.name for column in POIS.columns if column.required)
_BATCH_ROWS = 10_000
_SETTING = "the table of points of interest in docs/data-contracts.md, or rename the columns"


@dataclass(frozen=True)
class _Row:
    number: int
    values: Mapping[str, Any]
    reason: str | None = None
    text: str | None = None


@dataclass
class _Kept:
    """Sound rows by place, and the faults found on the way to them."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[dict[str, Any]] = field(default_factory=list)
    n_read: int = 0


def read_pois(
    file: Path,
    writer: RejectsWriter,
    *,
    renamed: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
) -> pa.Table:
    """Read a table of points of interest; schema of :data:`POIS`, in the order of the file.

    Rows that are unreadable, have no id or no name, or repeat an id are rejected (of rows with one
    id the first is kept). Coordinates that are no place on earth, or (0, 0), are rejected alone and
    become null, both of them.

    Args:
        writer: gets what is rejected.
        renamed: names of the file's columns by ours, where they differ.
        encoding: of a text file.

    Raises:
        DataError: the file cannot be read, lacks a column, or has no sound row.
    """
    theirs = dict(renamed or {})
    unknown = set(theirs) - set(POIS.schema.names)
    if unknown:
        raise DataError(f"no column is named {min(unknown)!r}; check {_SETTING}")
    kept = _Kept()
    rows = _parquet_rows if file.suffix == ".parquet" else _text_rows
    for row in rows(file, theirs, encoding):
        kept.n_read += 1
        _judge(row, kept)
    writer.write_rows([{columns.SOURCE_FILE: str(file), **fault} for fault in kept.faults])
    if not kept.rows:
        raise DataError(f"{file}: no usable row among {kept.n_read}; places need an id and a name")
    return pa.Table.from_pylist(list(kept.rows.values()), schema=POIS.schema)


# --- rows as they are written -------------------------------------------------------------------


def _columns_in(file: Path, present: list[str], theirs: Mapping[str, str]) -> dict[str, str]:
    """Our names of the columns that the file has, with its own names of them."""
    wanted = {name: theirs.get(name, name) for name in (*_REQUIRED, *theirs)}
    require_columns(file, wanted.values(), present, _SETTING)
    names = {name: theirs.get(name, name) for name in POIS.schema.names}
    return {ours: name for ours, name in names.items() if name in present}


def _text_rows(file: Path, theirs: Mapping[str, str], encoding: str) -> Iterator[_Row]:
    delimiter = "\t" if ".tsv" in file.suffixes else ","
    header = csv_header(file, encoding, delimiter)
    names = _columns_in(file, header, theirs)
    for lines in read_lines(file, encoding):
        for number, text, readable in zip(
            *(lines[name].to_pylist() for name in (ROW, LINE, READABLE)), strict=True
        ):
            if number == 1:
                continue
            cells = _cells(text, delimiter)
            if not readable:
                yield _Row(number, {}, rejects.BAD_ENCODING, text)
            elif len(cells) != len(header):
                yield _Row(number, {}, rejects.MALFORMED_ROW, text)
            else:
                row = dict(zip(header, cells, strict=True))
                yield _Row(number, {ours: row[name] for ours, name in names.items()})


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return []


def _parquet_rows(file: Path, theirs: Mapping[str, str], encoding: str) -> Iterator[_Row]:
    del encoding  # Parquet has one
    try:
        parquet = pq.ParquetFile(file)
    except (OSError, pa.ArrowInvalid) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{file}: not a Parquet file ({reason})") from error
    with parquet:
        names = _columns_in(file, parquet.schema_arrow.names, theirs)
        number = 0
        for batch in parquet.iter_batches(_BATCH_ROWS, columns=list(dict.fromkeys(names.values()))):
            for row in batch.to_pylist():
                number += 1
                yield _Row(number, {ours: row[name] for ours, name in names.items()})


# --- judging --------------------------------------------------------------------------------------


def _judge(row: _Row, kept: _Kept) -> None:
    """Keep the row, or note why not."""

    def fault(reason: str, name: str | None = None, value: object = None) -> None:
        kept.faults.append(
            {
                columns.SOURCE_ROW: row.number,
                columns.REASON: reason,
                columns.FIELD: name,
                columns.VALUE: None if value is None else str(value),
            }
        )

    if row.reason is not None:
        fault(row.reason, value=row.text)
        return
    place: dict[str, Any] = {name: _text(row.values.get(name)) for name in _TEXTS}
    for name in _REQUIRED:
        if place[name] is None:
            fault(places.MISSING_VALUE, name, place[columns.PLACE_ID] or place[columns.NAME])
            return
    for name, limit in _LIMITS.items():
        raw = row.values.get(name)
        place[name], reason = _coordinate(raw, limit)
        if reason is not None:
            fault(reason, name, raw)
    if place[columns.LATITUDE] == 0 == place[columns.LONGITUDE]:
        fault(places.OUT_OF_RANGE, columns.LATITUDE, 0)  # how exports write an unknown position
        place[columns.LATITUDE] = None
    if None in (place[columns.LATITUDE], place[columns.LONGITUDE]):
        place[columns.LATITUDE] = place[columns.LONGITUDE] = None
    first = kept.rows.setdefault(place[columns.PLACE_ID], place)
    if first is not place:
        reason = places.DUPLICATE_ROW if first == place else places.CONFLICTING_ROW
        fault(reason, columns.PLACE_ID, place[columns.PLACE_ID])


def _text(value: Any) -> str | None:
    """A value as text: NFC, trimmed, None where nothing is left."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # numbers turn into floats in pandas as soon as one is missing
    return unicodedata.normalize("NFC", str(value)).strip().strip("\ufeff").strip() or None


def _coordinate(value: Any, limit: float) -> tuple[float | None, str | None]:
    """Degrees, or None and the reason (none where the value is just missing)."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None, None
    try:
        degrees = float(value)
    except (TypeError, ValueError):
        return None, places.UNREADABLE_VALUE
    if math.isnan(degrees):
        return None, None
    return (degrees, None) if abs(degrees) <= limit else (None, places.OUT_OF_RANGE)
