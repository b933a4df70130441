"""Batch scoring: a list for every known user, streamed to Parquet."""

from __future__ import annotations

import uuid
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data.sequences import ItemArray
from nadeuri.progress import progress
from nadeuri.recommend.base import Scores, exclude, top_k
from nadeuri.recommend.bundle import UserBatch
from nadeuri.recommend.predict import Predictor

SCHEMA = pa.schema(
    [
        (columns.USER, pa.string()),
        (columns.RANK, pa.int32()),
        (columns.ITEM, pa.string()),
        (columns.SCORE, pa.float32()),
    ]
)
_USERS_PER_ROW_GROUP = 1 << 14
_USERS_PER_RUN = 128


def score_users(
    predictor: Predictor, out: Path, *, k: int, exclude_seen: bool = True
) -> tuple[int, int]:
    """Write the best ``k`` items of every user of the artefact to ``out``.

    The file has the columns of ``SCHEMA``; users ascend by id, ranks from 1. A user gets fewer rows
    when fewer items are left. Memory is bounded by a row group; the file appears when complete.

    Returns:
        Number of users, number of rows.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(f".{out.name}.tmp-{uuid.uuid4().hex[:8]}")
    pieces = [
        (batch, start)
        for batch in predictor.users
        for start in range(0, len(batch), _USERS_PER_ROW_GROUP)
    ]
    n_rows = 0
    try:
        with pq.ParquetWriter(unfinished, SCHEMA, compression="zstd") as writer:
            for batch, start in progress(pieces, "scoring"):
                stop = min(start + _USERS_PER_ROW_GROUP, len(batch))
                table = _score_range(predictor, batch, start, stop, k, exclude_seen)
                writer.write_table(table)
                n_rows += table.num_rows
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return len(predictor.users), n_rows


def _score_range(
    predictor: Predictor, batch: UserBatch, start: int, stop: int, k: int, exclude_seen: bool
) -> pa.Table:
    """The rows of users ``start:stop`` of a batch."""
    k = min(k, predictor.n_items)
    items = np.zeros((stop - start, k), dtype=np.int32)
    values: Scores = np.zeros((stop - start, k), dtype=np.float32)
    lengths = np.diff(batch.offsets[start : stop + 1])
    # users of similar length run together, so that little of a run is padding
    by_length = np.argsort(np.minimum(lengths, predictor.max_history), kind="stable")
    step = min(_USERS_PER_RUN, predictor.rows_per_run)
    for first in range(0, len(by_length), step):
        rows = by_length[first : first + step]
        histories = [batch.history(start + row) for row in rows.tolist()]
        items[rows], values[rows] = _best(predictor, histories, k, exclude_seen)
    kept = items > 0
    users, ranks = np.nonzero(kept)
    return pa.table(
        [
            batch.ids.take(pa.array(users + start)),
            pa.array(ranks + 1, pa.int32()),
            predictor.shown.codes.take(pa.array(items[kept] - 1)),
            pa.array(values[kept]),
        ],
        schema=SCHEMA,
    )


def _best(
    predictor: Predictor, histories: list[ItemArray], k: int, exclude_seen: bool
) -> tuple[ItemArray, Scores]:
    scores = predictor.score(histories)
    if exclude_seen:
        exclude(scores, histories)
    return top_k(scores, k)
