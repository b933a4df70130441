"""First pass over a click log: from files to buckets of users on disk.

All rows go once through a DuckDB table on disk, under a fixed memory limit, and from there into one
Parquet folder per bucket. A bucket holds whole users, so that the second pass
(:mod:`nadeuri.data.cleaning`) can work on one bucket at a time.

Users are ordered by the md5 of their id, and a bucket is a range of that order: the order of users
in the result depends neither on the number of buckets or threads nor on the order of the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from nadeuri import columns
from nadeuri.data import rejects
from nadeuri.data.clicks import RAW_COLUMNS, RawChunk, raw_clicks
from nadeuri.data.rejects import RejectsWriter
from nadeuri.data.source import Source
from nadeuri.errors import DataError
from nadeuri.progress import progress

MEMORY_LIMIT = "400MiB"  # of DuckDB; the rest of the process needs some 300 MiB more
MAX_BUCKETS = 256
_ROWS_PER_BUCKET = 1_000_000
_KEY_BITS = 64
_ROW_BITS = 40  # seq = file number << 40 | row number: sorts by file, then row


STAGED_COLUMNS = {"seq": "BIGINT"} | {
    name: kind for name, kind in RAW_COLUMNS.items() if name != "row"
}
"""Name -> type of the columns of ``staged``: raw clicks, numbered over all files."""


CLICKED_ITEMS = "SELECT DISTINCT item FROM staged WHERE reason IS NULL"
"""The items where there is no catalogue; this and the next query run on DuckDB and on Spark."""

REJECTED_ROWS = f"""
SELECT seq, "user", item, raw_time AS "{columns.TIME}", raw AS "{columns.VALUE}",
       coalesce(reason, '{rejects.UNKNOWN_ITEM}') AS "{columns.REASON}"
FROM staged LEFT JOIN items USING (item)
WHERE reason IS NOT NULL OR number IS NULL
ORDER BY seq"""  # noqa: S608
"""Rows of ``staged`` that cannot be used, with the reason."""


@dataclass(frozen=True)
class Staged:
    """The first pass's result.

    Attributes:
        files: position = file number, as in ``seq``.
        n_rows: rows read, whether kept or not.
        items: product codes; position ``i`` is item index ``i + 1``.
        has_times: whether the clicks have times at all.
        has_sessions: whether the source tells sessions.
        n_buckets: buckets, each a folder of Parquet files (or absent when empty).
    """

    files: tuple[str, ...]
    n_rows: int
    items: tuple[str, ...]
    has_times: bool
    has_sessions: bool
    n_buckets: int


@contextmanager
def work_database(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB database in ``folder`` that spills there and stays within the memory limit."""
    con = duckdb.connect(
        str(folder / "staging.duckdb"),
        config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(folder / "spill")},
    )
    try:
        yield con
    finally:
        con.close()


def stage(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    codes: tuple[str, ...] | None,
    folder: Path,
    writer: RejectsWriter,
    n_buckets: int | None = None,
) -> Staged:
    """Read the click log, write the unusable rows to ``writer`` and the others into buckets.

    Args:
        con: from :func:`work_database`.
        source: what to read.
        codes: the catalogue's product codes in item order; without a catalogue (None), all
            codes in the clicks, in :func:`code_order`, are the items.
        folder: where the buckets go.
        writer: takes the rejected rows.
        n_buckets: a power of two; by default so many that a bucket has about a million clicks.
    """
    files = _read(con, source)
    n_rows = _count(con, "SELECT count(*) FROM staged")
    has_times = _count(con, "SELECT count(time_us) FROM staged") > 0
    has_sessions = _count(con, "SELECT count(session) FROM staged") > 0
    codes = _number_items(con, codes)
    for batch in con.sql(REJECTED_ROWS).to_arrow_reader(100_000):
        writer.write(with_source(pa.Table.from_batches([batch]), files))
    n_buckets = n_buckets or bucket_count(n_rows)
    _write_buckets(con, folder, n_buckets)
    con.execute("DROP TABLE staged")
    return Staged(files, n_rows, codes, has_times, has_sessions, n_buckets)


