"""The training loop: best weights, early stopping, resume after SIGKILL, clear failures."""

from __future__ import annotations

import json
import math
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nadeuri.data.sequences import Dataset
from nadeuri.errors import ArtifactError, DataError, NadeuriError
from nadeuri.training import precision
from nadeuri.training.checkpoint import CHECKPOINT
from nadeuri.training.config import TrainConfig
from nadeuri.training.state import CurvePoint
from nadeuri.training.task import LR_SHARE, Task
from nadeuri.training.trainer import fit


class Regression:
    """Fits w to 3; validation is highest near ``peak`` on the way there."""

    floor: Callable[[], float] | None = None

    def __init__(self, peak: float = 3.0, broken: Iterable[int] = ()) -> None:
        self.network = nn.Linear(1, 1, bias=False)
        nn.init.zeros_(self.network.weight)
        self.peak = peak
        self.broken = set(broken)
        self.epochs_run: list[int] = []

    def __len__(self) -> int:
        return 4

    def epoch(self, epoch: int) -> Iterator[Tensor]:
        self.epochs_run.append(epoch)
        factor = float("nan") if epoch in self.broken else 1.0
        for _ in range(4):
            yield torch.randn(64, 1) * factor

    def loss(self, batch: Tensor, device: torch.device) -> Tensor:
        error: Tensor = self.network(batch) - 3 * batch
        return error.square().mean()

    def validate(self) -> float:
        return -abs(self.weight - self.peak)

    @property
    def weight(self) -> float:
        return float(self.network.weight.detach())

    @property
    def task(self) -> Task[Tensor]:
        return Task(self.network, self, self.loss, self.validate, initialise, self.floor)


