"""What is done to a service on purpose, and how it is undone."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

from load.served import Served
from nadeuri.errors import ConfigError

SLOW_S = 5.0
_BLOCK = bytes(1 << 16)


@dataclass(frozen=True)
class Harm:
    """One thing that goes wrong.

    Attributes:
        begin, end: called a third and two thirds of the way through the load.
        environment: of the server, beside ours.
    """

    name: str
    begin: Callable[[Served], object]
    end: Callable[[Served], object] = lambda served: None
    environment: Mapping[str, str] = field(default_factory=dict)


def kill_worker(served: Served) -> None:
    """SIGKILL one worker; the master is left to notice."""
    workers = psutil.Process(served.process.pid).children()
    random.Random(0).choice(workers).kill()


def signal_graphs(number: signal.Signals) -> Callable[[Served], None]:
    """Send a signal to the processes in which the guide's workers read the graph."""

    def send(served: Served) -> None:
        for worker in psutil.Process(served.process.pid).children():
            for reader in worker.children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    reader.send_signal(number)

    return send


@contextmanager
def small_disk(folder: Path, mib: int) -> Iterator[Path]:
    """A file system of ``mib`` MiB at ``folder`` while the block runs.

    Raises:
        ConfigError: this user may not mount one.
    """
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "nadeuri-chaos", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        raise ConfigError("not run: a small disk cannot be mounted by this user")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> None:
    """Write a file until not a byte is left."""
    with (disk / "filler").open("wb", buffering=0) as file:
        for block in (_BLOCK, b"\0"):
            try:
                while file.write(block):
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise


def drain(disk: Path) -> None:
    """Take that file away."""
    (disk / "filler").unlink(missing_ok=True)


@contextmanager
def slow_model() -> Iterator[tuple[str, threading.Event]]:
    """An OpenAI-compatible server whose answers are of no use; slow while the event is set."""
    is_slow = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            if is_slow.is_set():
                time.sleep(SLOW_S)
            content = (
                b'{"id": "x", "object": "chat.completion", "created": 0, "model": "slow", '
                b'"choices": [{"index": 0, "finish_reason": "stop", '
                b'"message": {"role": "assistant", "content": "{}"}}]}'
            )
            with suppress(OSError):
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", is_slow
    finally:
        server.shutdown()
        server.server_close()


def size_mib(folder: Path) -> int:
    """What the files of a folder take, rounded up."""
    files = (Path(root) / name for root, _, names in os.walk(folder) for name in names)
    return 1 + sum(file.stat().st_size for file in files) // (1 << 20)
