"""Rejected rows: counted by reason and written to ``rejects.parquet``, never silently dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nadeuri import columns

# --- of clicks ------------------------------------------------------------------------------------
MALFORMED_ROW = (
    "malformed_row"  # the columns of a text row cannot be told apart; also of catalogues
)
BAD_ENCODING = "bad_encoding"  # bytes that are no text in the file's encoding; also of catalogues
MISSING_USER = "missing_user"
MISSING_ITEM = "missing_item"  # also of catalogues: no product code
MISSING_TIME = "missing_time"
UNPARSABLE_TIME = "unparsable_time"
TIME_OUT_OF_RANGE = "time_out_of_range"
UNKNOWN_ITEM = "unknown_item"
DUPLICATE = "duplicate"
BOT = "bot"
REPEAT = "repeat"
BELOW_MIN_USER = "below_min_user"
BELOW_MIN_ITEM = "below_min_item"

# --- of catalogues --------------------------------------------------------------------------------
DUPLICATE_CODE = "duplicate_code"  # the same product twice, with the same content
CONFLICTING_CODE = "conflicting_code"  # the same product code with other content: the first is kept

# --- of single values of a catalogue: the value is set missing, the row is kept -------------------
NOT_A_NUMBER = "not_a_number"
NOT_FINITE = "not_finite"
FIELD_REASONS = (NOT_A_NUMBER, NOT_FINITE)

SCHEMA = pa.schema(
    [
        (columns.SOURCE_FILE, pa.string()),
        (columns.SOURCE_ROW, pa.int64()),
        (columns.REASON, pa.string()),
        (columns.USER, pa.string()),
        (columns.ITEM, pa.string()),
        (columns.TIME, pa.string()),
        (columns.FIELD, pa.string()),
        (columns.VALUE, pa.string()),
    ]
)
"""``source_row``: in text files the line, from 1; in Parquet the row, from 1. ``time``: as written
where it was the reason, else ISO 8601 in UTC. ``value``: the whole line or the offending value."""

_KEPT_TEXT = 200


@dataclass
class RejectsWriter:
    """Appends rejected rows to a Parquet file, which exists only when there is at least one.

    Attributes:
        path: the file to write.
        counts: rows by reason.
        examples: per reason, where the first such row was.
    """

    path: Path
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    _writer: pq.ParquetWriter | None = None

    def __enter__(self) -> RejectsWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, rows: pa.Table) -> None:
        """Append rows; columns of :data:`SCHEMA` that ``rows`` lacks are null."""
        if rows.num_rows == 0:
            return
        nothing = pa.nulls(rows.num_rows)
        table = pa.table(
            {
                name: (rows[name] if name in rows.column_names else nothing).cast(kind)
                for name, kind in zip(SCHEMA.names, SCHEMA.types, strict=True)
            }
        )
        table = table.set_column(
            SCHEMA.get_field_index(columns.VALUE),
            columns.VALUE,
            pc.utf8_slice_codeunits(table[columns.VALUE], 0, _KEPT_TEXT),
        )
        for reason, count in _value_counts(table[columns.REASON]).items():
            self.counts[reason] += count
            if reason not in self.examples:
                self.examples[reason] = _place(table, reason)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.path, SCHEMA, compression="zstd")
        self._writer.write_table(table)

    def write_rows(self, rows: list[dict[str, Any]]) -> None:
        """Append rows given as mappings of column name to value."""
        self.write(pa.Table.from_pylist(rows, schema=SCHEMA))


def summary(counts: Mapping[str, int], examples: Mapping[str, str]) -> str:
    """``"3 unknown_item (first: clicks.csv:7), 1 bot (first: ...)"``, most frequent first."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{count} {reason} (first: {examples[reason]})" for reason, count in ordered)


def _value_counts(reasons: pa.ChunkedArray) -> dict[str, int]:
    counted = pc.value_counts(reasons)
    return {entry["values"]: entry["counts"] for entry in counted.to_pylist()}


def _place(table: pa.Table, reason: str) -> str:
    row = table.slice(pc.index(table[columns.REASON], reason).as_py(), 1).to_pylist()[0]
    place = f"{row[columns.SOURCE_FILE]}:{row[columns.SOURCE_ROW]}"
    shown = row[columns.VALUE] or row[columns.TIME] or row[columns.ITEM] or row[columns.USER]
    return f"{place} {shown[:40]!r}" if shown else place
