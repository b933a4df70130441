"""The demo's vectors and map: made once, made again when they are not what they were made as."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from nadeuri import columns
from nadeuri.artifact import Artifact, open_artifact
from nadeuri.data.sequences import Dataset
from nadeuri.demo import viewed
from nadeuri.demo.viewed import build_viewed, load_preset
from nadeuri.recommend.coview import bundle
from nadeuri.recommend.coview import map as coview_map
from nadeuri.settings import Settings
from nadeuri.tracking import NullTracker

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A work folder of its own, without MLflow."""
    monkeypatch.setattr("nadeuri.tracking.open_tracker", lambda uri: NullTracker())
    return Settings.from_env({}, home=tmp_path / "work")


def build(settings: Settings, dataset: Dataset) -> list[str]:
    """What the stage says."""
    said: list[str] = []
    files = build_viewed(settings, dataset, said.append)
    assert files.has_map()
    served = open_artifact(files.artifact, bundle.KIND)
    panels = pq.read_table(served.file(bundle.MAP_FILE))["model"].unique().to_pylist()
    assert panels == list(viewed.PRESETS), "the map is made once, for the page and for the API"
    assert served.metadata["model"] == columns.META_PROD2VEC
    assert served.metadata["dataset"] == dataset.name
    return said


def changed_at(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", viewed.PRESETS)
def test_the_settings_are_those_in_configs(name: str) -> None:
    shipped = resources.files("nadeuri.recommend.coview") / "presets" / f"{name}.toml"
    assert (CONFIGS / f"{name}.toml").read_text(encoding="utf-8") == shipped.read_text("utf-8")
    assert load_preset(name).model.kind == name


def test_a_second_call_changes_nothing(settings: Settings, travel_dataset: Dataset) -> None:
    said = build(settings, travel_dataset)
    assert said == [
        "[1/2] prod2vec, seed 1",
        "[2/2] meta_prod2vec, seed 1",
        "Exporting meta_prod2vec and drawing the map of both.",
    ]
    titles = ("Prod2Vec", "Meta-Prod2Vec")
    page = (settings.home / viewed.MAP).read_text(encoding="utf-8")
    assert all(f">{title}<" in page for title in titles)
    before = changed_at(settings.home)
    assert build(settings, travel_dataset) == [
        "Also viewed and its map: done before, and nothing has changed."
    ]
    assert changed_at(settings.home) == before


def test_an_interrupted_call_goes_on_without_training_again(
    settings: Settings, travel_dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(coview_map, "build_map", interrupt)
        with pytest.raises(KeyboardInterrupt):
            build(settings, travel_dataset)
    checkpoints = {path: path.stat().st_mtime_ns for path in settings.runs.rglob("checkpoint*")}
    assert len(checkpoints) == 2
    assert len(build(settings, travel_dataset)) == 3
    assert {path: path.stat().st_mtime_ns for path in checkpoints} == checkpoints


@pytest.mark.parametrize("lost", ["demo-map.html", "demo-map.png", "artifacts/also-viewed"])
def test_what_is_lost_or_replaced_is_made_again(
    settings: Settings, travel_dataset: Dataset, viewed_artifact: Artifact, lost: str
) -> None:
    build(settings, travel_dataset)
    path = settings.home / lost
    if path.is_dir():  # as a demo of another size does
        shutil.rmtree(path)
        shutil.copytree(viewed_artifact.path, path)
    else:
        path.unlink()
    assert len(build(settings, travel_dataset)) == 3
    assert open_artifact(settings.artifacts / bundle.DEFAULT_FOLDER).metadata["dim"] == 64
