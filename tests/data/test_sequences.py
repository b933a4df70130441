"""Opening a prepared data set: what was stored comes back, what is damaged is named."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nadeuri.data.prepare import prepare
from nadeuri.data.sequences import ARRAYS, Dataset, open_dataset
from nadeuri.data.source import Source
from nadeuri.errors import DataError

Prepare = Callable[..., Dataset]

USERS = st.dictionaries(
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=4),
    st.lists(st.integers(1, 30), min_size=1, max_size=6),
    min_size=1,
    max_size=6,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(USERS, st.sampled_from([1, 2, 16]))
def test_sequences_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, users: dict[str, list[int]], n_buckets: int
) -> None:
    folder = tmp_path_factory.mktemp("store")
    lines = [f"{user},{item}" for user, items in users.items() for item in items]
    (folder / "a.csv").write_text("\n".join(["user,item", *lines]), encoding="utf-8")
    source = Source(
        name="x",
        root=folder,
        clicks={"files": ("a.csv",), "columns": {"user": "user", "item": "item"}},
        cleaning={"min_user_clicks": 1},
    )
    dataset = prepare(source, folder / "out", n_buckets)
    store = dataset.sequences
    expected: dict[str, list[int]] = {}
    for user, items in users.items():  # ids that look different may be one after NFC
        expected.setdefault(unicodedata.normalize("NFC", user), []).extend(items)
    assert {
        user: [int(dataset.item_codes[item - 1]) for item in store.history(number)]
        for number, user in enumerate(dataset.user_ids)
    } == expected
    assert store.offsets[0] == 0
    assert store.offsets[-1] == store.n_clicks == len(lines)
    assert [array.dtype.str for array in (store.offsets, store.items, store.times)] == [
        "<i8",
        "<i4",
        "<i8",
    ]
    assert sorted(set(store.items.tolist())) == list(range(1, dataset.n_items + 1))


def test_arrays_are_mapped_not_read(prepare_clicks: Prepare) -> None:
    store = prepare_clicks(["u1,P1,2026-03-01"]).sequences
    assert all(isinstance(getattr(store, name), np.memmap) for name in ARRAYS)


def test_an_unfinished_folder_is_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a prepared data set"):
        open_dataset(tmp_path)


@pytest.mark.parametrize("name", ARRAYS)
def test_a_damaged_array_is_named(prepare_clicks: Prepare, name: str) -> None:
    path = prepare_clicks(["u1,P1,2026-03-01", "u1,P2,2026-03-02"]).path
    file = path / f"{name}.npy"
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.raises(DataError, match=rf"{name}\.npy: cannot be read"):
        open_dataset(path)


def test_arrays_must_fit_the_manifest(prepare_clicks: Prepare) -> None:
    path = prepare_clicks(["u1,P1,2026-03-01"]).path
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(manifest | {"n_clicks": 7}))
    with pytest.raises(DataError, match=r"arrays hold 1 clicks of 1 users, .* says 7 of 1"):
        open_dataset(path)
