"""Send requests as callers would: each on a connection of its own, read to its last byte.

One asyncio loop on plain protocols, for it shares the machine with the server that it measures:
what a request costs here is :attr:`Load.cpu_s` over the number of requests.

*closed*: so many callers, each asking again when it was answered: finds what a server can do.
*paced*: requests come when they are due, whether or not earlier ones were answered; a request's
time counts from when it was due, so that a server which stops for a second shows it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from load.endpoints import Endpoint, Request, Requests, shares
from load.samples import Sample

TIMEOUT_S = 30.0
MOST_IN_FLIGHT = 4000
"""Of a paced load: more waiting requests would only measure this process's file descriptors."""

NO_ROOM = "not sent"
"""The error of a request that was due while so many were waiting."""


@dataclass(frozen=True)
class Server:
    """Where requests go: a host, a port, and the API key that they carry."""

    host: str
    port: int
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Load:
    """What a load brought, and the CPU seconds that sending it took."""

    samples: list[Sample]
    seconds: float
    cpu_s: float


class Mix:
    """An endless stream of requests of several endpoints in proportion to their weights.

    One goes on through all loads on one server: what is asked again, the server may remember.
    """

    def __init__(self, requests: Requests, *, seed: int = 0) -> None:
        endpoints = [each[0].endpoint for each in requests.values()]
        self._random = random.Random(seed)
        self._names = [endpoint.name for endpoint in endpoints]
        self._weights = list(shares(endpoints).values())
        self._next = {name: cycle(some) for name, some in requests.items()}

    def __next__(self) -> Request:
        (name,) = self._random.choices(self._names, self._weights)
        return next(self._next[name])


def run_closed(server: Server, mix: Mix, *, clients: int, seconds: float) -> Load:
    """Keep ``clients`` callers busy for ``seconds``; requests under way then are awaited."""
    return _measured(_closed(server, mix, clients, seconds))


def run_paced(server: Server, mix: Mix, *, rps: float, seconds: float, ramp_s: float = 0.0) -> Load:
    """Send ``rps`` requests a second for ``seconds``, after a rise from none in ``ramp_s``."""
    return _measured(_paced(server, mix, due_times(rps, seconds, ramp_s)))


def due_times(rps: float, seconds: float, ramp_s: float) -> Iterator[float]:
    """When requests are due, in seconds from the start.

    The rate rises as a straight line, so that ``rps * t**2 / (2 * ramp_s)`` are due by ``t``.
    """
    in_ramp = rps * ramp_s / 2
    number = 0
    while True:
        if number < in_ramp:
            due = (2 * ramp_s * number / rps) ** 0.5
        else:
            due = ramp_s + (number - in_ramp) / rps
        if due >= seconds:
            return
        yield due
        number += 1


def _measured(work: Coroutine[Any, Any, list[Sample]]) -> Load:
    begun, cpu = time.monotonic(), time.process_time()
    samples = asyncio.run(work)
    return Load(sorted(samples), time.monotonic() - begun, time.process_time() - cpu)


async def _closed(server: Server, mix: Mix, clients: int, seconds: float) -> list[Sample]:
    samples: list[Sample] = []
    end = time.monotonic() + seconds

    async def caller() -> None:
        while time.monotonic() < end:
            samples.append(await exchange(server, next(mix), time.time()))

    await asyncio.gather(*(caller() for _ in range(clients)))
    return samples


async def _paced(server: Server, mix: Mix, due: Iterator[float]) -> list[Sample]:
    samples: list[Sample] = []
    under_way: set[asyncio.Task[None]] = set()
    begun, begun_at = time.monotonic(), time.time()

    async def one(request: Request, start_s: float) -> None:
        samples.append(await exchange(server, request, start_s))

    for number, at in enumerate(due):
        early = at - (time.monotonic() - begun)
        if early > 0 or number % 32 == 0:
            await asyncio.sleep(max(early, 0.0))  # answers are read although we are late
        request = next(mix)
        if len(under_way) >= MOST_IN_FLIGHT:
            samples.append(Sample(begun_at + at, 0.0, request.endpoint.name, 0, NO_ROOM, 0))
            continue
        task = asyncio.create_task(one(request, begun_at + at))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    return samples


async def exchange(server: Server, request: Request, start_s: float) -> Sample:
    """Send one request and read the answer to its end; what goes wrong is in the sample."""
    reply = b""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            reply = await _send(server, request)
        status, error = judge(reply, request.endpoint)
    except TimeoutError:
        status, error = 0, "timeout"
    except ConnectionRefusedError:
        status, error = 0, "refused"
    except OSError:
        status, error = 0, "reset"
    ms = 1000 * (time.time() - start_s)
    return Sample(start_s, ms, request.endpoint.name, status, error, len(reply))


async def _send(server: Server, request: Request) -> bytes:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bytes] = loop.create_future()
    payload = request.encoded(f"{server.host}:{server.port}", server.key)
    transport, _ = await loop.create_connection(
        lambda: _Exchange(payload, done), server.host, server.port
    )
    try:
        return await done
    finally:
        transport.abort()


class _Exchange(asyncio.Protocol):
    """Writes a request and gathers the answer until the server closes."""

    def __init__(self, payload: bytes, done: asyncio.Future[bytes]) -> None:
        self._payload = payload
        self._done = done
        self._parts: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._payload)

    def data_received(self, data: bytes) -> None:
        self._parts.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._done.done():
            return
        if exc is not None and not self._parts:
            self._done.set_exception(exc)
        else:
            self._done.set_result(b"".join(self._parts))


def judge(reply: bytes, endpoint: Endpoint) -> tuple[int, str]:
    """Status of an answer and what is wrong with it; an empty text if nothing is.

    A 503 or 429 that does not say when to ask again is an error of its own kind.
    """
    head, separator, body = reply.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    words = first.split(b" ", 2)
    if not separator or len(words) < 2 or not words[1].isdigit():
        return 0, "cut" if reply else "closed"
    status = int(words[1])
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(b":") for line in lines)
    }
    if not _is_whole(headers, body):
        return status, "cut"
    if status not in endpoint.accepted:
        is_mute = status in (429, 503) and b"retry-after" not in headers
        return status, f"{status} without Retry-After" if is_mute else str(status)
    text = _text(headers, body)
    if status == 200 and not endpoint.is_answer(text):
        return status, "error event" if b"event: error\n" in text else "wrong answer"
    return status, ""


def _is_whole(headers: dict[bytes, bytes], body: bytes) -> bool:
    if headers.get(b"transfer-encoding") == b"chunked":
        return body.endswith(b"0\r\n\r\n")
    length = headers.get(b"content-length")
    return length is None or len(body) == int(length)


def _text(headers: dict[bytes, bytes], body: bytes) -> bytes:
    """The body without the marks of its chunks."""
    if headers.get(b"transfer-encoding") != b"chunked":
        return body
    parts: list[bytes] = []
    rest = body
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        if not length:
            break
        parts.append(rest[:length])
        rest = rest[length + 2 :]
    return b"".join(parts)
