"""What an epoch costs: against gensim at equal settings, and on ten million clicks."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from nadeuri import columns
from nadeuri.data.prepare import open_or_prepare
from nadeuri.data.splits import leave_one_out
from speed.part import Part
from speed.setting import Setting
from speed.workers import Side, Worker, take_turns
from viewed.clustered import clustered
from viewed.models import BATCH_SIZE, OUR_LR, gensim_task, write_sentences
from viewed.sets import DIM, NEGATIVES, Viewed

EQUAL = {"window": 5, "ns_exponent": 0.75}
SEED, MANY = 1, 1_000_000
PER_TURN = 5
"""Epochs are short: several in a turn."""
CLICKS_10M, PRODUCTS_100K = 10_000_000, 100_000


def measure_epoch(setting: Setting, viewed: Viewed, rounds: int) -> Part:
    """Prod2Vec and gensim taking turns, one thread each, on the same sessions."""
    dataset = open_or_prepare(viewed.folder.absolute(), setting.settings.data_cache.absolute())
    with tempfile.TemporaryDirectory(prefix="nadeuri-gensim-") as folder, ExitStack() as stack:
        sentences = Path(folder) / "sentences.txt"
        write_sentences(sentences, viewed, dataset, leave_one_out(dataset.sequences), ())
        epochs = 1 + (rounds + 1) * PER_TURN
        task = {**gensim_task({**EQUAL, "epochs": epochs}, sentences, SEED), "turns": True}
        ours = {"dataset": str(dataset.path), "experiment": experiment(viewed), "seed": SEED}
        workers = {
            "ours": Worker("nadeuri_worker.py", ours),
            "gensim": Worker("gensim_peer.py", task, setting.peer("gensim")),
        }
        sides = [
            Side(name, stack.enter_context(worker), PER_TURN) for name, worker in workers.items()
        ]
        found = take_turns(sides, rounds)
    part = Part(f"epoch --sets {viewed.name}")
    figures = {
        "epoch_speedup_vs_gensim": found["gensim"]["wall_s"] / found["ours"]["wall_s"],
        "epoch_speedup_vs_gensim.cpu": found["gensim"]["cpu_s"] / found["ours"]["cpu_s"],
    }
    for name, side in found.items():
        figures |= {f"epoch.{name}.{figure}": side[figure] for figure in ("cpu_s", "wall_s")}
        figures[f"epoch.{name}.peak_rss_mib"] = side["peak_rss_mib"]
    part.add({"part": "epoch", "set": viewed.name, "sides": found}, figures)
    return part


def measure_scale(setting: Setting) -> Part:
    """Seconds and memory of an epoch on 10M clicks on 100k products, one thread."""
    folder = clustered(setting.home, n_items=PRODUCTS_100K, n_clicks=CLICKS_10M)
    viewed = Viewed("10m", folder, by_user=False, filter_seen=True, fields=())
    task = {"dataset": str(folder), "experiment": experiment(viewed), "seed": SEED}
    with Worker("nadeuri_worker.py", task) as worker:
        found = take_turns([Side("ours", worker)], rounds=1)["ours"]
    part = Part("scale")
    names = {"cpu_s": "epoch_cpu_s", "wall_s": "epoch_wall_s", "peak_rss_mib": "peak_rss_mib"}
    figures = {f"train_10m.{figure}": found[name] for name, figure in names.items()}
    part.add({"part": "scale", "clicks": CLICKS_10M, "products": PRODUCTS_100K, **found}, figures)
    return part


def experiment(viewed: Viewed) -> dict[str, Any]:
    """Prod2Vec with the peer's settings, as many epochs as are asked for."""
    return {
        "name": "epoch",
        "model": {
            "kind": columns.PROD2VEC,
            "dim": DIM,
            "negatives": NEGATIVES,
            "by_user": viewed.by_user,
            **EQUAL,
        },
        "train": {
            "epochs": MANY,
            "eval_every": MANY,
            "schedule": "constant",
            "warmup_steps": 0,
            "lr": OUR_LR,
            "batch_size": BATCH_SIZE,
            "precision": "fp32",
        },
    }
