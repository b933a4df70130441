"""The client of the load tests tells right answers from all kinds of wrong ones."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from load.client import Mix, Server, due_times, judge, run_closed, run_paced
from load.endpoints import BY_NAME, ENDPOINTS, Request, shares

READY, CHAT = BY_NAME["ready"], BY_NAME["chat"]
GOOD = b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"models": 1}'
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
SAID = b"event: progress\ndata: {}\n\nevent: answer\ndata: {}\n\n"


def chunked(*parts: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + end


@pytest.mark.parametrize(
    ("reply", "endpoint", "expected"),
    [
        (GOOD, READY, (200, "")),
        (GOOD[:-1], READY, (200, "cut")),
        (GOOD.replace(b"models", b"xodels"), READY, (200, "wrong answer")),
        (EMPTY, BY_NAME["labelling_export"], (200, "")),
        (EMPTY, BY_NAME["metrics"], (200, "wrong answer")),
        (b"", READY, (0, "closed")),
        (b"HTTP/1.1 200", READY, (0, "cut")),
        (b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n\r\n", READY, (503, "503")),
        (b"HTTP/1.1 503 Busy\r\n\r\n", READY, (503, "503 without Retry-After")),
        (b"HTTP/1.1 404 No\r\n\r\n", READY, (404, "404")),
        (b"HTTP/1.1 409 Late\r\n\r\n", BY_NAME["review_decision"], (409, "")),
        (chunked(SAID), CHAT, (200, "")),
        (chunked(SAID[:40], SAID[40:]), CHAT, (200, "")),
        (chunked(SAID, end=b""), CHAT, (200, "cut")),
        (chunked(SAID[:26]), CHAT, (200, "wrong answer")),
        (chunked(b"event: error\ndata: {}\n\n"), CHAT, (200, "error event")),
    ],
)
def test_answers_are_judged(reply: bytes, endpoint: object, expected: tuple[int, str]) -> None:
    assert judge(reply, endpoint) == expected  # type: ignore[arg-type]


@given(
    st.floats(1, 500),
    st.floats(0.5, 20),
    st.floats(0, 1),
)
def test_requests_are_due_at_the_rate_that_was_asked(
    rps: float, seconds: float, share: float
) -> None:
    ramp_s = share * seconds
    due = list(due_times(rps, seconds, ramp_s))
    assert due == sorted(due)
    assert all(0 <= at < seconds for at in due)
    assert len(due) == pytest.approx(rps * (seconds - ramp_s / 2), abs=1.01)
    held = [at for at in due if at >= ramp_s]
    assert len(held) == pytest.approx(rps * (seconds - ramp_s), abs=1.01)


def test_a_mix_has_each_endpoint_by_its_weight() -> None:
    requests = {e.name: [Request(e, e.path)] for e in ENDPOINTS}
    mix = Mix(requests)
    drawn = Counter(next(mix).endpoint.name for _ in range(20_000))
    for name, share in shares(ENDPOINTS).items():
        assert drawn[name] / 20_000 == pytest.approx(share, abs=0.015)


def test_a_key_is_sent_and_never_shown() -> None:
    server = Server("h", 1, "secret-key")
    assert "secret-key" not in repr(server)
    sent = Request(CHAT, "/v1/guide/chat", '{"question": "맛집"}').encoded("h:1", server.key)
    assert b"\r\nAuthorization: Bearer secret-key\r\n" in sent
    head, _, body = sent.partition(b"\r\n\r\n")
    assert b"Content-Length: %d" % len(body) in head


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[Server]:
    """A server that treats each connection as told, once the request is there."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=200)

    def treat(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            answer(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=treat, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield Server("127.0.0.1", listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


ASKED = {"ready": [Request(READY, "/readyz")]}


def test_callers_are_kept_busy() -> None:
    with answering(lambda connection: connection.sendall(GOOD)) as server:
        load = run_closed(server, Mix(ASKED), clients=4, seconds=0.5)
    assert len(load.samples) > 20
    assert {sample.error for sample in load.samples} == {""}
    assert load.cpu_s < load.seconds * 1.1


def test_time_counts_from_when_a_request_was_due() -> None:
    """One caller at a time is answered, each after 50 ms; 40 a second are due."""
    one = threading.Lock()

    def slow(connection: socket.socket) -> None:
        with one:
            threading.Event().wait(0.05)
            connection.sendall(GOOD)

    with answering(slow) as server:
        load = run_paced(server, Mix(ASKED), rps=40, seconds=1)
    assert len(load.samples) == 40
    assert max(sample.ms for sample in load.samples) > 700


def test_what_breaks_is_named() -> None:
    def reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with answering(reset) as server:
        load = run_paced(server, Mix(ASKED), rps=20, seconds=0.2)
    assert {sample.error for sample in load.samples} == {"reset"}
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        refused = run_paced(Server(*unused.getsockname()), Mix(ASKED), rps=20, seconds=0.2)
    assert {sample.error for sample in refused.samples} == {"refused"}
