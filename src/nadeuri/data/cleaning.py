"""Second pass over a click log: duplicates, bots, repeats and the k-core, bucket by bucket.

The rules of :class:`nadeuri.data.source.Cleaning` are applied in this order. Clicks of a user are
ordered by time, and equal times by file name and row, which is why a shuffled log gives the same
result only as far as no user clicked two items in the same instant.
"""

from __future__ import annotations

import glob
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data import rejects
from nadeuri.data.rejects import RejectsWriter
from nadeuri.data.sequences import IntArray, ItemArray
from nadeuri.data.source import Cleaning
from nadeuri.data.staging import Staged, with_source

_MINUTE_US = 60_000_000
_DAY_US = 24 * 60 * _MINUTE_US
_ARRAYS = {"items": "item", "times": "time_us", "sessions": "session", "seqs": "seq"}


@dataclass(frozen=True)
class Bucket:
    """Clicks of some users, sorted by user, time and row, as arrays of one length in a folder.

    Arrays are read anew at every access and not memory-mapped: pages of a map stay in memory as
    long as the map is open, so that over all buckets the whole log would gather there.
    """

    folder: Path

    @property
    def users(self) -> ItemArray:
        """int32, position in the bucket's list of users, never falling."""
        return self._array("users")

    @property
    def items(self) -> ItemArray:
        """int32, item index."""
        return self._array("items")

    @property
    def times(self) -> IntArray:
        """int64, microseconds since 1970 UTC; 0 where the source has no times."""
        return self._array("times")

    @property
    def sessions(self) -> npt.NDArray[np.uint64]:
        """uint64, equal for clicks of one session of the source."""
        return self._array("sessions")

    @property
    def seqs(self) -> IntArray:
        """int64, file and row, see :func:`nadeuri.data.staging.with_source`."""
        return self._array("seqs")

    def user_ids(self) -> pa.ChunkedArray:
        """Position ``u`` is the id of user ``u`` of this bucket."""
        return pq.read_table(self.folder / "users.parquet")[columns.USER]

    def _array(self, name: str) -> npt.NDArray[Any]:
        array: npt.NDArray[Any] = np.load(self.folder / f"{name}.npy", allow_pickle=False)
        return array


def marked(clicks: str, keys: str, user: str, cleaning: Cleaning) -> str:
    """A query for the rows of ``clicks`` with a ``reason`` where a rule rejects them.

    The same text runs on DuckDB and on Spark.

    Args:
        clicks: table or query with the columns of ``keys``, ``item``, ``time_us`` (0 where there
            is none), ``session``, ``seq`` and ``timed`` (whether there is a time).
        keys: columns of the user, separated by commas.
        user: those of ``keys`` that tell users apart.
        cleaning: the rules.
    """
    names = f"{keys}, item, time_us, session, seq, timed"
    query = f"SELECT {names}, CAST(NULL AS STRING) AS reason FROM {clicks}"  # noqa: S608

    def mark(reason: str, rejected: str) -> str:
        verdict = f"CASE WHEN reason IS NULL AND {rejected} THEN '{reason}' ELSE reason END"
        return f"SELECT {names}, {verdict} AS reason FROM ({query})"  # noqa: S608

    if cleaning.deduplicate:
        number = f"row_number() OVER (PARTITION BY {user}, item, time_us ORDER BY seq)"
        query = mark(rejects.DUPLICATE, f"timed AND {number} > 1")
    for limit, window_us in (
        (cleaning.max_clicks_per_minute, _MINUTE_US),
        (cleaning.max_clicks_per_day, _DAY_US),
    ):
        if limit is not None:
            together = f"PARTITION BY {user}, time_us - time_us % {window_us}"
            count = f"count(CASE WHEN timed AND reason IS NULL THEN 1 END) OVER ({together})"
            query = f"SELECT *, {count} AS together FROM ({query})"  # noqa: S608
            query = mark(rejects.BOT, f"max(together) OVER (PARTITION BY {user}) > {limit}")
    if cleaning.collapse_repeats:
        before = f"lag(item) OVER (PARTITION BY {user}, reason IS NULL ORDER BY time_us, seq)"
        query = mark(rejects.REPEAT, f"item = {before}")
    return query


