"""What the lab page reads of MLflow: reports with their files, and runs; kept for a while.

MLflow takes seconds to import: it is opened when something is first asked for, once per server.
Reports are files that never change, so they are read once.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
import streamlit as st
from pydantic import TypeAdapter, ValidationError

from nadeuri.errors import ConfigError, MissingExtraError, NadeuriError
from nadeuri.tracking import REPORT_FOLDER, TAG_REPORT
from nadeuri.tracking_read import FINISHED, TrackedRun, TrackedRuns, is_missing
from nadeuri.web.lab_types import Comparison, Curves, Point, SampleUser, Study, StudyPlan

KEPT_S = 60
"""How long a list of runs is shown before it is asked for again."""
MOST_RUNS = 500
MOST_FILES = 32

_READING = "실험 기록을 읽고 있어요"
_UNREADABLE = "이 보고서의 파일을 읽을 수 없어요. 보고서를 다시 만들면 고쳐져요."
_CLOSED = "실험 기록 저장소를 열지 못했어요. 주소와 서버를 확인해 주세요."
_NOT_INSTALLED = "MLflow가 설치되어 있지 않아요. pip install 'nadeuri[track]'으로 설치해 주세요."

T = TypeVar("T")
_log = logging.getLogger(__name__)


class LabError(NadeuriError):
    """Nothing can be shown; the message is for whom the page is for, in Korean."""


class LabStore:
    """The runs of one MLflow store, as the page asks for them.

    Each method raises LabError where the store cannot be read, or not what is in it.
    """

    def __init__(self, uri: str) -> None:
        self._uri = uri

    @property
    def is_empty(self) -> bool:
        """Nothing was ever tracked here; known without opening the store."""
        return is_missing(self._uri)

    def reports(self, kind: str) -> tuple[TrackedRun, ...]:
        """Reports of a kind whose files are all there, the last one first."""
        runs = _told(lambda: _runs(self._uri, None, kind))
        return tuple(run for run in runs if run.status == FINISHED)

    def runs(self, experiment: str | None) -> tuple[TrackedRun, ...]:
        """Runs of an experiment, or of all; the last one first."""
        return _told(lambda: _runs(self._uri, experiment, None))

    def experiments(self) -> tuple[str, ...]:
        """Names of the experiments."""
        return _told(lambda: _experiments(self._uri))

    def curves(self, run: TrackedRun) -> dict[str, list[tuple[int, float]]]:
        """Every metric of a run over its epochs."""
        return _told(lambda: _curves(self._uri, run))

    def comparison(self, run_id: str) -> Comparison:
        """What a comparison found."""
        return _sound(lambda: Comparison.model_validate(self._json(run_id, "comparison.json")))

    def sample_users(self, run_id: str) -> tuple[SampleUser, ...]:
        """Travellers with the models' lists."""
        form = TypeAdapter(tuple[SampleUser, ...])
        return _sound(lambda: form.validate_python(self._json(run_id, "samples.json")))

    def study(self, run_id: str) -> tuple[Study, StudyPlan]:
        """What a search found, and what it tried."""
        return _sound(
            lambda: (
                Study.model_validate(self._json(run_id, "summary.json")),
                StudyPlan.model_validate(self._json(run_id, "study.json")),
            )
        )

    def learning_curves(self, run_id: str) -> Curves:
        """The trainings of a report, epoch by epoch."""
        content = self._file(run_id, "curves.parquet")
        return _sound(lambda: _points(content))

    def page(self, run_id: str) -> bytes:
        """The whole report, to read elsewhere: HTML that loads nothing."""
        return _told(lambda: _read(self._uri, run_id, "report.html"))

    def _json(self, run_id: str, name: str) -> object:
        return json.loads(self._file(run_id, name))

    def _file(self, run_id: str, name: str) -> bytes:
        return _told(lambda: _kept(self._uri, run_id, name))


def forget_all() -> None:
    """Ask the store again for what is in it."""
    _runs.clear()
    _experiments.clear()
    _curves.clear()
    _kept.clear()


def _sound(read: Callable[[], T]) -> T:
    """What ``read`` makes of a report's files, which are not ours until they are checked."""
    try:
        return read()
    except (ValidationError, pa.ArrowException, ValueError, LookupError, TypeError) as error:
        _log.warning("a tracked report cannot be read: %s", " ".join(str(error).split()))
        raise LabError(_UNREADABLE) from error


def _points(content: bytes) -> Curves:
    found: dict[tuple[str, int], list[Point]] = {}
    for row in pq.read_table(io.BytesIO(content)).to_pylist():
        point = Point(row["epoch"], row["metric"], row["lr"], row["event"])
        found.setdefault((row["name"], row["seed"]), []).append(point)
    return {key: tuple(points) for key, points in found.items()}


def _told(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except MissingExtraError as error:
        raise LabError(_NOT_INSTALLED) from error
    except ConfigError as error:
        _log.warning("%s", error)
        raise LabError(_CLOSED) from error


def _store(uri: str) -> TrackedRuns:
    """Open; a store that is not there yet is looked for again the next time."""
    return TrackedRuns(uri) if is_missing(uri) else _opened(uri)


@st.cache_resource(show_spinner=False)
def _opened(uri: str) -> TrackedRuns:
    return TrackedRuns(uri)


@st.cache_data(ttl=KEPT_S, show_spinner=_READING)
def _runs(uri: str, experiment: str | None, report: str | None) -> tuple[TrackedRun, ...]:
    tags = {TAG_REPORT: report} if report else None
    return _store(uri).runs(experiment, tags=tags, limit=MOST_RUNS)


@st.cache_data(ttl=KEPT_S, show_spinner=_READING)
def _experiments(uri: str) -> tuple[str, ...]:
    return _store(uri).experiments()


@st.cache_data(ttl=KEPT_S, show_spinner=_READING, hash_funcs={TrackedRun: lambda run: run.run_id})
def _curves(uri: str, run: TrackedRun) -> dict[str, list[tuple[int, float]]]:
    return _store(uri).curves(run)


@st.cache_data(max_entries=MOST_FILES, show_spinner=_READING)
def _kept(uri: str, run_id: str, name: str) -> bytes:
    return _read(uri, run_id, name)


def _read(uri: str, run_id: str, name: str) -> bytes:
    """A file of a report; raises LabError where there is none, which no cache keeps."""
    content = _store(uri).read(run_id, f"{REPORT_FOLDER}/{name}")
    if content is None:
        raise LabError(_UNREADABLE)
    return content
