"""Memory that a worker has of its own, where artefacts are loaded before the fork and after it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

from crowd.servers import HOST, free_port, press, running
from nadeuri.recommend.predict import Predictor
from nadeuri.serve import recommend
from nadeuri.serve.memory import process_memory

CONFIGURATIONS = {
    "preload": "python:nadeuri.serve.gunicorn_conf",
    "no_preload": f"file:{Path(__file__).with_name('without_preload.py')}",
}
N_WORKERS, CLIENTS, SECONDS = 2, 4, 5.0


def measure(artifacts: Sequence[Path]) -> dict[str, float]:
    """Private MiB (USS) of a worker, the mean of two, after the same load.

    Args:
        artifacts: to serve, a recommender first: it is what is asked.
    """
    predictor = Predictor(artifacts[0])
    history = predictor.shown.codes[: predictor.max_history].to_pylist()
    return {
        name: round(_private(configuration, artifacts, history) / 2**20, 1)
        for name, configuration in CONFIGURATIONS.items()
    }


def _private(configuration: str, artifacts: Sequence[Path], history: Sequence[str]) -> float:
    """Bytes."""
    port = free_port()
    application = f"nadeuri.serve.app:create_app({', '.join(repr(str(a)) for a in artifacts)})"
    command = [
        *(
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            configuration,
            "--access-logfile",
            "/dev/null",
        ),
        *("--workers", str(N_WORKERS), "--bind", f"{HOST}:{port}", application),
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        running(command, Path(folder) / "log", port=port) as server,
    ):
        press(port, recommend.PATH, {"history": history}, clients=CLIENTS, seconds=SECONDS)
        return mean(process_memory(worker).private for worker in server.workers)
