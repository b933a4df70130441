"""Product vectors written by hand, so that it is known what is near."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import save_file

from nadeuri import columns
from nadeuri.artifact import write_artifact
from nadeuri.recommend.coview import bundle, ivf
from nadeuri.recommend.coview.neighbours import unit
from nadeuri.recommend.coview.predict import AlsoViewed

CITIES = ("오사카", "도쿄", "다낭")
COUNTRIES = {"오사카": "일본", "도쿄": "일본", "다낭": "베트남"}
N_PRODUCTS = 12


@pytest.fixture(params=["exact", "indexed"])
def make_viewed(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., AlsoViewed]:
    """Products P01 to P12 on a quarter circle: the nearer the number, the nearer the product.

    P11 has been viewed by nobody, P12 has no vector either; P05 is not on sale; P03 and P04 are one
    trip, and so are P01 and P02.
    """

    def make(**replaced: list[str | None]) -> AlsoViewed:
        angles = np.pi / 2 * np.linspace(0, 1, N_PRODUCTS) ** 1.05  # of two the lower is nearer
        vectors = unit(np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32))
        vectors = np.vstack([np.zeros((1, 2), np.float32), vectors])
        vectors[12] = 0
        viewed = np.array([0] + [1] * 10 + [0, 0], dtype=np.uint8)
        cities = [CITIES[i % 3] for i in range(N_PRODUCTS)]
        catalogue = {
            columns.ITEM: [f"P{i:02}" for i in range(1, N_PRODUCTS + 1)],
            columns.NAME: [f"{city} 여행 {i}" for i, city in enumerate(cities, start=1)],
            columns.CITY: cities,
            columns.COUNTRY: [COUNTRIES[city] for city in cities],
            columns.ON_SALE: ["Y", "Y", "Y", None, "N", *["Y"] * 7],
            columns.TRIP: ["T1", "T1", "T3", "T3", *[None] * 8],
            columns.CLICKS: [*range(20, 10, -1), 0, 0],
            **replaced,
        }

        def write(folder: Path) -> None:
            arrays = {bundle.VECTORS: vectors, bundle.VIEWED: viewed}
            if request.param == "indexed":
                cells = ivf.divide(vectors)
                arrays |= {bundle.CENTRES: cells.centres, bundle.CELLS: cells.cells}
            save_file(arrays, folder / bundle.VECTORS_FILE)
            kept = {name: values for name, values in catalogue.items() if values}
            pq.write_table(pa.table(kept), folder / bundle.ITEMS_FILE)
            (folder / bundle.CONFIG_FILE).write_text(json.dumps({}), encoding="utf-8")

        out = tmp_path / "also-viewed"
        metadata = {"model": columns.META_PROD2VEC, "fields": [], "n_items": N_PRODUCTS}
        write_artifact(out, bundle.KIND, write, data_fingerprint="by hand", metadata=metadata)
        return AlsoViewed(out)

    return make


@pytest.fixture
def write_map_artefact(tmp_path: Path) -> Callable[..., Path]:
    """An artefact of 60 products in three cities, each of which has a corner of its own.

    Product 1 has no vector and product 2 one that nobody's clicks made. Keywords replace columns
    of the catalogue.
    """

    def write_to(
        folder: str,
        *,
        kind: str = columns.META_PROD2VEC,
        seed: int = 0,
        **replaced: list[str | None],
    ) -> Path:
        corners = np.eye(4, 8)[np.arange(60) % 3]
        rows = corners + 0.1 * np.random.default_rng(seed).standard_normal(corners.shape)
        vectors = np.vstack([np.zeros((2, 8)), unit(rows[1:].astype(np.float32))])
        viewed = np.array([0, 0, 0, *[1] * 58], dtype=np.uint8)
        cities = [CITIES[i % 3] for i in range(60)]
        catalogue = {
            columns.ITEM: [f"P{i:02}" for i in range(1, 61)],
            columns.NAME: [f"{city} 여행 {i}" for i, city in enumerate(cities, start=1)],
            columns.CATEGORY: [None if i % 5 == 0 else "패키지" for i in range(60)],
            columns.CITY: cities,
            columns.CLICKS: [0, 0, *range(58, 0, -1)],
            **replaced,
        }

        def write(inside: Path) -> None:
            arrays = {bundle.VECTORS: vectors.astype(np.float32), bundle.VIEWED: viewed}
            save_file(arrays, inside / bundle.VECTORS_FILE)
            pq.write_table(pa.table(catalogue), inside / bundle.ITEMS_FILE)

        fields = [
            {"name": columns.CATEGORY, "kind": columns.CATEGORICAL},
            {"name": columns.CITY, "kind": columns.CATEGORICAL},
            {"name": columns.PRICE, "kind": columns.NUMERIC},
        ]
        metadata = {"model": kind, "fields": fields, "n_items": 60}
        out = tmp_path / folder
        write_artifact(out, bundle.KIND, write, data_fingerprint="by hand", metadata=metadata)
        return out

    return write_to
