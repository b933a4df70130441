"""Text files as numbered lines: compression, encodings and broken bytes are dealt with here.

A row of a text file is one line. That makes row numbers exact and confines damage: a stray quote
spoils its own line, where a CSV parser that lets quoted fields span lines would swallow the rest.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import zlib
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nadeuri.errors import DataError

LINE, ROW, READABLE = "line", "row", "readable"

_CHUNK_BYTES = 16 << 20
_BATCH_ROWS = 1 << 15
_SCHEMA = pa.schema([(ROW, pa.int64()), (LINE, pa.string()), (READABLE, pa.bool_())])


def read_lines(file: Path, encoding: str) -> Generator[pa.Table, None, None]:
    """Yield the non-blank lines of a text file, a chunk of about 16 MiB at a time.

    Args:
        file: plain, ``.gz`` or ``.zst``.
        encoding: one in which a newline is the byte 0x0A.

    Yields:
        Tables of ``row`` (line number, from 1), ``line`` (without its end) and ``readable`` (false
        where the bytes are no text in ``encoding``; the line is then escaped).

    Raises:
        DataError: the file cannot be read or its compression is broken.
    """
    number = 1
    rest = b""
    with _named_errors(file), _open(file) as stream:
        while True:
            chunk = stream.read(_CHUNK_BYTES)
            *lines, rest = (rest + chunk).split(b"\n")
            if not chunk and rest:
                lines, rest = [rest], b""
            if lines:
                yield _table(lines, number, encoding)
                number += len(lines)
            if not chunk:
                return


def first_line(file: Path, encoding: str) -> str | None:
    """The first line, without byte order mark; None when the file is empty.

    Raises:
        DataError: the file cannot be read or the line is no text in ``encoding``.
    """
    with _named_errors(file), _open(file) as stream:
        head = stream.read(1 << 20)
    if not head.strip():
        return None
    try:
        return head.split(b"\n")[0].decode(encoding).removeprefix("\ufeff").rstrip("\r")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{file}: the first line is not {encoding} text; set encoding (such as cp949) "
            "or convert the file"
        ) from error


def csv_header(file: Path, encoding: str, delimiter: str) -> list[str]:
    """The column names of a CSV file.

    Raises:
        DataError: the file is empty.
    """
    head = first_line(file, encoding)
    if head is None:
        raise DataError(f"{file}: the file is empty; a CSV file starts with a line of column names")
    return [name.strip() for name in next(csv.reader([head], delimiter=delimiter))]


def require_columns(
    file: Path, wanted: Iterable[str], present: Collection[str], setting: str
) -> None:
    """Check that a file has the wanted columns.

    Raises:
        DataError: it lacks one; the message names ``setting`` as the place to look.
    """
    for name in wanted:
        if name not in present:
            there = ", ".join(map(repr, present))
            raise DataError(f"{file}: no column {name!r} (there are: {there}); check {setting}")


def _table(lines: list[bytes], first: int, encoding: str) -> pa.Table:
    if first == 1:
        lines[0] = lines[0].removeprefix(codecs.BOM_UTF8)
    texts, readable = _decode(lines, encoding)
    texts = pc.utf8_rtrim(texts, "\r")
    table = pa.table(
        [pa.array(range(first, first + len(lines)), pa.int64()), texts, readable], schema=_SCHEMA
    )
    table = table.filter(pc.not_equal(pc.utf8_trim_whitespace(texts), ""))
    return pa.Table.from_batches(table.combine_chunks().to_batches(_BATCH_ROWS), _SCHEMA)


def _decode(lines: list[bytes], encoding: str) -> tuple[pa.Array, pa.Array]:
    if encoding == "utf-8":
        try:
            texts = pa.array(lines, pa.binary()).cast(pa.string())
            return texts, pa.array(np.ones(len(lines), dtype=bool))
        except pa.ArrowInvalid:
            pass  # some line is broken: find out which, one by one
    texts, readable = [], []
    for line in lines:
        try:
            texts.append(line.decode(encoding))
            readable.append(True)
        except UnicodeDecodeError:
            texts.append(line.decode("ascii", errors="backslashreplace"))
            readable.append(False)
    return pa.array(texts, pa.string()), pa.array(readable, pa.bool_())


def _open(file: Path) -> pa.NativeFile | gzip.GzipFile:
    # gzip of the standard library, because it also reads files of several concatenated members.
    return gzip.open(file) if file.suffix.lower() == ".gz" else pa.input_stream(str(file))


@contextmanager
def _named_errors(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error, pa.ArrowInvalid) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{file}: cannot be read ({reason})") from error
