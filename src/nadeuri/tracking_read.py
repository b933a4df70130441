"""Tracked runs as a page wants to show them: read from an MLflow store, never written.

An SQLite store that is not there is an empty one: looking does not make it, and costs no import of
MLflow.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nadeuri.tracking import EVENT, SQLITE, TAG_PARENT, import_mlflow, reach, store_errors

FINISHED = "FINISHED"
"""Status of a run that went to its end: all its files are there."""
_PAGE = 500
"""Runs that are asked for at a time."""
_MOST_FILE_BYTES = 64 << 20


@dataclass(frozen=True)
class TrackedRun:
    """One run of a store.

    Attributes:
        status: RUNNING, FINISHED, FAILED or KILLED.
        started: with UTC as its time zone.
        seconds: wall seconds that it took; None while it runs.
        metrics: the last value of each.
        events: what happened to it, by epoch.
        parent: id of the run that it belongs to.
    """

    run_id: str
    experiment: str
    name: str
    status: str
    started: datetime
    seconds: float | None
    metrics: Mapping[str, float]
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    events: Mapping[int, str]
    parent: str | None


class TrackedRuns:
    """The runs of one MLflow store: ``sqlite:///file`` or the address of a server."""

    def __init__(self, uri: str) -> None:
        """
        Raises:
            MissingExtraError: MLflow is not installed.
            ConfigError: the store cannot be opened or reached.
        """
        self.uri = uri
        self._client: Any = None
        if is_missing(uri):
            return
        if uri.startswith(("http://", "https://")):
            reach(uri)
        client_class = import_mlflow().MlflowClient
        with store_errors(uri):
            self._client = client_class(tracking_uri=uri, registry_uri=uri)

    def experiments(self) -> tuple[str, ...]:
        """Names of the experiments that are not deleted, in their order of names.

        Raises:
            ConfigError: the store does not answer.
        """
        return tuple(sorted(self._experiments().values()))

    def runs(
        self,
        experiment: str | None = None,
        *,
        tags: Mapping[str, str] | None = None,
        limit: int = _PAGE,
    ) -> tuple[TrackedRun, ...]:
        """Runs that are not deleted, the last one first.

        Args:
            experiment: only its runs; None takes all experiments.
            tags: only runs that have all of these.
            limit: at most so many.

        Raises:
            ConfigError: the store does not answer.
        """
        names = self._experiments()
        ids = [each for each, name in names.items() if experiment in (None, name)]
        if not ids:
            return ()
        query = " and ".join(f"tags.`{tag}` = '{value}'" for tag, value in (tags or {}).items())
        found: list[Any] = []
        token: str | None = None
        with store_errors(self.uri):
            while len(found) < limit:
                page = self._client.search_runs(
                    ids, query, max_results=min(_PAGE, limit - len(found)), page_token=token
                )
                found += page
                token = page.token
                if not token:
                    break
        return tuple(_run(each, names) for each in found)

    def curves(self, run: TrackedRun) -> dict[str, list[tuple[int, float]]]:
        """(epoch, value) of every metric of a run, by name.

        Raises:
            ConfigError: the store does not answer.
        """
        with store_errors(self.uri):
            return {
                name: [
                    (int(point.step), float(point.value))
                    for point in self._client.get_metric_history(run.run_id, name)
                ]
                for name in run.metrics
            }

    def read(self, run_id: str, path: str) -> bytes | None:
        """A file of a run; None where the run has no such file, or one above 64 MiB.

        Raises:
            ConfigError: the store does not answer.
        """
        folder, _, _ = path.rpartition("/")
        with store_errors(self.uri), tempfile.TemporaryDirectory() as draft:
            sizes = {
                each.path: each.file_size
                for each in self._client.list_artifacts(run_id, folder or None)
            }
            if path not in sizes or (sizes[path] or 0) > _MOST_FILE_BYTES:
                return None
            return Path(self._client.download_artifacts(run_id, path, draft)).read_bytes()

    def _experiments(self) -> dict[str, str]:
        """Name by id."""
        if self._client is None:
            return {}
        with store_errors(self.uri):
            found = self._client.search_experiments()
        return {str(each.experiment_id): str(each.name) for each in found}


def is_missing(uri: str) -> bool:
    """Is this an SQLite store whose file is not there yet?"""
    return uri.startswith(SQLITE) and not Path(uri.removeprefix(SQLITE)).is_file()


def _run(found: Any, experiments: Mapping[str, str]) -> TrackedRun:
    info, tags = found.info, dict(found.data.tags)
    ended = info.end_time
    events = {
        int(name.removeprefix(EVENT)): text
        for name, text in tags.items()
        if name.startswith(EVENT) and name.removeprefix(EVENT).isdecimal()
    }
    return TrackedRun(
        run_id=info.run_id,
        experiment=experiments.get(str(info.experiment_id), ""),
        name=info.run_name or info.run_id,
        status=info.status,
        started=datetime.fromtimestamp(info.start_time / 1000, UTC),
        seconds=None if ended is None else (ended - info.start_time) / 1000,
        metrics=dict(found.data.metrics),
        parameters=dict(found.data.params),
        tags=tags,
        events=dict(sorted(events.items())),
        parent=tags.get(TAG_PARENT),
    )
