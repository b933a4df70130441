"""Slow senders, slow readers, and what is no request: the real server, over raw sockets."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.exceptions import RequestTimeout

from nadeuri.serve import deadlines
from nadeuri.serve.admitting import LINGER_S
from nadeuri.serve.deadlines import DeadlineSocket
from nadeuri.serve.keys import create_key
from nadeuri.serve.wire import Problem

GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
READ_TIMEOUT_S = 1.5  # of the server under test
DRIP_S = 0.2


@pytest.fixture(scope="module")
def post(key_file: Path) -> bytes:
    """The head of a request with a body, but for the end."""
    key = create_key(key_file, "sender")
    time.sleep(1)  # until it is known
    return (
        b"POST /v1/recommendations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer %s\r\n" % key.encode()
    )


def connect(server: Any) -> socket.socket:
    return socket.create_connection((server.host, server.port), timeout=20)


def reply(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer, read until the server closes."""
    content = b""
    while part := connection.recv(65536):
        content += part
    head, _, body = content.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body


def check_problem(answer: tuple[int, dict[str, str], bytes], status: int) -> Problem:
    assert answer[0] == status
    assert answer[1]["Content-Type"] == "application/problem+json"
    assert answer[1]["Connection"] == "close"
    problem = Problem.model_validate_json(answer[2])
    assert problem.status == status
    assert problem.request_id == answer[1]["X-Request-ID"]
    return problem


@pytest.mark.parametrize("where", ["headers", "body", "chunks"])
def test_a_sender_that_drips_is_ended(where: str, locked_server: Any, post: bytes) -> None:
    """Each byte comes soon after the last one; the request as a whole never does."""
    begin = {
        "headers": GET + b"X-Slow: ",
        "body": post + b"Content-Length: 1000\r\n\r\n",
        "chunks": post + b"Transfer-Encoding: chunked\r\n\r\n3e8\r\n",
    }[where]
    stop = threading.Event()
    with connect(locked_server) as connection:

        def drip() -> None:
            while not stop.wait(DRIP_S):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        started = time.monotonic()
        connection.sendall(begin)
        thread.start()
        try:
            answer = reply(connection)
        finally:
            seconds = time.monotonic() - started
            stop.set()
            thread.join()
    problem = check_problem(answer, 408)
    assert READ_TIMEOUT_S - 0.1 < seconds < READ_TIMEOUT_S + 5
    assert json.loads(locked_server.logged(problem.request_id))["status"] == 408


def test_a_body_that_comes_in_time_is_read(locked_server: Any, post: bytes) -> None:
    with connect(locked_server) as connection:
        connection.sendall(post + b"Content-Length: 8\r\n\r\n")
        for byte in b'{"k": 1}':
            time.sleep(0.05)
            connection.sendall(bytes([byte]))
        assert reply(connection)[0] == 200


def test_clients_that_do_not_close_hold_up_nobody(locked_server: Any) -> None:
    """A server lingers until the other side closes; others are answered meanwhile."""
    with ExitStack() as lingering:
        for _ in range(40):
            connection = lingering.enter_context(connect(locked_server))
            connection.sendall(GET + b"\r\n")
        time.sleep(0.3)
        started = time.monotonic()
        for _ in range(10):
            assert requests.get(f"{locked_server.url}/healthz", timeout=20).status_code == 200
        assert time.monotonic() - started < 5  # they linger for 2 s each


def test_a_client_that_does_not_close_is_let_go(locked_server: Any) -> None:
    with connect(locked_server) as connection:
        connection.sendall(GET + b"\r\n")
        assert reply(connection)[0] == 200
        time.sleep(LINGER_S + 1)
        connection.sendall(b"anybody there?")
        time.sleep(0.1)
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            connection.sendall(b"no")


def test_the_answer_arrives_though_the_request_was_not_read(locked_server: Any) -> None:
    """Without lingering, the unread rest of the request would make the kernel cut the answer."""
    for _ in range(5):
        with connect(locked_server) as connection:
            connection.sendall(GET + b"Content-Length: 50000\r\n\r\n" + b"x" * 50000)
            assert reply(connection)[0] == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /v1/guide/threads/SECRET?q=SECRET HTTP/7.7\r\n\r\n", 400),
        (b"SECRET\r\n\r\n", 400),
        (GET + b"A SECRET: 1\r\n\r\n", 400),
        (GET + b"Authorization: Bearer SECRET\x00\r\n\r\n", 400),
        (GET + b"Content-Length: SECRET\r\n\r\n", 400),
        (GET + b"Transfer-Encoding: SECRET\r\n\r\n", 400),
        (GET + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (GET + b"Expect: SECRET\r\n\r\n", 417),
        (b"GET /" + b"SECRET" * 2000 + b" HTTP/1.1\r\n\r\n", 414),
        (GET + b"".join(b"H%d: SECRET\r\n" % number for number in range(101)) + b"\r\n", 431),
        (GET + b"H: " + b"SECRET" * 2000 + b"\r\n\r\n", 431),
    ],
)
def test_what_is_no_request_is_a_problem(request_: bytes, status: int, locked_server: Any) -> None:
    with connect(locked_server) as connection:
        connection.sendall(request_)
        answer = reply(connection)
    problem = check_problem(answer, status)
    assert b"SECRET" not in answer[2]
    line = json.loads(locked_server.logged(problem.request_id))
    assert (line["status"], line["path"]) == (status, None)
    assert "SECRET" not in locked_server.log.read_text()


def test_reading_has_one_deadline() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        reader = DeadlineSocket(ours, 0.3)
        theirs.sendall(b"a")
        assert reader.recv(10) == b"a"
        time.sleep(0.35)
        theirs.sendall(b"b")
        with pytest.raises(RequestTimeout, match=r"more than 0\.3 s"):
            reader.recv(10)


def test_writing_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "WRITE_TIMEOUT_S", 0.1)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        writer = DeadlineSocket(ours, 1)
        writer.sendall(b"short")
        assert theirs.recv(10) == b"short"
        with pytest.raises(BrokenPipeError):
            writer.sendall(b"x" * 10_000_000)
