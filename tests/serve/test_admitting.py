"""The worker in a real server: who gets in, who is sent away, and what holds up nobody."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest
import requests
from raw_load import get, open_loop, post

from nadeuri.artifact import Artifact
from nadeuri.serve.app import MAX_BODY_BYTES

PATH = "/v1/recommendations"
HEAVY = post(
    f"{PATH}/batch", {"requests": [{"history": [f"P{n:03}" for n in range(1, 60)], "k": 60}] * 100}
)


@pytest.fixture(scope="module")
def small(start_server: Callable[..., Any], travel_artifact: Artifact) -> Any:
    """A server of one model with one worker."""
    return start_server("--workers", "1", artifacts=[travel_artifact])


def connect(server: Any) -> socket.socket:
    return socket.create_connection((server.host, server.port), timeout=20)


@contextlib.contextmanager
def connections(server: Any, number: int) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(connect(server)) for _ in range(number)]


def read_all(connection: socket.socket) -> bytes:
    reply = b""
    while part := connection.recv(65_536):
        reply += part
    return reply


def answers_at_once(server: Any) -> None:
    for _ in range(3):
        began = time.monotonic()
        assert requests.get(f"{server.url}/healthz", timeout=10).status_code == 200
        body = {"history": ["P001"], "k": 1}
        assert requests.post(server.url + PATH, json=body, timeout=10).status_code == 200
        assert time.monotonic() - began < 5


def test_silent_and_slow_callers_hold_up_nobody(small: Any) -> None:
    with connections(small, 60) as slow:
        for number, connection in enumerate(slow):
            connection.sendall(post(PATH, {"k": 1})[: number % 30])
        answers_at_once(small)
        assert psutil.Process(small.process.pid).children()[0].cpu_percent(0.5) < 50


def test_callers_who_do_not_close_hold_up_nobody(small: Any) -> None:
    with connections(small, 20) as lingering:
        for connection in lingering:
            connection.sendall(get("/healthz"))
        for connection in lingering:
            assert read_all(connection).startswith(b"HTTP/1.1 200")
        answers_at_once(small)


def test_a_head_in_pieces_is_one_request(small: Any) -> None:
    with connect(small) as connection:
        for byte in post(PATH, {"history": ["P001"], "k": 1}):
            connection.sendall(bytes([byte]))
        assert read_all(connection).startswith(b"HTTP/1.1 200")


def test_a_long_head_is_gunicorns(small: Any) -> None:
    with connect(small) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        for number in range(5):
            connection.sendall(b"X-%d: %s\r\n" % (number, b"a" * 8000))
        connection.sendall(b"\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("sent", [b"", b"POST /v1", b"GET /healthz HTTP/1.1\r\nHost: x\r\n"])
def test_who_leaves_in_the_middle_is_forgotten(small: Any, sent: bytes) -> None:
    with connect(small) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            assert read_all(connection) == b""
    answers_at_once(small)


def test_a_burst_is_sent_away_in_order_and_health_answers(small: Any) -> None:
    """Thirty times what the slots and the waiting room take; nobody meets a reset or a time-out."""
    with ThreadPoolExecutor(1) as pool:
        burst = pool.submit(open_loop, small.port, [HEAVY], per_second=200, seconds=3)
        time.sleep(1)
        for path in ("/healthz", "/readyz", "/metrics"):
            began = time.monotonic()
            assert requests.get(small.url + path, timeout=10).status_code == 200
            assert time.monotonic() - began < 2
        outcomes = burst.result()
    assert not [each for each in outcomes if each.status not in (200, 503)]
    refused = [each for each in outcomes if each.status == 503]
    assert len(refused) > len(outcomes) / 10
    for each in refused:
        assert b"\r\nRetry-After: 1\r\n" in each.reply
        assert b"application/problem+json" in each.reply
    end = time.monotonic() + 10  # the log is told of them once a second
    while "callers away within a second" not in small.log.read_text():
        assert time.monotonic() < end
        time.sleep(0.1)
    answers_at_once(small)


def test_who_is_sent_away_with_a_large_body_hears_it(small: Any) -> None:
    """The answer comes before the body was read; a reset would take it away."""
    body = b" " * MAX_BODY_BYTES
    request = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" % PATH.encode()
    request += b"Content-Length: %d\r\n\r\n" % len(body) + body
    with ThreadPoolExecutor(1) as pool:
        burst = pool.submit(open_loop, small.port, [HEAVY], per_second=150, seconds=3)
        outcomes = open_loop(small.port, [request], per_second=20, seconds=3)
        burst.result()
    assert {each.status for each in outcomes} <= {400, 503}, outcomes
    assert 503 in {each.status for each in outcomes}
