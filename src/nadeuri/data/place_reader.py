"""Tables of eating places, read from Parquet or CSV: only sound rows get through.

A folder has one file per table (``places.parquet``, ``reviews.csv.gz``, ...) or a folder of parts
(``reviews/2026-10.parquet``). A table that is absent has no rows. In CSV, lists are written with
``|`` between two values. All text is NFC-normalised and trimmed here, and nowhere later.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data import places, rejects
from nadeuri.data.files import LINE, READABLE, ROW, csv_header, read_lines, require_columns
from nadeuri.data.places import PLACES, TABLES, Column, Table
from nadeuri.data.rejects import RejectsWriter
from nadeuri.errors import DataError

FORMATS = (".parquet", ".csv", ".tsv", ".csv.gz", ".tsv.gz")

_BATCH_ROWS = 1 << 17
_BLANKS = " \t\r\n\u00a0\u3000\ufeff"
_KEY_GLUE = "\x1f"
_MALFORMED = "malformed"


def find_tables(folder: Path) -> dict[str, list[Path]]:
    """Files of the tables that ``folder`` has; in a sample world, those of its folder ``places``.

    Raises:
        DataError: it has none, or one of them twice.
    """
    inner = folder / PLACES if _files(folder / PLACES, PLACES) else folder
    files = {name: found for name in TABLES if (found := _files(inner, name))}
    if not files:
        raise DataError(
            f"{folder}: no table of places here; there has to be one of {', '.join(TABLES)} "
            f"as {' or '.join(FORMATS)}"
        )
    return files


class PlaceReader:
    """Reads the tables of a folder; rows that are not sound go to ``writer``, with the reason.

    Read :data:`PLACES` before the tables that refer to places.
    """

    def __init__(
        self,
        folder: Path,
        writer: RejectsWriter,
        *,
        known_places: Iterable[str] = (),
        encoding: str = "utf-8",
    ) -> None:
        """Look at what the folder has; nothing is read yet.

        Args:
            folder: of the tables, or a sample world, whose subfolder ``places`` has them.
            known_places: ids of places that rows may refer to besides those in the folder.
            encoding: of text files.

        Raises:
            DataError: the folder has none of the tables, or one of them twice.
        """
        self.files = find_tables(folder)
        self._writer = writer
        self._encoding = encoding
        self._con = duckdb.connect()
        self._con.execute("SET threads = 1")
        self._con.execute(f"CREATE TABLE known ({columns.PLACE_ID} VARCHAR)")
        self._know(pa.array(list(known_places), places.TEXT))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._con.close()

    def read(self, name: str) -> Iterator[tuple[Path, pa.Table]]:
        """The sound rows of a table with the file they are of, about a hundred thousand at a time.

        The same files give the same batches. Of rows with the same key the first is kept.

        Raises:
            DataError: a file is unreadable or empty, or lacks a column.
        """
        table = TABLES[name]
        self._con.execute("CREATE OR REPLACE TABLE seen (key VARCHAR, digest UBIGINT)")
        for file in self.files.get(name, ()):
            for raw in _raw_batches(file, table, self._encoding):
                sound = self._judge(file, raw, table)
                if name == PLACES:
                    self._know(sound[columns.PLACE_ID])
                if sound.num_rows:
                    yield file, sound

    def _know(self, ids: pa.Array | pa.ChunkedArray) -> None:
        self._con.register("ids", pa.table({columns.PLACE_ID: ids}))
        self._con.execute("INSERT INTO known SELECT * FROM ids")
        self._con.unregister("ids")

    def _judge(self, file: Path, raw: pa.Table, table: Table) -> pa.Table:
        """The sound rows of ``raw``; the others are written out."""
        self._con.register("raw", raw)
        self._con.execute(_judging_query(raw.schema, table))
        self._con.execute(
            """CREATE OR REPLACE TEMP TABLE repeated AS
            SELECT judged.*, coalesce(seen.digest, first(judged.digest) OVER same) AS first_digest,
                seen.key IS NOT NULL OR row_number() OVER same > 1 AS again
            FROM judged LEFT JOIN seen USING (key) WHERE fault = 0
            WINDOW same AS (PARTITION BY key ORDER BY row)"""
        )
        self._con.unregister("raw")
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        sound = self._con.sql(
            f"SELECT {names} FROM repeated WHERE NOT again ORDER BY row"  # noqa: S608
        ).to_arrow_table()
        assert sound is not None  # a SELECT has a result
        self._con.execute("INSERT INTO seen SELECT key, digest FROM repeated WHERE NOT again")
        self._reject(file, table)
        return sound.cast(table.schema)

    def _reject(self, file: Path, table: Table) -> None:
        rows = self._con.execute(
            f"""SELECT row, fault, shown FROM judged WHERE fault <> 0
            UNION ALL SELECT row, CASE WHEN digest = first_digest THEN {_SAME} ELSE {_OTHER} END,
                replace(key, '{_KEY_GLUE}', ' ') FROM repeated WHERE again
            ORDER BY row"""  # noqa: S608
        ).fetchall()
        faults = _faults(table)
        self._writer.write_rows(
            [
                {
                    columns.SOURCE_FILE: str(file),
                    columns.SOURCE_ROW: row,
                    columns.REASON: faults[fault].reason,
                    columns.FIELD: faults[fault].field,
                    columns.VALUE: value,
                }
                for row, fault, value in rows
            ]
        )


# --- files ----------------------------------------------------------------------------------------


def _files(folder: Path, name: str) -> list[Path]:
    """Files of a table, in order."""
    single = [folder / f"{name}{ending}" for ending in FORMATS]
    found = [file for file in single if file.is_file()]
    if not found and (folder / name).is_dir():
        found = sorted(part for part in (folder / name).iterdir() if part.name.endswith(FORMATS))
    if len(found) > 1 and found[0].parent == folder:
        raise DataError(f"{folder}: both {found[0].name} and {found[1].name}; keep one of them")
    return found


def _raw_batches(file: Path, table: Table, encoding: str) -> Iterator[pa.Table]:
    """Rows as they are written: columns of the table, ``row``, and why a line is unusable."""
    wanted = [column.name for column in table.columns if column.required]
    setting = f"the columns of the table {table.name} in docs/data-contracts.md"
    names = [column.name for column in table.columns]
    if file.suffix == ".parquet":
        try:
            parquet = pq.ParquetFile(file)
        except (OSError, pa.ArrowInvalid) as error:
            reason = str(error).splitlines()[0]
            raise DataError(f"{file}: not a Parquet file ({reason})") from error
        with parquet:
            require_columns(file, wanted, parquet.schema_arrow.names, setting)
            present = [name for name in names if name in parquet.schema_arrow.names]
            row = 1
            for batch in parquet.iter_batches(_BATCH_ROWS, columns=present):
                yield _numbered(pa.table(batch), range(row, row + len(batch)), [None] * len(batch))
                row += len(batch)
        return
    delimiter = "\t" if ".tsv" in file.suffixes else ","
    header = csv_header(file, encoding, delimiter)
    require_columns(file, wanted, header, setting)
    present = [name for name in names if name in header]
    for lines in read_lines(file, encoding):
        yield _parsed(lines, header, present, delimiter)


def _parsed(
    lines: pa.Table, header: Sequence[str], present: Sequence[str], delimiter: str
) -> pa.Table:
    numbers, reasons = [], []
    cells: dict[str, list[str | None]] = {name: [] for name in present}
    for number, line, readable in zip(
        *(lines[name].to_pylist() for name in (ROW, LINE, READABLE)), strict=True
    ):
        if number == 1:
            continue
        fields = _fields(line, delimiter)
        reason = None
        if not readable:
            reason = rejects.BAD_ENCODING
        elif len(fields) != len(header):
            reason = rejects.MALFORMED_ROW
        if reason is not None:
            fields = [line] * len(header)
        row = dict(zip(header, fields, strict=True))
        for name in present:
            cells[name].append(row[name])
        numbers.append(number)
        reasons.append(reason)
    table = pa.table({name: pa.array(values, places.TEXT) for name, values in cells.items()})
    return _numbered(table, numbers, reasons)


def _fields(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        return []


def _numbered(table: pa.Table, rows: Iterable[int], reasons: Sequence[str | None]) -> pa.Table:
    return table.append_column(ROW, pa.array(rows, pa.int64())).append_column(
        _MALFORMED, pa.array(reasons, places.TEXT)
    )


# --- judging --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Fault:
    """A way for a row to be unsound: the condition is SQL over raw and typed columns."""

    reason: str
    field: str | None
    condition: str


_BAD, _BROKEN, _SAME, _OTHER = -1, -2, -3, -4
"""Numbers of the faults that lie in no column; those of columns count from 1."""


def _faults(table: Table) -> dict[int, _Fault]:
    """Faults by number, in the order in which a row is searched for them."""
    faults = []
    for column in table.columns:
        raw, typed = f'"raw_{column.name}"', f'"{column.name}"'
        if column.required:
            faults.append(_Fault(places.MISSING_VALUE, column.name, f"{raw} IS NULL"))
        unreadable = f"{raw} IS NOT NULL AND {typed} IS NULL"
        faults.append(_Fault(places.UNREADABLE_VALUE, column.name, unreadable))
        if column.check is not None:
            sound = f"coalesce({column.check.replace('{}', typed)}, {typed} IS NULL)"
            sound = sound.replace("{{", "{").replace("}}", "}")
            faults.append(_Fault(column.reason, column.name, f"NOT ({sound})"))
    if table.of_places:
        unknown = f"{columns.PLACE_ID} NOT IN (SELECT {columns.PLACE_ID} FROM known)"  # noqa: S608
        faults.append(_Fault(places.UNKNOWN_PLACE, columns.PLACE_ID, unknown))
    numbered = dict(enumerate(faults, 1))
    return {
        _BAD: _Fault(rejects.BAD_ENCODING, None, f"{_MALFORMED} = '{rejects.BAD_ENCODING}'"),
        _BROKEN: _Fault(rejects.MALFORMED_ROW, None, f"{_MALFORMED} = '{rejects.MALFORMED_ROW}'"),
        **numbered,
        _SAME: _Fault(places.DUPLICATE_ROW, None, "false"),
        _OTHER: _Fault(places.CONFLICTING_ROW, None, "false"),
    }


def _judging_query(raw: pa.Schema, table: Table) -> str:
    """SQL that makes the table ``judged``: typed columns, ``fault`` (0: none), ``shown``, key."""
    cells = []
    for column in table.columns:
        if column.name not in raw.names:
            cells.append(f'NULL AS "raw_{column.name}", {_typed("NULL", column, places.TEXT)}')
            continue
        kind = raw.field(column.name).type
        name = f'"{column.name}"'
        text = f"CAST({name} AS VARCHAR)" if pa.types.is_list(kind) else _clean(name)
        cells.append(f'{text} AS "raw_{column.name}", {_typed(name, column, kind)}')
    faults = _faults(table)
    cases = " ".join(f"WHEN {fault.condition} THEN {number}" for number, fault in faults.items())
    first = f'"raw_{next(column.name for column in table.columns if column.name in raw.names)}"'
    values = " ".join(
        f"WHEN {number} THEN {first if fault.field is None else f'raw_{fault.field}'}"
        for number, fault in faults.items()
    )
    key = f", '{_KEY_GLUE}', ".join(f'"{name}"' for name in table.key)
    everything = ", ".join(f'"{column.name}"' for column in table.columns)
    return f"""
        CREATE OR REPLACE TEMP TABLE judged AS
        WITH typed AS (SELECT {ROW} AS row, {_MALFORMED}, {", ".join(cells)} FROM raw),
        found AS (SELECT *, CASE {cases} ELSE 0 END AS fault FROM typed)
        SELECT row, fault, CASE fault {values} END AS shown, concat({key}) AS key,
            hash(({everything})) AS digest, {everything}
        FROM found"""  # noqa: S608


def _typed(name: str, column: Column, kind: pa.DataType) -> str:
    """SQL: the value as its column's type, NULL where it is none, under the column's name."""
    if column.type == places.LIST:
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            parts = name
        else:
            parts = f"string_split(CAST({name} AS VARCHAR), '|')"
        kept = f"list_filter(list_transform({parts}, lambda v: {_clean('v')}), lambda v: v <> '')"
        value = f"coalesce({kept}, CAST([] AS VARCHAR[]))"
    elif column.type == places.NUMBER:
        number = f"try_cast({name} AS DOUBLE)"
        value = f"CASE WHEN isfinite({number}) THEN {number} END"
    elif column.type == places.WHOLE:
        number = f"try_cast({name} AS DOUBLE)"
        value = f"CASE WHEN {number} = trunc({number}) THEN try_cast({number} AS BIGINT) END"
    elif column.type == places.TRUTH:
        value = f"try_cast({name} AS BOOLEAN)"
    elif column.type == places.DAY:
        value = f"try_cast({name} AS DATE)"
    else:
        value = _clean(name)
    return f'{value} AS "{column.name}"'


def _clean(name: str) -> str:
    return f"nullif(nfc_normalize(trim(CAST({name} AS VARCHAR), {places.literal(_BLANKS)})), '')"
