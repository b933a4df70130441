from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nadeuri.cli import main
from nadeuri.data.sequences import Dataset
from nadeuri.recommend.config import load_config
from nadeuri.settings import sqlite_uri
from nadeuri.tracking import TAG_REPORT
from nadeuri.tracking_read import TrackedRuns

# MLflow's own imports are not ours to fix.
pytestmark = pytest.mark.filterwarnings("ignore")

CONFIG = """
name = "tiny"
model = { kind = "bert4rec", max_len = 8, dim = 8, blocks = 1 }
train = { epochs = 2, batch_size = 16, eval_every = 1, precision = "fp32" }
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def run(study: str, *arguments: object, home: Path, tracking: str = "") -> Result:
    return CliRunner().invoke(
        main,
        ["recommend", "tune", study, *map(str, arguments)],
        env={"NADEURI_HOME": str(home), "MLFLOW_TRACKING_URI": tracking},
    )


def test_studies_are_listed() -> None:
    result = CliRunner().invoke(main, ["recommend", "tune", "--help"])
    assert "length-batch" in result.stdout
    assert "schedule" in result.stdout


def test_estimate_only_trains_nothing(
    config: Path, travel_dataset: Dataset, tmp_path: Path
) -> None:
    result = run(
        "length-batch", config, "--data", travel_dataset.path, "--estimate-only", home=tmp_path
    )
    assert result.exit_code == 0, result.output
    assert "recommended" in result.stdout
    assert "8        " in result.stdout  # the limit in use
    assert not (tmp_path / "tune").exists()


@pytest.mark.parametrize("study", ["coview", "length-batch", "schedule"])
def test_a_store_that_is_down_is_found_out_before_the_search(
    study: str, config: Path, travel_dataset: Dataset, tmp_path: Path
) -> None:
    if study == "coview":
        config.write_text('name = "tiny"\nmodel = { kind = "prod2vec" }\n', encoding="utf-8")
    down = "http://127.0.0.1:9"
    result = run(study, config, "--data", travel_dataset.path, home=tmp_path, tracking=down)
    assert result.exit_code == 2
    assert f"{down}: cannot be reached" in result.stderr
    assert not (tmp_path / "tune").exists()


@pytest.mark.slow
def test_length_batch_writes_config_and_report(
    config: Path, travel_dataset: Dataset, tmp_path: Path
) -> None:
    result = run(
        "length-batch",
        config,
        *("--data", travel_dataset.path, "--lengths", "4", "--batches", "16", "--workers", 2),
        home=tmp_path,
    )
    assert result.exit_code == 0, result.output
    folder = tmp_path / "tune" / "travel-tiny-length-batch"
    assert f"config: {folder / 'ship.toml'}" in result.stdout
    assert (folder / "report.html").is_file()
    shipped = load_config(folder / "ship.toml")
    assert shipped.train.batch_size == 16
    again = run(
        "length-batch",
        config,
        *("--data", travel_dataset.path, "--lengths", "6", "--batches", "16"),
        home=tmp_path,
    )
    assert again.exit_code == 2
    assert "another 'axes'" in again.stderr


@pytest.mark.slow
def test_schedule_checks_the_claims(config: Path, travel_dataset: Dataset, tmp_path: Path) -> None:
    result = run(
        "schedule",
        config,
        *("--data", travel_dataset.path, "--schedules", "exponential", "--rates", "0.001"),
        *("--epochs", 3, "--patience", 2, "--seeds", 1, "--workers", 2),
        home=tmp_path,
    )
    assert result.exit_code == 0, result.output
    assert "Without a schedule most runs go to the maximum of 3 epochs: " in result.stdout
    assert (tmp_path / "tune" / "travel-tiny-schedule" / "report.html").is_file()
    tracked = TrackedRuns(sqlite_uri(tmp_path)).runs("travel")
    (report,) = [each for each in tracked if each.tags.get(TAG_REPORT) == "schedule"]
    assert sum(each.parent == report.run_id for each in tracked) == len(tracked) - 1 > 0


@pytest.mark.parametrize(
    ("study", "options", "message"),
    [
        ("length-batch", ["--grid", "--trials", "3"], "exclude each other"),
        ("length-batch", ["--lengths", "a,b"], "numbers separated by commas"),
        ("length-batch", ["--set", "train.lr=-1"], "train.lr"),
        ("length-batch", ["--set", "model.kind=popularity"], "model"),
        ("schedule", ["--schedules", "zigzag"], "--schedules zigzag: choose from"),
        ("schedule", ["--rates", ","], "names nothing"),
    ],
)
def test_bad_options_are_one_line(
    config: Path,
    travel_dataset: Dataset,
    tmp_path: Path,
    study: str,
    options: list[str],
    message: str,
) -> None:
    result = run(study, config, "--data", travel_dataset.path, *options, home=tmp_path)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output
