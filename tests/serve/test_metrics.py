"""Metrics: of one process, of several that come and go, and of a real server."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as open_metrics_families,
)
from prometheus_client.parser import text_string_to_metric_families
from timing import quickest_s

from nadeuri.artifact import Artifact
from nadeuri.errors import ConfigError
from nadeuri.serve import metrics_folder
from nadeuri.serve.metrics import Metrics
from nadeuri.serve.metrics_folder import shared_folder
from nadeuri.serve.problems import ROUTE

FORKS = """
import os, resource, sys
from pathlib import Path

folder = os.environ["PROMETHEUS_MULTIPROC_DIR"]
from nadeuri.serve.metrics import Metrics

metrics = Metrics(Path(folder))
for number in range(30):
    pid = os.fork()
    if not pid:
        metrics.serve([])
        for _ in range(number):
            metrics.begin()
            metrics.end({"REQUEST_METHOD": "GET", "nadeuri.route": "/a"}, 200)
        metrics.shed("quick", "full")
        metrics.begin()  # ends in the middle of a request
        os._exit(0)
    os.waitpid(pid, 0)
    if number < 29:
        metrics.forget(pid)
print(len(os.listdir(folder)), file=sys.stderr)
print(metrics.told("")[0].decode())
"""


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Values by name and labels' values."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_processes_counted_outlives_them(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKS],
        env={
            "PATH": "",
            "PYTHONPATH": ":".join(sys.path),
            metrics_folder.FOLDER_VARIABLE: str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found = samples(done.stdout)
    assert found["nadeuri_requests_total", "/a", "GET", "200"] == sum(range(30))
    assert found["nadeuri_request_seconds_count", "/a"] == sum(range(30))
    assert found["nadeuri_request_seconds_bucket", "/a", "+Inf"] == sum(range(30))
    assert found["nadeuri_shed_total", "quick", "full"] == 30
    # of the one that is not forgotten yet
    assert found["nadeuri_requests_in_flight",] == 1
    assert int(done.stderr) < 15  # files of the last worker, of the master, and the sums


def test_one_process_alone_tells_of_itself() -> None:
    metrics = Metrics()
    metrics.begin()
    metrics.end({"REQUEST_METHOD": "BREW"}, 405)
    metrics.reloaded("refused")
    found = samples(metrics.told("")[0].decode())
    assert found["nadeuri_requests_total", "other", "other", "405"] == 1
    assert found["nadeuri_requests_in_flight",] == 0
    assert found["nadeuri_reloads_total", "refused"] == 1


def test_counting_costs_little() -> None:
    """Less than a tenth of a millisecond for each request, with room for a busy machine."""
    metrics = Metrics()
    environ = {"REQUEST_METHOD": "GET", ROUTE: "/a"}

    def count() -> None:
        for _ in range(500):
            metrics.begin()
            metrics.end(environ, 200)

    assert quickest_s(count, 0.05) < 0.05


def test_the_folder_goes_with_the_process_that_made_it() -> None:
    with shared_folder() as folder:
        (folder / "file").touch()
    assert not folder.exists()


def test_no_place_for_the_folder_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_folder, "_SHARED_MEMORY", Path("/nowhere"))
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    with pytest.raises(ConfigError, match="mount a tmpfs"), shared_folder():
        pass


def test_a_folder_without_space_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no space for metrics"):
        Metrics(tmp_path / "is-not-there")


def told(server: Any) -> dict[tuple[str, ...], float]:
    response = requests.get(f"{server.url}/metrics", timeout=10)
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return samples(response.text)


def roles(found: dict[tuple[str, ...], float]) -> list[str]:
    """Of the processes whose memory is told."""
    memory = [key for key in found if key[0] == "nadeuri_process_memory_bytes"]
    return sorted(key[3] for key in memory if "private" in key)


def test_whichever_worker_is_asked_all_are_told(
    start_server: Callable[..., Any], travel_artifact: Artifact
) -> None:
    options = ("--workers", "2", "--recycle-after", "20")
    server = start_server(*options, artifacts=[travel_artifact])
    n_ready = told(server)["nadeuri_requests_total", "/readyz", "GET", "200"]
    for _ in range(60):  # every worker is replaced on the way
        body = {"history": ["P001"], "k": 1}
        assert requests.post(f"{server.url}/v1/recommendations", json=body, timeout=10).ok
        time.sleep(0.02)
    for path in ("/v1/nowhere/1", "/v1/nowhere/2"):
        assert requests.get(server.url + path, timeout=10).status_code == 404
    deadline = time.monotonic() + 30
    while server.log.read_text().count("To be replaced: answered") < 2:
        assert time.monotonic() < deadline, server.log.read_text()
        requests.get(f"{server.url}/healthz", timeout=10)
        time.sleep(0.1)
    while roles(found := told(server)) != ["master", "worker", "worker"]:
        assert time.monotonic() < deadline, "those that were replaced have not ended"
        time.sleep(0.5)
    assert found["nadeuri_requests_total", "/v1/recommendations", "POST", "200"] == 60
    assert found["nadeuri_request_seconds_count", "/v1/recommendations"] == 60
    assert found["nadeuri_requests_total", "other", "GET", "404"] == 2
    assert found["nadeuri_requests_total", "/readyz", "GET", "200"] == n_ready
    assert found["nadeuri_requests_in_flight",] == 1  # the one that asks
    kind_and_version = ("recommender", "meta_bert4rec", travel_artifact.manifest.version)
    assert found["nadeuri_model_info", *kind_and_version] == 1
    private = [
        key for key in found if key[0] == "nadeuri_process_memory_bytes" and "private" in key
    ]
    assert all(found[key] > 1e6 for key in private)


def test_open_metrics_if_asked_for(server: Any) -> None:
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    response = requests.get(f"{server.url}/metrics", headers=accept, timeout=10)
    assert response.headers["Content-Type"].startswith("application/openmetrics-text")
    names = {family.name for family in open_metrics_families(response.text)}
    assert {"nadeuri_requests", "nadeuri_request_seconds", "nadeuri_process_memory_bytes"} <= names


def test_labels_are_bounded_by_the_api(server: Any) -> None:
    paths = requests.get(f"{server.url}/openapi.json", timeout=10).json()["paths"]
    for code in ("P001", "P002", "없는-상품"):
        requests.get(f"{server.url}/v1/products/{code}/also-viewed", timeout=10)
    endpoints = {key[1] for key in told(server) if key[0] == "nadeuri_requests_total"}
    assert "/v1/products/{code}/also-viewed" in endpoints
    assert endpoints <= {*paths, "/openapi.json", "other"}
    assert not any(re.search("P00", endpoint) for endpoint in endpoints)
