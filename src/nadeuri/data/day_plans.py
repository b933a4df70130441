"""Day plans of packages and of travellers: the contract of their stops, and their reader.

A file is Parquet, text with a line of column names (``.csv``, ``.tsv``, also ``.gz`` and ``.zst``)
or JSON: a list of stops, or an object with such a list as ``stops``. Columns: ``day`` and ``order``
(from 1), ``place_id``; optionally ``name``, and ``package`` or ``itinerary`` where a file holds
several plans. A plan with a hole in it would be compared wrongly, so that a row that is no stop is
an error and not left out.
"""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data.files import LINE, READABLE, ROW, csv_header, read_lines, require_columns
from nadeuri.errors import DataError

MAX_DAY, MAX_ORDER = 365, 1000
_NUMBERS = {columns.DAY: MAX_DAY, columns.ORDER: MAX_ORDER}
_SETTING = "day plans in docs/data-contracts.md"

_STOP = [
    pa.field(columns.DAY, pa.int64(), nullable=False),
    pa.field(columns.ORDER, pa.int64(), nullable=False),
]
PACKAGE_STOPS = pa.schema(
    [
        pa.field(columns.PACKAGE, pa.string(), nullable=False),
        *_STOP,
        pa.field(columns.PLACE_ID, pa.string(), nullable=False),
    ]
)
ITINERARY_STOPS = pa.schema(
    [
        pa.field(columns.ITINERARY, pa.string()),
        *_STOP,
        pa.field(columns.PLACE_ID, pa.string()),
        pa.field(columns.NAME, pa.string()),
    ]
)


def read_package_stops(file: Path) -> pa.Table:
    """Read the day plans of packages; schema :data:`PACKAGE_STOPS`, in the order of the file.

    Raises:
        DataError: the file cannot be read or lacks a column, or a row is no stop (its number is in
            the message: of a text file the line).
    """
    return _read(file, PACKAGE_STOPS, PACKAGE_STOPS.names)


def read_itinerary_stops(file: Path) -> pa.Table:
    """Read the plans of travellers; schema :data:`ITINERARY_STOPS`, in the order of the file.

    A stop without ``place_id`` needs a ``name``: it is shown, and takes no part in a comparison.

    Raises:
        DataError: as :func:`read_package_stops`.
    """
    return _read(file, ITINERARY_STOPS, (columns.DAY, columns.ORDER, columns.PLACE_ID))


def _read(file: Path, schema: pa.Schema, required: Iterable[str]) -> pa.Table:
    if file.suffix == ".parquet":
        rows = _parquet_rows(file, required)
    elif file.suffix == ".json":
        rows = _json_rows(file)
    else:
        rows = _text_rows(file, required)
    stops = [_stop(file, number, row, schema) for number, row in rows]
    if not stops:
        raise DataError(f"{file}: no stop in it")
    return pa.Table.from_pylist(stops, schema=schema)


def _stop(file: Path, number: int, row: Mapping[str, Any], schema: pa.Schema) -> dict[str, Any]:
    stop: dict[str, Any] = {}
    for field in schema:
        raw = row.get(field.name)
        if field.name in _NUMBERS:
            stop[field.name] = _count(file, number, field.name, raw)
        else:
            stop[field.name] = _text(raw)
            if stop[field.name] is None and not field.nullable:
                raise DataError(f"{file}:{number}: no {field.name}; every stop needs one")
    if stop[columns.PLACE_ID] is None and stop[columns.NAME] is None:
        raise DataError(
            f"{file}:{number}: neither {columns.PLACE_ID} nor {columns.NAME}; give one of them"
        )
    return stop


def _count(file: Path, number: int, name: str, raw: Any) -> int:
    try:
        value = float(raw)
    except (TypeError, ValueError):
        value = 0.0
    if not (value.is_integer() and 1 <= value <= _NUMBERS[name]):
        raise DataError(
            f"{file}:{number}: {name} {raw!r} is no whole number from 1 to {_NUMBERS[name]}"
        )
    return int(value)


def _text(value: Any) -> str | None:
    return None if value is None else unicodedata.normalize("NFC", str(value)).strip() or None


def _parquet_rows(file: Path, required: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        table = pq.read_table(file)
    except (OSError, pa.ArrowInvalid) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{file}: not a Parquet file ({reason})") from error
    require_columns(file, required, table.column_names, _SETTING)
    return enumerate(table.to_pylist(), start=1)


def _json_rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{file}: not a JSON file ({error})") from error
    rows = content.get("stops") if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DataError(f'{file}: no list of stops; write [{{"{columns.DAY}": 1, ...}}, ...]')
    return enumerate(rows, start=1)


def _text_rows(file: Path, required: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    delimiter = "\t" if ".tsv" in file.suffixes else ","
    header = csv_header(file, "utf-8", delimiter)
    require_columns(file, required, header, _SETTING)
    for lines in read_lines(file, "utf-8"):
        for number, line, readable in zip(
            *(lines[name].to_pylist() for name in (ROW, LINE, READABLE)), strict=True
        ):
            if number == 1:
                continue
            cells = next(csv.reader([line], delimiter=delimiter))
            if not readable or len(cells) != len(header):
                raise DataError(f"{file}:{number}: {line[:80]!r} is no row of {len(header)} cells")
            yield number, dict(zip(header, cells, strict=True))
