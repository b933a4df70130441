"""Click logs of any format as one stream of raw clicks, read with DuckDB.

Whatever the file, a *raw click* is a row of a query with the columns of :data:`RAW_COLUMNS`; what
is wrong with it, if anything, is in its ``reason``. Text is trimmed and NFC-normalised here, and
nowhere later.
"""

from __future__ import annotations

import glob
import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from nadeuri import columns
from nadeuri.data import public as public_sets
from nadeuri.data import rejects
from nadeuri.data.files import LINE, READABLE, ROW, csv_header, read_lines, require_columns
from nadeuri.data.source import Clicks, Source, file_format
from nadeuri.errors import ConfigError, DataError

RAW_COLUMNS = {
    "row": "BIGINT",  # as columns.SOURCE_ROW
    "user": "VARCHAR",
    "item": "VARCHAR",
    "time_us": "BIGINT",  # microseconds since 1970 UTC; NULL where the source has no times
    "session": "VARCHAR",
    "reason": "VARCHAR",  # one of nadeuri.data.rejects, or NULL
    "raw_time": "VARCHAR",  # as written, where the reason lies in the time
    "raw": "VARCHAR",  # the whole line, where it could not be read
}
"""Name -> DuckDB type of the columns of a raw click."""

_MIN_TIME_US = 0  # 1970-01-01
_MAX_TIME_US = 4_102_444_800_000_000  # 2100-01-01
_VIEW = "chunk"
_BLANKS = " \t\r\n\u00a0\u3000\ufeff"
_SNIFFED_JSON_LINES = 1000

_TEXT_TYPES = re.compile(r"VARCHAR|ENUM.*|UUID|JSON")
_INTEGER_TYPES = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")
_FLOAT_TYPES = re.compile(r"FLOAT|DOUBLE|DECIMAL.*")
_INSTANT_TYPES = re.compile(r"TIMESTAMP WITH TIME ZONE|TIMESTAMPTZ(_NS)?")
_NAIVE_TIME_TYPES = re.compile(r"TIMESTAMP(_S|_MS|_NS)?|DATE")


@dataclass(frozen=True)
class RawChunk:
    """A query for raw clicks of one file; run it before asking for the next chunk."""

    file: Path
    query: str


def raw_clicks(
    con: duckdb.DuckDBPyConnection, source: Source, files: Collection[Path]
) -> Iterator[RawChunk]:
    """Yield queries that together give every row of ``files``, file by file.

    Args:
        con: any connection; the chunk's rows are registered with it.
        source: how to read.
        files: all or some of ``source.click_files()``.

    Raises:
        DataError: a file is unreadable or empty, or lacks a column, or a column has a wrong type.
        ConfigError: ``time_format`` is no valid pattern.
    """
    if source.public is not None:
        yield from _public_chunks(con, source.public, source.root, files)
        return
    assert source.clicks is not None  # a Source has one of the two
    con.execute(f"SET TimeZone = {_literal(source.clicks.timezone)}")
    for file in files:
        kind = file_format(file)
        if kind == "parquet":
            yield RawChunk(file, _parquet_query(con, file, source.clicks))
            continue
        fields = _csv_fields(file, source.clicks) if kind == "csv" else _json_fields(file, source)
        for table in read_lines(file, source.clicks.encoding):
            if kind == "csv":
                table = table.filter(pc.greater(table[ROW], 1))  # without the column names
            con.register(_VIEW, table)
            yield RawChunk(file, _text_query(con, fields, source.clicks))
            con.unregister(_VIEW)


def _public_chunks(
    con: duckdb.DuckDBPyConnection,
    name: public_sets.PublicName,
    folder: Path,
    files: Collection[Path],
) -> Iterator[RawChunk]:
    for file, table in public_sets.clicks(name, folder):
        if file not in files:
            continue
        con.register(_VIEW, table.append_column(ROW, pa.array(range(1, table.num_rows + 1))))
        has = set(table.column_names)
        yield RawChunk(
            file,
            f"""SELECT {ROW} AS row, "user", item,
                {"time * 1000000" if columns.TIME in has else "NULL"} AS time_us,
                {"session" if columns.SESSION in has else "NULL"} AS session,
                NULL AS reason, NULL AS raw_time, NULL AS raw
            FROM {_VIEW}""",  # noqa: S608
        )
        con.unregister(_VIEW)


# --- text files -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Fields:
    """SQL expressions over ``line``: the list of all values, whether it is sound, and our columns.

    ``values`` holds what :attr:`columns` pick from, under the name ``f``.
    """

    values: str
    sound: str
    columns: Mapping[str, str]


