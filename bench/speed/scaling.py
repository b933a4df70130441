"""How the cost of an epoch grows with length, batch size, catalogue and clicks."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data.sequences import CATALOGUE, MANIFEST, USERS, fingerprint
from speed.epoch import SEED, experiment
from speed.part import Part
from speed.setting import Setting
from speed.workers import Side, Worker, take_turns

PLOT = "training-scaling.png"
DATA, MAX_LEN = "ml-1m", 200
SYNTHETIC_LEN = 50
"""Mean clicks of a synthetic user, and the length that is read of them."""
SKEW = 3
"""Popularity of synthetic items: item ``n u^SKEW`` of a uniform ``u``."""
FEW_CLICKS, FEW_ITEMS = 320_000, 10_000
AXES: dict[str, tuple[int, ...]] = {
    "max_len": (25, 50, 100, 200, 400, 800),
    "batch_size": (16, 32, 64, 128, 256, 512),
    "items": (1_000, 10_000, 50_000, 100_000, 1_000_000),
    "clicks": (1_000_000, 2_000_000, 5_000_000, 10_000_000),
}
TITLES = {
    "max_len": "length N (ML-1M)",
    "batch_size": "users in a batch (ML-1M, N = 200)",
    "items": f"items (synthetic, {FEW_CLICKS:,} clicks, N = {SYNTHETIC_LEN})",
    "clicks": f"clicks (synthetic, {FEW_ITEMS:,} items, N = {SYNTHETIC_LEN})",
}

Sample = tuple[int, dict[str, Any]]


def measure(setting: Setting, *, images: Path) -> Part:
    """Measure along every axis and draw it.

    Args:
        images: folder of the plot.
    """
    part = Part("scaling")
    measured: dict[str, list[Sample]] = {}
    for axis, values in AXES.items():
        measured[axis] = [(value, _sample(setting, axis, value)) for value in values]
        part.add(
            {"axis": axis, "samples": [{axis: value, **found} for value, found in measured[axis]]},
            figures_of(axis, measured[axis]),
        )
    draw(measured, images / PLOT)
    return part


def figures_of(axis: str, samples: list[Sample]) -> dict[str, float]:
    """CPU seconds of an epoch at every value, and how they grow between the two largest.

    ``growth`` is the slope in the doubly logarithmic plot: 1 is proportional, 0 is free.
    """
    figures = {f"scaling.{axis}.{value}.epoch_cpu_s": sample["cpu_s"] for value, sample in samples}
    (x0, y0), (x1, y1) = ((value, sample["cpu_s"]) for value, sample in samples[-2:])
    figures[f"scaling.{axis}.growth"] = math.log(y1 / y0) / math.log(x1 / x0)
    return figures


def draw(measured: dict[str, list[Sample]], path: Path) -> None:
    """One panel per axis: CPU seconds of an epoch and peak memory, both logarithmic."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, panels = plt.subplots(2, 2, figsize=(10, 7), layout="constrained")
    for panel, (axis, samples) in zip(panels.flat, measured.items(), strict=True):
        values = [value for value, _ in samples]
        seconds = [sample["cpu_s"] for _, sample in samples]
        memory = [sample["peak_rss_mib"] / 1024 for _, sample in samples]
        for line, colour, style, form, label in (
            (seconds, "#2f6fde", "o-", "{:.3g}", "CPU seconds of an epoch"),
            (memory, "#667085", "s--", "{:.2g}", "peak memory, GiB"),
        ):
            panel.loglog(values, line, style, color=colour, label=label)
            for value, height in zip(values, line, strict=True):
                panel.annotate(
                    form.format(height),
                    (value, height),
                    (0, 7),
                    textcoords="offset points",
                    ha="center",
                    color=colour,
                )
        panel.set_xlabel(TITLES[axis])
        panel.set_xticks(values, [f"{value:,}" for value in values], rotation=20)
        panel.minorticks_off()
        panel.grid(alpha=0.3)
        panel.margins(x=0.1, y=0.2)
    panels.flat[0].legend(frameon=False)
    figure.suptitle("BERT4Rec, d = 64, 2 blocks, one CPU thread")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _sample(setting: Setting, axis: str, value: int) -> dict[str, Any]:
    max_len = {"max_len": value}.get(axis, MAX_LEN if axis == "batch_size" else SYNTHETIC_LEN)
    changes = {"batch_size": value} if axis == "batch_size" else {}
    tables = experiment(columns.BERT4REC, max_len, "auto", **changes)

    def run() -> dict[str, Any]:
        task = {"dataset": str(_data(setting, axis, value)), "experiment": tables, "seed": SEED}
        with Worker("nadeuri_worker.py", task) as worker:
            return take_turns([Side("ours", worker)], rounds=1)["ours"]

    return setting.shelf.keep(f"scaling-{axis}-{value}", {"experiment": tables, axis: value}, run)


