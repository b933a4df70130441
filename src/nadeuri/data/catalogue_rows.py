"""Rows of a catalogue file, of any format, under our column names and not yet judged."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data import rejects
from nadeuri.data.files import LINE, READABLE, ROW, csv_header, read_lines, require_columns
from nadeuri.data.source import Catalogue, file_format
from nadeuri.errors import DataError

_SETTINGS = "[catalogue] columns, fields and display"


@dataclass(frozen=True)
class Row:
    """A row as read: its number and its raw values, or the reason why there are none."""

    number: int
    values: dict[str, Any]
    reason: str | None = None
    text: str | None = None


def read_rows(file: Path, settings: Catalogue) -> Iterator[Row]:
    """Yield the rows of a catalogue file; the keys of their values are our names.

    Raises:
        DataError: the file is unreadable, or lacks a column, or a column has a wrong type.
    """
    wanted = {
        ours: settings.columns.get(ours, ours)
        for ours in (columns.ITEM, *settings.fields, *settings.display)
    }
    readers = {"csv": _csv_rows, "jsonl": _json_rows, "parquet": _parquet_rows}
    for row in readers[file_format(file)](file, settings, wanted):
        values = {ours: row.values.get(theirs) for ours, theirs in wanted.items()}
        yield Row(row.number, values, row.reason, row.text)


def _csv_rows(file: Path, settings: Catalogue, wanted: dict[str, str]) -> Iterator[Row]:
    delimiter = settings.delimiter_of(file)
    names = csv_header(file, settings.encoding, delimiter)
    require_columns(file, wanted.values(), names, _SETTINGS + ", or delimiter")
    for number, text, readable in _lines(file, settings.encoding):
        if number == 1:
            continue
        if not readable:
            yield Row(number, {}, rejects.BAD_ENCODING, text)
            continue
        try:
            values = next(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
        except csv.Error:
            values = []
        if len(values) == len(names):
            yield Row(number, dict(zip(names, values, strict=True)))
        else:
            yield Row(number, {}, rejects.MALFORMED_ROW, text)


def _json_rows(file: Path, settings: Catalogue, wanted: dict[str, str]) -> Iterator[Row]:
    seen: set[str] = set()
    for number, text, readable in _lines(file, settings.encoding):
        try:
            values = json.loads(text) if readable else None
        except json.JSONDecodeError:
            values = None
        if isinstance(values, dict):
            seen.update(values)
            yield Row(number, values)
        else:
            reason = rejects.MALFORMED_ROW if readable else rejects.BAD_ENCODING
            yield Row(number, {}, reason, text)
    if seen:  # a key may be absent from many rows, but not from all
        require_columns(file, wanted.values(), seen, _SETTINGS)


def _parquet_rows(file: Path, settings: Catalogue, wanted: dict[str, str]) -> Iterator[Row]:
    try:
        table = pq.ParquetFile(file)
    except (OSError, pa.ArrowInvalid) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{file}: not a Parquet file ({reason})") from error
    schema = table.schema_arrow
    require_columns(file, wanted.values(), schema.names, _SETTINGS)
    for ours, theirs in wanted.items():
        kind = schema.field(theirs).type
        is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind)
        if pa.types.is_struct(kind) or (is_list and settings.fields.get(ours) != columns.MULTI):
            raise DataError(
                f"{file}: column {theirs!r} holds {kind}, but {ours} needs one plain value per row"
                + ('; declare it "multi"' if is_list and ours in settings.fields else "")
            )
    number = 0
    for batch in table.iter_batches(10_000, columns=list(dict.fromkeys(wanted.values()))):
        for values in batch.to_pylist():
            number += 1
            yield Row(number, values)


def _lines(file: Path, encoding: str) -> Iterator[tuple[int, str, bool]]:
    for table in read_lines(file, encoding):
        yield from zip(*(table[name].to_pylist() for name in (ROW, LINE, READABLE)), strict=True)