def staged_rows(chunk: RawChunk, file_number: int) -> str:
    """The query for a chunk's rows with :data:`STAGED_COLUMNS`."""
    seq = f"{first_seq(file_number)} + row AS seq"
    picked = ", ".join(
        f'CAST("{name}" AS {kind}) AS "{name}"'
        for name, kind in STAGED_COLUMNS.items()
        if name != "seq"
    )
    return f"SELECT {seq}, {picked} FROM ({chunk.query})"  # noqa: S608


def first_seq(file_number: int) -> int:
    """``seq`` of a file's row 0."""
    return file_number << _ROW_BITS


@contextmanager
def named_errors(file: Path) -> Iterator[None]:
    """Turn DuckDB's errors into one about ``file``."""
    try:
        yield
    except duckdb.Error as error:
        raise DataError(f"{file}: cannot be read ({str(error).splitlines()[0]})") from error


def bucket_count(n_rows: int) -> int:
    """A power of two, so that a bucket has about a million clicks."""
    n_buckets = 1
    while n_buckets * _ROWS_PER_BUCKET < n_rows and n_buckets < MAX_BUCKETS:
        n_buckets *= 2
    return n_buckets


def bucket_folder(folder: Path, bucket: int) -> Path:
    """Where bucket number ``bucket`` lies, if it has any click."""
    return folder / f"bucket={bucket}"


def code_order(codes: list[str]) -> list[str]:
    """Product codes in item order: numerically if all are plain integers, else by code point."""
    if all(code.isascii() and code.isdigit() for code in codes):
        return sorted(codes, key=lambda code: (int(code), code))
    return sorted(codes)


def item_numbers(codes: tuple[str, ...]) -> pa.Table:
    """The table ``items``: item, number from 1."""
    numbers = pa.array(range(1, len(codes) + 1), pa.int32())
    return pa.table({"item": pa.array(codes, pa.string()), "number": numbers})


def with_source(table: pa.Table, files: tuple[str, ...]) -> pa.Table:
    """Replace the column ``seq`` by the file and the row it stands for."""
    seq = table["seq"].to_numpy()
    table = table.drop_columns(["seq"])
    numbers = pa.array(seq >> _ROW_BITS)
    table = table.append_column(columns.SOURCE_FILE, pa.array(files, pa.string()).take(numbers))
    return table.append_column(columns.SOURCE_ROW, pa.array(seq & ((1 << _ROW_BITS) - 1)))


def _read(con: duckdb.DuckDBPyConnection, source: Source) -> tuple[str, ...]:
    kinds = ", ".join(f'"{name}" {kind}' for name, kind in STAGED_COLUMNS.items())
    con.execute(f"CREATE TABLE staged ({kinds})")
    files = source.click_files()
    con.execute("BEGIN")
    for chunk in progress(raw_clicks(con, source, files), "reading clicks"):
        with named_errors(chunk.file):
            con.execute(f"INSERT INTO staged {staged_rows(chunk, files.index(chunk.file))}")
    con.execute("COMMIT")
    return tuple(map(str, files))


def _number_items(con: duckdb.DuckDBPyConnection, codes: tuple[str, ...] | None) -> tuple[str, ...]:
    """Create the table ``items``; returns the codes."""
    if codes is None:
        codes = tuple(code_order([row[0] for row in con.execute(CLICKED_ITEMS).fetchall()]))
    con.register("numbered", item_numbers(codes))
    con.execute("CREATE TABLE items AS FROM numbered")
    con.unregister("numbered")
    return codes


def _write_buckets(con: duckdb.DuckDBPyConnection, folder: Path, n_buckets: int) -> None:
    if not _count(con, "SELECT count(*) FROM staged JOIN items USING (item) WHERE reason IS NULL"):
        return
    bits = n_buckets.bit_length() - 1
    bucket = f"user_key >> {_KEY_BITS - bits}" if bits else "0"
    con.execute("SET preserve_insertion_order = false")
    con.execute(
        f"""
        COPY (
            SELECT CAST({bucket} AS INTEGER) AS bucket, *
            FROM (
                SELECT md5_number_upper("user") AS user_key, "user", number AS item, time_us,
                       hash(session) AS session, seq
                FROM staged JOIN items USING (item)
                WHERE reason IS NULL
            )
        ) TO '{str(folder).replace("'", "''")}' (FORMAT parquet, PARTITION_BY (bucket))"""  # noqa: S608
    )


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(con.execute(query).fetchall()[0][0])
