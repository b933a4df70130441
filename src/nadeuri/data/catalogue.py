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

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from nadeuri import columns
from nadeuri.data import public as public_sets
from nadeuri.data import rejects
from nadeuri.data.catalogue_rows import Row, read_rows
from nadeuri.data.rejects import RejectsWriter
from nadeuri.data.sequences import FieldKind
from nadeuri.data.source import Source
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
        rows = [Row(number, row) for number, row in enumerate(known.rows, start=1)]
        return _validate(known.file, rows, known.fields, known.display, "|", writer)
    file = source.catalogue_file()
    if file is None or source.catalogue is None:
        return None
    settings = source.catalogue
    return _validate(
        file,
        read_rows(file, settings),
        settings.fields,
        settings.display,
        settings.multi_delimiter,
        writer,
    )


def _validate(
    file: Path,
    rows: Iterable[Row],
    fields: dict[str, FieldKind],
    display: tuple[str, ...],
    multi_delimiter: str,
    writer: RejectsWriter,
) -> CatalogueTable:
    kept: dict[str, dict[str, Any]] = {}
    rejected = []
    n_rows = 0
    for row in rows:
        n_rows += 1
        code = _text(row.values.get(columns.ITEM))
        if row.reason is not None or code is None:
            rejected.append(_Reject(row, row.reason or rejects.MISSING_ITEM, value=row.text))
            continue
        faults: list[_Reject] = []
        content: dict[str, Any] = {name: _text(row.values[name]) for name in display}
        for name, kind in fields.items():
            raw = row.values[name]
            if kind == columns.MULTI:
                content[name] = _texts(raw, multi_delimiter)
            elif kind == columns.CATEGORICAL:
                content[name] = _text(raw)
            else:
                content[name], reason = _number(raw)
                if reason is not None:
                    faults.append(_Reject(row, reason, code, name, str(raw)))
        if code not in kept:
            kept[code] = content
            rejected += faults
        else:
            same = kept[code] == content
            reason = rejects.DUPLICATE_CODE if same else rejects.CONFLICTING_CODE
            rejected.append(_Reject(row, reason, code))
    if not kept:
        raise DataError(f"{file}: no usable row among {n_rows}; a catalogue needs product codes")
    _require_numbers(file, kept, rejected)
    writer.write_rows([reject.record(file) for reject in rejected])
    return _table(kept, fields, display, n_rows)


@dataclass(frozen=True)
class _Reject:
    row: Row
    reason: str
    code: str | None = None
    field: str | None = None
    value: str | None = None

    def record(self, file: Path) -> dict[str, Any]:
        return {
            columns.SOURCE_FILE: str(file),
            columns.SOURCE_ROW: self.row.number,
            columns.REASON: self.reason,
            columns.ITEM: self.code,
            columns.FIELD: self.field,
            columns.VALUE: self.value,
        }


def _require_numbers(
    file: Path, kept: dict[str, dict[str, Any]], rejected: Iterable[_Reject]
) -> None:
    """A numeric field with texts and not one number was declared wrongly."""
    for fault in rejected:
        name = fault.field
        if fault.reason != rejects.NOT_A_NUMBER or name is None:
            continue
        if all(content[name] is None for content in kept.values()):
            raise DataError(
                f"{file}: field {name} is declared numeric, but no value is a number (row "
                f"{fault.row.number}: {str(fault.value)[:40]!r}); declare it categorical in "
                "[catalogue] fields"
            )


def _table(
    kept: dict[str, dict[str, Any]],
    fields: dict[str, FieldKind],
    display: tuple[str, ...],
    n_rows: int,
) -> CatalogueTable:
    codes = code_order(list(kept))
    data: dict[str, pa.Array] = {columns.ITEM: pa.array(codes, pa.string())}
    values: dict[str, int] = {}
    missing: dict[str, int] = {}
    warnings = []
    for name in (*display, *fields):
        cells = [kept[code][name] for code in codes]
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
