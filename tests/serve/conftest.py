"""A real server on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nadeuri.artifact import Artifact


@dataclass(frozen=True)
class Server:
    """A running ``nadeuri serve``."""

    process: subprocess.Popen[bytes]
    host: str
    port: int
    log: Path
    home: Path

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until_ready(server: Server, timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            with urllib.request.urlopen(f"{server.url}/readyz", timeout=2):
                return
        except OSError:
            assert server.process.poll() is None, server.log.read_text()
            assert time.monotonic() < deadline, server.log.read_text()
            time.sleep(0.1)


@pytest.fixture(scope="session")
def start_server(
    travel_artifact: Artifact,
    viewed_artifact: Artifact,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Server]]:
    """Start ``nadeuri serve`` in a home of its own; stopped at the end if still running."""
    started: list[Server] = []

    def start(*options: str) -> Server:
        home = tmp_path_factory.mktemp("home")
        server_port = free_port()
        environment = {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "nadeuri", "serve"),
                    *(str(artifact.path) for artifact in (travel_artifact, viewed_artifact)),
                    *("--port", str(server_port), *options),
                ],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        server = Server(process, "127.0.0.1", server_port, home / "log", home)
        started.append(server)
        wait_until_ready(server)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.process.terminate()
            server.process.wait(timeout=30)


@pytest.fixture(scope="session")
def server(start_server: Callable[..., Server]) -> Server:
    """One server with two workers, shared by the tests that leave it running."""
    return start_server("--workers", "2")
