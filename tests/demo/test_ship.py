"""The demo's comparison exports two models, which are served side by side."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nadeuri import columns
from nadeuri.artifact import open_artifact
from nadeuri.data.sequences import Dataset
from nadeuri.demo.build import SAMPLES, Shipped
from nadeuri.demo.ship import ship
from nadeuri.recommend import bundle
from nadeuri.recommend.compare_config import CompareConfig
from nadeuri.tracking import NullTracker

SMALL = {"max_len": 8, "dim": 8, "blocks": 1}


def config(*kinds: str) -> CompareConfig:
    return CompareConfig.model_validate(
        {
            "name": "smallest",
            "seeds": [1],
            "experiments": {
                kind: {
                    "model": {"kind": kind, **SMALL}
                    | ({"fields": [columns.CITY]} if kind == columns.META_BERT4REC else {}),
                    "train": {"epochs": 1},
                }
                for kind in kinds
            },
        }
    )


@pytest.fixture
def shipped(
    travel_dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Shipped, Path, Path]:
    """The record, the comparison's folder and that of the shipped model."""
    monkeypatch.setattr("nadeuri.demo.ship.open_tracker", lambda uri: NullTracker())
    folder, artifact = tmp_path / "compared", tmp_path / "artifacts" / "for-you"
    said: list[str] = []
    kinds = (columns.BERT4REC, columns.META_BERT4REC)
    made = ship("key", config(*kinds), travel_dataset, folder, artifact, "", said.append)
    return made, folder, artifact


@pytest.mark.slow
def test_both_are_exported_and_found_again(shipped: tuple[Shipped, Path, Path]) -> None:
    made, folder, artifact = shipped
    beside = made.path_beside(artifact)
    assert beside is not None
    models = {open_artifact(path, bundle.KIND).metadata["model"] for path in (artifact, beside)}
    assert models == {columns.BERT4REC, columns.META_BERT4REC}
    other = open_artifact(beside).metadata["model"].replace("_", "-")
    assert beside.name == f"{artifact.name}-{other}"
    assert made.is_there(folder, artifact)
    shutil.rmtree(beside)
    assert not made.is_there(folder, artifact)


def test_a_model_without_another_beside_it_is_there_alone(tmp_path: Path) -> None:
    made = Shipped("key", "1", "sasrec", "sasrec", "report.html", None, None)
    assert not made.is_there(tmp_path, tmp_path / "for-you"), "its page is missing"
    (tmp_path / "report.html").touch()
    assert not made.is_there(tmp_path, tmp_path / "for-you"), "its samples are missing"
    (tmp_path / SAMPLES).touch()
    assert made.is_there(tmp_path, tmp_path / "for-you")
    assert made.path_beside(tmp_path / "for-you") is None
