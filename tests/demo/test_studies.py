"""The demo's searches over settings: made once, made again when what they rest on is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from nadeuri.data.sequences import Dataset
from nadeuri.demo import studies
from nadeuri.demo.studies import QUICK, Extent, build_studies
from nadeuri.settings import Settings
from nadeuri.tracking import NullTracker


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A work folder of its own; its MLflow file is there and is not written."""
    monkeypatch.setattr("nadeuri.tracking.open_tracker", lambda uri: NullTracker())
    (tmp_path / "mlflow.db").touch()
    return Settings.from_env({}, home=tmp_path)


def build(settings: Settings, dataset: Dataset) -> list[str]:
    """What the stage says."""
    said: list[str] = []
    build_studies(settings, dataset, said.append)
    return said


def test_once_made_they_are_not_repeated(
    settings: Settings, travel_dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studies, "QUICK", Extent(("constant",), 1, (20,), 1))
    monkeypatch.setattr(studies, "BATCHES", (64,))
    assert len(build(settings, travel_dataset)) == 2
    assert len(list(settings.studies.rglob("report.html"))) == 2
    assert build(settings, travel_dataset) == [
        "Searches over settings: done before, and nothing has changed."
    ]
    (settings.home / "mlflow.db").unlink()  # finished trainings are read back
    trials = {path: path.stat().st_mtime_ns for path in settings.studies.rglob("trial.json")}
    assert len(build(settings, travel_dataset)) == 2
    assert {path: path.stat().st_mtime_ns for path in trials} == trials


def test_a_large_world_is_left_to_its_owner(
    settings: Settings, travel_dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studies, "MOST_CLICKS", 10)
    (said,) = build(settings, travel_dataset)
    assert "left out" in said
    assert not settings.studies.exists()


def test_a_quick_search_has_something_to_compare() -> None:
    assert len(QUICK.schedules) > 1
    assert len(QUICK.lengths) > 1
