"""An empty mapping store, and decisions to put into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nadeuri.match.store.database import MappingStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MappingStore]:
    with MappingStore(f"sqlite:///{tmp_path / 'match.sqlite'}") as opened:
        yield opened
