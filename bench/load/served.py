"""A ``nadeuri serve`` of our own on loopback, in a home of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from load.api import Api, ApiError

HOST = "127.0.0.1"
READY_WITHIN_S = 120.0
STOP_WITHIN_S = 60.0


@dataclass(frozen=True)
class Served:
    """A running server.

    Attributes:
        log: what it prints.
        home: its work folder.
    """

    api: Api
    process: subprocess.Popen[bytes]
    log: Path
    home: Path


@contextmanager
def serving(
    arguments: Sequence[str],
    home: Path,
    *,
    environment: Mapping[str, str] | None = None,
    key: str | None = None,
) -> Iterator[Served]:
    """Run ``python ARGUMENTS... --port PORT`` until the block ends.

    Args:
        arguments: ``-m nadeuri serve ...``, or a script that takes ``--port`` last.
        environment: variables beside our own.

    Raises:
        ApiError: it did not get ready; the end of its log is in the message.
    """
    home.mkdir(parents=True, exist_ok=True)
    port, log = free_port(), home / "server.log"
    homes = dict.fromkeys(("HOME", "XDG_RUNTIME_DIR", "NADEURI_HOME"), str(home))
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, *arguments, "--port", str(port)],
            env={**os.environ, "OMP_NUM_THREADS": "1", **homes, **(environment or {})},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    served = Served(Api(f"http://{HOST}:{port}", key), process, log, home)
    try:
        _wait_until_ready(served)
        yield served
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_until_ready(served: Served) -> None:
    end = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            served.api.get("/readyz")
            return
        except ApiError:
            ended = served.process.poll() is not None
            if ended or time.monotonic() > end:
                last = served.log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:]
                raise ApiError(f"the server did not get ready: {' | '.join(last)}") from None
            time.sleep(0.1)


@cache
def offered_options() -> str:
    """The help text of ``nadeuri serve``: which options this version has."""
    done = subprocess.run(
        [sys.executable, "-m", "nadeuri", "serve", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
