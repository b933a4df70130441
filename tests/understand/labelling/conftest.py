"""An empty labelling store, in a file and in a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nadeuri.understand.labelling.database import LabellingStore
from nadeuri.understand.labels import Scheme, load_scheme


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[LabellingStore]:
    url = f"sqlite:///{tmp_path / 'labelling.sqlite'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres")
    with LabellingStore(url) as opened:
        yield opened


@pytest.fixture(scope="session")
def scheme() -> Scheme:
    return load_scheme()
