from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nadeuri.cli import main
from nadeuri.data.sequences import Dataset
from nadeuri.recommend.predict import Predictor

CONFIG = """
name = "travel"
seeds = [1]

[experiments.bert4rec]
model = { kind = "bert4rec", max_len = 8, dim = 8, blocks = 1 }
train = { epochs = 1 }
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "compare.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def run(*arguments: object, home: Path) -> Result:
    return CliRunner().invoke(
        main,
        ["recommend", "compare", *map(str, arguments)],
        env={"NADEURI_HOME": str(home), "MLFLOW_TRACKING_URI": ""},
    )


def test_compare_writes_the_report(config: Path, travel_dataset: Dataset, tmp_path: Path) -> None:
    result = run(config, "--data", travel_dataset.path, "--no-track", home=tmp_path)
    assert result.exit_code == 0, result.output
    folder = tmp_path / "compare" / "travel-leave-one-out"
    assert f"report: {folder / 'report.html'}" in result.stdout
    assert "ship " in result.stdout
    assert "[3/3] bert4rec, seed 1" in result.stderr
    assert (folder / "report.md").is_file()


def test_the_model_to_ship_is_exported_with_its_figures(
    config: Path, travel_dataset: Dataset, tmp_path: Path
) -> None:
    artifact = tmp_path / "for-you"
    result = run(
        config,
        *("--data", travel_dataset.path, "--no-track", "--export", artifact),
        home=tmp_path,
    )
    assert result.exit_code == 0, result.output
    assert f"exported bert4rec, seed 1: {artifact}" in result.stdout
    predictor = Predictor(artifact)
    assert predictor.n_items == travel_dataset.n_items
    metrics = json.loads(predictor.artifact.file("metrics.json").read_text(encoding="utf-8"))
    (described,) = (tmp_path / "compare").rglob("runs/bert4rec-*/run.json")
    assert metrics == json.loads(described.read_text(encoding="utf-8"))["figures"]


def test_temporal_split_and_overrides(
    config: Path, travel_dataset: Dataset, tmp_path: Path
) -> None:
    result = run(
        config,
        *("--data", travel_dataset.path, "--no-track", "--out", tmp_path / "out"),
        *("--split", "temporal", "--seeds", 2, "--set", "experiments.bert4rec.train.epochs=2"),
        home=tmp_path,
    )
    assert result.exit_code == 0, result.output
    assert "temporal split" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert len(list((tmp_path / "out" / "runs").glob("bert4rec-seed*"))) == 2


def test_unknown_model_is_one_line(config: Path, travel_dataset: Dataset, tmp_path: Path) -> None:
    result = run(config, "--data", travel_dataset.path, "--models", "magic", home=tmp_path)
    assert result.exit_code == 2
    assert "--models magic" in result.stderr
    assert "Traceback" not in result.output
