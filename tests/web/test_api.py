"""The page's way to the API, over sockets."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from nadeuri.errors import ConfigError
from nadeuri.guide.answer import Answer, Progress
from nadeuri.web import door
from nadeuri.web.api import GuideApi
from nadeuri.web.door import ApiError

THREAD = "a-thread-of-my-own"
EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
PROGRESS = 'event: progress\ndata: {"step": "plan", "text": "읽고 있어요"}\n\n'.encode()


@pytest.fixture
def heard() -> list[bytes]:
    """What :func:`odd_server` was asked."""
    return []


@pytest.fixture
def odd_server(heard: list[bytes]) -> Iterator[Any]:
    """A server that sends the given bytes, whatever it is asked, and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    reply = [b""]

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                heard.append(connection.recv(65536))
                connection.sendall(reply[0])

    thread = threading.Thread(target=serve)
    thread.start()

    def send(content: bytes, key: str | None = None) -> GuideApi:
        reply[0] = content
        return GuideApi(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout_s=5, key=key)

    yield send
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_progress_and_the_answer(api: Any) -> None:
    *progress, answer = GuideApi(f"{api.url}/").ask("애월읍 흑돼지", THREAD)
    assert [each.step for each in progress if isinstance(each, Progress)] == ["plan", "select"]
    assert isinstance(answer, Answer)
    assert [card.name for card in answer.cards] == ["애월 돌담집", "<b>바다 & 별</b>"]


def test_the_key_goes_nowhere_else(odd_server: Any, heard: list[bytes]) -> None:
    """Wherever a server sends the page, the key does not follow."""
    guide = odd_server(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n", key="ndr_secret")
    with pytest.raises(ApiError):
        guide.history(THREAD)
    first, *others = heard
    assert b"\r\nAuthorization: Bearer ndr_secret\r\n" in first
    assert others
    assert not any(b"secret" in request for request in others)


def test_the_history(api: Any) -> None:
    guide = GuideApi(api.url)
    assert guide.history(THREAD) == []
    answers = [list(guide.ask(question, THREAD))[-1] for question in ("안녕", "애월읍 흑돼지")]
    turns = guide.history(THREAD)
    assert [turn.question for turn in turns] == ["안녕", "애월읍 흑돼지"]
    assert [turn.answer for turn in turns] == answers


@pytest.mark.parametrize(
    ("question", "message"),
    [("고장 난 질문", "문제가 생겼어요"), ("가" * 501, "질문을 조금 바꿔서")],
)
def test_refusals_are_told_in_korean(api: Any, question: str, message: str) -> None:
    with pytest.raises(ApiError, match=message):
        list(GuideApi(api.url).ask(question, THREAD))


def test_nobody_there(api: Any) -> None:
    api.stop()
    guide = GuideApi(api.url)
    with pytest.raises(ApiError, match="연결하지 못했어요"):
        list(guide.ask("안녕", THREAD))
    with pytest.raises(ApiError, match="연결하지 못했어요"):
        guide.history(THREAD)


@pytest.mark.parametrize(
    "rest",
    [
        b"",
        b"event: answer\ndata: {",
        b"event: answer\ndata: {}\n\n",
        b'event: answer\ndata: {"answer": {"kind": "chat"}}\n\n',
        b"event: answer\ndata: []\n\n",
        b"event: error\ndata: null\n\n",
        b"event: progress\ndata: \xff\n\n",
        b"event: progress\ndata: " + b"x" * (5 << 20) + b"\n\n",
    ],
)
def test_an_answer_that_breaks_off_or_is_none(odd_server: Any, rest: bytes) -> None:
    said = odd_server(EVENTS + PROGRESS + rest).ask("안녕", THREAD)
    assert next(said) == Progress(step="plan", text="읽고 있어요")
    with pytest.raises(ApiError, match="끊겼어요"):
        list(said)


def test_a_chunk_that_never_comes(odd_server: Any) -> None:
    head = EVENTS.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    said = odd_server(head + b"%x\r\n%s\r\nff\r\nhalf" % (len(PROGRESS), PROGRESS)).ask("?", THREAD)
    next(said)
    with pytest.raises(ApiError, match="끊겼어요"):
        list(said)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (b"500 Internal Server Error", "문제가 생겼어요"),
        (b"404 Not Found", "문제가 생겼어요"),
        (b"401 Unauthorized", "API 키로는"),
        (b"403 Forbidden", "API 키로는"),
        (b"429 Too Many Requests", "이용하는 분이 많아요"),
        (b"503 Service Unavailable", "이용하는 분이 많아요"),
        (b"422 Unprocessable Content", "질문을 조금 바꿔서"),
    ],
)
def test_problems(odd_server: Any, status: bytes, message: str) -> None:
    guide = odd_server(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % status)
    with pytest.raises(ApiError, match=message):
        list(guide.ask("안녕", THREAD))


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_logged_once(
    odd_server: Any, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    door._warn_of_key.cache_clear()
    guide = odd_server(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status)
    for thread in (THREAD, "somebody-else's"):
        with pytest.raises(ApiError):
            guide.history(thread)
    (told,) = [each for each in caplog.messages if "NADEURI_API_KEY" in each]
    assert told.startswith(f"the API answers /v1/guide with {status}:")


def test_a_problem_as_an_event(odd_server: Any) -> None:
    problem = json.dumps({"title": "Busy", "status": 503}).encode()
    guide = odd_server(EVENTS + PROGRESS + b"event: error\ndata: " + problem + b"\n\n")
    with pytest.raises(ApiError, match="이용하는 분이 많아요"):
        list(guide.ask("안녕", THREAD))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"turns": 1}', b'{"turns": [{}]}'])
def test_a_history_that_is_none(odd_server: Any, body: bytes) -> None:
    guide = odd_server(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    with pytest.raises(ApiError, match="끊겼어요"):
        guide.history(THREAD)


def test_no_server_of_http(odd_server: Any) -> None:
    with pytest.raises(ApiError, match="연결하지 못했어요"):
        list(odd_server(b"SSH-2.0-OpenSSH\r\n").ask("안녕", THREAD))


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "file:///etc/passwd", "ftp://example.org"])
def test_only_http(url: str) -> None:
    with pytest.raises(ConfigError, match="give its address"):
        GuideApi(url)
