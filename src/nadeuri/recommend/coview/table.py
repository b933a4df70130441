"""What others also viewed beside every product, as one Parquet file for a product database."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data.sequences import ItemArray
from nadeuri.progress import progress
from nadeuri.recommend.base import Scores
from nadeuri.recommend.coview.neighbours import all_neighbours
from nadeuri.recommend.coview.predict import AlsoViewed, Query

NEIGHBOUR, SOURCE = "neighbour", "source"
SCHEMA = pa.schema(
    [
        (columns.ITEM, pa.string()),
        (columns.RANK, pa.int32()),
        (NEIGHBOUR, pa.string()),
        (columns.SCORE, pa.float32()),
        (SOURCE, pa.string()),
    ]
)
_SPARE = 4
"""Candidates for each place of a list; a list that the rules leave too short is made one by one."""
_BLOCK = 256


def write_table(model: AlsoViewed, out: Path, *, k: int = 10) -> tuple[int, int]:
    """Write the best ``k`` neighbours of every product to ``out``, under the rules of a page.

    The file has the columns of ``SCHEMA``; products with a vector come first, in the order of the
    catalogue, then those without, whose list is of what is popular. It appears when it is complete.

    Returns:
        Number of products, number of rows.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(f".{out.name}.tmp-{uuid.uuid4().hex[:8]}")
    n_rows = 0
    n_blocks = -(-int(model.model.known.sum()) // _BLOCK)
    try:
        with pq.ParquetWriter(unfinished, SCHEMA, compression="zstd") as writer:
            for rows in progress(_with_vectors(model, k), "neighbours", n_blocks):
                writer.write_table(rows)
                n_rows += rows.num_rows
            without = np.flatnonzero(~model.model.known[1:]) + 1
            for item in progress(without.tolist(), "popular ones"):
                rows = _one_by_one(model, item, k)
                writer.write_table(rows)
                n_rows += rows.num_rows
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return model.n_items, n_rows


def _with_vectors(model: AlsoViewed, k: int) -> Iterator[pa.Table]:
    on_sale = model.allowed(0)
    for items, lists, cosines in all_neighbours(model.model, _SPARE * k, block=_BLOCK):
        pieces = []
        for item, candidates, scores in zip(items.tolist(), lists, cosines, strict=True):
            row = _picked(model, item, candidates[on_sale[candidates]], k)
            if len(row) < k:
                pieces.append(_one_by_one(model, item, k))
            else:
                kept = np.isin(candidates, row)
                source = "viewed" if model.viewed[item] else "metadata"
                pieces.append(_rows(model, item, candidates[kept], scores[kept], source))
        yield pa.concat_tables(pieces)


def _picked(model: AlsoViewed, item: int, candidates: ItemArray, k: int) -> list[int]:
    """The first ``k`` candidates that are another trip than ``item`` and than each other."""
    others = (each for each in candidates.tolist() if not model.is_same_trip(item, each))
    return list(model.pick(others, k))


def _one_by_one(model: AlsoViewed, item: int, k: int) -> pa.Table:
    code = model.shown.codes[item - 1].as_py()
    answer = model.answer(Query(code, k=k))
    found = [model.shown.find(each.item) for each in answer.items]
    scores = [each.score for each in answer.items]
    return _rows(
        model, item, np.array(found, np.int32), np.array(scores, np.float32), answer.source
    )


def _rows(
    model: AlsoViewed, item: int, neighbours: ItemArray, scores: Scores, source: str
) -> pa.Table:
    codes = model.shown.codes
    n = len(neighbours)
    return pa.table(
        [
            pa.repeat(codes[item - 1], n),
            pa.array(np.arange(1, n + 1, dtype=np.int32)),
            codes.take(pa.array(neighbours.astype(np.int64) - 1)),
            pa.array(scores),
            pa.repeat(source, n),
        ],
        schema=SCHEMA,
    )
