"""The API and the pages as a visitor meets them: other processes, asked over HTTP."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nadeuri.errors import NadeuriError

HOST = "127.0.0.1"
READY_WITHIN_S = 60.0
STOP_WITHIN_S = 35.0  # gunicorn finishes what it has begun within 30 s
REQUEST_TIMEOUT_S = 10.0
_POLL_S = 0.1


class ApiError(NadeuriError):
    """The API did not start, or did not answer as it should."""


@contextmanager
def running_api(
    artifacts: Sequence[Path],
    port: int,
    log: Path,
    *,
    guide: Path | None = None,
    mapping: str | None = None,
    labelling: str | None = None,
) -> Iterator[str]:
    """Serve ``artifacts`` on loopback while the block runs; gives the API's address.

    Args:
        port: the one to take, or 0 for any free one.
        log: file for what the server prints.
        guide: folder of a place guide to serve as well.
        mapping: URL of a database of a mapping, whose review queue is served as well.
        labelling: URL of a database of questions to be labelled, which are served as well.

    Raises:
        ApiError: it did not get ready; the last line of its log is in the message.
    """
    arguments = ["serve", *map(str, artifacts), "--workers", "1"]
    arguments += ["--guide", str(guide)] if guide else []
    arguments += ["--match-db", mapping] if mapping else []
    arguments += ["--labelling-db", labelling] if labelling else []
    with _running(arguments, port, "/readyz", log) as url:
        yield url


@contextmanager
def running_page(api: str, port: int, log: Path, home: Path) -> Iterator[str]:
    """Run the pages beside the API at ``api`` while the block runs; gives its address.

    Args:
        port, log: as for :func:`running_api`.
        home: work folder, whose experiments the pages show.

    Raises:
        ApiError: it did not get ready; the last line of its log is in the message.
    """
    with _running(["web", "--api", api, "--home", str(home)], port, "/_stcore/health", log) as url:
        yield url


def recommend(url: str, user: str, k: int) -> dict[str, Any]:
    """The API's answer for one known user.

    Raises:
        ApiError: no answer, or one that reports an error.
    """
    return _answer(_post(f"{url}/v1/recommendations", {"user": user, "k": k}), "recommendations")


def also_viewed_url(url: str, code: str, k: int) -> str:
    """Where the API at ``url`` says what others also viewed beside a product."""
    return f"{url}/v1/products/{quote(code, safe='')}/also-viewed?k={k}"


def also_viewed(url: str, code: str, k: int) -> dict[str, Any]:
    """The API's answer for one product.

    Raises:
        ApiError: no answer, or one that reports an error.
    """
    request = urllib.request.Request(also_viewed_url(url, code, k))  # noqa: S310
    return _answer(request, "products")


def understand(url: str, text: str) -> dict[str, Any]:
    """The API's answer to one question.

    Raises:
        ApiError: no answer, or one that reports an error.
    """
    return _answer(_post(f"{url}/v1/questions", {"text": text}), "questions")


def ask_guide(url: str, question: str) -> dict[str, Any]:
    """The guide's answer to one question.

    Raises:
        ApiError: no answer, or one that reports an error.
    """
    body = {"question": question, "stream": False}
    answer: dict[str, Any] = _answer(_post(f"{url}/v1/guide/chat", body), "answer")["answer"]
    return answer


def match_packages(url: str, stops: Sequence[dict[str, Any]], k: int) -> dict[str, Any]:
    """The packages that fit an itinerary best.

    Raises:
        ApiError: no answer, or one that reports an error.
    """
    return _answer(_post(f"{url}/v1/packages/match", {"stops": list(stops), "k": k}), "packages")


def free_port(preferred: int = 0) -> int:
    """``preferred`` if nothing listens there, else any free port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, preferred))
        except OSError:
            probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _post(address: str, body: dict[str, Any]) -> urllib.request.Request:
    return urllib.request.Request(  # noqa: S310 (our own address)
        address, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )


def _answer(request: urllib.request.Request, wanted: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(request, timeout=REQUEST_TIMEOUT_S) as response:  # noqa: S310
            answer: dict[str, Any] = json.load(response)
    except OSError as error:
        raise ApiError(f"{request.full_url}: no {wanted} ({error})") from error
    return answer


@contextmanager
def _running(arguments: Sequence[str], port: int, ready: str, log: Path) -> Iterator[str]:
    port = port or free_port()
    url = f"http://{HOST}:{port}"
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "nadeuri", *arguments, "--host", HOST, "--port", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(f"{url}{ready}", server, log)
        yield url
    finally:
        _stop(server)


def _wait_until_ready(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=REQUEST_TIMEOUT_S):  # noqa: S310
                return
        except OSError:
            time.sleep(_POLL_S)
    lines = log.read_text(encoding="utf-8").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "it printed nothing")
    raise ApiError(f"{address}: not ready: {last.strip()} (all of it: {log})")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
