"""The prepared data set: a catalogue and a flat, memory-mapped store of click sequences.

A data set is a folder:

======================  =========================================================================
``offsets.npy``         int64 [n_users + 1]; user ``u`` owns clicks ``offsets[u]:offsets[u + 1]``
``items.npy``           int32 [n_clicks], item index, 1-based (0 is padding), oldest first
``times.npy``           int64 [n_clicks], Unix seconds UTC; 0, 1, 2 ... within a user if unknown
``sessions.npy``        int32 [n_clicks], session number within the user, from 0, never falling
``users.parquet``       column ``user``: row ``u`` is the original id of user ``u``
``catalogue.parquet``   row ``i`` describes item index ``i + 1``; see :mod:`nadeuri.data.catalogue`
``rejects.parquet``     every rejected row with its reason (absent when nothing was rejected)
``manifest.json``       counts, metadata fields, what was rejected and why, data fingerprint
======================  =========================================================================

``manifest.json`` is written last, so a folder without it is an unfinished preparation.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.errors import DataError

MANIFEST = "manifest.json"
CATALOGUE = "catalogue.parquet"
USERS = "users.parquet"
REJECTS = "rejects.parquet"
ARRAYS = ("offsets", "items", "times", "sessions")

FieldKind = Literal["categorical", "multi", "numeric"]
IntArray = npt.NDArray[np.int64]
ItemArray = npt.NDArray[np.int32]


@dataclass(frozen=True)
class MetadataField:
    """One column of the catalogue that describes items: its name and how to read it."""

    name: str
    kind: FieldKind


@dataclass(frozen=True)
class SequenceStore:
    """Click sequences of all users in one flat array per column (see the module's table)."""

    offsets: IntArray
    items: ItemArray
    times: IntArray
    sessions: ItemArray

    @property
    def n_users(self) -> int:
        return len(self.offsets) - 1

    @property
    def n_clicks(self) -> int:
        return len(self.items)

    def history(self, user: int) -> ItemArray:
        """All item indices that ``user`` clicked, oldest first; int32 [length]."""
        return self.items[self.offsets[user] : self.offsets[user + 1]]


@dataclass(frozen=True)
class Dataset:
    """A prepared data set, opened. Arrays are memory maps; tables are read when first asked for."""

    path: Path
    sequences: SequenceStore
    fields: tuple[MetadataField, ...]
    manifest: dict[str, Any]

    @property
    def n_items(self) -> int:
        """Items in the catalogue; item indices run from 1 to ``n_items``."""
        return int(self.manifest["n_items"])

    @property
    def n_users(self) -> int:
        return self.sequences.n_users

    @property
    def has_times(self) -> bool:
        """False when the source had an order but no clock (ml-1m): a temporal split is refused."""
        return bool(self.manifest["has_times"])

    @property
    def fingerprint(self) -> str:
        """sha256 over the arrays and the catalogue: equal data, equal fingerprint."""
        return str(self.manifest["fingerprint"])

    @property
    def name(self) -> str:
        return str(self.manifest["name"])

    @cached_property
    def catalogue(self) -> pa.Table:
        """The catalogue; row ``i`` is item index ``i + 1``."""
        return pq.read_table(self.path / CATALOGUE)

    @cached_property
    def user_ids(self) -> list[str]:
        """Original ids; position ``u`` is user index ``u``."""
        ids: list[str] = pq.read_table(self.path / USERS)[columns.USER].to_pylist()
        return ids

    @cached_property
    def item_codes(self) -> list[str]:
        """Product codes; position ``i`` is item index ``i + 1``."""
        codes: list[str] = self.catalogue[columns.ITEM].to_pylist()
        return codes


def open_dataset(path: Path) -> Dataset:
    """Open a prepared data set folder.

    Raises:
        DataError: the folder is absent, unfinished, or an array does not fit the manifest.
    """
    manifest_path = path / MANIFEST
    if not manifest_path.is_file():
        raise DataError(
            f"{path}: not a prepared data set (no {MANIFEST}); run: nadeuri data prepare"
        )
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    arrays = {}
    for name in ARRAYS:
        file = path / f"{name}.npy"
        try:
            arrays[name] = np.load(file, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise DataError(f"{file}: cannot be read ({error}); prepare the data again") from error
    store = SequenceStore(**arrays)
    if len(store.items) != manifest["n_clicks"] or store.n_users != manifest["n_users"]:
        raise DataError(
            f"{path}: arrays hold {len(store.items)} clicks of {store.n_users} users, "
            f"{MANIFEST} says {manifest['n_clicks']} of {manifest['n_users']}; "
            "prepare the data again"
        )
    fields = tuple(MetadataField(f["name"], f["kind"]) for f in manifest["fields"])
    return Dataset(path=path, sequences=store, fields=fields, manifest=manifest)


def fingerprint(path: Path) -> str:
    """sha256 over the arrays and tables of a data set folder, in a fixed order.

    Parquet files are hashed by content (value by value, column by column), not bytes, so that
    neither a newer Parquet writer nor the size of row groups changes the fingerprint.
    """
    digest = hashlib.sha256()
    for name in ARRAYS:
        digest.update(name.encode())
        with (path / f"{name}.npy").open("rb") as file:
            np.lib.format.read_magic(file)
            np.lib.format.read_array_header_1_0(file)  # what is left are the values
            while block := file.read(1 << 22):
                digest.update(block)
    for table_name in (USERS, CATALOGUE):
        table = pq.ParquetFile(path / table_name)
        for name in table.schema_arrow.names:
            digest.update(f"{table_name} {name}\n".encode())
            for batch in table.iter_batches(65536, columns=[name]):
                values = batch.column(0).to_pylist()
                lines = (json.dumps(value, ensure_ascii=False) for value in values)
                digest.update("".join(f"{line}\n" for line in lines).encode())
    return digest.hexdigest()
