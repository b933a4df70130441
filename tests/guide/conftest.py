"""The sample world's tiny set of places as a graph."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nadeuri.data.sample.places import write_places
from nadeuri.data.sample.sizes import SIZES
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.load import load_folder

MEMORY_BYTES = 128 << 20


@pytest.fixture(scope="session")
def place_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of the tiny sample world: 30 places, 900 reviews."""
    folder = tmp_path_factory.mktemp("tiny") / "places"
    size = SIZES["tiny"]
    write_places(folder, size.places, size.reviews, size.usage_months, seed=0)
    return folder


@pytest.fixture(scope="session")
def tiny_graph(place_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a ladybug graph of these tables."""
    path = tmp_path_factory.mktemp("graph") / "places.graph"
    with LadybugStore(path, memory_bytes=MEMORY_BYTES) as store:
        summary = load_folder(place_folder, store, path.with_name("rejects.parquet"))
    assert not summary.rejected
    return path


@pytest.fixture(scope="session")
def tiny_store(tiny_graph: Path) -> Iterator[LadybugStore]:
    """That graph, open for reading."""
    with LadybugStore(tiny_graph, read_only=True, memory_bytes=MEMORY_BYTES) as store:
        yield store