def clean_bucket(
    con: duckdb.DuckDBPyConnection,
    parquet: Path,
    cleaning: Cleaning,
    staged: Staged,
    writer: RejectsWriter,
    folder: Path,
) -> Bucket:
    """Apply the rules that look at one user at a time, and write the rest as arrays.

    Args:
        con: a work database.
        parquet: the bucket's folder, from :func:`nadeuri.data.staging.stage`.
        cleaning: the rules.
        staged: the first pass's result.
        writer: takes the rejected rows.
        folder: where to put the arrays.
    """
    clicks = f"""(
        SELECT CAST(dense_rank() OVER (ORDER BY user_key, "user") - 1 AS INTEGER) AS number,
               "user", item, coalesce(time_us, 0) AS time_us, session, seq,
               time_us IS NOT NULL AS timed
        FROM read_parquet('{glob.escape(str(parquet)).replace("'", "''")}/*.parquet'))"""  # noqa: S608
    query = marked(clicks, 'number, "user"', "number", cleaning)
    con.execute(f"CREATE OR REPLACE TEMP TABLE bucket AS {query}")
    rejected = con.sql(
        'SELECT seq, "user", item, CASE WHEN timed THEN time_us END AS time_us, reason '
        "FROM bucket WHERE reason IS NOT NULL ORDER BY seq"
    )
    for batch in rejected.to_arrow_reader(100_000):
        writer.write(readable(pa.Table.from_batches([batch]), staged))
    kept = con.execute(
        "SELECT number, item, time_us, session, seq FROM bucket WHERE reason IS NULL "
        "ORDER BY number, time_us, seq"
    ).fetchnumpy()
    numbers, users = np.unique(kept.pop("number"), return_inverse=True)
    ids = con.sql('SELECT DISTINCT number, "user" FROM bucket ORDER BY number').to_arrow_table()
    con.execute("DROP TABLE bucket")
    return write_bucket(folder, users, ids["user"].take(pa.array(numbers)), kept)


def write_bucket(
    folder: Path,
    users: IntArray,
    user_ids: pa.ChunkedArray,
    clicks: Mapping[str, npt.NDArray[Any]],
) -> Bucket:
    """Write a bucket's clicks, sorted by user, time and row.

    Args:
        folder: where to.
        users: position in ``user_ids`` of every click's user.
        user_ids: in the order of users.
        clicks: ``item``, ``time_us``, ``session`` and ``seq``.
    """
    folder.mkdir(parents=True)
    np.save(folder / "users.npy", users.astype(np.int32))
    for name, column in _ARRAYS.items():
        np.save(folder / f"{name}.npy", clicks[column])
    pq.write_table(pa.table({columns.USER: user_ids}), folder / "users.parquet")
    return Bucket(folder)


def readable(table: pa.Table, staged: Staged) -> pa.Table:
    """Rows of ``seq, user, item, time_us, reason`` as they go to the rejects file."""
    codes = pa.array(staged.items, pa.string())
    items = codes.take(pa.array(table["item"].to_numpy() - 1))
    times = pc.strftime(table["time_us"].cast(pa.timestamp("us", tz="UTC")), "%Y-%m-%dT%H:%M:%SZ")
    table = with_source(table, staged.files).drop_columns(["item", "time_us"])
    return table.append_column(columns.ITEM, items).append_column(columns.TIME, times)


def k_core(
    buckets: list[Bucket], cleaning: Cleaning, staged: Staged, writer: RejectsWriter
) -> list[npt.NDArray[np.bool_]]:
    """Drop rare users, then rare items, in turn until neither is left.

    Args:
        buckets: all clicks.
        cleaning: ``min_user_clicks`` and ``min_item_clicks``.
        staged: the first pass's result.
        writer: takes the rejected rows.

    Returns:
        Per bucket, a mask of the rows that stay.
    """
    alive = [np.ones(len(bucket.users), dtype=bool) for bucket in buckets]
    n_items = len(staged.items)

    def drop(number: int, rare: npt.NDArray[np.bool_], reason: str) -> bool:
        rows = rare & alive[number]
        if not rows.any():
            return False
        _reject(buckets[number], rows, reason, staged, writer)
        alive[number] &= ~rows
        return True

    changed = True
    while changed:
        changed = False
        for number, bucket in enumerate(buckets):
            users = bucket.users
            clicks = np.bincount(users[alive[number]], minlength=users.max(initial=0) + 1)
            rare = clicks[users] < cleaning.min_user_clicks
            changed |= drop(number, rare, rejects.BELOW_MIN_USER)
        if cleaning.min_item_clicks == 1:
            break  # dropping users never makes an item that is still clicked too rare
        counts = np.zeros(n_items + 1, dtype=np.int64)
        for number, bucket in enumerate(buckets):
            counts += np.bincount(bucket.items[alive[number]], minlength=n_items + 1)
        changed = False
        for number, bucket in enumerate(buckets):
            rare = counts[bucket.items] < cleaning.min_item_clicks
            changed |= drop(number, rare, rejects.BELOW_MIN_ITEM)
    return alive


def _reject(
    bucket: Bucket,
    rows: npt.NDArray[np.bool_],
    reason: str,
    staged: Staged,
    writer: RejectsWriter,
) -> None:
    times = pa.array(bucket.times[rows], pa.int64())
    table = pa.table(
        {
            "seq": bucket.seqs[rows],
            columns.USER: bucket.user_ids().take(pa.array(bucket.users[rows])),
            "item": bucket.items[rows],
            "time_us": times if staged.has_times else pa.nulls(len(times), pa.int64()),
            columns.REASON: pa.repeat(reason, len(times)),
        }
    )
    writer.write(readable(table, staged))
