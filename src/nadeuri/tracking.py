"""Experiment tracking and the model registry: the only importer of MLflow.

The client API is used throughout (no global "active run"), so that several trackers can live in one
process. With an SQLite address everything works without a server: runs and the registry are in the
file, artefacts in a folder beside it. With a server's address the server decides where they go.
"""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from nadeuri.artifact import Artifact, code_revision, fetch_artifact
from nadeuri.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from mlflow import MlflowClient

TAG_DATA = "data_fingerprint"
TAG_CODE = "code_revision"
TAG_REPORT, TAG_REPORT_KEY = "report", "report_key"
"""Of a run that holds a report: its kind, and a hash of what was found."""
TAG_PARENT = "mlflow.parentRunId"
"""MLflow's own: of a training that belongs to a search, the run of the search."""
EVENT = "event.epoch_"
"""Start of the tags that say what happened to a run in an epoch."""
REPORT_FOLDER = "report"
"""Where in a run's files those of its report are."""
ARTIFACT_FOLDER = "artifact"
"""Where in a run's files the artefact folder is logged; registered versions point at it."""
PARAMETERS_FILE = "parameters.json"

_MAX_PARAMETER_CHARS = 6000  # mlflow.utils.validation.MAX_PARAM_VAL_LENGTH
_MAX_TAG_CHARS = 8000  # MAX_TAG_VAL_LENGTH
_PARAMETERS_PER_BATCH = 100  # MAX_PARAMS_TAGS_PER_BATCH
_METRICS_PER_BATCH = 1000  # MAX_METRICS_PER_BATCH
_REACH_TIMEOUT_S = 10
SQLITE = "sqlite:///"


class Run(Protocol):
    """One tracked training run, open for writing."""

    @property
    def run_id(self) -> str | None:
        """Identifier at the tracking store; None where nothing is tracked."""
        ...

    def log_metrics(self, metrics: Mapping[str, float], epoch: int = 0) -> None:
        """Add one point to each metric's curve."""
        ...

    def log_curves(self, curves: Mapping[str, Sequence[tuple[int, float]]]) -> None:
        """Add whole curves at once: (epoch, value) by metric name, all values finite."""
        ...

    def log_event(self, text: str, epoch: int) -> None:
        """Note what happened to the run in an epoch."""
        ...

    def log_files(self, files: Sequence[Path], folder: str) -> None:
        """Store copies of files with the run, below ``folder`` of its files."""
        ...

    def log_artifact(self, folder: Path) -> None:
        """Store a copy of an artefact folder with the run."""
        ...

    def register(self, model: str, alias: str) -> str | None:
        """Make the logged artefact a new version of ``model`` that ``alias`` points at.

        Returns:
            The version number; None where nothing is tracked.
        """
        ...


class Tracker(Protocol):
    """Where runs go."""

    def run(
        self,
        experiment: str,
        name: str,
        *,
        parameters: Mapping[str, Any],
        data_fingerprint: str,
        tags: Mapping[str, str] | None = None,
    ) -> AbstractContextManager[Run]:
        """Open a run; it ends as finished, or as failed or killed when the block raises.

        Args:
            experiment: group of runs, created when new.
            parameters: any JSON values; nested ones are flattened to dotted names.
        """
        ...

    def has_run(self, experiment: str, tags: Mapping[str, str]) -> bool:
        """Is there a finished run of the experiment that has all these tags?"""
        ...


class NullRun:
    """Tracks nothing."""

    run_id: str | None = None

    def log_metrics(self, metrics: Mapping[str, float], epoch: int = 0) -> None:
        pass

    def log_curves(self, curves: Mapping[str, Sequence[tuple[int, float]]]) -> None:
        pass

    def log_event(self, text: str, epoch: int) -> None:
        pass

    def log_files(self, files: Sequence[Path], folder: str) -> None:
        pass

    def log_artifact(self, folder: Path) -> None:
        pass

    def register(self, model: str, alias: str) -> str | None:
        return None


