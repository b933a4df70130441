"""Time to a validation nDCG@10 of .12 on ML-1M: Nadeuri's preset against RecTools' BERT4Rec.

The peer's run is the longest job of the benchmark: hours. It keeps a checkpoint, so it may be
killed and is continued by the next call; where ``cap_s`` CPU seconds were not enough, what it spent
is a lower bound of what it needs.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from nadeuri import columns
from nadeuri.errors import NadeuriError
from nadeuri.recommend.compare_config import load_preset
from speed.epoch import ARCHITECTURE, BATCH_SIZE, LR, MASK_SHARE, our_worker
from speed.part import Part, mean_sd
from speed.setting import VALID_USERS, Setting
from speed.workers import Worker

DATA, MAX_LEN, TARGET = "ml-1m", 200, 0.12
NDCG = columns.at(columns.NDCG, 10)
SEEDS = (1, 2, 3)
PEER_VALID_EVERY = 2
"""Epochs between the peer's validations, which are not counted; ours come after every epoch."""

Points = list[dict[str, Any]]


def measure(setting: Setting, *, cap_s: float, epoch_s: float | None = None) -> Part:
    """Train both sides to the target.

    Args:
        cap_s: CPU seconds after which the peer is given up.
        epoch_s: CPU seconds of the peer's epoch, measured in turns with ours. It is charged no more
            than that for each of its epochs: its long run meets other work on the machine.
    """
    ours = [_our_run(setting, seed) for seed in SEEDS]
    peer = _peer_run(setting, cap_s)
    part = Part("quality")
    spent, is_bound = charged(peer, epoch_s)
    times = [time_to(run["points"], TARGET)["cpu_s"] for run in ours]
    mean, sd = mean_sd(times)
    name = f"{DATA}.time_to_ndcg_{TARGET:g}"
    part.add(
        {"data": DATA, "target": TARGET, "ours": ours, "peer": peer, "peer_epoch_s": epoch_s},
        {
            f"{name}_speedup_vs_rectools": spent / mean,
            f"{name}_speedup_vs_rectools.is_lower_bound": float(is_bound),
            f"{name}_cpu_s": mean,
            f"{name}_cpu_s.sd": sd,
            f"{name}_cpu_s.seeds": len(times),
            f"{DATA}.rectools.time_to_ndcg_{TARGET:g}_cpu_s": spent,
        },
    )
    return part


def charged(points: Points, epoch_s: float | None) -> tuple[float, bool]:
    """CPU seconds that the peer is charged for, and whether it would have needed more."""
    reached = [point for point in points if point.get(NDCG, 0.0) >= TARGET]
    end = reached[0] if reached else points[-1]
    spent = end["cpu_s"]
    if epoch_s is not None:
        spent = min(spent, end["epoch"] * epoch_s)
    return spent, not reached


def time_to(points: Points, target: float) -> dict[str, Any]:
    """The first point whose validation reaches ``target``.

    Raises:
        NadeuriError: there is none.
    """
    for point in points:
        if point.get(NDCG, 0.0) >= target:
            return point
    best = max((point.get(NDCG, 0.0) for point in points), default=0.0)
    raise NadeuriError(
        f"quality: validation nDCG@10 of {target} was not reached, at best {best:.4f}; "
        "give the preset more epochs"
    )


def our_experiment() -> dict[str, Any]:
    """What the preset ships, validated after every epoch on the same users as the peer."""
    tables = load_preset(DATA).experiment(columns.BERT4REC).model_dump(mode="json")
    patience = tables["train"]["epochs"]
    tables["train"] |= {"eval_every": 1, "patience": patience, "valid_users": VALID_USERS}
    return tables


def _our_run(setting: Setting, seed: int) -> dict[str, Any]:
    tables = our_experiment()

    def run() -> dict[str, Any]:
        with our_worker(setting, DATA, tables, seed=seed, curve=True, target=TARGET) as worker:
            return {"seed": seed, "points": list(worker.finish())}

    return setting.shelf.keep(f"quality-{DATA}", {"experiment": tables, "seed": seed}, run)


def _peer_run(setting: Setting, cap_s: float) -> Points:
    task: dict[str, Any] = {
        "model": columns.BERT4REC,
        "max_len": MAX_LEN,
        "batch_size": BATCH_SIZE,
        "mask_share": MASK_SHARE,
        "lr": LR,
        "seed": SEEDS[0],
        "target": TARGET,
        "valid_every": PEER_VALID_EVERY,
        **ARCHITECTURE,
    }
    digest = hashlib.sha256(json.dumps(task, sort_keys=True).encode()).hexdigest()[:8]
    folder = setting.home / "quality" / f"{DATA}-rectools-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    points = _read(folder / "points.json")
    if not points or (points[-1].get(NDCG, 0.0) < TARGET and points[-1]["cpu_s"] < cap_s):
        sequences = str(setting.sequences(DATA))
        task |= {"sequences": sequences, "folder": str(folder), "cap_cpu_s": cap_s}
        with Worker("rectools_peer.py", task, setting.peer("rectools")) as worker:
            for point in worker.finish():
                print(f"  rectools: {json.dumps(point)}", flush=True)
        points = _read(folder / "points.json")
    return points


def _read(path: Path) -> Points:
    if not path.is_file():
        return []
    points: Points = json.loads(path.read_text(encoding="utf-8"))
    return points
