"""Requests that no client should send, as bytes: for the tests of the API and for longer runs."""

from __future__ import annotations

import gzip
import json
import socket
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

Headers = list[tuple[bytes, bytes]]

JSON = (b"Content-Type", b"application/json")
PROBLEM_TYPE = "application/problem+json"
_REPLY_TIMEOUT_S = 60
_NOT_IMPLEMENTED = 501
"""What HTTP asks for where a Transfer-Encoding is unknown; it is no failure."""

EXAMPLES: Mapping[str, Any] = {
    "/v1/recommendations": {"history": ["P001"], "k": 3, "filters": {"city": ["오사카"]}},
    "/v1/recommendations/batch": {"requests": [{"user": "손님000"}, {"history": ["P001"]}]},
    "/v1/questions": {"text": "일본 부모님과 갈만한 패키지 추천", "today": "2026-05-01"},
    "/v1/questions/batch": {"questions": [{"text": "오사카 3박 4일"}]},
    "/v1/guide/chat": {"question": "제주시 흑돼지 맛집 추천해줘", "stream": False},
    "/v1/packages/match": {"stops": [{"place_id": "G1", "day": 1, "order": 1}], "k": 2},
    "/v1/places/match": {"name": "오사카성", "position": {"latitude": 34.6, "longitude": 135.5}},
}
"""A sound body for each endpoint; of others, any object is one."""
DECISION = {"relation": "same", "right": "G4", "reviewer": "김", "version": 1}

_ODD_JSON = (
    "1e999",
    "-1e999",
    "NaN",
    "Infinity",
    "-0",
    "1" * 5_000,
    "0.0000000000000000000000000000001",
    "9007199254740993.0",
    '"\\ud800"',
    '"\\udfff\\ud800"',
    '"\\u0000"',
    '"\u0000"',
    '"\x7f"',
    '"' + "가" * 9_000 + '"',
    '"\\u202e\\u0301\\uffff"',
    "[]",
    "{}",
    "null",
    "true",
    '[[[["a"]]]]',
    '{"__proto__": {"a": 1}}',
    "[" * 500 + "]" * 500,
)
_ENDS = (b"", b"\n", b"\x00", b"}", b"{}", b"//", b"\xff")


@dataclass(frozen=True)
class Request:
    """The head and the body as they are sent; ``framed``: HTTP itself has nothing against it."""

    head: bytes
    body: bytes
    framed: bool


@dataclass(frozen=True)
class Reply:
    """What came back; status 0: the connection was closed without a word."""

    status: int
    headers: dict[str, str]
    body: bytes


def endpoints(url: str) -> dict[str, Any]:
    """The POST endpoints of a running API and a sound body for each, from its own description."""
    with urllib.request.urlopen(f"{url}/openapi.json", timeout=30) as answer:
        paths = json.load(answer)["paths"]
    found = {}
    for path, methods in paths.items():
        if "post" in methods:
            for parameter in methods["post"].get("parameters", ()):
                path = path.replace(f"{{{parameter['name']}}}", parameter.get("example", "x"))
            found[path] = EXAMPLES.get(path, DECISION)
    return found


@st.composite
def bodies(draw: st.DrawFn, example: Any) -> bytes:
    """Bodies that are almost sound, and others."""
    kind = draw(st.sampled_from(("mutated", "mutated", "twice", "bytes", "deep", "encoded", "cut")))
    text = json.dumps(example, ensure_ascii=False)
    if kind == "bytes":
        return draw(st.binary(max_size=400))
    if kind == "deep":
        opening, closing = draw(st.sampled_from((("[", "]"), ('{"a":', "}"), ('{"k":[', "]}"))))
        n = draw(st.sampled_from((100, 1_000, 100_000)))
        return (opening * n + draw(st.sampled_from(("", "1"))) + closing * n).encode()
    if kind == "encoded":
        return text.encode(draw(st.sampled_from(("utf-16", "utf-32", "cp949", "utf-8-sig"))))
    if kind == "cut":
        whole = text.encode()
        at = draw(st.integers(0, len(whole)))
        return whole[:at] + draw(st.sampled_from((*_ENDS, b"\xed\xa0\x80", b"\xc3")))
    if kind == "twice":
        first = next(iter(example))
        return f'{{"{first}": {draw(st.sampled_from(_ODD_JSON))}, {text[1:]}'.encode()
    end: bytes = draw(st.sampled_from(_ENDS[:2]))
    return _mutated(draw, example).encode() + end


