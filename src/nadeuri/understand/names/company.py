"""The company's own table of names: read, validated, and every unusable row reported."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data import rejects
from nadeuri.data.files import LINE, READABLE, ROW, csv_header, read_lines, require_columns
from nadeuri.data.rejects import RejectsWriter
from nadeuri.errors import DataError
from nadeuri.understand.gazetteer import ALIASES, CODE, Entry
from nadeuri.understand.names.builtin import quiet_keys

COLUMNS = (columns.NAME, columns.LABEL, CODE, ALIASES)
"""Of the table: ``aliases`` is a list, or text with ``|`` between two aliases; it and ``code`` may
be empty. Labels are those of :data:`nadeuri.columns.ENTITY_LABELS`."""

MISSING_NAME = "missing_name"
UNKNOWN_LABEL = "unknown_label"
NAME_TOO_LONG = "name_too_long"
CONFLICTING_NAME = "conflicting_name"  # the same name and label with another code: the first stays

MAX_NAME = 60
WEIGHT = 1_000_000.0
"""What the company sells outweighs namesakes."""

Values = dict[str, object]


def company_entries(file: Path, writer: RejectsWriter, *, encoding: str = "utf-8") -> list[Entry]:
    """Read a Parquet, CSV or TSV table with :data:`COLUMNS`.

    Rows without a name, with an unknown label, a name too long to be one, or a name that
    contradicts an earlier row, and unreadable rows, go to ``writer``; exact repeats are merged.

    Raises:
        DataError: the file is unreadable, lacks a column, or no row is left.
    """
    kept: dict[tuple[str, str], Entry] = {}
    n_rejected = 0
    for number, values, reason in _rows(file, encoding):
        entry, field, fault = _entry(values) if reason is None else (None, None, reason)
        if entry is not None:
            first = kept.setdefault((entry.name, entry.label), entry)
            if first.code != entry.code:
                field, fault = CODE, CONFLICTING_NAME
        if fault is not None:
            n_rejected += 1
            shown = values.get(field or columns.NAME)
            writer.write_rows(
                [
                    {
                        columns.SOURCE_FILE: str(file),
                        columns.SOURCE_ROW: number,
                        columns.REASON: fault,
                        columns.FIELD: field,
                        columns.VALUE: None if shown is None else str(shown),
                    }
                ]
            )
    if not kept:
        raise DataError(
            f"{file}: no usable name ({n_rejected} rows rejected, see {writer.path}); "
            f"labels are {', '.join(columns.ENTITY_LABELS)}"
        )
    return list(kept.values())


def _entry(values: Values) -> tuple[Entry | None, str | None, str | None]:
    """The row's entry, or the field and the reason why it has none."""
    name = _text(values[columns.NAME])
    label = _text(values[columns.LABEL])
    if not name:
        return None, columns.NAME, MISSING_NAME
    if len(name) > MAX_NAME:
        return None, columns.NAME, NAME_TOO_LONG
    if label not in columns.ENTITY_LABELS:
        return None, columns.LABEL, UNKNOWN_LABEL
    raw = values[ALIASES]
    parts = raw if isinstance(raw, list) else str(raw or "").split("|")
    aliases = [alias for alias in dict.fromkeys(map(_text, parts)) if alias and alias != name]
    code = _text(values[CODE]) or None
    entry = Entry(
        name=name,
        label=label,
        code=code,
        country=code if label == columns.COUNTRY_LABEL else None,
        aliases=tuple(aliases),
        quiet=quiet_keys([name, *aliases]),
        weight=WEIGHT,
    )
    return entry, None, None


def _rows(file: Path, encoding: str) -> Iterator[tuple[int, Values, str | None]]:
    """Row number (as in rejects), values by column, and why they are unusable."""
    setting = f"the table of names needs {', '.join(COLUMNS)}"
    if file.suffix == ".parquet":
        try:
            table = pq.read_table(file)
        except (OSError, pa.ArrowInvalid) as error:
            reason = str(error).splitlines()[0]
            raise DataError(f"{file}: not a Parquet file ({reason})") from error
        require_columns(file, COLUMNS, table.column_names, setting)
        for number, row in enumerate(table.select(list(COLUMNS)).to_pylist(), 1):
            yield number, row, None
        return
    delimiter = "\t" if ".tsv" in file.suffixes else ","
    header = csv_header(file, encoding, delimiter)
    require_columns(file, COLUMNS, header, setting)
    for lines in read_lines(file, encoding):
        for number, line, readable in zip(
            *(lines[name].to_pylist() for name in (ROW, LINE, READABLE)), strict=True
        ):
            if number == 1:
                continue
            if not readable:
                yield number, {columns.NAME: line}, rejects.BAD_ENCODING
                continue
            fields = _fields(line, delimiter)
            if len(fields) == len(header):
                yield number, dict(zip(header, fields, strict=True)), None
            else:
                yield number, {columns.NAME: line}, rejects.MALFORMED_ROW


def _fields(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line), delimiter=delimiter, strict=True))
    except csv.Error:
        return []


def _text(value: object) -> str:
    return "" if value is None else " ".join(unicodedata.normalize("NFC", str(value)).split())
