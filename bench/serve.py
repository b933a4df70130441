"""Latency of one recommendation request: the exported model against the same model in torch.

    python bench/serve.py --artefact work/artifacts/for-you

Both sides answer the same requests (the recent history of random users of the artefact, k = 10,
seen items excluded) with the same code; only the forward pass differs:

http        POST /v1/recommendations over loopback, one connection per request, to one gunicorn
            worker each. From connecting to the last byte: JSON, validation, forward pass, filter,
            top-k, JSON. ``serve.p50_ms``, ``serve.p99_ms`` (ONNX Runtime) and
            ``serve.torch_p50_ms`` are these.
in process  the predictor alone, without HTTP and JSON: ``serve.predictor_p50_ms``,
            ``serve.torch_predictor_p50_ms``.
forward     the network alone, from padded item indices to scores (printed and in the details).

The torch side is the network as exported (item table computed once, ``inference_mode``), not the
slower training form. One thread everywhere; the two sides take turns, request by request, so that
they share whatever else the machine is doing. CPU ms per request (all threads of the worker) are
printed beside the latencies: on a busy machine they are the fairer figure.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from nadeuri.data.sequences import ItemArray
from nadeuri.recommend.base import Scores
from nadeuri.recommend.bundle import DEFAULT_FOLDER
from nadeuri.recommend.predict import Predictor, Query
from nadeuri.settings import Settings
from record import record

HOST = "127.0.0.1"
PATH = "/v1/recommendations"
SIDES = ("onnx", "torch")
WARM_UP = 50
K = 10


class TorchPredictor(Predictor):
    """The predictor with the network in torch instead of ONNX Runtime."""

    def __init__(self, path: Path) -> None:
        import torch

        from nadeuri.recommend.export import ServedNetwork, load_recommender

        torch.set_num_threads(1)
        super().__init__(path)
        self._network = ServedNetwork(load_recommender(self.artifact).network)

    def score(self, histories: Sequence[ItemArray]) -> Scores:
        import torch

        longest = min(max(map(len, histories)), self.max_history)
        items = np.zeros((len(histories), longest), dtype=np.int64)
        for row, history in enumerate(histories):
            recent = history[-longest:]
            items[row, longest - len(recent) :] = recent
        with torch.inference_mode():
            scores: Scores = self._network(torch.from_numpy(items)).numpy()
        return scores


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = Settings.from_env().artifacts / DEFAULT_FOLDER
    parser.add_argument("--artefact", type=Path, default=default, help=f"[default: {default}]")
    parser.add_argument("--requests", type=int, default=1000, help="measured, per side")
    parser.add_argument("--serve-torch", type=int, metavar="PORT", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve_torch:
        serve_torch(arguments.artefact, arguments.serve_torch)
    if arguments.requests < 500:
        sys.exit("--requests: p99 wants at least 500")
    predictors = {
        "onnx": Predictor(arguments.artefact),
        "torch": TorchPredictor(arguments.artefact),
    }
    histories = sample_histories(predictors["onnx"], arguments.requests + WARM_UP)
    check_agreement(predictors, histories[:WARM_UP])
    rows = [
        *measure_http(arguments.artefact, predictors["onnx"], histories),
        *measure_predictors(predictors, histories),
        *measure_forward(predictors, histories),
    ]
    show(rows)
    write(predictors["onnx"], histories, rows)


def serve_torch(artefact: Path, port: int) -> None:
    """The API over the torch predictor; does not return."""
    from nadeuri.serve.app import build_app
    from nadeuri.serve.recommend import room
    from nadeuri.serve.reload import Reloader
    from nadeuri.serve.reload_state import SharedReloadState
    from nadeuri.serve.server import run
    from nadeuri.serve.trial import Limits

    app = build_app([room(TorchPredictor(artefact))])
    never = Reloader([], build_app, SharedReloadState(), every_s=0, limits=Limits(), tell=print)
    run(app, host=HOST, port=port, workers=1, threads=4, reloader=never)


def sample_histories(predictor: Predictor, n: int) -> list[ItemArray]:
    """What random users did last, as long as the network reads; int32 [length] each."""
    batches = list(predictor.users)
    owners = np.repeat(np.arange(len(batches)), [len(batch) for batch in batches])
    first = np.cumsum([0, *(len(batch) for batch in batches)])
    users = np.random.default_rng(0).integers(0, len(owners), n)
    return [
        batches[owners[user]].history(int(user - first[owners[user]]))[-predictor.max_history :]
        for user in users
    ]


def query(predictor: Predictor, history: ItemArray) -> Query:
    """The request of a history."""
    return Query(history=predictor.shown.codes.take(history - 1).to_pylist(), k=K)


def check_agreement(predictors: dict[str, Predictor], histories: list[ItemArray]) -> None:
    """Both sides must give the same scores, or their times mean nothing."""
    for history in histories:
        onnx, torch = (predictors[side].score([history]) for side in SIDES)
        np.testing.assert_allclose(onnx, torch, rtol=1e-3, atol=1e-3)


def measure_http(
    artefact: Path, predictor: Predictor, histories: list[ItemArray]
) -> list[dict[str, Any]]:
    """Times of requests over loopback."""
    bodies = []
    for history in histories:
        asked = query(predictor, history)
        bodies.append(json.dumps({"history": asked.history, "k": K}).encode())
    onnx_command = ["-m", "nadeuri", "serve", str(artefact), "--workers", "1", "--port"]
    torch_command = [__file__, "--artefact", str(artefact), "--serve-torch"]
    with running(onnx_command) as (onnx_port, onnx), running(torch_command) as (torch_port, torch):
        return take_turns(
            "http",
            {
                "onnx": lambda i: post(onnx_port, bodies[i]),
                "torch": lambda i: post(torch_port, bodies[i]),
            },
            len(bodies),
            {"onnx": lambda: cpu_seconds(onnx), "torch": lambda: cpu_seconds(torch)},
        )


def measure_predictors(
    predictors: dict[str, Predictor], histories: list[ItemArray]
) -> list[dict[str, Any]]:
    """Times of the predictors alone."""
    queries = [query(predictors["onnx"], history) for history in histories]

    def ask(predictor: Predictor) -> Callable[[int], object]:
        return lambda i: predictor.recommend([queries[i]])

    return take_turns("in process", {s: ask(predictors[s]) for s in SIDES}, len(queries))


def measure_forward(
    predictors: dict[str, Predictor], histories: list[ItemArray]
) -> list[dict[str, Any]]:
    """Times of the networks alone."""

    def score(predictor: Predictor) -> Callable[[int], object]:
        return lambda i: predictor.score([histories[i]])

    return take_turns("forward", {s: score(predictors[s]) for s in SIDES}, len(histories))


def take_turns(
    part: str,
    calls: dict[str, Callable[[int], object]],
    n: int,
    cpu: dict[str, Callable[[], float]] | None = None,
) -> list[dict[str, Any]]:
    """Call all sides for each request in turn; the first ``WARM_UP`` are not counted.

    Args:
        cpu: CPU seconds that a side has used so far, where another process does its work.
    """
    times: dict[str, list[float]] = {side: [] for side in calls}
    used = dict.fromkeys(calls, 0.0)
    for i in range(n):
        if i == WARM_UP and cpu is not None:
            used = {side: -cpu[side]() for side in calls}
        for side, call in calls.items():
            cpu_before, start = time.process_time(), time.perf_counter()
            call(i)
            elapsed, spent = time.perf_counter() - start, time.process_time() - cpu_before
            if i >= WARM_UP:
                times[side].append(1000 * elapsed)
                used[side] += spent if cpu is None else 0
    if cpu is not None:
        used = {side: used[side] + cpu[side]() for side in calls}
    return [
        {
            "part": part,
            "side": side,
            "p50_ms": round(float(np.percentile(times[side], 50)), 3),
            "p99_ms": round(float(np.percentile(times[side], 99)), 3),
            "mean_ms": round(float(np.mean(times[side])), 3),
            "cpu_ms": round(1000 * used[side] / (n - WARM_UP), 3),
        }
        for side in calls
    ]


@contextmanager
def running(command: list[str]) -> Iterator[tuple[int, psutil.Process]]:
    """A server, given a free port as its last argument; yields the port and its process."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, *command, str(port)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            try:
                socket.create_connection((HOST, port)).close()
                break
            except OSError:
                if server.poll() is not None:
                    sys.exit(f"the server ended with code {server.returncode}")
                time.sleep(0.1)
        yield port, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait()