def initialise(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Linear(1, 1, bias=False)


def config(**changed: Any) -> TrainConfig:
    options = {"epochs": 10, "lr": 0.1, "warmup_steps": 0, "eval_every": 1, "patience": 100}
    return TrainConfig.model_validate({**options, "precision": "fp32", **changed})


class Grouped(Regression):
    """Fits a line; its slope gets the whole rate, its height a tenth, and a third weight none."""

    def __init__(self) -> None:
        super().__init__()
        self.network = nn.Linear(1, 1)
        nn.init.zeros_(self.network.weight)
        nn.init.zeros_(self.network.bias)
        self.network.register_parameter("frozen", nn.Parameter(torch.ones(2), requires_grad=False))
        self.rates: list[tuple[float, float]] = []

    def loss(self, batch: Tensor, device: torch.device) -> Tensor:
        error: Tensor = self.network(batch) - 3 * batch - 2
        return error.square().mean()

    def groups(self, config: TrainConfig) -> torch.optim.Optimizer:
        model = self.network
        optimizer = torch.optim.AdamW(
            [{"params": [model.weight]}, {"params": [model.bias, model.frozen], LR_SHARE: 0.1}],
            lr=config.lr,
        )

        def note(*_: object) -> None:
            slope, height = optimizer.param_groups
            self.rates.append((slope["lr"], height["lr"]))

        optimizer.register_step_pre_hook(note)
        return optimizer

    @property
    def task(self) -> Task[Tensor]:
        return replace(super().task, optimizer=lambda parameters, config: self.groups(config))


class StopHereError(Exception):
    """Raised by a report, as if the run had been killed there."""


def stop_after(epoch: int) -> Callable[[CurvePoint], None]:
    def report(point: CurvePoint) -> None:
        if point.epoch == epoch:
            raise StopHereError

    return report


def test_ends_with_the_weights_of_the_best_validation() -> None:
    model = Regression(peak=1.0)
    state = fit(model.task, config(schedule="constant"), seed=1)
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

    with pytest.raises(StopHereError):
        fit(
            Regression().task, config(), seed=1, folder=tmp_path, identity="a", report=stop_after(4)
        )
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


def test_a_broken_epoch_is_recovered_from_at_a_lower_rate() -> None:
    model = Regression(broken={3})
    state = fit(model.task, config(schedule="constant"), seed=1)
    assert state.curve[2].event == "stall: the loss is nan; restarted from epoch 2, rate x 0.3"
    assert state.curve[2].metric is None, "broken weights are not judged"
    assert [point.lr for point in state.curve] == pytest.approx([0.1] * 3 + [0.03] * 8)
    assert state.epoch == 11, "the lost epoch is made up for"
    assert state.curve[3].loss < state.curve[0].loss
    assert model.validate() == state.best_metric > -1.5


def test_after_a_recovery_the_rate_warms_up_and_the_schedule_goes_on() -> None:
    options = config(schedule="multiplicative", decay=0.5, warmup_steps=8, epochs=6)
    state = fit(Regression(broken={4}).task, options, seed=1)
    scale = options.recovery_factor
    assert [point.lr for point in state.curve] == pytest.approx(
        # the fourth is lost; 4 steps an epoch, 8 of warm-up
        [0.05, 0.1, 0.1, 0.05, 0.05 * 0.5 * scale, 0.025 * scale, 0.0125 * scale]
    )


def test_without_anything_learned_it_starts_from_new_weights() -> None:
    model = Regression(broken={1})
    state = fit(model.task, config(schedule="constant"), seed=1)
    assert state.curve[0].event == "stall: the loss is nan; restarted from new weights, rate x 0.3"
    assert len(state.curve) == 11, "the schedule starts again"
    twice = Regression(broken={1, 2})
    assert fit(twice.task, config(schedule="constant"), seed=1).recoveries == 2
    assert not torch.equal(model.network.weight, twice.network.weight)


def test_a_loss_that_stays_broken_says_what_to_change() -> None:
    message = r"loss of epoch 5 is nan after 2 recoveries; lower train\.lr"
    with pytest.raises(NadeuriError, match=message):
        fit(Regression(broken=range(3, 10)).task, config(recoveries=2), seed=1)


def test_staying_at_the_baseline_is_a_stall() -> None:
    model = Regression()
    model.floor = lambda: 1.0  # out of reach: the best possible is 0
    state = fit(
        model.task, config(stall_epochs=4, stall_steps=16, recoveries=1, epochs=6, lr=0.01), seed=1
    )
    events = {point.epoch: point.event for point in state.curve if point.event}
    assert list(events) == [4, 8], "once for each attempt"
    assert "after 4 epochs is not clearly above the baseline 1.0000; " in events[4]
    assert "restarted from new" in events[4]
    assert events[8].endswith("no recovery left")
    assert state.epoch == 10


def test_nothing_to_train_on_is_an_error_and_not_a_crash() -> None:
    class Empty(Regression):
        def __len__(self) -> int:
            return 0

    with pytest.raises(DataError, match="no batches; the training part"):
        fit(Empty().task, config(), seed=1)


def test_a_stall_is_reported_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    fit(Regression(broken={3}).task, config(), seed=1)
    assert capsys.readouterr().err == (
        "epoch 3: stall: the loss is nan; restarted from epoch 2, rate x 0.3\n"
    )


def test_early_stopping_below_the_baseline_is_a_stall() -> None:
    model = Regression(peak=-1)
    model.floor = lambda: 1.0
    state = fit(model.task, config(patience=2, recoveries=1), seed=1)
    assert "is not clearly above the baseline" in (state.curve[2].event or "")
    assert state.recoveries == 1


def test_a_plateau_lowers_the_rate_on_top_of_the_schedule() -> None:
    options = config(schedule="constant", plateau_factor=0.5, plateau_patience=2, patience=5)
    state = fit(Regression(peak=-1).task, options, seed=1)  # epoch 1 is the best
    assert [point.lr for point in state.curve] == pytest.approx([0.1, 0.1, 0.1, 0.05, 0.05, 0.025])
    assert [p.epoch for p in state.curve if p.event == "plateau: rate x 0.5"] == [3, 5]
    assert state.stale == 5, "lowering the rate does not put off early stopping"


def test_validates_and_keeps_the_averaged_weights() -> None:
    plain, averaged = Regression(), Regression()
    options = {"schedule": "constant", "epochs": 3}
    fit(plain.task, config(**options), seed=1)
    state = fit(averaged.task, config(ema_decay=0.9, **options), seed=1)
    assert state.averaged_steps == 12
    assert averaged.validate() == state.best_metric
    assert 0 < averaged.weight < plain.weight, "it lags behind"


@pytest.mark.parametrize(
    "options",
    [
        {"ema_decay": 0.9},
        {"plateau_factor": 0.5, "plateau_patience": 1},
        {"precision": "bf16"},
        {"precision": "fp16"},
        {"broken": {4}},
        {"broken": {1, 6}, "ema_decay": 0.5, "warmup_steps": 6, "schedule": "one-cycle"},
    ],
    ids=str,
)
def test_resumes_exactly_after_every_epoch(options: dict[str, Any], tmp_path: Path) -> None:
    broken = options.pop("broken", ())
    whole = Regression(peak=1.5, broken=broken)
    expected = fit(whole.task, config(**options), seed=1)

    for stop_at in range(1, expected.epoch):
        with pytest.raises(StopHereError):
            fit(
                Regression(peak=1.5, broken=broken).task,
                config(**options),
                seed=1,
                folder=tmp_path,
                identity="a",
                report=stop_after(stop_at),
            )
    resumed = Regression(peak=1.5, broken=broken)
    state = fit(resumed.task, config(**options), seed=1, folder=tmp_path, identity="a")
    assert torch.equal(resumed.network.weight, whole.network.weight)
    assert replace(state, seconds=0, curve=()) == replace(expected, seconds=0, curve=())
    assert [p.event for p in state.curve] == [p.event for p in expected.curve]
    assert [p.lr for p in state.curve] == [p.lr for p in expected.curve]


def test_groups_of_parameters_get_their_share_of_the_scheduled_rate() -> None:
    plain, grouped = Regression(), Grouped()
    options = config(schedule="multiplicative", decay=0.5, warmup_steps=2, epochs=3)
    state = fit(grouped.task, options, seed=1)
    slope, height = zip(*grouped.rates, strict=True)
    assert slope == pytest.approx([0.05] + [0.1] * 3 + [0.05] * 4 + [0.025] * 4)
    assert height == pytest.approx([rate / 10 for rate in slope])
    expected = fit(plain.task, options, seed=1)
    assert [p.lr for p in state.curve] == [p.lr for p in expected.curve], "that of the first group"


def test_groups_of_parameters_resume_exactly(tmp_path: Path) -> None:
    options = config(schedule="cosine", epochs=6)
    whole = Grouped()
    fit(whole.task, options, seed=1)
    for stop_at in (2, 4):
        with pytest.raises(StopHereError):
            fit(Grouped().task, options, seed=1, folder=tmp_path, report=stop_after(stop_at))
    resumed = Grouped()
    fit(resumed.task, options, seed=1, folder=tmp_path)
    assert resumed.rates == whole.rates[-len(resumed.rates) :]
    assert len(resumed.rates) == 8
    for name, tensor in whole.network.state_dict().items():
        assert torch.equal(resumed.network.state_dict()[name], tensor), name


def test_a_resumed_run_keeps_its_precision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = config(precision="auto")
    monkeypatch.setattr(precision, "bf16_time_ratio", lambda: 0.5)
    with pytest.raises(StopHereError):
        fit(Regression().task, options, seed=1, folder=tmp_path, report=stop_after(1))
    monkeypatch.setattr(precision, "bf16_time_ratio", lambda: 2.0)
    assert fit(Regression().task, options, seed=1).precision == "fp32"
    assert fit(Regression().task, options, seed=1, folder=tmp_path).precision == "bf16"


class Overflowing(Regression):
    """The third batch has gradients that fp16 cannot hold."""

    def epoch(self, epoch: int) -> Iterator[Tensor]:
        for index, batch in enumerate(super().epoch(epoch)):
            yield batch * (1e4 if index == 2 else 1.0)

    def loss(self, batch: Tensor, device: torch.device) -> Tensor:
        return 0.01 * super().loss(batch, device)


def test_a_step_that_overflows_in_fp16_is_left_out_and_the_scale_lowered() -> None:
    model = Overflowing()
    state = fit(model.task, config(precision="fp16", epochs=1, schedule="constant"), seed=1)
    assert state.scaler["scale"] == 2.0**15, "halved once from 2**16"
    assert state.curve[0].event is None
    assert math.isfinite(state.curve[0].loss)
    assert 0.2 < model.weight < 0.31, "three steps of at most the rate, 0.1"


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
