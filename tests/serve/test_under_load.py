"""A real server under more load than it bears, and while its workers are replaced.

The load comes from the same two cores; what is compared is compared on equal terms.
"""

from __future__ import annotations

import collections
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import psutil
import pytest
from raw_load import Outcome, closed_loop, open_loop, percentile, post

from nadeuri.artifact import Artifact
from nadeuri.serve.admitting import PATIENCE_S, WAIT_S

pytestmark = pytest.mark.slow

REQUESTS = [
    post("/v1/recommendations", {"history": [f"P{n:03}", f"P{n + 1:03}"], "k": 20})
    for n in range(1, 50)
]
SATURATING = 16
"""Clients with which throughput grows no more: two for each of two workers' four slots."""
SECONDS = 10


def resident(server: Any) -> int:
    workers = psutil.Process(server.process.pid).children()
    return sum(worker.memory_info().rss for worker in workers)


def goodput(outcomes: Sequence[Outcome]) -> float:
    """Requests answered in a second."""
    began = min(each.at for each in outcomes)
    ended = max(each.at + each.seconds for each in outcomes)
    return sum(each.status == 200 for each in outcomes) / (ended - began)


def described(name: str, outcomes: Sequence[Outcome]) -> str:
    by_status = collections.Counter(each.status for each in outcomes)
    half, most = (1e3 * percentile(outcomes, share) for share in (0.5, 0.99))
    return (
        f"{name}: {dict(by_status)}, {goodput(outcomes):.0f}/s answered, "
        f"p50 {half:.0f} ms, p99 {most:.0f} ms"
    )


def test_ten_times_too_much(start_server: Callable[..., Any], travel_artifact: Artifact) -> None:
    server = start_server("--workers", "2", artifacts=[travel_artifact])
    closed_loop(server.port, REQUESTS, clients=SATURATING, seconds=3)
    saturated = closed_loop(server.port, REQUESTS, clients=SATURATING, seconds=SECONDS)
    before = resident(server)
    crowd = closed_loop(server.port, REQUESTS, clients=10 * SATURATING, seconds=SECONDS)
    larger = closed_loop(server.port, REQUESTS, clients=40 * SATURATING, seconds=SECONDS)
    burst = open_loop(
        server.port, REQUESTS, per_second=10 * goodput(saturated), seconds=SECONDS / 5
    )
    again = closed_loop(server.port, REQUESTS, clients=SATURATING, seconds=SECONDS)
    for name, outcomes in {
        "saturated": saturated,
        "10 x the clients": crowd,
        "40 x the clients": larger,
        "10 x the rate": burst,
        "saturated again": again,
    }.items():
        print(described(name, outcomes))
        assert {each.status for each in outcomes} <= {200, 503}, name
        assert all(b"\r\nRetry-After: " in each.reply for each in outcomes if each.status == 503)
    print(f"resident: {before >> 20} MiB before, {resident(server) >> 20} MiB after")
    assert goodput(crowd) >= 0.8 * min(goodput(saturated), goodput(again))
    # the wait, an answer, and what the load itself takes of the two cores
    assert percentile(crowd, 0.99) < WAIT_S + 1.0
    standing = [each for each in larger if each.at - larger[0].at > PATIENCE_S]
    print(described("40 x the clients, once the queue stands", standing))
    assert percentile(standing, 0.99) < WAIT_S + 1.5
    assert 503 in {each.status for each in (*larger, *burst)}
    assert resident(server) < before + (24 << 20)


@pytest.mark.parametrize("how", ["recycling", "hangups"])
def test_workers_are_replaced_without_a_failure(
    start_server: Callable[..., Any], travel_artifact: Artifact, how: str
) -> None:
    options = ("--recycle-after", "500") if how == "recycling" else ()
    server = start_server("--workers", "2", *options, artifacts=[travel_artifact])
    first = {worker.pid for worker in psutil.Process(server.process.pid).children()}
    ended = threading.Event()

    def hang_up() -> None:
        while not ended.wait(3):
            server.process.send_signal(signal.SIGHUP)

    if how == "hangups":
        threading.Thread(target=hang_up).start()
    outcomes = closed_loop(server.port, REQUESTS, clients=SATURATING // 2, seconds=2 * SECONDS)
    ended.set()
    time.sleep(1)
    print(described(how, outcomes))
    assert [each for each in outcomes if each.status != 200] == []
    last = {worker.pid for worker in psutil.Process(server.process.pid).children()}
    assert not first & last
    log = server.log.read_text()
    assert log.count("Booting worker") >= 6
    assert "Traceback" not in log
