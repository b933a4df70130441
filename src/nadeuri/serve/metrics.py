"""Prometheus metrics of all workers together, whichever of them is asked.

Each process counts in memory-mapped files of its own (the multi-process mode of
``prometheus_client``); whoever is asked adds them up. The files of a worker that has ended are
added to one file of all that have, so that recycling workers does not fill the folder.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from nadeuri.errors import ConfigError
from nadeuri.serve.memory import process_memory
from nadeuri.serve.openapi import Operation
from nadeuri.serve.problems import ROUTE
from nadeuri.serve.processes import started_at
from nadeuri.serve.room import Room

PATH = "/metrics"
CONTENT_TYPES = ("text/plain", "application/openmetrics-text")
OPERATION = Operation(PATH, "Prometheus metrics", text_types=CONTENT_TYPES)
METRICS_OF_APP = "nadeuri-metrics"
"""The key of an application's metrics among its extensions."""

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
OTHER = "other"
_ENDED = "ended"
_KINDS = ("counter", "histogram")
_LIVE_KINDS = ("gauge_livesum", "gauge_livemax")
_FILE_BYTES = 1 << 17
"""More than the labels there are can fill: the files never grow while requests are answered, and a
full disk is met when a process starts, not as a SIGBUS when it writes."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


logger = logging.getLogger(__name__)


class Metrics:
    """The counts of this process, and how they and those of the others are told."""

    def __init__(self, folder: Path | None = None) -> None:
        """Begin to count.

        Args:
            folder: of the files of all processes, named by the environment as well
                (:mod:`nadeuri.serve.metrics_folder`);
                without it each process tells of itself alone.

        Raises:
            ConfigError: the folder has no space left.
        """
        self._folder = folder
        self._master = os.getpid()
        self._registry = CollectorRegistry()
        self._began = threading.local()
        self._ended: set[int] = set()
        self._is_mute = False
        self._worker_limit: int | None = None
        if folder:
            try:
                self._make_files(_ENDED, _KINDS)
                self._make_files(self._master, _KINDS)
            except OSError as error:
                raise ConfigError(f"{folder}: no space for metrics: {error}") from error
        # across processes, what is told is what the files say
        registry = None if folder else self._registry
        self._requests = Counter(
            "nadeuri_requests",
            "Requests answered.",
            ("endpoint", "method", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "nadeuri_request_seconds",
            "From the request's head to the last byte of its answer.",
            ("endpoint",),
            buckets=BUCKETS,
            registry=registry,
        )
        self._in_flight = Gauge(
            "nadeuri_requests_in_flight",
            "Requests under way.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._shed = Counter(
            "nadeuri_shed",
            "Callers sent away: every place was taken (full), none was free in time (waited), or "
            "no whole request came (slow).",
            ("lane", "reason"),
            registry=registry,
        )
        self._models = Gauge(
            "nadeuri_model_info",
            "Models that are served; always 1.",
            ("kind", "model", "version"),
            multiprocess_mode="livemax",
            registry=registry,
        )
        self._reloads = Counter(
            "nadeuri_reloads",
            "Reloads of what is served.",
            ("outcome",),
            registry=registry,
        )
        if folder:
            MultiProcessCollector(self._registry, path=str(folder))
        self._registry.register(_Processes(self))

    def serve(self, rooms: Sequence[Room]) -> None:
        """Say which models this process serves; called once in each that answers.

        A process without space for its files serves all the same, and is not counted.
        """
        try:
            self._make_files(os.getpid(), _KINDS + _LIVE_KINDS)
        except OSError as error:
            self._is_mute = True
            logger.error("%s: this process is not counted: %s", self._folder, error)
            return
        for room in rooms:
            served = room.served
            self._models.labels(served.kind, served.model, served.version).set(1)

    def begin(self) -> None:
        """A request is to be answered by this thread."""
        if not self._is_mute:
            self._began.at = time.perf_counter()
            self._in_flight.inc()

    def end(self, environ: dict[str, Any], status: int) -> None:
        """This thread has answered its request.

        Args:
            environ: its WSGI environment.
            status: 0 if nothing could be sent.
        """
        if self._is_mute:
            return
        self._in_flight.dec()
        endpoint = endpoint_of(environ)
        method = environ.get("REQUEST_METHOD")
        self._requests.labels(endpoint, method if method in _METHODS else OTHER, status).inc()
        self._seconds.labels(endpoint).observe(time.perf_counter() - self._began.at)

    def shed(self, lane: str, reason: str) -> None:
        """A caller was sent away without being heard."""
        if not self._is_mute:
            self._shed.labels(lane, reason).inc()

    def reloaded(self, outcome: str) -> None:
        """What is served was reloaded: ``swapped``, ``refused`` or ``rolled_back``."""
        self._reloads.labels(outcome).inc()

    def told(self, accept: str) -> tuple[bytes, str]:
        """All metrics as text and its content type: OpenMetrics if ``accept`` asks for it."""
        encode, content_type = choose_encoder(accept)
        with self._files_stay():
            return encode(self._registry), content_type

    def forget(self, pid: int) -> None:
        """Add what a worker counted, which has ended, to the sum of all that have.

        Called in the process that forks. While somebody reads the files they are left for the next
        call: a reader that hangs must not hold up the server.
        """
        if self._folder is None:
            return
        self._ended.add(pid)
        with self._lock_file() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            for ended in self._ended:
                for kind in _KINDS:
                    _move(self._folder / f"{kind}_{ended}.db", self._folder / f"{kind}_{_ENDED}.db")
                mark_process_dead(ended, str(self._folder))
            self._ended.clear()

    def limit_workers(self, private_bytes: int | None) -> None:
        """Tell beyond which private memory a worker is replaced; called before the first fork."""
        self._worker_limit = private_bytes

    @property
    def worker_limit(self) -> int | None:
        """Bytes of private memory that a worker may have; None where nothing limits it."""
        return self._worker_limit

    def processes(self) -> list[tuple[int, str]]:
        """Ids and roles of the processes that serve, and of the one that forks them."""
        if self._folder is None:
            return [(os.getpid(), "worker")]
        # the files of a gauge that only workers set
        workers = [
            int(file.stem.rpartition("_")[2]) for file in self._folder.glob("gauge_livemax_*.db")
        ]
        return [(self._master, "master"), *((pid, "worker") for pid in sorted(workers))]

    def _make_files(self, owner: object, kinds: Sequence[str]) -> None:
        """Files of their full size, so that writing to them cannot fail."""
        if self._folder is None:
            return
        for kind in kinds:
            with (self._folder / f"{kind}_{owner}.db").open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, _FILE_BYTES)

    @contextmanager
    def _files_stay(self) -> Iterator[None]:
        """Nobody is forgotten meanwhile, or would be counted twice or not at all."""
        if self._folder is None:
            yield
            return
        with self._lock_file() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield

    @contextmanager
    def _lock_file(self) -> Iterator[int]:
        descriptor = os.open(f"{self._folder}/lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


class _Processes:
    """Memory and start of each process, read when it is asked for."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[GaugeMetricFamily]:
        labels = ("pid", "role")
        memory = GaugeMetricFamily(
            "nadeuri_process_memory_bytes",
            "Memory of a process: resident, its share of that, and what is its alone.",
            labels=(*labels, "part"),
        )
        started = GaugeMetricFamily(
            "nadeuri_process_start_time_seconds", "Since 1970.", labels=labels
        )
        for pid, role in self._metrics.processes():
            try:
                sizes, since = process_memory(pid), started_at(pid)
            except OSError:
                continue  # it has just ended
            started.add_metric((str(pid), role), since)
            for part, size in (
                ("resident", sizes.rss),
                ("proportional", sizes.pss),
                ("private", sizes.private),
            ):
                memory.add_metric((str(pid), role, part), size)
        limit = GaugeMetricFamily(
            "nadeuri_worker_memory_limit_bytes",
            "Private memory beyond which a worker is replaced; absent where nothing limits it.",
        )
        if self._metrics.worker_limit is not None:
            limit.add_metric((), self._metrics.worker_limit)
        return memory, started, limit

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return ()  # nothing is read when it is registered


def register(app: Flask, metrics: Metrics) -> None:
    """Tell metrics at :data:`PATH`."""
    app.extensions[METRICS_OF_APP] = metrics

    @app.get(PATH)
    def tell() -> Response:
        text, content_type = metrics.told(request.headers.get("Accept", ""))
        return Response(text, content_type=content_type)


def endpoint_of(environ: dict[str, Any]) -> str:
    """The template of the route that answered, as OpenAPI has it; ``other`` if none did."""
    endpoint: str = environ.get(ROUTE, OTHER)
    return endpoint


def _move(source: Path, target: Path) -> None:
    """Add the values of one file of prometheus_client to those of another; remove the first."""
    if not source.exists():
        return
    total = MmapedDict(str(target))
    for key, value, *_ in MmapedDict.read_all_values_from_file(str(source)):
        total.write_value(key, total.read_value(key)[0] + value, 0.0)
    total.close()
    source.unlink()
