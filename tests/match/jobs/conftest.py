"""Stores and a client of the Batch server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from batch_chaos import World, connect
from batch_server import Running

from nadeuri.llm_batch import BatchApi
from nadeuri.match.jobs.shards import Limits

Worlds = Callable[..., World]


@pytest.fixture(scope="session")
def batch_api(batch_socket: Running) -> Iterator[BatchApi]:
    """A client that tries everything once."""
    with closing(connect(batch_socket)) as api:
        yield api


@pytest.fixture
def worlds(batch_socket: Running, batch_api: BatchApi, tmp_path: Path) -> Iterator[Worlds]:
    """Makes a world with a new store and a new server; keywords are limits."""
    with ExitStack() as stack:

        def world(**limits: float) -> World:
            url = f"sqlite:///{tmp_path}/jobs.sqlite"
            settings = {"max_rows": 4, "grace_s": 900.0} | limits
            made = World(batch_socket, batch_api, url, Limits(**settings))  # type: ignore[arg-type]
            stack.callback(made.close)
            return made

        yield world
