"""An empty mapping store, in a file and in a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nadeuri.match.store.database import MappingStore


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[MappingStore]:
    url = f"sqlite:///{tmp_path / 'match.sqlite'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres")
    with MappingStore(url) as opened:
        yield opened
