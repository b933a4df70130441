"""A stop that a load balancer sees coming, and streams that end with a word."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import requests
from raw_load import Outcome, closed_loop, post

from nadeuri.artifact import Artifact
from nadeuri.serve.app import build_app
from nadeuri.serve.draining import DRAINING_OF_APP
from nadeuri.serve.events import Event, EventStream
from nadeuri.serve.room import hurry_rooms

REQUEST = post("/v1/recommendations", {"history": ["P001"], "k": 5})


def test_nobody_is_ready_while_the_server_drains() -> None:
    app = build_app([])
    client = app.test_client()
    assert client.get("/readyz").status_code == 200
    app.extensions[DRAINING_OF_APP].begin()
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["status"]) == (503, 503)
    assert client.get("/healthz").status_code == 200


def test_a_balancer_that_looks_at_readiness_loses_nothing(
    start_server: Callable[..., Any], travel_artifact: Artifact
) -> None:
    options = ("--workers", "2", "--drain-seconds", "3")
    server = start_server(*options, artifacts=[travel_artifact])
    is_ready = threading.Event()
    is_ready.set()

    def look() -> None:
        while requests.get(f"{server.url}/readyz", timeout=10).status_code == 200:
            time.sleep(0.2)
        is_ready.clear()

    found: list[Outcome] = []
    load = threading.Thread(
        target=lambda: found.extend(
            closed_loop(server.port, [REQUEST], clients=8, seconds=60, is_open=is_ready.is_set)
        )
    )
    balancer = threading.Thread(target=look)
    load.start()
    balancer.start()
    time.sleep(1)
    told = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    balancer.join(20)
    assert not is_ready.is_set()
    load.join(20)
    assert server.process.wait(30) == 0
    assert time.monotonic() - told >= 3
    assert [each for each in found if each.status != 200] == []
    assert max(each.at for each in found) > told, "requests were answered while it drained"
    assert "Not ready any more" in server.log.read_text()


def test_a_second_sigterm_ends_the_wait(
    start_server: Callable[..., Any], travel_artifact: Artifact
) -> None:
    server = start_server("--drain-seconds", "60", "--workers", "1", artifacts=[travel_artifact])
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert requests.get(f"{server.url}/readyz", timeout=10).status_code == 503
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(15) == 0


LATE = Event("error", "late")


def test_the_last_event_of_a_stream_that_must_end() -> None:
    go_on = threading.Event()

    def work() -> Any:
        yield Event("progress", "1")
        go_on.wait(20)
        yield Event("progress", "2")

    stream = EventStream(work(), within_s=60, late=LATE)
    assert next(stream) == "event: progress\ndata: 1\n\n"
    stream.end_with(Event("error", json.dumps({"status": 503})))
    go_on.set()
    assert list(stream) == ['event: error\ndata: {"status": 503}\n\n']


def test_a_stream_that_has_its_answer_is_left_alone() -> None:
    stream = EventStream((each for each in [Event("answer", "1")]), within_s=60, late=LATE)
    assert next(stream) == "event: answer\ndata: 1\n\n"
    time.sleep(0.2)
    stream.end_with(Event("error", "2"))
    assert list(stream) == []


def test_rooms_without_streams_need_no_hurry() -> None:
    hurry_rooms(build_app([]))
