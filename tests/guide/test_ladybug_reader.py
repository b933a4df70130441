"""A graph read from another process."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nadeuri.errors import GraphError, QueryTimeoutError
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.ladybug_reader import LadybugReader, cache_bytes

ENDLESS = "UNWIND range(1, 1000000000) AS x RETURN sum(x) AS total"


@pytest.fixture(scope="module")
def reader(tiny_graph: Path) -> Iterator[LadybugReader]:
    with LadybugReader(tiny_graph, memory_bytes=128 << 20) as reader:
        yield reader


def test_it_answers_like_the_store(reader: LadybugReader, tiny_store: LadybugStore) -> None:
    cypher = "MATCH (r:Review) RETURN r ORDER BY r.review_id"
    assert reader.query(cypher, limit=7) == tiny_store.query(cypher, limit=7)
    assert reader.counts() == tiny_store.counts()
    assert reader.dialect == tiny_store.dialect


def test_the_cache_fits_the_graph() -> None:
    assert cache_bytes(14 << 20) == 64 << 20
    assert cache_bytes(100 << 20) == 400 << 20
    assert cache_bytes(10 << 30) == 1 << 30


def test_errors_come_through(reader: LadybugReader) -> None:
    with pytest.raises(GraphError, match="the graph refuses the query: "):
        reader.query("MATCH (n:Nothing) RETURN n")
    with pytest.raises(GraphError, match="parameter x has no value"):
        reader.query("RETURN $x")
    with pytest.raises(GraphError, match="read-only"):
        reader.query("CREATE (:Category {name: 'x'})")


def test_a_query_that_does_not_stop_is_ended(reader: LadybugReader) -> None:
    start = time.monotonic()
    with pytest.raises(QueryTimeoutError, match=r"more than 0\.2 s; its process was ended"):
        reader.query(ENDLESS, timeout_s=0.2)
    assert time.monotonic() - start < 20
    assert reader.query("RETURN 1 AS n") == [{"n": 1}]


def test_a_process_that_dies_is_replaced(reader: LadybugReader) -> None:
    assert reader._process is not None
    assert reader._process.pid is not None
    os.kill(reader._process.pid, signal.SIGKILL)
    with pytest.raises(GraphError, match="died; ask again"):
        reader.query("RETURN 1 AS n")
    assert reader.query("RETURN 1 AS n") == [{"n": 1}]


def test_threads_get_their_own_answers(reader: LadybugReader) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: reader.query("RETURN $n AS n", {"n": n}), range(64)))
    assert answers == [[{"n": n}] for n in range(64)]


def test_a_graph_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match=r"none\.graph: no graph there"):
        LadybugReader(tmp_path / "none.graph")