def _data(setting: Setting, axis: str, value: int) -> Path:
    if axis == "items":
        return synthetic(setting.home, n_items=value, n_clicks=FEW_CLICKS)
    if axis == "clicks":
        return synthetic(setting.home, n_items=FEW_ITEMS, n_clicks=value)
    return setting.dataset(DATA).path.absolute()


def synthetic(home: Path, *, n_items: int, n_clicks: int) -> Path:
    """A prepared data set of random clicks, made when it is first asked for.

    Lengths are geometric with mean ``SYNTHETIC_LEN`` (at least 3), items skewed towards popular
    ones. Nothing can be learned from it; it is there to be timed.
    """
    folder = home / "synthetic" / f"{n_items}-items-{n_clicks}-clicks"
    if (folder / MANIFEST).is_file():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rng = np.random.default_rng([n_items, n_clicks])
    n_users = n_clicks // SYNTHETIC_LEN
    lengths = 3 + rng.geometric(1 / (SYNTHETIC_LEN - 2), n_users) - 1
    items = np.minimum(n_items * rng.random(int(lengths.sum())) ** SKEW, n_items - 1)
    write_prepared(folder, lengths, items.astype(np.int32) + 1, n_items)
    return folder


def write_prepared(
    folder: Path,
    lengths: npt.NDArray[np.int64],
    items: npt.NDArray[np.int32],
    n_items: int,
    *,
    sessions: npt.NDArray[np.int32] | None = None,
    cities: npt.NDArray[np.int64] | None = None,
) -> None:
    """Write a prepared data set without times; its manifest, which marks it as whole, comes last.

    Args:
        lengths: int64 [n_users], clicks of each user.
        items: int32 [n_clicks], item indices from 1.
        sessions: int32 [n_clicks], session of each click within its user's; None: all in one.
        cities: int64 [n_items], the products' only metadata field.
    """
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    np.save(folder / "offsets.npy", offsets)
    np.save(folder / "items.npy", items)
    np.save(folder / "times.npy", np.arange(len(items)) - np.repeat(offsets[:-1], lengths))
    np.save(folder / "sessions.npy", np.zeros_like(items) if sessions is None else sessions)
    users = pa.table({columns.USER: [f"u{user}" for user in range(len(lengths))]})
    pq.write_table(users, folder / USERS)
    catalogue = {columns.ITEM: [f"p{item}" for item in range(1, n_items + 1)]}
    if cities is not None:
        catalogue[columns.CITY] = [f"c{city}" for city in cities]
    pq.write_table(pa.table(catalogue), folder / CATALOGUE)
    fields = [] if cities is None else [{"name": columns.CITY, "kind": columns.CATEGORICAL}]
    manifest = {
        "name": "synthetic",
        "n_users": len(lengths),
        "n_items": n_items,
        "n_clicks": len(items),
        "has_times": False,
        "fields": fields,
        "fingerprint": fingerprint(folder),
    }
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
