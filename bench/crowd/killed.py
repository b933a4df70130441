"""The mission's failure: in one container three workers are killed where two live."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from crowd import long_histories
from crowd.memory_group import memory_group
from crowd.servers import ENVIRONMENT, free_port, press, running
from nadeuri.serve import recommend
from nadeuri.serve.wire import MAX_BATCH
from nadeuri.serve.workers import FILL

CLIENTS = 6
THREADS = "1"
ABOVE = 1.05
"""Of the limit: by how much it is above the least at which two workers are planned."""


@dataclass(frozen=True)
class Outcome:
    """What became of the workers of one server.

    Attributes:
        workers: that it was started with.
        killed: by the kernel, as the control group counts them.
        seen: of these, by gunicorn.
        answered, lost: requests.
        peak_bytes: of the group.
    """

    workers: int
    killed: int
    seen: int
    answered: int
    lost: int
    peak_bytes: int


def compare(folder: Path, seconds: float) -> tuple[int, Outcome, Outcome]:
    """The limit in bytes, what became of three workers, and of those that were chosen.

    The limit is one at which two workers are planned and three would need more than there is.

    Args:
        folder: for the model and the logs.
        seconds: of load on each server.

    Raises:
        NoGroupError: no memory can be limited here.
        SystemExit: a server did not start.
    """
    artifact = long_histories.export(folder).path
    shared, private = measured(artifact)
    limit = int(ABOVE * (shared + 2 * private) / FILL)
    if limit > shared + 3 * private:
        sys.exit(f"{shared} bytes are shared, {private} private: three would fit as well")
    return (
        limit,
        outcome(artifact, "3", limit, seconds, folder),
        outcome(artifact, "auto", limit, seconds, folder),
    )


def measured(artifact: Path) -> tuple[int, int]:
    """Shared bytes, and private ones of each worker, as ``nadeuri serve --explain`` has them."""
    done = subprocess.run(
        serve(artifact, "--explain", "--json", "--threads", THREADS),
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)["measured"]
    return found["shared"], found["private_with_threads"]


def outcome(artifact: Path, workers: str, limit: int, seconds: float, folder: Path) -> Outcome:
    """Serve in a group of its own and ask for large batches."""
    histories = [long_histories.history(number) for number in range(MAX_BATCH)]
    body = {"requests": [{"history": history} for history in histories]}
    port = free_port()
    options = ("--workers", workers, "--threads", THREADS, "--port", str(port))
    with memory_group(limit) as group:
        command = group.command(serve(artifact, *options))
        with running(command, folder / f"{workers}.log", port=port) as server:
            load = press(port, recommend.BATCH_PATH, body, clients=CLIENTS, seconds=seconds)
        return Outcome(
            workers=server.n_workers,
            killed=group.n_killed,
            seen=server.n_killed,
            answered=load.answers["200"],
            lost=load.answers.total() - load.answers["200"],
            peak_bytes=group.peak_bytes,
        )


def serve(artifact: Path, *options: str) -> list[str]:
    """The command line of the server."""
    return [sys.executable, "-m", "nadeuri", "serve", str(artifact), *options]


def measure(seconds: float) -> tuple[int, Outcome, Outcome]:
    """:func:`compare` in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        return compare(Path(folder), seconds)
