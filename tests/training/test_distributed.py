"""Two processes train what one trains; a killed job goes on, a failing one says why once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from torch import Tensor

from nadeuri.data.prepare import open_or_prepare
from nadeuri.data.sample import write_sample
from nadeuri.recommend.config import load_config
from nadeuri.recommend.experiment import make_split, train
from nadeuri.settings import Settings
from nadeuri.training.checkpoint import CHECKPOINT
from nadeuri.training.distributed import current, joined

CONFIG = """
name = "two"
[model]
kind = "{kind}"
{model}
[train]
epochs = {epochs}
batch_size = 30
lr = 0.003
warmup_steps = 5
eval_every = 1
precision = "fp32"
"""
ENCODER = 'fields = "all"\ndim = 16\nheads = 2\nmax_len = 20\ndropout = 0.0'


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world") / "tiny"
    write_sample(folder, "tiny")
    return folder


def two_processes(*arguments: str | Path) -> list[str]:
    """A job of two; the arguments start with a script, or -m and a module."""
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    return [sys.executable, *launcher, *map(str, arguments)]


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"NADEURI_HOME": str(home), "OMP_NUM_THREADS": "1"}


def training(config: Path, world: Path, out: Path) -> list[str]:
    verb = ("-m", "nadeuri", "recommend", "train")
    return two_processes(*verb, config, "--data", world, "--no-track", "--out", out)


def run_training(config: Path, world: Path, out: Path) -> str:
    """Train in two processes; returns what they printed."""
    done = subprocess.run(
        training(config, world, out),
        env=environment(out.parent / "home"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def read_checkpoint(folder: Path) -> tuple[list[dict[str, Any]], dict[str, Tensor]]:
    with safe_open(folder / CHECKPOINT, framework="pt") as file:
        curve = json.loads(file.metadata()["progress"])["curve"]
        return curve, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "model"),
    [
        ("meta_bert4rec", ENCODER),
        ("meta_sasrec", ENCODER),
        ("ncf", "dim = 8\ndropout = 0.0"),
    ],
)
def test_two_processes_train_what_one_trains(
    tmp_path: Path, world: Path, kind: str, model: str
) -> None:
    config = tmp_path / "two.toml"
    config.write_text(CONFIG.format(kind=kind, model=model, epochs=2), encoding="utf-8")
    printed = run_training(config, world, tmp_path / "out2")
    assert printed.count("ndcg_at_10") == 1
    experiment = load_config(config)
    dataset = open_or_prepare(world, Settings.from_env(home=tmp_path / "home").data_cache)
    split = make_split(experiment.split, dataset)
    train(experiment, dataset, split, seed=1, folder=tmp_path / "out1")
    curves, weights = zip(*(read_checkpoint(tmp_path / f"out{n}") for n in (1, 2)), strict=True)
    assert [point["epoch"] for point in curves[0]] == [1, 2]
    for one, two in zip(*curves, strict=True):
        for figure in ("loss", "grad_norm", "metric", "lr"):
            assert two[figure] == pytest.approx(one[figure], rel=1e-4), (figure, one["epoch"])
    assert weights[0].keys() == weights[1].keys()
    for name in (name for name in weights[0] if name.startswith("network.")):
        # Adam divides by the size of a gradient, be it rounding alone: a few steps of the rate
        assert torch.allclose(weights[0][name], weights[1][name], rtol=1e-3, atol=1e-3), name


@pytest.mark.slow
def test_a_killed_job_goes_on_to_the_same_weights(tmp_path: Path, world: Path) -> None:
    config = tmp_path / "two.toml"
    model = ENCODER.replace("dropout = 0.0", "dropout = 0.2")
    text = CONFIG.format(kind="meta_bert4rec", model=model, epochs=12)
    config.write_text(text, encoding="utf-8")
    run_training(config, world, tmp_path / "whole")
    out = tmp_path / "killed"
    job = subprocess.Popen(
        training(config, world, out),
        env=environment(tmp_path / "home"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not (out / CHECKPOINT).exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    kill_job(job)
    assert 1 <= len(read_checkpoint(out)[0]) < 12
    run_training(config, world, out)
    expected, found = read_checkpoint(tmp_path / "whole"), read_checkpoint(out)
    assert [p["loss"] for p in found[0]] == [p["loss"] for p in expected[0]]
    assert all(torch.equal(found[1][name], tensor) for name, tensor in expected[1].items())


def kill_job(job: subprocess.Popen[bytes]) -> None:
    """SIGKILL to torchrun and all that it started, which have process groups of their own."""
    import psutil

    family = [job.pid, *(child.pid for child in psutil.Process(job.pid).children(recursive=True))]
    for pid in family:
        os.kill(pid, signal.SIGKILL)
    job.wait()


FAILING = """
import sys
from nadeuri.cli.lazy import LazyGroup
import click
from nadeuri.errors import DataError
from nadeuri.training.distributed import joined
from nadeuri.settings import Settings

@click.command
def command():
    with joined(Settings.from_env().launch) as group:
        {body}

group = LazyGroup("test", verbs={{}})
group.add_command(command, "fail")
group.get_command = lambda ctx, name: command
group.main(["fail"])
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            'if group.rank == 1: raise DataError("disk full")\n        group.agree(lambda: 1)\n'
            "        group.agree(lambda: 2)",
            "error: process 1 of 2: disk full",
            id="one process fails, the other waits for it",
        ),
        pytest.param(
            "import torch; torch.manual_seed(group.rank)\n"
            '        group.require_same(torch.nn.Linear(2, 2), "")',
            "the processes do not start alike",
            id="all fail alike",
        ),
    ],
)
def test_a_failure_ends_the_job_with_one_line(tmp_path: Path, body: str, expected: str) -> None:
    script = tmp_path / "job.py"
    script.write_text(FAILING.format(body=body), encoding="utf-8")
    done = subprocess.run(
        two_processes(script),
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, done.stderr
    assert expected in lines[0]


def test_without_torchrun_a_process_is_a_group_of_one() -> None:
    with joined(None) as group:
        assert (group.rank, group.world, group.is_first) == (0, 1, True)
        batch = object()
        assert group.share(batch) == (batch, 1.0)
        assert group.agree(lambda: "bf16") == "bf16"
        assert group.first(lambda: 7) == 7
    assert current() == group
