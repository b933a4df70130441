"""Which precision is used, and what it does to a step."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nadeuri.data.sequences import Dataset
from nadeuri.recommend.config import ExperimentConfig
from nadeuri.recommend.experiment import make_split, train
from nadeuri.training import precision
from nadeuri.training.precision import autocast, bf16_time_ratio, grad_scaler, resolve

CPU = torch.device("cpu")


@pytest.mark.parametrize("asked", ["fp32", "bf16", "fp16"])
def test_what_is_asked_for_is_used(asked: str) -> None:
    assert resolve(asked, CPU) == asked


@pytest.mark.parametrize(("ratio", "chosen"), [(0.5, "bf16"), (0.95, "fp32"), (3.0, "fp32")])
def test_auto_takes_bf16_where_it_is_clearly_faster(
    ratio: float, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "bf16_time_ratio", lambda: ratio)
    assert resolve("auto", CPU) == chosen


@pytest.mark.parametrize(("is_supported", "chosen"), [(True, "bf16"), (False, "fp16")])
def test_auto_takes_fp16_on_gpus_without_bf16(
    is_supported: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: is_supported)
    assert resolve("auto", torch.device("cuda")) == chosen


def test_the_probe_answers_once_and_draws_no_random_numbers() -> None:
    bf16_time_ratio.cache_clear()
    before = torch.get_rng_state()
    ratio = bf16_time_ratio()
    assert 0.05 < ratio < 100
    assert bf16_time_ratio() == ratio
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("fp32", torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16)],
)
def test_products_are_in_the_precision_and_weights_in_fp32(name: str, dtype: torch.dtype) -> None:
    layer = nn.Linear(4, 4)
    with autocast(name, CPU):
        out = layer(torch.ones(2, 4))
    out.float().sum().backward()
    assert out.dtype == dtype
    assert layer.weight.dtype == torch.float32
    assert layer.weight.grad is not None
    assert layer.weight.grad.dtype == torch.float32


def test_a_step_whose_gradient_overflows_is_left_out() -> None:
    weight = nn.Parameter(torch.ones(2))
    optimizer = torch.optim.AdamW([weight], lr=0.1, fused=True)
    scaler = grad_scaler("fp16", CPU)
    scale = scaler.get_scale() if scaler.scale(torch.ones(())) is not None else 0
    for factor in (1e38, 1.0):
        optimizer.zero_grad()
        scaler.scale((weight * factor).sum()).backward()  # type: ignore[no-untyped-call]
        scaler.unscale_(optimizer)
        before = weight.detach().clone()
        scaler.step(optimizer)
        scaler.update()
        assert torch.equal(weight, before) == (factor > 1)
        assert scaler.get_scale() == scale / 2


@pytest.mark.parametrize("name", ["fp32", "bf16", "fp16"])
@pytest.mark.parametrize("kind", ["bert4rec", "sasrec", "ncf"])
def test_models_learn_in_every_precision(kind: str, name: str, travel_dataset: Dataset) -> None:
    model = {"kind": kind} | ({} if kind == "ncf" else {"max_len": 8, "dim": 16})
    options = {"epochs": 4, "batch_size": 4, "lr": 0.01, "warmup_steps": 0, "precision": name}
    config = ExperimentConfig.model_validate({"name": "x", "model": model, "train": options})
    split = make_split(config.split, travel_dataset)
    losses = [point.loss for point in train(config, travel_dataset, split, seed=1).curve]
    assert losses[-1] < 0.95 * losses[0]
