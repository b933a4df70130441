"""Last step of the preparation: cleaned buckets to the flat arrays of a data set folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data import sequences as seq
from nadeuri.data.cleaning import Bucket
from nadeuri.data.sequences import IntArray, ItemArray

Mask = npt.NDArray[np.bool_]

_DTYPES = {"items": np.int32, "times": np.int64, "sessions": np.int32}
_SECOND_US = 1_000_000
_MAX_TIME = 1 << 62


@dataclass(frozen=True)
class Counts:
    """What was written; times are Unix seconds, None where the source has none."""

    n_users: int
    n_sessions: int
    first_time: int | None
    last_time: int | None


def write_sequences(
    folder: Path,
    buckets: list[Bucket],
    alive: list[Mask],
    new_index: ItemArray,
    has_times: bool,
    session_gap_minutes: float | None,
) -> Counts:
    """Append the kept clicks of all buckets to the arrays in ``folder``.

    Args:
        folder: the data set folder.
        buckets: in order of their users.
        alive: per bucket, which rows are kept.
        new_index: int32 [n_items + 1], item index in a bucket -> final item index.
        has_times: whether ``times`` are times; otherwise they become 0, 1, 2 ... per user.
        session_gap_minutes: a longer pause starts a session; None: the source tells sessions.
    """
    n_clicks = sum(int(mask.sum()) for mask in alive)
    for name, dtype in _DTYPES.items():
        np.lib.format.open_memmap(folder / f"{name}.npy", "w+", dtype, (n_clicks,))
    lengths: list[IntArray] = []
    schema = pa.schema([(columns.USER, pa.string())])
    start = n_sessions = 0
    first_time, last_time = _MAX_TIME, 0
    with pq.ParquetWriter(folder / seq.USERS, schema, compression="zstd") as users_file:
        for bucket, mask in zip(buckets, alive, strict=True):
            if not mask.any():
                continue
            users, user, counts = np.unique(
                bucket.users[mask], return_inverse=True, return_counts=True
            )
            users_file.write_table(
                pa.table({columns.USER: bucket.user_ids().take(pa.array(users))}, schema=schema)
            )
            lengths.append(counts)
            first = (np.cumsum(counts) - counts)[user]  # [n], where each row's user starts
            position = np.arange(len(user)) - first
            seconds = bucket.times[mask] // _SECOND_US
            sessions = _sessions(user, seconds, bucket.sessions[mask], first, session_gap_minutes)
            _store(folder / "items.npy", start, new_index[bucket.items[mask]])
            _store(folder / "times.npy", start, seconds if has_times else position)
            _store(folder / "sessions.npy", start, sessions)
            start += len(user)
            n_sessions += int((sessions[np.cumsum(counts) - 1] + 1).sum())
            first_time = min(first_time, int(seconds.min()))
            last_time = max(last_time, int(seconds.max()))
    offsets = np.concatenate([[0], *(np.asarray(part) for part in lengths)]).cumsum()
    np.save(folder / "offsets.npy", offsets.astype(np.int64))
    return Counts(
        n_users=len(offsets) - 1,
        n_sessions=n_sessions,
        first_time=first_time if has_times else None,
        last_time=last_time if has_times else None,
    )


def _sessions(
    user: IntArray,
    seconds: IntArray,
    given: npt.NDArray[np.uint64],
    first: IntArray,
    gap_minutes: float | None,
) -> IntArray:
    """Session number within the user, from 0."""
    starts = np.zeros(len(user), dtype=np.int64)
    if gap_minutes is None:
        changes = given[1:] != given[:-1]
    else:
        changes = np.diff(seconds) > gap_minutes * 60
    starts[1:] = changes & (user[1:] == user[:-1])
    # The first click of a user starts no new number, so counting from the user's start gives 0.
    total = np.cumsum(starts)
    return np.asarray(total - total[first])


def _store(file: Path, start: int, values: npt.NDArray[np.generic]) -> None:
    """Write a slice; the map is opened anew each time, so that its pages leave memory again."""
    array = np.lib.format.open_memmap(file, "r+")
    array[start : start + len(values)] = values