def _csv_fields(file: Path, clicks: Clicks) -> _Fields:
    delimiter = clicks.delimiter_of(file)
    names = csv_header(file, clicks.encoding, delimiter)
    require_columns(file, clicks.columns.values(), names, "[clicks] columns and delimiter")
    d = _literal(delimiter)
    # RFC 4180: a quoted value may hold delimiters, and quotes written twice. Every match takes its
    # delimiter along, so a sound line (with one delimiter added) is matched from end to end.
    pattern = _literal(f'("(?:[^"]|"")*"|[^{re.escape(delimiter)}"]*){re.escape(delimiter)}')
    quoted = f"regexp_extract_all({LINE} || {d}, {pattern}"
    unquote = """lambda v: CASE WHEN v[1] = '"' THEN replace(v[2:-2], '""', '"') ELSE v END"""
    plain = f"NOT contains({LINE}, '\"')"
    return _Fields(
        values=f"CASE WHEN {plain} THEN string_split({LINE}, {d}) "
        f"ELSE list_transform({quoted}, 1), {unquote}) END",
        sound=f"len(f) = {len(names)} AND ({plain} OR "
        f"list_sum(list_transform({quoted}, 0), lambda v: length(v))) = length({LINE}) + 1)",
        columns={ours: f"f[{names.index(theirs) + 1}]" for ours, theirs in clicks.columns.items()},
    )


def _json_fields(file: Path, source: Source) -> _Fields:
    assert source.clicks is not None
    clicks = source.clicks
    names: dict[str, None] = {}
    with closing(read_lines(file, clicks.encoding)) as tables:
        head = next(tables, None)
    for text in [] if head is None else head[LINE][:_SNIFFED_JSON_LINES]:
        try:
            value = json.loads(text.as_py())
        except json.JSONDecodeError:
            continue
        names.update(dict.fromkeys(value if isinstance(value, dict) else ()))
    if names:
        require_columns(file, clicks.columns.values(), names, "[clicks] columns")
    paths = ", ".join(_literal(f'$."{theirs}"') for theirs in clicks.columns.values())
    return _Fields(
        values=f"CASE WHEN json_valid({LINE}) THEN json_extract_string({LINE}, [{paths}]) END",
        sound=f"CASE WHEN json_valid({LINE}) THEN json_type({LINE}) END = 'OBJECT'",
        columns={ours: f"f[{number}]" for number, ours in enumerate(clicks.columns, start=1)},
    )


def _text_query(con: duckdb.DuckDBPyConnection, fields: _Fields, clicks: Clicks) -> str:
    picked = ", ".join(
        f'{_clean(fields.columns[name]) if name in fields.columns else "NULL"} AS "{name}"'
        for name in (columns.USER, columns.ITEM, columns.TIME, columns.SESSION)
    )
    return f"""
        WITH split AS (SELECT {ROW}, {LINE}, {READABLE}, {fields.values} AS f FROM {_VIEW}),
        checked AS (SELECT *, {READABLE} AND coalesce({fields.sound}, false) AS sound FROM split),
        picked AS (SELECT {ROW}, {LINE}, {READABLE}, sound, {picked} FROM checked)
        SELECT {ROW} AS row, {_raw_columns(clicks, _text_time(con, clicks), broken=True)}
        FROM picked"""  # noqa: S608


def _text_time(con: duckdb.DuckDBPyConnection, clicks: Clicks) -> str:
    """SQL: microseconds from the text column ``time``."""
    if clicks.time_format == "iso":
        return "epoch_us(try_cast(time AS TIMESTAMPTZ))"
    if clicks.time_format in ("epoch_s", "epoch_ms"):
        return _epoch("try_cast(time AS DOUBLE)", clicks.time_format)
    parsed = f"try_strptime(time, {_literal(clicks.time_format)})"
    try:
        # A pattern with an offset (%z) parses to an instant, others to a local time.
        kind = con.execute(
            f"SELECT typeof({parsed}) FROM (SELECT '' AS time)"  # noqa: S608
        ).fetchall()[0][0]
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"[clicks] time_format {clicks.time_format!r}: {reason}") from error
    instant = parsed if "ZONE" in kind else f"timezone({_literal(clicks.timezone)}, {parsed})"
    return f"epoch_us({instant})"


# --- Parquet --------------------------------------------------------------------------------------


