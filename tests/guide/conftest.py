"""The sample world's tiny set of places as a graph."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from nadeuri.data.sample.places import write_places
from nadeuri.data.sample.sizes import SIZES
from nadeuri.embed import UseEmbedder
from nadeuri.guide.embed_graph import embed_graph
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.load import load_folder
from nadeuri.guide.parts import GRAPH

MEMORY_BYTES = 128 << 20

chat_server = runpy.run_path(str(Path(__file__).parents[1] / "llm" / "conftest.py"))["chat_server"]
"""The double of a language model, which the tests of the client use as well."""


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


@pytest.fixture(scope="session")
def use_embedder() -> UseEmbedder:
    """The encoder of the reviews, loaded once."""
    return UseEmbedder()


@pytest.fixture(scope="session")
def tiny_guide_folder(
    tiny_graph: Path, use_embedder: UseEmbedder, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder of the guide: that graph, with the vectors of its reviews and places."""
    folder = tmp_path_factory.mktemp("guide")
    shutil.copy(tiny_graph, folder / GRAPH)
    embed_graph(folder, use_embedder, processes=1)
    return folder
