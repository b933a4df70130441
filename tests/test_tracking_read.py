"""Reading a real MLflow store that the commands' own code has written."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab_world import STALL

from nadeuri.errors import ConfigError
from nadeuri.settings import sqlite_uri
from nadeuri.tracking import REPORT_FOLDER, TAG_REPORT
from nadeuri.tracking_read import TrackedRuns, is_missing

# MLflow's own imports are not ours to fix.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def runs(lab_home: Path) -> TrackedRuns:
    return TrackedRuns(sqlite_uri(lab_home))


def test_a_store_that_is_not_there_is_empty_and_stays_away(tmp_path: Path) -> None:
    uri = sqlite_uri(tmp_path)
    empty = TrackedRuns(uri)
    assert is_missing(uri)
    assert empty.experiments() == ()
    assert empty.runs() == ()
    assert not list(tmp_path.iterdir())


@pytest.mark.slow  # a store of its own, beside that of the page's tests
def test_reports_are_there_once_with_their_files(runs: TrackedRuns) -> None:
    for kind in ("comparison", "schedule", "length-batch"):
        (report,) = runs.runs("travel", tags={TAG_REPORT: kind})
        content = runs.read(report.run_id, f"{REPORT_FOLDER}/curves.parquet")
        assert content is not None
        assert content.startswith(b"PAR1")
        assert runs.read(report.run_id, f"{REPORT_FOLDER}/nothing.json") is None
        assert runs.read(report.run_id, "nowhere/nothing.json") is None
    assert runs.runs("another") == ()


@pytest.mark.slow  # a store of its own, beside that of the page's tests
def test_trainings_of_a_search_belong_to_its_report(runs: TrackedRuns) -> None:
    (report,) = runs.runs(tags={TAG_REPORT: "schedule"})
    trainings = [run for run in runs.runs() if run.parent == report.run_id]
    assert {run.name for run in trainings} >= {
        "bert4rec-constant-0.001-seed1",
        "bert4rec-exponential-0.01-seed1",
    }
    curve = runs.curves(trainings[0])
    assert [epoch for epoch, _ in curve["loss"]] == [1, 2]
    assert trainings[0].parameters["train.batch_size"] == "16"


@pytest.mark.slow  # a store of its own, beside that of the page's tests
def test_events_and_curves_of_a_run(runs: TrackedRuns) -> None:
    (stalled,) = [run for run in runs.runs() if run.events]
    assert stalled.events == {2: STALL}
    assert stalled.status == "FINISHED"
    assert stalled.started.utcoffset() is not None
    assert runs.curves(stalled)["valid_ndcg_at_10"] == [(1, 0.01), (2, 0.01), (3, 0.2)]


@pytest.mark.slow  # a store of its own, beside that of the page's tests
def test_the_last_run_comes_first_and_a_limit_holds(runs: TrackedRuns) -> None:
    found = runs.runs(limit=3)
    assert len(found) == 3
    assert [run.started for run in found] == sorted((run.started for run in found), reverse=True)


def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"no database" * 1000)
    with pytest.raises(ConfigError, match="tracking store"):
        TrackedRuns(sqlite_uri(tmp_path)).experiments()
