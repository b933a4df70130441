"""Tracking against a real MLflow store: an SQLite file, and (slow) a server on loopback."""

from __future__ import annotations

import builtins
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nadeuri.artifact import Artifact, code_revision, open_artifact, write_artifact
from nadeuri.errors import ArtifactError, ConfigError, MissingExtraError
from nadeuri.tracking import (
    PARAMETERS_FILE,
    TAG_CODE,
    TAG_DATA,
    MlflowTracker,
    NullTracker,
    open_tracker,
)

# MLflow's own imports (pydantic, sqlalchemy, pkg_resources...) are not ours to fix.
pytestmark = pytest.mark.filterwarnings("ignore")

PARAMETERS: dict[str, Any] = {
    "model": {"kind": "meta_bert4rec", "fields": ["도시", "국가"], "d_model": 64},
    "seeds": [1, 2, 3],
    "note": "가" * 20_000,
    **{f"p{i}": i for i in range(150)},
}


@pytest.fixture
def artifact(tmp_path: Path) -> Artifact:
    def write(folder: Path) -> None:
        (folder / "weights.bin").write_bytes(bytes(1000))

    return write_artifact(tmp_path / "exported", "toy", write, metadata={})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of an SQLite store in a folder that does not exist yet."""
    return f"sqlite:///{tmp_path_factory.mktemp('tracking') / 'new' / 'mlflow.db'}"


@pytest.fixture(scope="module")
def tracker(store: str) -> MlflowTracker:
    tracker = open_tracker(store)
    assert isinstance(tracker, MlflowTracker)
    return tracker


def track_one_run(tracker: MlflowTracker, artifact: Artifact) -> tuple[str, str]:
    """Track a small training; its run id and registered version."""
    with tracker.run(
        "여행 추천",
        "meta seed 1",
        parameters=PARAMETERS,
        data_fingerprint="f00d",
        tags={"comment": "긴 " * 9000},
    ) as run:
        for epoch in range(1, 6):
            run.log_metrics({"loss": 1 / epoch, "ndcg_at_10": 0.1 * epoch}, epoch)
        run.log_event("stall: the loss is nan", epoch=3)
        run.log_artifact(artifact.path)
        version = run.register("for-you", "champion")
    assert run.run_id is not None
    assert version is not None
    return run.run_id, version


def check_run(uri: str, run_id: str) -> None:
    """Read a run back with MLflow's own client."""
    import mlflow

    client = mlflow.MlflowClient(tracking_uri=uri)
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["model.fields"] == '["도시", "국가"]'
    assert run.data.params["model.d_model"] == "64"
    assert len(run.data.params) == 155
    assert len(run.data.params["note"]) == 6000
    assert run.data.tags[TAG_DATA] == "f00d"
    assert run.data.tags["event.epoch_3"] == "stall: the loss is nan"
    assert run.data.tags[TAG_CODE] == (code_revision() or "unknown")
    curve = client.get_metric_history(run_id, "ndcg_at_10")
    assert [(p.step, pytest.approx(p.value)) for p in curve] == [
        (epoch, 0.1 * epoch) for epoch in range(1, 6)
    ]
    assert PARAMETERS_FILE in {f.path for f in client.list_artifacts(run_id)}


def test_a_run_is_tracked_registered_and_resolved_without_a_server(
    store: str, tracker: MlflowTracker, artifact: Artifact, tmp_path: Path
) -> None:
    run_id, version = track_one_run(tracker, artifact)
    check_run(store, run_id)
    fetched = tracker.resolve("for-you", "champion", tmp_path / "deployed")
    assert fetched.path == tmp_path / "deployed"
    assert open_artifact(fetched.path, "toy").version == artifact.version

    _, second = track_one_run(tracker, artifact)
    assert int(second) == int(version) + 1


def test_a_damaged_artefact_is_not_deployed(
    store: str, tracker: MlflowTracker, artifact: Artifact, tmp_path: Path
) -> None:
    with tracker.run("damage", "r", parameters={}, data_fingerprint="x") as run:
        (artifact.path / "weights.bin").write_bytes(b"?")
        run.log_artifact(artifact.path)
        run.register("damaged", "champion")
    with pytest.raises(ArtifactError, match=r"weights\.bin has changed"):
        tracker.resolve("damaged", "champion", tmp_path / "deployed")
    assert not (tmp_path / "deployed").exists()


@pytest.mark.parametrize(
    ("error", "status"), [(ValueError("boom"), "FAILED"), (KeyboardInterrupt(), "KILLED")]
)
def test_a_run_that_raises_is_closed(
    store: str, tracker: MlflowTracker, error: BaseException, status: str
) -> None:
    import mlflow

    with (
        pytest.raises(type(error)),
        tracker.run("errors", "r", parameters={}, data_fingerprint="x") as run,
    ):
        raise error
    assert run.run_id is not None
    assert mlflow.MlflowClient(tracking_uri=store).get_run(run.run_id).info.status == status


def test_unknown_alias_is_one_line(tracker: MlflowTracker, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nobody") as error:
        tracker.resolve("nobody", "champion", tmp_path / "out")
    assert "\n" not in str(error.value)


def test_a_server_that_is_not_there_is_told_at_once() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(ConfigError, match=f"{uri}: cannot be reached"):
        open_tracker(uri)


def test_without_mlflow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real_import = builtins.__import__

    def refuse(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name == "mlflow":
            raise ModuleNotFoundError(name=name)
        return real_import(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingExtraError, match=r"pip install 'nadeuri\[track\]'"):
        MlflowTracker(f"sqlite:///{tmp_path / 'x.db'}")


def test_no_address_tracks_nothing(tmp_path: Path) -> None:
    tracker = open_tracker(None)
    assert isinstance(tracker, NullTracker)
    with tracker.run("e", "r", parameters={}, data_fingerprint="x") as run:
        run.log_metrics({"loss": 1.0}, 1)
        run.log_artifact(tmp_path)
        assert run.register("m", "champion") is None
    assert run.run_id is None


def test_telemetry_is_off(tracker: MlflowTracker) -> None:
    from mlflow.telemetry.utils import is_telemetry_disabled

    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert is_telemetry_disabled()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A real MLflow server on loopback, proxying artefacts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    uri = f"http://127.0.0.1:{port}"
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"),
                *("--port", str(port), "--workers", "1"),
                *("--backend-store-uri", f"sqlite:///{tmp_path / 'server.db'}"),
                *("--artifacts-destination", str(tmp_path / "server-files")),
            ],
            env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        for _ in range(400):
            try:
                urllib.request.urlopen(f"{uri}/health", timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, (tmp_path / "server.log").read_text()
                time.sleep(0.5)
        yield uri
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # its job queues take half a minute to stop politely
        process.wait(timeout=30)


@pytest.mark.slow
def test_a_run_is_tracked_registered_and_resolved_with_a_server(
    server: str, artifact: Artifact, tmp_path: Path
) -> None:
    tracker = MlflowTracker(server)
    run_id, _ = track_one_run(tracker, artifact)
    check_run(server, run_id)
    fetched = tracker.resolve("for-you", "champion", tmp_path / "deployed")
    assert open_artifact(fetched.path, "toy").version == artifact.version
