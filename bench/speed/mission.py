"""The mission's claim as a whole: precision, length and batch together, at held quality.

``bench/mission.toml`` has the training as it was (fp32, N = 200, batch 128) and the one that the
search over lengths and batches found (``nadeuri recommend tune length-batch``). Quality is held
where validation nDCG@10 comes within a stated tolerance of the best that the former reaches; what
is compared is the CPU time until then, validations not counted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nadeuri import columns
from nadeuri.training.config import read_toml
from speed.epoch import our_worker
from speed.part import Part, mean_sd, over_seeds
from speed.setting import Setting

CONFIG = Path(__file__).parent.parent / "mission.toml"
SIDES = ("before", "after")
NDCG = columns.at(columns.NDCG, 10)

Run = dict[str, Any]


def measure(setting: Setting, config: Path = CONFIG) -> Part:
    """Train both ways with every seed, in turn."""
    tables = read_toml(config)
    runs: dict[str, list[Run]] = {side: [] for side in SIDES}
    for seed in tables["seeds"]:
        for side in SIDES:
            experiment = {"name": side, **tables[side]}
            runs[side].append(_train(setting, tables["data"], experiment, seed))
    part = Part("mission")
    part.add({**tables, "runs": runs}, figures_of(runs, tables["tolerance"]))
    return part


def figures_of(runs: dict[str, list[Run]], tolerance: float) -> dict[str, float]:
    """The ratio of the times to held quality, and what both reach on the test part.

    The ratio is absent where a run of either side never comes within the tolerance.
    """
    best, _ = mean_sd([max(ndcg for _, ndcg in run["curve"]) for run in runs["before"]])
    held = (1 - tolerance) * best
    figures = {"mission.held_ndcg_at_10": held}
    times = {side: [_time_to(run["curve"], held) for run in runs[side]] for side in SIDES}
    for side in SIDES:
        figures |= over_seeds(f"mission.{side}.{NDCG}", [run["test"] for run in runs[side]])
        reached = [seconds for seconds in times[side] if seconds is not None]
        if len(reached) == len(runs[side]):
            figures |= over_seeds(f"mission.{side}.training_cpu_s", reached)
    before, after = (figures.get(f"mission.{side}.training_cpu_s") for side in SIDES)
    if before is not None and after is not None:
        figures["mission.training_time_ratio"] = before / after
    return figures


def _time_to(curve: list[tuple[float, float]], ndcg: float) -> float | None:
    """CPU seconds until validation first reaches ``ndcg``."""
    return next((seconds for seconds, reached in curve if reached >= ndcg), None)


def _train(setting: Setting, data: str, experiment: dict[str, Any], seed: int) -> Run:
    def run() -> Run:
        with our_worker(setting, data, experiment, seed=seed, curve=True) as worker:
            *points, last = worker.finish()
        return {
            "seed": seed,
            "curve": [(point["cpu_s"], point[NDCG]) for point in points if NDCG in point],
            "test": last["test"][NDCG],
            "peak_rss_mib": last["peak_rss_mib"],
            "precision": points[-1]["precision"],
        }

    name = f"mission-{data}-{experiment['name']}"
    return setting.shelf.keep(name, {"experiment": experiment, "seed": seed}, run)