class NullTracker:
    """For ``--no-track`` and tests."""

    @contextmanager
    def run(
        self,
        experiment: str,
        name: str,
        *,
        parameters: Mapping[str, Any],
        data_fingerprint: str,
        tags: Mapping[str, str] | None = None,
    ) -> Iterator[Run]:
        yield NullRun()

    def has_run(self, experiment: str, tags: Mapping[str, str]) -> bool:
        return False


class MlflowTracker:
    """Runs in an MLflow store: ``sqlite:///file`` or the address of a server."""

    def __init__(self, uri: str) -> None:
        """
        Raises:
            MissingExtraError: MLflow is not installed.
            ConfigError: the store cannot be opened or reached.
        """
        self.uri = uri
        if uri.startswith(("http://", "https://")):
            reach(uri)
        self._local_files = _prepare_sqlite(uri)
        client_class = import_mlflow().MlflowClient
        with store_errors(uri):
            self._client: MlflowClient = client_class(tracking_uri=uri, registry_uri=uri)

    @contextmanager
    def run(
        self,
        experiment: str,
        name: str,
        *,
        parameters: Mapping[str, Any],
        data_fingerprint: str,
        tags: Mapping[str, str] | None = None,
    ) -> Iterator[Run]:
        client = self._client
        all_tags = {
            TAG_DATA: data_fingerprint,
            TAG_CODE: code_revision() or "unknown",
            **(tags or {}),
        }
        with store_errors(self.uri):
            created = client.create_run(
                self._experiment_id(experiment),
                run_name=name,
                tags={name: _cut(value, _MAX_TAG_CHARS) for name, value in all_tags.items()},
            )
            run = _MlflowRun(client, self.uri, created.info.run_id, created.info.artifact_uri)
            run.log_parameters(parameters)
        status = "FAILED"
        try:
            yield run
            status = "FINISHED"
        except (KeyboardInterrupt, SystemExit):
            status = "KILLED"
            raise
        finally:
            with store_errors(self.uri):
                client.set_terminated(run.run_id, status)

    def has_run(self, experiment: str, tags: Mapping[str, str]) -> bool:
        with store_errors(self.uri):
            found = self._client.get_experiment_by_name(experiment)
            if found is None:
                return False
            wanted = [f"tags.`{name}` = '{value}'" for name, value in tags.items()]
            query = " and ".join(["attributes.status = 'FINISHED'", *wanted])
            runs = self._client.search_runs([found.experiment_id], query, max_results=1)
            return len(runs) > 0

    def resolve(self, model: str, alias: str, out: Path) -> Artifact:
        """Fetch the artefact that ``alias`` of ``model`` points at and publish it as ``out``.

        Serving never asks the registry: this is called when deploying, and the server gets files.

        Raises:
            ConfigError: no such model or alias, or the store cannot be reached.
            ArtifactError: what came is no artefact, or was damaged.
        """
        from mlflow.artifacts import download_artifacts

        def download(folder: Path) -> Path:
            copied = download_artifacts(
                artifact_uri=source, dst_path=str(folder), tracking_uri=self.uri
            )
            return Path(copied)

        with store_errors(self.uri):
            version = self._client.get_model_version_by_alias(model, alias)
            source = self._client.get_model_version_download_uri(model, version.version)
            return fetch_artifact(out, download)

    def _experiment_id(self, name: str) -> str:
        found = self._client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        location = None if self._local_files is None else self._local_files.as_uri()
        return str(self._client.create_experiment(name, artifact_location=location))