def _parquet_query(con: duckdb.DuckDBPyConnection, file: Path, clicks: Clicks) -> str:
    path = _literal(glob.escape(str(file)))
    table = f"read_parquet({path}, file_row_number = true, binary_as_string = true)"
    try:
        described = con.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()  # noqa: S608
    except duckdb.Error as error:
        raise DataError(f"{file}: not a Parquet file ({str(error).splitlines()[0]})") from error
    types = {str(row[0]): str(row[1]) for row in described}
    require_columns(file, clicks.columns.values(), types, "[clicks] columns")
    picked = []
    for name in (columns.USER, columns.ITEM, columns.SESSION):
        theirs = clicks.columns.get(name)
        text = "NULL" if theirs is None else _clean(_text_of(file, theirs, types[theirs]))
        picked.append(f'{text} AS "{name}"')
    theirs = clicks.columns.get(columns.TIME)
    time = "NULL" if theirs is None else _name(theirs)
    picked.append(f"{time} AS time")
    time_us = "NULL" if theirs is None else _typed_time(con, file, theirs, types[theirs], clicks)
    return f"""
        WITH picked AS (SELECT file_row_number + 1 AS row, {", ".join(picked)} FROM {table})
        SELECT row, {_raw_columns(clicks, time_us, broken=False)} FROM picked"""  # noqa: S608


def _text_of(file: Path, name: str, kind: str) -> str:
    column = _name(name)
    if _TEXT_TYPES.fullmatch(kind) or _INTEGER_TYPES.fullmatch(kind):
        return f"CAST({column} AS VARCHAR)"
    if _FLOAT_TYPES.fullmatch(kind):
        # Integer ids turn into floats in pandas as soon as one is missing (which becomes NaN).
        return (
            f"CASE WHEN isnan(CAST({column} AS DOUBLE)) THEN NULL "
            f"WHEN {column} = trunc({column}) THEN CAST(try_cast({column} AS HUGEINT) AS VARCHAR) "
            f"ELSE CAST({column} AS VARCHAR) END"
        )
    raise DataError(
        f"{file}: column {name!r} holds {kind}, which cannot be an id; write it as text or integer"
    )


def _typed_time(
    con: duckdb.DuckDBPyConnection, file: Path, name: str, kind: str, clicks: Clicks
) -> str:
    if _INSTANT_TYPES.fullmatch(kind):
        return "epoch_us(CAST(time AS TIMESTAMPTZ))"
    if _NAIVE_TIME_TYPES.fullmatch(kind):
        return f"epoch_us(timezone({_literal(clicks.timezone)}, CAST(time AS TIMESTAMP)))"
    if _INTEGER_TYPES.fullmatch(kind) or _FLOAT_TYPES.fullmatch(kind):
        if clicks.time_format not in ("epoch_s", "epoch_ms"):
            raise DataError(
                f"{file}: column {name!r} holds {kind}, but time_format is "
                f'{clicks.time_format!r}; set time_format = "epoch_s" or "epoch_ms"'
            )
        return _epoch("CAST(time AS DOUBLE)", clicks.time_format)
    if _TEXT_TYPES.fullmatch(kind):
        return _text_time(con, clicks)
    raise DataError(f"{file}: column {name!r} holds {kind}, which cannot be a time")


# --- shared SQL -----------------------------------------------------------------------------------


def _raw_columns(clicks: Clicks, time_us: str, broken: bool) -> str:
    """The columns of a raw click but ``row``, over a table with ``user, item, time, session``."""
    has_times = columns.TIME in clicks.columns
    cases = []
    if broken:
        cases += [
            f"WHEN NOT {READABLE} THEN '{rejects.BAD_ENCODING}'",
            f"WHEN NOT sound THEN '{rejects.MALFORMED_ROW}'",
        ]
    cases += [
        f"WHEN \"user\" IS NULL THEN '{rejects.MISSING_USER}'",
        f"WHEN item IS NULL THEN '{rejects.MISSING_ITEM}'",
    ]
    if has_times:
        cases += [
            f"WHEN time IS NULL THEN '{rejects.MISSING_TIME}'",
            f"WHEN ({time_us}) IS NULL THEN '{rejects.UNPARSABLE_TIME}'",
            f"WHEN ({time_us}) NOT BETWEEN {_MIN_TIME_US} AND {_MAX_TIME_US} "
            f"THEN '{rejects.TIME_OUT_OF_RANGE}'",
        ]
    about_time = f"('{rejects.UNPARSABLE_TIME}', '{rejects.TIME_OUT_OF_RANGE}')"
    unreadable = f"('{rejects.BAD_ENCODING}', '{rejects.MALFORMED_ROW}')"
    return f"""
        "user", item, {time_us if has_times else "NULL"} AS time_us, session,
        CASE {" ".join(cases)} END AS reason,
        CASE WHEN reason IN {about_time} THEN CAST(time AS VARCHAR) END AS raw_time,
        {f"CASE WHEN reason IN {unreadable} THEN {LINE} END" if broken else "NULL"} AS raw"""


def _epoch(number: str, time_format: str) -> str:
    factor = 1_000_000 if time_format == "epoch_s" else 1_000
    return f"try_cast(round({number} * {factor}) AS BIGINT)"


def _clean(text: str) -> str:
    return f"nullif(nfc_normalize(trim({text}, {_literal(_BLANKS)})), '')"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
