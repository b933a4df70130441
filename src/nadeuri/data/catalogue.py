"""The product catalogue: read, validated, and in item order.

``catalogue.parquet`` of a prepared data set has one row per item. Row ``i`` is item index
``i + 1``, in the order of the product codes (numerically if all are plain integers, else by code
point), so that indices do not depend on the clicks. Columns:

===================  ============================================================================
``item``             string, the product code
a categorical field  string, null where missing
a multi field        list of strings without repeats, empty where missing
a numeric field      double, finite, null where missing or unusable
a display column     string, null where missing
===================  ============================================================================

All text is NFC-normalised and trimmed.
"""

from __future__ import annotations

import csv
import io
import json
import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data import public as public_sets
from nadeuri.data import rejects
from nadeuri.data.files import LINE, READABLE, ROW, first_line, read_lines
from nadeuri.data.rejects import RejectsWriter
from nadeuri.data.sequences import FieldKind
from nadeuri.data.source import Catalogue, Source, file_format
from nadeuri.data.staging import code_order
from nadeuri.errors import DataError

MANY_VALUES = 10_000
"""A field with more different values is warned about: most of them are too rare to learn from."""

_TYPES = {
    columns.CATEGORICAL: pa.string(),
    columns.MULTI: pa.list_(pa.string()),
    columns.NUMERIC: pa.float64(),
}


