"""From a source to a prepared data set folder, in bounded memory.

Two passes: files to buckets of users (:mod:`nadeuri.data.staging`), then each bucket through the
cleaning rules (:mod:`nadeuri.data.cleaning`); what is left is appended to the flat arrays of
:mod:`nadeuri.data.sequences`. The folder is built beside its target and renamed when complete.

The fingerprint does not depend on the format, the compression or the number of the input files,
nor on their rows' order as far as no user clicked two items in the same instant.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data import rejects
from nadeuri.data import sequences as seq
from nadeuri.data.assembly import Mask, write_sequences
from nadeuri.data.catalogue import CatalogueTable, read_catalogue
from nadeuri.data.cleaning import Bucket, clean_bucket, k_core
from nadeuri.data.rejects import RejectsWriter
from nadeuri.data.sequences import Dataset, ItemArray, fingerprint, open_dataset
from nadeuri.data.source import Source, load_source
from nadeuri.data.staging import Staged, bucket_folder, stage, work_database
from nadeuri.errors import DataError
from nadeuri.progress import progress

FORMAT = 2
"""Raise it when the same source prepares to something else: cached data sets are then made anew."""

_HASHED_BYTES = 64 << 20


def open_or_prepare(path: Path, cache: Path) -> Dataset:
    """Open a prepared folder, or prepare a source once into ``cache/<name>-<key>`` and reuse it.

    The key follows from the source's settings and its files: small files by content, large ones by
    size and modification time.

    Raises:
        DataError, ConfigError: see :func:`nadeuri.data.source.load_source` and :func:`prepare`.
    """
    if (path / seq.MANIFEST).is_file():
        return open_dataset(path)
    source = load_source(path)
    out = cache / f"{source.name}-{_cache_key(source)}"
    return open_dataset(out) if (out / seq.MANIFEST).is_file() else prepare(source, out)


def with_duckdb(
    source: Source,
    codes: tuple[str, ...] | None,
    work: Path,
    writer: RejectsWriter,
    n_buckets: int | None,
) -> tuple[Staged, list[Bucket]]:
    """Both passes on this machine; see :data:`Engine`."""
    buckets = []
    with work_database(work) as con:
        staged = stage(con, source, codes, work / "buckets", writer, n_buckets)
        for number in progress(range(staged.n_buckets), "cleaning clicks"):
            parquet = bucket_folder(work / "buckets", number)
            if parquet.exists():
                folder = work / "clean" / str(number)
                buckets.append(clean_bucket(con, parquet, source.cleaning, staged, writer, folder))
                shutil.rmtree(parquet)
    return staged, buckets


Engine = Callable[
    [Source, tuple[str, ...] | None, Path, RejectsWriter, int | None],
    tuple[Staged, list[Bucket]],
]
"""What reads and cleans: source, the catalogue's codes (None without one), a folder to work in, the
writer of rejects and the number of buckets (None: as many as fit) -> the first pass's result and
the cleaned buckets, in order of their users. All engines give the same."""


def prepare(
    source: Source, out: Path, n_buckets: int | None = None, engine: Engine = with_duckdb
) -> Dataset:
    """Read, clean and store ``source`` as the data set folder ``out`` (replaced when it is one).

    Args:
        source: what to read and how to clean it.
        out: the folder to write; it appears complete or not at all.
        n_buckets: a power of two, by default chosen by the number of clicks; does not change
            the result.
        engine: DuckDB on this machine, or Spark (:mod:`nadeuri.data.spark`).

    Raises:
        DataError: an input is unusable (the message says which and why), nothing is left after
            cleaning, or ``out`` exists and is no data set.
    """
    with _published(out) as folder:
        work = folder / "work"
        work.mkdir()
        with RejectsWriter(folder / seq.REJECTS) as writer:
            catalogue = read_catalogue(source, writer)
            in_catalogue = Counter(writer.counts)
            codes = None if catalogue is None else catalogue.codes
            staged, buckets = engine(source, codes, work, writer, n_buckets)
            alive = k_core(buckets, source.cleaning, staged, writer)
        n_clicks = sum(int(mask.sum()) for mask in alive)
        if n_clicks == 0:
            raise DataError(_nothing_left(source, staged, writer, in_catalogue))
        index = _final_index(catalogue, staged, buckets, alive)
        counts = write_sequences(
            folder,
            buckets,
            alive,
            index,
            has_times=staged.has_times,
            session_gap_minutes=(
                None if staged.has_sessions else source.cleaning.session_gap_minutes
            ),
        )
        table = catalogue.table if catalogue else _catalogue_of_codes(staged.items, index)
        pq.write_table(table, folder / seq.CATALOGUE, compression="zstd")
        shutil.rmtree(work)
        manifest = {
            "format": FORMAT,
            "name": source.name,
            "n_users": counts.n_users,
            "n_items": table.num_rows,
            "n_clicks": n_clicks,
            "has_times": staged.has_times,
            "n_sessions": counts.n_sessions,
            "first_time": counts.first_time,
            "last_time": counts.last_time,
            "fields": _fields(catalogue),
            "clicks": {
                "rows": staged.n_rows,
                "rejected": dict(sorted((writer.counts - in_catalogue).items())),
            },
            "catalogue": _catalogue_counts(catalogue, in_catalogue),
            "warnings": list(catalogue.warnings) if catalogue else [],
            "cleaning": source.cleaning.model_dump(),
            "fingerprint": fingerprint(folder),
        }
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        (folder / seq.MANIFEST).write_text(text, encoding="utf-8")
    return open_dataset(out)


@contextmanager
def _published(out: Path) -> Iterator[Path]:
    """A new folder beside ``out`` that takes its place when the block succeeds."""
    out = out.absolute()
    if (
        out.exists()
        and not (out / seq.MANIFEST).is_file()
        and (not out.is_dir() or any(out.iterdir()))
    ):
        raise DataError(f"{out}: exists and is not a prepared data set; choose another folder")
    folder = out.with_name(f".{out.name}.new-{os.getpid()}")
    folder.mkdir(parents=True)
    try:
        yield folder
        if out.exists():
            old = out.with_name(f".{out.name}.old-{os.getpid()}")
            out.rename(old)
            folder.rename(out)
            shutil.rmtree(old)
        else:
            folder.rename(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _cache_key(source: Source) -> str:
    digest = hashlib.sha256(f"{FORMAT} {source.model_dump_json(exclude={'root'})}".encode())
    for file in source.input_files():
        stat = file.stat()
        digest.update(f"{os.path.relpath(file, source.root)} {stat.st_size}".encode())
        if stat.st_size <= _HASHED_BYTES:
            digest.update(file.read_bytes())
        else:
            digest.update(str(stat.st_mtime_ns).encode())
    return digest.hexdigest()[:12]


def _nothing_left(
    source: Source, staged: Staged, writer: RejectsWriter, in_catalogue: Counter[str]
) -> str:
    if staged.n_rows == 0:
        first, *others = source.click_files()
        more = f" and {len(others)} more files" if others else ""
        return f"{source.name}: no clicks in {first}{more}; there are no rows"
    why = rejects.summary(writer.counts - in_catalogue, writer.examples)
    return f"{source.name}: none of {staged.n_rows} clicks is left after cleaning: {why}"


def _final_index(
    catalogue: CatalogueTable | None,
    staged: Staged,
    buckets: list[Bucket],
    alive: list[Mask],
) -> ItemArray:
    """int32 [n_items + 1]: item index while cleaning -> final one; 0 where no item remains.

    A catalogue stands as it is, with items that nobody clicked; items made from clicks must have
    one that is kept.
    """
    index = np.arange(len(staged.items) + 1, dtype=np.int32)
    if catalogue is not None:
        return index
    clicked = np.zeros(len(index), dtype=bool)
    for bucket, mask in zip(buckets, alive, strict=True):
        clicked[bucket.items[mask]] = True
    return np.where(clicked, np.cumsum(clicked), 0).astype(np.int32)


def _catalogue_of_codes(codes: tuple[str, ...], index: ItemArray) -> pa.Table:
    kept = [code for code, number in zip(codes, index[1:], strict=True) if number > 0]
    return pa.table({columns.ITEM: pa.array(kept, pa.string())})


def _fields(catalogue: CatalogueTable | None) -> list[dict[str, Any]]:
    if catalogue is None:
        return []
    return [
        {
            "name": name,
            "kind": kind,
            "values": catalogue.values[name],
            "missing": catalogue.missing[name],
        }
        for name, kind in catalogue.fields.items()
    ]


def _catalogue_counts(
    catalogue: CatalogueTable | None, counts: Counter[str]
) -> dict[str, Any] | None:
    """Rows read and rejected, and single values rejected from rows that were kept."""
    if catalogue is None:
        return None
    values = {reason: counts[reason] for reason in rejects.FIELD_REASONS if counts[reason]}
    rows = {reason: n for reason, n in sorted(counts.items()) if reason not in values}
    return {"rows": catalogue.n_rows, "rejected": rows, "rejected_values": values}
