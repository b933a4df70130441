"""The guide to the tiny sample world, and a conversation for each test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest

from nadeuri.embed import UseEmbedder
from nadeuri.guide.parts import open_vectors
from nadeuri.guide.pipeline import Guide, open_guide

NOW = datetime(2026, 11, 28, 18, 30)
_threads = count()


@pytest.fixture(scope="module")
def guide(tiny_guide_folder: Path, use_embedder: UseEmbedder) -> Iterator[Guide]:
    vectors = open_vectors(tiny_guide_folder, embedder=use_embedder)
    with open_guide(tiny_guide_folder, clock=lambda: NOW, vectors=vectors) as opened:
        yield opened


@pytest.fixture
def thread() -> str:
    """A conversation of the test's own."""
    return f"t{next(_threads)}"
