"""Servers under measurement: started on a free port, their workers, and the same load for each."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nadeuri.serve.memory import descendants

HOST = "127.0.0.1"
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Running:
    """A server.

    Attributes:
        log: file with all that it wrote.
    """

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def workers(self) -> list[int]:
        """Process ids."""
        return list(descendants(self.process.pid))

    @property
    def n_workers(self) -> int:
        """How many there are to be, as ``nadeuri serve`` says when it starts."""
        (found,) = re.findall(r"\b(\d+) workers? of", self.log.read_text("utf-8"))
        return int(found)

    @property
    def n_killed(self) -> int:
        """Workers that gunicorn found killed."""
        return len(re.findall(r"was sent SIGKILL", self.log.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Load:
    """What clients saw.

    Attributes:
        answers: how many of each status; ``lost`` where the connection broke or was refused.
    """

    answers: Counter[str]

    @property
    def n_lost(self) -> int:
        """Requests without an answer."""
        return self.answers["lost"]


@contextmanager
def running(
    arguments: Sequence[str], log: Path, *, port: int, timeout_s: float = 120
) -> Iterator[Running]:
    """A server of a command line, from when it answers until the end of the block.

    Raises:
        SystemExit: it ended, or did not answer within ``timeout_s``.
    """
    with log.open("wb") as out:
        process = subprocess.Popen(arguments, env=ENVIRONMENT, stdout=out, stderr=subprocess.STDOUT)
    server = Running(process, port, log)
    try:
        deadline = time.monotonic() + timeout_s
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the server does not answer: {log.read_text(encoding='utf-8')}")
            time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=60)
        for pid in [*descendants(process.pid), process.pid] if process.poll() is None else ():
            os.kill(pid, 9)
        process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def press(port: int, path: str, body: Any, *, clients: int, seconds: float) -> Load:
    """Clients that ask the same again and again, each as soon as it has its answer."""
    content = json.dumps(body).encode()
    answers: Counter[str] = Counter()
    lock = threading.Lock()
    deadline = time.monotonic() + seconds

    def client() -> None:
        while time.monotonic() < deadline:
            status = _post(port, path, content)
            with lock:
                answers[status] += 1
            if status == "lost":
                time.sleep(0.1)  # as a client does that tries again

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(answers)


def _post(port: int, path: str, content: bytes) -> str:
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    try:
        connection.request("POST", path, content, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        return "lost"
    else:
        return str(response.status)
    finally:
        connection.close()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
