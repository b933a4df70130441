"""The training loop: best weights, early stopping, resume after SIGKILL, clear failures."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from nadeuri.data.sequences import Dataset
from nadeuri.errors import ArtifactError, NadeuriError
from nadeuri.recommend.config import TrainConfig
from nadeuri.recommend.trainer import CHECKPOINT, CurvePoint, Task, fit


class Regression:
    """Fits w to 3; validation is highest near ``peak`` on the way there."""

    def __init__(self, peak: float = 3.0, broken_at: int | None = None) -> None:
        self.network = nn.Linear(1, 1, bias=False)
        nn.init.zeros_(self.network.weight)
        self.peak = peak
        self.broken_at = broken_at
        self.epochs_run: list[int] = []

    def __len__(self) -> int:
        return 4

    def epoch(self, epoch: int) -> Iterator[Tensor]:
        self.epochs_run.append(epoch)
        factor = float("nan") if epoch == self.broken_at else 1.0
        for _ in range(4):
            yield torch.randn(8, 1) * factor

    def loss(self, batch: Tensor, device: torch.device) -> Tensor:
        error: Tensor = self.network(batch) - 3 * batch
        return error.square().mean()

    def validate(self) -> float:
        return -abs(float(self.network.weight.detach()) - self.peak)

    @property
    def task(self) -> Task[Tensor]:
        return Task(self.network, self, self.loss, self.validate)


def config(**changed: float) -> TrainConfig:
    options = {"epochs": 10, "lr": 0.1, "warmup_steps": 0, "eval_every": 1, "patience": 100}
    return TrainConfig.model_validate(options | changed)


def test_ends_with_the_weights_of_the_best_validation() -> None:
    model = Regression(peak=1.0)
    state = fit(model.task, config(schedule="constant"), seed=1)  # type: ignore[arg-type]
    metrics = [point.metric for point in state.curve]
    assert state.best_epoch == metrics.index(max(m for m in metrics if m is not None)) + 1
    assert state.best_epoch < 10
    assert model.validate() == pytest.approx(state.best_metric)


def test_stops_when_validation_no_longer_improves() -> None:
    model = Regression(peak=0.5)
    state = fit(model.task, config(patience=3), seed=1)
    assert state.epoch == state.best_epoch + 3


def test_validates_every_few_epochs_and_at_the_end() -> None:
    state = fit(Regression().task, config(epochs=7, eval_every=3), seed=1)
    validated = [point.epoch for point in state.curve if point.metric is not None]
    assert validated == [3, 6, 7]


def test_resumes_exactly_where_it_was(tmp_path: Path) -> None:
    whole = Regression()
    fit(whole.task, config(), seed=1)

    class StopHereError(Exception):
        pass

    def interrupt(point: CurvePoint) -> None:
        if point.epoch == 4:
            raise StopHereError

    with pytest.raises(StopHereError):
        fit(Regression().task, config(), seed=1, folder=tmp_path, identity="a", report=interrupt)
    resumed = Regression()
    reported: list[int] = []
    fit(
        resumed.task,
        config(),
        seed=1,
        folder=tmp_path,
        identity="a",
        report=lambda point: reported.append(point.epoch),
    )
    assert resumed.epochs_run == [5, 6, 7, 8, 9, 10]
    assert reported == list(range(1, 11)), "the whole curve is reported, for tracking"
    assert torch.equal(resumed.network.weight, whole.network.weight)


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    first = Regression()
    fit(first.task, config(), seed=1, folder=tmp_path, identity="a")
    second = Regression()
    fit(second.task, config(), seed=1, folder=tmp_path, identity="a")
    assert second.epochs_run == []
    assert torch.equal(first.network.weight, second.network.weight)


def test_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    fit(Regression().task, config(epochs=1), seed=1, folder=tmp_path, identity="a")
    with pytest.raises(ArtifactError, match="another configuration or data set"):
        fit(Regression().task, config(epochs=1), seed=1, folder=tmp_path, identity="b")


def test_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT).write_bytes(b"\x20\0\0\0\0\0\0\0garbage")
    with pytest.raises(ArtifactError, match=r"checkpoint\.safetensors: damaged"):
        fit(Regression().task, config(), seed=1, folder=tmp_path, identity="a")


def test_a_loss_that_is_not_finite_says_what_to_change() -> None:
    with pytest.raises(NadeuriError, match=r"loss of epoch 3 is nan; lower train\.lr"):
        fit(Regression(broken_at=3).task, config(), seed=1)


CONFIG = """
name = "killed"
[model]
kind = "meta_bert4rec"
fields = ["city", "theme"]
max_len = 12
dim = 16
[train]
epochs = 8
eval_every = 2
batch_size = 2
"""


def train_command(dataset: Dataset, folder: Path) -> list[str]:
    config_file = folder.parent / "killed.toml"
    config_file.write_text(CONFIG)
    command = [sys.executable, "-m", "nadeuri", "recommend", "train", str(config_file)]
    return [*command, "--data", str(dataset.path), "--out", str(folder), "--no-track"]


def test_a_run_killed_with_sigkill_ends_like_one_that_was_not(
    travel_dataset: Dataset, tmp_path: Path
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    done = subprocess.run(
        train_command(travel_dataset, whole), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

    process = subprocess.Popen(
        train_command(travel_dataset, killed), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while not (killed / CHECKPOINT).exists():
        assert process.poll() is None, "finished before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (killed / "artifact").exists(), "killed too late to show anything"

    resumed = subprocess.run(
        train_command(travel_dataset, killed), capture_output=True, text=True, check=False
    )
    assert resumed.returncode == 0, resumed.stderr
    metrics = [
        json.loads((folder / "artifact" / "metrics.json").read_text()) for folder in (whole, killed)
    ]
    assert metrics[0] == metrics[1]
    weights = [
        (folder / "artifact" / "weights.safetensors").read_bytes() for folder in (whole, killed)
    ]
    assert weights[0] == weights[1]