def post(port: int, body: bytes) -> None:
    """One request, to its last byte."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    connection.request("POST", PATH, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    if response.status != 200:
        sys.exit(f"status {response.status}: {content.decode()}")


def cpu_seconds(server: psutil.Process) -> float:
    """CPU time of a server and its workers so far."""
    times = [process.cpu_times() for process in (server, *server.children())]
    return float(sum(t.user + t.system for t in times))


def show(rows: list[dict[str, Any]]) -> None:
    """Print the table."""
    print(f"{'':12}{'':8}{'p50 ms':>9}{'p99 ms':>9}{'mean ms':>9}{'CPU ms':>9}")
    for row in rows:
        numbers = (row["p50_ms"], row["p99_ms"], row["mean_ms"], row["cpu_ms"])
        print(f"{row['part']:12}{row['side']:8}" + "".join(f"{n:9.2f}" for n in numbers))


def write(predictor: Predictor, histories: list[ItemArray], rows: list[dict[str, Any]]) -> None:
    """Record figures and details."""
    named = {(row["part"], row["side"]): row for row in rows}
    path = record(
        "recommend",
        {
            "serve.p50_ms": named["http", "onnx"]["p50_ms"],
            "serve.p99_ms": named["http", "onnx"]["p99_ms"],
            "serve.torch_p50_ms": named["http", "torch"]["p50_ms"],
            "serve.torch_p99_ms": named["http", "torch"]["p99_ms"],
            "serve.predictor_p50_ms": named["in process", "onnx"]["p50_ms"],
            "serve.torch_predictor_p50_ms": named["in process", "torch"]["p50_ms"],
        },
        [
            {
                "measured": "serve",
                "model": predictor.artifact.metadata["model"],
                "dataset": predictor.artifact.metadata["dataset"],
                "n_items": predictor.n_items,
                "max_history": predictor.max_history,
                "mean_history": round(float(np.mean([len(h) for h in histories])), 1),
                "requests": len(histories) - WARM_UP,
                "rows": rows,
            }
        ],
    )
    print(path)


if __name__ == "__main__":
    main()
