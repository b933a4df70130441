"""Mixed precision alone: bf16 against fp32 on the same build, at d = 64 and d = 256.

Whole trainings of BERT4Rec on ML-100k, with each seed in both precisions, one after the other: time
and test nDCG@10 come from the same runs.
"""

from __future__ import annotations

from typing import Any

from nadeuri import columns
from speed.epoch import our_worker
from speed.part import Part, mean_sd, over_seeds
from speed.setting import Setting

DATA, MAX_LEN, EPOCHS = "ml-100k", 100, 40
SEEDS = {64: range(1, 11), 256: range(1, 6)}
"""Seeds of each width: three were first run of both, which left open whether bf16 loses."""
PRECISIONS = ("fp32", "bf16")
NDCG = columns.at(columns.NDCG, 10)


def measure(setting: Setting) -> Part:
    """Train with every width, seed and precision."""
    part = Part("amp")
    for dim, seeds in SEEDS.items():
        runs = [
            {precision: _train(setting, dim, seed, precision) for precision in PRECISIONS}
            for seed in seeds
        ]
        part.add({"data": DATA, "dim": dim, "runs": runs}, figures_of(dim, runs))
    return part


def figures_of(dim: int, runs: list[dict[str, Any]]) -> dict[str, float]:
    """Time ratio (fp32 over bf16) and nDCG difference (bf16 minus fp32), paired by seed.

    ``.sd_fp32`` is what the seed alone changes: the measure of a difference.
    """
    ratios = [run["fp32"]["cpu_s"] / run["bf16"]["cpu_s"] for run in runs]
    differences = [run["bf16"][NDCG] - run["fp32"][NDCG] for run in runs]
    mean, sd = mean_sd([run["fp32"][NDCG] for run in runs])
    return {
        **over_seeds(f"amp.time_ratio_d{dim}", ratios),
        **over_seeds(f"amp.ndcg_difference_d{dim}", differences),
        f"amp.ndcg_fp32_d{dim}": mean,
        f"amp.ndcg_fp32_d{dim}.sd": sd,
    }


def _train(setting: Setting, dim: int, seed: int, precision: str) -> dict[str, Any]:
    tables = _experiment(dim, precision)

    def run() -> dict[str, Any]:
        with our_worker(setting, DATA, tables, seed=seed, curve=True) as worker:
            *points, last = worker.finish()
        return {
            "cpu_s": points[-1]["cpu_s"],
            "peak_rss_mib": last["peak_rss_mib"],
            NDCG: last["test"][NDCG],
            "best_valid": max(point.get(NDCG, 0.0) for point in points),
        }

    return setting.shelf.keep(f"amp-{DATA}-d{dim}", {"experiment": tables, "seed": seed}, run)


def _experiment(dim: int, precision: str) -> dict[str, Any]:
    return {
        "name": "amp",
        "model": {
            "kind": columns.BERT4REC,
            "max_len": MAX_LEN,
            "dim": dim,
            "heads": dim // 32,
            "mask_share": 0.3,
        },
        "train": {
            "epochs": EPOCHS,
            "batch_size": 32,
            "lr": 0.002 if dim == 64 else 0.001,
            "precision": precision,
            "eval_every": 5,
            "patience": EPOCHS,
        },
    }
