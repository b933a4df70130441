"""From a source to a prepared data set folder."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data import public
from nadeuri.data import sequences as seq
from nadeuri.data.sequences import Dataset, fingerprint, open_dataset
from nadeuri.data.source import Source, load_source


def open_or_prepare(path: Path, cache: Path) -> Dataset:
    """Open a prepared folder, or prepare a source once into ``cache/<name>-<key>`` and reuse it."""
    if (path / seq.MANIFEST).is_file():
        return open_dataset(path)
    source = load_source(path)
    out = cache / f"{source.name}-{_key(source)}"
    return open_dataset(out) if (out / seq.MANIFEST).is_file() else prepare(source, out)


def _key(source: Source) -> str:
    digest = hashlib.sha256(source.model_dump_json(exclude={"root"}).encode())
    for file in source.input_files():
        stat = file.stat()
        digest.update(f"{file.resolve()}:{stat.st_size}:{stat.st_mtime_ns}".encode())
    return digest.hexdigest()[:12]


def prepare(source: Source, out: Path) -> Dataset:
    """Prepare ``source`` into the folder ``out``."""
    assert source.public is not None
    work = out.with_name(f".{out.name}.tmp-{os.getpid()}")
    work.mkdir(parents=True)
    tables = [table for _, table in public.clicks(source.public, source.root)]
    clicks = pa.concat_tables(tables)
    catalogue = public.catalogue(source.public, source.root)
    rows = sorted(
        catalogue.rows,
        key=lambda r: (int(str(r["item"])), "") if str(r["item"]).isdigit() else (0, str(r["item"])),
    )
    codes = [str(row["item"]) for row in rows]
    data: dict[str, pa.Array] = {columns.ITEM: pa.array(codes)}
    for name in catalogue.display:
        data[name] = pa.array([row[name] for row in rows], pa.string())
    for name, kind in catalogue.fields.items():
        if kind == "numeric":
            data[name] = pa.array(
                [None if row[name] is None else float(str(row[name])) for row in rows], pa.float64()
            )
        else:
            data[name] = pa.array(
                [row[name] for row in rows],
                pa.list_(pa.string()) if kind == "multi" else pa.string(),
            )
    pq.write_table(pa.table(data), work / seq.CATALOGUE)
    index = {code: i + 1 for i, code in enumerate(codes)}
    users = clicks[columns.USER].to_pylist()
    ids = sorted(set(users), key=lambda u: hashlib.md5(u.encode(), usedforsecurity=False).digest())
    number = {user: i for i, user in enumerate(ids)}
    user = np.array([number[u] for u in users])
    item = np.array([index[i] for i in clicks[columns.ITEM].to_pylist()], dtype=np.int32)
    has_times = columns.TIME in clicks.column_names
    time = clicks[columns.TIME].to_numpy() if has_times else np.arange(len(user))
    order = np.lexsort((time, user))
    user, item, time = user[order], item[order], time[order]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(user, minlength=len(ids)))])
    if not has_times:
        time = np.arange(len(user)) - offsets[user]
    new = np.zeros(len(user), dtype=bool)
    if columns.SESSION in clicks.column_names:
        session = np.array(clicks[columns.SESSION].to_pylist())[order]
        new[1:] = session[1:] != session[:-1]
    elif has_times:
        new[1:] = np.diff(time) > 60 * source.cleaning.session_gap_minutes
    total = np.cumsum(new)
    sessions = total - total[offsets[:-1]][user]
    np.save(work / "offsets.npy", offsets.astype(np.int64))
    np.save(work / "items.npy", item)
    np.save(work / "times.npy", time.astype(np.int64))
    np.save(work / "sessions.npy", sessions.astype(np.int32))
    pq.write_table(pa.table({columns.USER: ids}), work / seq.USERS)
    manifest = {
        "name": source.name,
        "n_users": len(ids),
        "n_items": len(codes),
        "n_clicks": len(item),
        "has_times": has_times,
        "fields": [{"name": n, "kind": k} for n, k in catalogue.fields.items()],
        "fingerprint": fingerprint(work),
    }
    (work / seq.MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    if out.exists():
        shutil.rmtree(out)
    work.rename(out)
    return open_dataset(out)
