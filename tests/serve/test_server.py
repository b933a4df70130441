"""The real server: gunicorn over a real artefact, on loopback."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest
import requests

from nadeuri.artifact import Artifact
from nadeuri.data.sequences import Dataset
from nadeuri.serve.app import MAX_BODY_BYTES

PATH = "/v1/recommendations"


def test_answers_over_http(server: Any, travel_dataset: Dataset) -> None:
    user = travel_dataset.user_ids[0]
    response = requests.post(
        server.url + PATH,
        json={"user": user, "k": 3, "filters": {"country": ["베트남"]}},
        headers={"X-Request-ID": "from-the-app"},
        timeout=10,
    )
    assert response.status_code == 200
    assert response.headers["X-Request-ID"] == "from-the-app"
    assert [row["city"] for row in response.json()["items"]] == ["다낭"] * 3
    assert server.logged("from-the-app")


def test_concurrent_callers_get_their_own_answers(server: Any) -> None:
    def ask(number: int) -> tuple[str, list[str]]:
        code = f"P{number % 60 + 1:03}"
        body = {"history": [code], "k": 60, "exclude_seen": True}
        answer = requests.post(server.url + PATH, json=body, timeout=30).json()
        return code, [row["item"] for row in answer["items"]]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(120)))
    assert all(len(items) == 59 and code not in items for code, items in answers)
    assert len({tuple(items) for _, items in answers}) == 60


def test_refused_bodies_do_not_disturb_the_next_request(server: Any) -> None:
    with requests.Session() as session:
        for _ in range(20):
            assert session.put(server.url + PATH, json={"k": 1}, timeout=5).status_code == 405
            assert session.post(server.url + PATH, json={"k": 1}, timeout=5).status_code == 200


def test_large_bodies_are_413_with_and_without_a_length(server: Any) -> None:
    headers = {"Content-Type": "application/json"}
    large = b" " * (MAX_BODY_BYTES + 10_000)
    declared = requests.post(server.url + PATH, data=large, headers=headers, timeout=10)
    assert (declared.status_code, declared.json()["status"]) == (413, 413)

    chunks = (large[start : start + 50_000] for start in range(0, len(large), 50_000))
    chunked = requests.post(server.url + PATH, data=chunks, headers=headers, timeout=10)
    assert (chunked.status_code, chunked.json()["status"]) == (413, 413)


def test_a_slow_sender_does_not_hold_up_others(server: Any) -> None:
    slow = [socket.create_connection((server.host, server.port)) for _ in range(2)]
    for connection in slow:
        connection.sendall(b"POST /v1/recommendations HTTP/1.1\r\nHost: x\r\n")
    try:
        for _ in range(4):
            assert requests.get(f"{server.url}/healthz", timeout=5).status_code == 200
    finally:
        for connection in slow:
            connection.close()


def test_no_control_socket_and_no_training_stack(server: Any) -> None:
    assert [file.name for file in server.home.iterdir()] == ["log"]
    workers = psutil.Process(server.process.pid).children()
    assert len(workers) == 2
    for worker in workers:
        mapped = {region.path for region in worker.memory_maps()}
        assert any("onnxruntime" in path for path in mapped)
        assert not any("torch" in path for path in mapped)


def test_workers_share_the_artefact(server: Any) -> None:
    """Preloading works if a worker has less of its own than it shares."""
    (worker, *_) = psutil.Process(server.process.pid).children()
    memory = worker.memory_full_info()
    assert memory.uss < memory.rss / 2


def test_a_request_under_way_is_finished_before_stopping(
    start_server: Callable[..., Any],
) -> None:
    server = start_server("--workers", "1")
    body = b'{"history": ["P001"], "k": 2}'
    connection = socket.create_connection((server.host, server.port), timeout=20)
    connection.sendall(
        b"POST /v1/recommendations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    time.sleep(0.5)
    started = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    connection.sendall(body)
    reply = b""
    while part := connection.recv(65536):
        reply += part
    connection.close()
    assert reply.startswith(b"HTTP/1.1 200"), reply
    assert server.process.wait(timeout=20) == 0
    assert time.monotonic() - started < 20
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((server.host, server.port), timeout=1)


def test_an_idle_connection_does_not_delay_stopping(start_server: Callable[..., Any]) -> None:
    server = start_server("--workers", "1")
    with requests.Session() as session:
        assert session.get(f"{server.url}/healthz", timeout=5).status_code == 200
        started = time.monotonic()
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=20) == 0
        assert time.monotonic() - started < 10


def serve(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nadeuri", "serve", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_damaged_artefact_is_one_line(travel_artifact: Artifact, tmp_path: Any) -> None:
    done = serve(str(tmp_path / "nothing"))
    assert done.returncode == 2
    assert "not an artefact folder" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
