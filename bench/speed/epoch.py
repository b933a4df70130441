"""Seconds and memory of an epoch: Nadeuri against the peers, at the same architecture."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from nadeuri import columns
from speed.part import Part
from speed.setting import Setting
from speed.workers import Side, Worker, take_turns

ARCHITECTURE = {"dim": 64, "blocks": 2, "heads": 2, "dropout": 0.2}
"""Dropout is the default of both peers."""
MASK_SHARE, BATCH_SIZE, LR, SEED = 0.2, 128, 1e-3, 1
OURS_PER_TURN = 3
"""Our epochs are short: several in a turn."""
PRECISIONS = ("auto", "fp32")
MANY = 1_000_000
"""Epochs: as many as are asked for, and no validation in between."""


@dataclass(frozen=True)
class Comparison:
    """A peer's model on a data set."""

    data: str
    peer: str
    model: str
    max_len: int

    def figure(self, name: str) -> str:
        """BERT4Rec's figures have no model in their name."""
        is_bert = self.model == columns.BERT4REC
        return f"{self.data}.{name}" if is_bert else f"{self.data}.{self.model}.{name}"


COMPARISONS = (
    Comparison("ml-1m", "rectools", columns.BERT4REC, 200),
    Comparison("beauty", "rectools", columns.BERT4REC, 50),
    Comparison("ml-100k", "recbole", columns.BERT4REC, 50),
    Comparison("ml-1m", "rectools", columns.SASREC, 200),
    Comparison("beauty", "rectools", columns.SASREC, 50),
    Comparison("ml-100k", "recbole", columns.SASREC, 50),
)


def experiment(model: str, max_len: int, precision: str, **changes: Any) -> dict[str, Any]:
    """The same architecture and step as the peers', as an experiment of ours.

    Args:
        changes: fields of the model, or of the training where it has them.
    """
    tables: dict[str, Any] = {
        "name": "epoch",
        "model": {"kind": model, "max_len": max_len, **ARCHITECTURE},
        "train": {
            "epochs": MANY,
            "eval_every": MANY,
            "schedule": "constant",
            "lr": LR,
            "batch_size": BATCH_SIZE,
            "precision": precision,
        },
    }
    if model == columns.BERT4REC:
        tables["model"] |= {"mask_share": MASK_SHARE, "last_share": 0.0}
    for name, value in changes.items():
        tables["train" if name in tables["train"] else "model"][name] = value
    return tables


def measure(setting: Setting, data: str, rounds: int) -> Part:
    """Compare with the peers on one data set."""
    part = Part(f"epoch --sets {data}")
    for comparison in COMPARISONS:
        if comparison.data == data:
            sides = _sides(setting, comparison, rounds)
            part.add({**vars(comparison), "sides": sides}, figures_of(comparison, sides))
    return part


def rectools_epoch_s(setting: Setting, data: str, rounds: int) -> float:
    """CPU seconds of an epoch of RecTools' BERT4Rec, measured in turns with ours."""
    comparison = next(c for c in COMPARISONS if (c.data, c.peer) == (data, "rectools"))
    seconds: float = _sides(setting, comparison, rounds)["rectools"]["cpu_s"]
    return seconds


def figures_of(comparison: Comparison, sides: dict[str, Any]) -> dict[str, float]:
    """Ratios in CPU seconds (the default precision, fp32) and in wall seconds, and what is
    divided."""
    peer, ours = sides[comparison.peer], sides["auto"]
    speedup = comparison.figure(f"epoch_speedup_vs_{comparison.peer}")
    figures = {
        speedup: peer["cpu_s"] / ours["cpu_s"],
        f"{speedup}.fp32": peer["cpu_s"] / sides["fp32"]["cpu_s"],
        f"{speedup}.wall": peer["wall_s"] / ours["wall_s"],
    }
    for whose, side in (("", ours), (f"{comparison.peer}.", peer)):
        figures |= {
            comparison.figure(f"{whose}epoch_cpu_s"): side["cpu_s"],
            comparison.figure(f"{whose}epoch_wall_s"): side["wall_s"],
            comparison.figure(f"{whose}epoch_peak_rss_mib"): side["peak_rss_mib"],
        }
    return figures


def our_worker(setting: Setting, data: str, tables: dict[str, Any], **more: Any) -> Worker:
    """Nadeuri on a research data set; ``more`` goes into the task."""
    folder = setting.dataset(data).path.absolute()
    task = {"dataset": str(folder), "experiment": tables, "seed": SEED, **more}
    return Worker("nadeuri_worker.py", task)


def _sides(setting: Setting, comparison: Comparison, rounds: int) -> dict[str, Any]:
    key = {
        **vars(comparison),
        "data_fingerprint": setting.dataset(comparison.data).fingerprint,
        "ours": experiment(comparison.model, comparison.max_len, "auto"),
        "rounds": rounds,
    }
    name = f"epoch-{comparison.data}-{comparison.peer}-{comparison.model}"
    return setting.shelf.keep(name, key, lambda: _compare(setting, comparison, rounds))


def _compare(setting: Setting, comparison: Comparison, rounds: int) -> dict[str, Any]:
    peer_task = {
        "model": comparison.model,
        "max_len": comparison.max_len,
        "batch_size": BATCH_SIZE,
        "mask_share": MASK_SHARE,
        "lr": LR,
        "seed": SEED,
        "sequences": str(setting.sequences(comparison.data)),
        **ARCHITECTURE,
    }
    with ExitStack() as stack:
        sides = [
            Side(
                precision,
                stack.enter_context(
                    our_worker(
                        setting,
                        comparison.data,
                        experiment(comparison.model, comparison.max_len, precision),
                    )
                ),
                OURS_PER_TURN,
            )
            for precision in PRECISIONS
        ]
        python = setting.peer(comparison.peer)
        worker = stack.enter_context(Worker(f"{comparison.peer}_peer.py", peer_task, python))
        return take_turns([*sides, Side(comparison.peer, worker)], rounds)