class _MlflowRun:
    def __init__(self, client: MlflowClient, uri: str, run_id: str, artifact_uri: str) -> None:
        self.run_id: str = run_id
        self._client = client
        self._uri = uri
        self._artifact_uri = artifact_uri

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Log flat parameters, and all of them whole in a file.

        The store refuses long values; those are cut in the table, the file keeps them.
        """
        from mlflow.entities import Param

        flat = _flatten(parameters)
        params = [Param(name, _cut(value, _MAX_PARAMETER_CHARS)) for name, value in flat.items()]
        for start in range(0, len(params), _PARAMETERS_PER_BATCH):
            batch = params[start : start + _PARAMETERS_PER_BATCH]
            self._client.log_batch(self.run_id, params=batch)
        self._client.log_dict(self.run_id, dict(parameters), PARAMETERS_FILE)

    def log_metrics(self, metrics: Mapping[str, float], epoch: int = 0) -> None:
        from mlflow.entities import Metric

        now_ms = int(time.time() * 1000)
        points = [Metric(name, float(value), now_ms, epoch) for name, value in metrics.items()]
        with store_errors(self._uri):
            self._client.log_batch(self.run_id, metrics=points)

    def log_curves(self, curves: Mapping[str, Sequence[tuple[int, float]]]) -> None:
        from mlflow.entities import Metric

        now_ms = int(time.time() * 1000)
        points = [
            Metric(name, float(value), now_ms, epoch)
            for name, curve in curves.items()
            for epoch, value in curve
        ]
        with store_errors(self._uri):
            for start in range(0, len(points), _METRICS_PER_BATCH):
                batch = points[start : start + _METRICS_PER_BATCH]
                self._client.log_batch(self.run_id, metrics=batch)

    def log_event(self, text: str, epoch: int) -> None:
        with store_errors(self._uri):
            self._client.set_tag(self.run_id, f"{EVENT}{epoch}", _cut(text, _MAX_TAG_CHARS))

    def log_files(self, files: Sequence[Path], folder: str) -> None:
        with store_errors(self._uri):
            for file in files:
                self._client.log_artifact(self.run_id, str(file), folder)

    def log_artifact(self, folder: Path) -> None:
        with store_errors(self._uri):
            self._client.log_artifacts(self.run_id, str(folder), ARTIFACT_FOLDER)

    def register(self, model: str, alias: str) -> str | None:
        from mlflow.exceptions import MlflowException

        client = self._client
        with store_errors(self._uri):
            try:
                client.create_registered_model(model)
            except MlflowException as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
            version = client.create_model_version(
                model, f"{self._artifact_uri}/{ARTIFACT_FOLDER}", run_id=self.run_id
            )
            client.set_registered_model_alias(model, alias, version.version)
        return str(version.version)


def open_tracker(uri: str | None) -> Tracker:
    """The tracker for a store's address; None tracks nothing."""
    return NullTracker() if uri is None else MlflowTracker(uri)


def import_mlflow() -> Any:
    """MLflow, which takes seconds to import.

    Raises:
        MissingExtraError: it is not installed.
    """
    # read by MLflow when it is imported, and when it copies files
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
    try:
        import mlflow
    except ModuleNotFoundError as error:
        raise MissingExtraError("mlflow", "track") from error
    return mlflow


def _prepare_sqlite(uri: str) -> Path | None:
    """Make the folder of an SQLite file; where its artefacts go, or None for a server."""
    if not uri.startswith(SQLITE):
        return None
    file = Path(uri.removeprefix(SQLITE)).absolute()
    file.parent.mkdir(parents=True, exist_ok=True)
    return file.parent / "mlruns"


def reach(uri: str) -> None:
    """Ask the server once: MLflow itself would go on trying for four minutes.

    Raises:
        ConfigError: nobody answers.
    """
    try:
        address = f"{uri.rstrip('/')}/health"
        with urllib.request.urlopen(address, timeout=_REACH_TIMEOUT_S):  # noqa: S310 (http only)
            pass
    except urllib.error.HTTPError:
        pass  # somebody answers, and may want credentials that only MLflow knows
    except OSError as error:
        raise ConfigError(f"tracking store {uri}: cannot be reached ({error})") from error


@contextmanager
def store_errors(uri: str) -> Iterator[None]:
    """Turn MLflow's errors into one line that names the store (a ConfigError)."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except Exception as error:
        # what an SQLite file that is none raises comes through MLflow as it is
        is_database = type(error).__module__.startswith("sqlalchemy.")
        if not (is_database or isinstance(error, MlflowException)):
            raise
        message = " ".join(str(error).split())[:300]
        raise ConfigError(f"tracking store {uri}: {message}") from error


def _flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """``{"a": {"b": [1]}}`` -> ``{"a.b": "[1]"}``."""
    flat: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flatten(value, f"{prefix}{name}.")
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            flat[f"{prefix}{name}"] = text
    return flat


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
