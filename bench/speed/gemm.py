"""How much of the machine's matrix-product rate training reaches, in fp32 and bf16.

Model FLOPs are counted from the batches that are really trained on, and only what the model needs:
cells that hold a click (padding is waste, not work), linear layers, attention and the item softmax;
the last block works only where something is asked. A backward pass counts twice a forward pass.
Norms, activations, dropout and the optimiser count nothing, though they take their time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from nadeuri import columns
from nadeuri.recommend.batching import SequenceBatch
from nadeuri.recommend.config import EncoderConfig, parse_config
from nadeuri.recommend.experiment import build, make_split
from speed.epoch import experiment, our_worker
from speed.part import Part
from speed.setting import Setting
from speed.workers import Side, take_turns

DATA, MAX_LEN = "ml-1m", 200
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
SQUARE = (2048, 2048, 2048)
SECONDS = 1.0
"""How long a shape is multiplied again and again; the fastest counts."""
EPOCHS_PER_TURN = 2


def measure(setting: Setting) -> Part:
    """Training epochs in both precisions between two measurements of the GEMM rate."""
    tables = {name: experiment(columns.BERT4REC, MAX_LEN, name) for name in DTYPES}
    fingerprint = setting.dataset(DATA).fingerprint
    key = {"experiments": tables, "data_fingerprint": fingerprint, "square": SQUARE}
    found = setting.shelf.keep(f"gemm-{DATA}", key, lambda: _measure(setting, tables))
    part = Part("gemm")
    figures: dict[str, float] = {}
    for name in DTYPES:
        rates = found["gflops_per_s"][name]
        rate = found["model_gflops"] / found["sides"][name]["cpu_s"]
        figures |= {
            f"gemm_share_{name}": rate / rates["square"],
            f"gemm_share_{name}.training_shapes": rate / rates["training"],
            f"gemm_gflops_per_s_{name}": rates["square"],
        }
    part.add({"data": DATA, **found}, figures)
    return part


def _measure(setting: Setting, tables: dict[str, Any]) -> dict[str, Any]:
    before = {name: _rates(name) for name in DTYPES}
    with (
        our_worker(setting, DATA, tables["fp32"]) as fp32,
        our_worker(setting, DATA, tables["bf16"]) as bf16,
    ):
        sides = [
            Side("fp32", fp32, EPOCHS_PER_TURN),
            Side("bf16", bf16, EPOCHS_PER_TURN),
        ]
        seconds = take_turns(sides, rounds=2)
    after = {name: _rates(name) for name in DTYPES}
    return {
        "gflops_per_s": {
            name: {shape: max(before[name][shape], after[name][shape]) for shape in before[name]}
            for name in DTYPES
        },
        "model_gflops": _epoch_flops(setting, tables["fp32"]) / 1e9,
        "sides": seconds,
    }


def _rates(precision: str) -> dict[str, float]:
    """GFLOP/s of one thread: a large square product, and the products of a training step.

    The training shapes are those of 25,600 cells (128 sequences of 200): projections to queries,
    keys and values, and the feed-forward layer; both directions and the product for the weights.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        square = _rate([SQUARE], DTYPES[precision])
        cells, dim = 128 * MAX_LEN, 64
        widths = [(dim, 3 * dim), (dim, 4 * dim), (4 * dim, dim)]
        training = [
            shape for a, b in widths for shape in ((cells, a, b), (cells, b, a), (a, cells, b))
        ]
        return {"square": square, "training": _rate(training, DTYPES[precision])}
    finally:
        torch.set_num_threads(threads)


def _rate(shapes: list[tuple[int, int, int]], dtype: torch.dtype) -> float:
    """GFLOP/s of multiplying [m, k] by [k, n] for all ``shapes`` (m, k, n) in turn."""
    pairs = [(torch.randn(m, k).to(dtype), torch.randn(k, n).to(dtype)) for m, k, n in shapes]
    outs = [(left @ right) for left, right in pairs]
    best, started = float("inf"), time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        before = time.process_time()
        for (left, right), out in zip(pairs, outs, strict=True):
            torch.mm(left, right, out=out)
        best = min(best, time.process_time() - before)
    return sum(2 * m * k * n for m, k, n in shapes) / best / 1e9


def _epoch_flops(setting: Setting, tables: dict[str, Any]) -> float:
    """FLOPs of the second epoch."""
    config = parse_config(tables, "gemm")
    dataset = setting.dataset(DATA)
    _, task = build(config, dataset, make_split(config.split, dataset), seed=1)
    assert isinstance(config.model, EncoderConfig)
    return training_flops(task.batches.epoch(2), config.model, dataset.n_items)


def training_flops(batches: Iterable[SequenceBatch], model: EncoderConfig, n_items: int) -> float:
    """FLOPs of training a bidirectional encoder on ``batches``, forward and backward.

    Per cell and block 24 d^2 (queries, keys, values, output, feed-forward of width 4 d), attention
    4 d for each pair of cells; in the last block only keys and values (4 d^2) for all cells and the
    rest for those that are asked about; head 2 d^2 and softmax 2 d n_items for the latter.
    """
    d, total = model.dim, 0.0
    for batch in batches:
        lengths = np.count_nonzero(batch.items, axis=1).astype(np.float64)
        rows = batch.positions // batch.items.shape[1]
        asked = np.bincount(rows, minlength=len(lengths)).astype(np.float64)
        whole_block = 24 * d**2 * lengths.sum() + 4 * d * (lengths**2).sum()
        last_block = (
            4 * d**2 * lengths.sum() + 20 * d**2 * asked.sum() + 4 * d * (lengths * asked).sum()
        )
        softmax = (2 * d**2 + 2 * d * n_items) * asked.sum()
        total += (model.blocks - 1) * whole_block + last_block + softmax
    return 3 * total