@dataclass(frozen=True)
class CatalogueTable:
    """A validated catalogue.

    Attributes:
        table: see the module's table.
        fields: metadata fields and their kinds.
        n_rows: rows read, whether kept or not.
        values: per field, how many different values it has.
        missing: per field, how many items have none.
        warnings: what a person should look at.
    """

    table: pa.Table
    fields: dict[str, FieldKind]
    n_rows: int
    values: dict[str, int]
    missing: dict[str, int]
    warnings: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Product codes in item order."""
        return tuple(self.table[columns.ITEM].to_pylist())


@dataclass(frozen=True)
class _Row:
    """A row as read: its number and its raw values, or the reason why there are none."""

    number: int
    values: dict[str, Any]
    reason: str | None = None
    text: str | None = None


def read_catalogue(source: Source, writer: RejectsWriter) -> CatalogueTable | None:
    """Read and validate the source's catalogue; None when it has none.

    Rows without a product code, unreadable rows and repeated product codes are rejected (of rows
    that contradict each other the first is kept); a numeric value that is no finite number is
    rejected alone and set missing.

    Raises:
        DataError: the file is unreadable or empty, lacks a column, a column has a wrong type, or
            no row is left.
    """
    if source.public is not None:
        known = public_sets.catalogue(source.public, source.root)
        rows = [_Row(number, row) for number, row in enumerate(known.rows, start=1)]
        return _validate(known.file, rows, known.fields, known.display, "|", writer)
    file = source.catalogue_file()
    if file is None or source.catalogue is None:
        return None
    settings = source.catalogue
    return _validate(
        file,
        _read_rows(file, settings),
        settings.fields,
        settings.display,
        settings.multi_delimiter,
        writer,
    )


# --- reading --------------------------------------------------------------------------------------


def _read_rows(file: Path, settings: Catalogue) -> Iterator[_Row]:
    """Rows with our names as keys."""
    wanted = {
        ours: settings.columns.get(ours, ours)
        for ours in (columns.ITEM, *settings.fields, *settings.display)
    }
    readers = {"csv": _csv_rows, "jsonl": _json_rows, "parquet": _parquet_rows}
    for row in readers[file_format(file)](file, settings, wanted):
        values = {ours: row.values.get(theirs) for ours, theirs in wanted.items()}
        yield _Row(row.number, values, row.reason, row.text)


def _csv_rows(file: Path, settings: Catalogue, wanted: dict[str, str]) -> Iterator[_Row]:
    delimiter = settings.delimiter_of(file)
    head = first_line(file, settings.encoding)
    if head is None:
        raise DataError(f"{file}: the file is empty; a CSV file starts with a line of column names")
    names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter))]
    _require_columns(file, wanted, names)
    for number, text, readable in _lines(file, settings.encoding):
        if number == 1:
            continue
        if not readable:
            yield _Row(number, {}, rejects.BAD_ENCODING, text)
            continue
        try:
            values = next(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
        except csv.Error:
            values = []
        if len(values) == len(names):
            yield _Row(number, dict(zip(names, values, strict=True)))
        else:
            yield _Row(number, {}, rejects.MALFORMED_ROW, text)


def _json_rows(file: Path, settings: Catalogue, wanted: dict[str, str]) -> Iterator[_Row]:
    seen: set[str] = set()
    for number, text, readable in _lines(file, settings.encoding):
        try:
            values = json.loads(text) if readable else None
        except json.JSONDecodeError:
            values = None
        if isinstance(values, dict):
            seen.update(values)
            yield _Row(number, values)
        else:
            reason = rejects.MALFORMED_ROW if readable else rejects.BAD_ENCODING
            yield _Row(number, {}, reason, text)
    if seen:  # a key may be absent from many rows, but not from all
        _require_columns(file, wanted, seen)


def _parquet_rows(file: Path, settings: Catalogue, wanted: dict[str, str]) -> Iterator[_Row]:
    try:
        table = pq.ParquetFile(file)
    except (OSError, pa.ArrowInvalid) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{file}: not a Parquet file ({reason})") from error
    schema = table.schema_arrow
    _require_columns(file, wanted, schema.names)
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
            yield _Row(number, values)


def _lines(file: Path, encoding: str) -> Iterator[tuple[int, str, bool]]:
    for table in read_lines(file, encoding):
        yield from zip(*(table[name].to_pylist() for name in (ROW, LINE, READABLE)), strict=True)


def _require_columns(file: Path, wanted: dict[str, str], present: Iterable[str]) -> None:
    names = list(present)
    for ours, theirs in wanted.items():
        if theirs not in names:
            raise DataError(
                f"{file}: no column {theirs!r} for {ours} (there are: "
                f"{', '.join(map(repr, names))}); check [catalogue] columns, fields and display"
            )


# --- validation -----------------------------------------------------------------------------------


def _validate(
    file: Path,
    rows: Iterable[_Row],
    fields: dict[str, FieldKind],
    display: tuple[str, ...],
    multi_delimiter: str,
    writer: RejectsWriter,
) -> CatalogueTable:
    kept: dict[str, tuple[Any, ...]] = {}
    rejected: list[dict[str, Any]] = []
    numbers = {name: 0 for name, kind in fields.items() if kind == columns.NUMERIC}
    not_numbers: dict[str, str] = {}
    n_rows = 0

    def reject(row: _Row, reason: str, code: str | None, name: str | None, value: Any) -> None:
        rejected.append(
            {
                columns.SOURCE_FILE: str(file),
                columns.SOURCE_ROW: row.number,
                columns.REASON: reason,
                columns.ITEM: code,
                columns.FIELD: name,
                columns.VALUE: None if value is None else str(value),
            }
        )

    for row in rows:
        n_rows += 1
        code = _text(row.values.get(columns.ITEM))
        if row.reason is not None or code is None:
            reject(row, row.reason or rejects.MISSING_ITEM, None, None, row.text)
            continue
        values: list[Any] = [_text(row.values[name]) for name in display]
        faults: list[tuple[str, str, Any]] = []
        for name, kind in fields.items():
            raw = row.values[name]
            if kind == columns.MULTI:
                values.append(_texts(raw, multi_delimiter))
            elif kind == columns.CATEGORICAL:
                values.append(_text(raw))
            else:
                number, reason = _number(raw)
                values.append(number)
                if reason is not None:
                    faults.append((reason, name, raw))
        content = tuple(values)
        if code in kept:
            same = kept[code] == content
            reason = rejects.DUPLICATE_CODE if same else rejects.CONFLICTING_CODE
            reject(row, reason, code, None, None)
            continue
        kept[code] = content
        for reason, name, raw in faults:
            reject(row, reason, code, name, raw)
            if reason == rejects.NOT_A_NUMBER:
                not_numbers.setdefault(name, f"row {row.number}: {str(raw)[:40]!r}")
        for name, value in zip((*display, *fields), content, strict=True):
            if name in numbers and value is not None:
                numbers[name] += 1
    if not kept:
        raise DataError(f"{file}: no usable row among {n_rows}; a catalogue needs product codes")
    for name, example in not_numbers.items():
        if numbers[name] == 0:
            raise DataError(
                f"{file}: field {name} is declared numeric, but no value is a number ({example}); "
                'declare it "categorical" in [catalogue] fields'
            )
    for start in range(0, len(rejected), 10_000):
        writer.write_rows(rejected[start : start + 10_000])
    return _table(kept, fields, display, n_rows)


def _table(
    kept: dict[str, tuple[Any, ...]],
    fields: dict[str, FieldKind],
    display: tuple[str, ...],
    n_rows: int,
) -> CatalogueTable:
    codes = code_order(list(kept))
    data: dict[str, pa.Array] = {columns.ITEM: pa.array(codes, pa.string())}
    values: dict[str, int] = {}
    missing: dict[str, int] = {}
    warnings = []
    for position, name in enumerate((*display, *fields)):
        cells = [kept[code][position] for code in codes]
        kind = fields.get(name, columns.CATEGORICAL)
        data[name] = pa.array(cells, _TYPES[kind])
        if name not in fields:
            continue
        missing[name] = sum(cell is None or cell == [] for cell in cells)
        flat = (value for cell in cells for value in cell) if kind == columns.MULTI else cells
        counts = Counter(value for value in flat if value is not None)
        values[name] = len(counts)
        if kind != columns.NUMERIC and len(counts) > MANY_VALUES:
            once = sum(count == 1 for count in counts.values())
            warnings.append(
                f"field {name} has {len(counts)} different values, {once} of them on one item only"
            )
        if missing[name] == len(cells):
            warnings.append(f"field {name} is missing on every item")
    return CatalogueTable(pa.table(data), dict(fields), n_rows, values, missing, tuple(warnings))


def _text(value: Any) -> str | None:
    """One value as text: NFC, trimmed, None when nothing is left."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # integer codes turn into floats in pandas as soon as one is missing
    elif isinstance(value, bool):
        value = str(value).lower()
    text = unicodedata.normalize("NFC", str(value)).strip().strip("\ufeff")
    return text or None


def _texts(value: Any, delimiter: str) -> list[str]:
    """Several values as text, in order, without repeats."""
    parts = (
        value if isinstance(value, list) else str("" if value is None else value).split(delimiter)
    )
    return list(dict.fromkeys(text for part in parts if (text := _text(part)) is not None))


def _number(value: Any) -> tuple[float | None, str | None]:
    """A finite number, or None and the reason (no reason when the value is just missing)."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None, None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None, rejects.NOT_A_NUMBER
    return (number, None) if math.isfinite(number) else (None, rejects.NOT_FINITE)