@st.composite
def requests(draw: st.DrawFn, host: str, path: str, example: Any) -> Request:
    """Odd bodies under sound headers, and sound or odd bodies under odd headers."""
    body = draw(bodies(example) | st.just(json.dumps(example).encode()))
    types = (b"text/plain", b"application/json; charset=utf-16", b"application/json;;", b"", b"*/*")
    trick = draw(st.sampled_from(("none", "none", "type", "coding", "headers", "length")))
    headers: Headers = [(b"Host", host.encode())]
    framed = True
    length = [(b"Content-Length", str(len(body)).encode())]
    kinds = [JSON]
    if trick == "type":
        kinds = [(b"Content-Type", draw(st.sampled_from(types)))]
    elif trick == "coding":
        body = draw(st.sampled_from((gzip.compress(body), gzip.compress(bytes(20_000_000), 1))))
        length = [(b"Content-Length", str(len(body)).encode())]
        coding = st.sampled_from((b"gzip", b"deflate", b"br", b"gzip, gzip", b"identity"))
        headers.append((b"Content-Encoding", draw(coding)))
    elif trick == "headers":
        headers += draw(st.lists(_odd_headers, min_size=1, max_size=3))
        framed = False
    elif trick == "length":
        length = draw(st.sampled_from(_odd_lengths(body)))
        framed = False
    lines = [b"POST %s HTTP/1.1" % path.encode()]
    lines += [b"%s: %s" % each for each in (*headers, *kinds, *length)]
    return Request(b"\r\n".join(lines) + b"\r\n\r\n", body, framed)


_odd_headers = st.one_of(
    st.tuples(st.just(b"X-Request-ID"), st.binary(max_size=200)),
    st.tuples(st.just(b"Accept"), st.binary(max_size=50)),
    st.tuples(st.just(b"Authorization"), st.binary(max_size=50)),
    st.tuples(st.just(b"Expect"), st.sampled_from((b"100-continue", b"200-ok"))),
    st.tuples(st.just(b"X" * 9_000), st.just(b"1")),
    st.tuples(st.just(b"Cookie"), st.just(b"a" * 9_000)),
    st.tuples(st.binary(min_size=1, max_size=20), st.binary(max_size=20)),
    st.tuples(st.just(b"X-Forwarded-Proto"), st.just(b"https")),
    st.tuples(st.just(b"Host"), st.sampled_from((b"", b"a b", b"[::", b"x" * 300))),
    st.tuples(st.just(b"X-HTTP-Method-Override"), st.just(b"DELETE")),
)


def _odd_lengths(body: bytes) -> tuple[Headers, ...]:
    name, n = b"Content-Length", len(body)
    return (
        [],
        [(name, b"%d" % (n + 10))],
        [(name, b"%d" % max(n - 1, 0))],
        [(name, b"-1")],
        [(name, b"+%d" % n)],
        [(name, b"%d" % n), (name, b"%d" % (n + 1))],
        [(name, b"9" * 30)],
        [(name, b"%d" % n), (b"Transfer-Encoding", b"chunked")],
        [(b"Transfer-Encoding", b"chunked")],
        [(b"Transfer-Encoding", b"gzip, chunked")],
        [(b"Transfer-Encoding", b"\x0bchunked")],
    )


def _mutated(draw: st.DrawFn, value: Any) -> str:
    """``value`` as JSON with something odd in the place of one of its parts."""
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        chosen = draw(st.sampled_from(sorted(value)))
        parts = {
            name: _mutated(draw, part) if name == chosen else json.dumps(part, ensure_ascii=False)
            for name, part in value.items()
        }
        if not draw(st.integers(0, 4)):
            del parts[chosen]
        return "{" + ", ".join(f'"{name}": {part}' for name, part in parts.items()) + "}"
    if isinstance(value, list) and value and draw(st.integers(0, 3)):
        return "[" + ", ".join([_mutated(draw, value[0])] * draw(st.integers(1, 3))) + "]"
    return draw(st.sampled_from(_ODD_JSON))


def sent(host: str, port: int, request: Request) -> Reply:
    """Send a request over a connection of its own and read what comes until it is closed.

    Raises:
        TimeoutError: nothing came for a minute.
    """
    received = b""
    with socket.create_connection((host, port), timeout=_REPLY_TIMEOUT_S) as connection:
        try:
            connection.sendall(request.head + request.body)
            connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all was sent; the answer may be there already
        try:
            while part := connection.recv(65_536):
                received += part
        except ConnectionResetError:
            pass
    return _reply(received)


def fault(request: Request, reply: Reply) -> str | None:
    """What is wrong with a reply, None if nothing is.

    Of what is not HTTP the server itself says so, in words of its own or none.
    """
    if reply.status >= 500 and not (reply.status == _NOT_IMPLEMENTED and not request.framed):
        return f"{reply.status}: {reply.body[:300]!r}"
    if reply.status == 0 and request.framed:
        return "no answer"
    is_ours = "x-request-id" in reply.headers
    if request.framed and not is_ours:
        return f"{reply.status} is not an answer of the API: {reply.body[:300]!r}"
    if is_ours and reply.status >= 400 and reply.headers.get("content-type") != PROBLEM_TYPE:
        return f"{reply.status} as {reply.headers.get('content-type')}"
    if is_ours and reply.headers.get("content-type") in (PROBLEM_TYPE, "application/json"):
        json.loads(reply.body)
    return None


def _reply(received: bytes) -> Reply:
    while received.startswith(b"HTTP/1.1 100"):
        received = received.partition(b"\r\n\r\n")[2]
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = first.split(" ", 2)
    status = int(parts[1]) if len(parts) > 1 and parts[0].startswith("HTTP/") else 0
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }
    return Reply(status, headers, body)
