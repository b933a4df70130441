"""One training of a study, and what it cost: done once, kept as files, read back ever after.

A folder holds the trainer's checkpoint, ``ranks.npy`` (the validation targets' ranks) and
``trial.json``, which is written last: a folder without it is an unfinished training.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nadeuri.data.sequences import Dataset, ItemArray
from nadeuri.data.splits import Split
from nadeuri.errors import ArtifactError
from nadeuri.recommend.config import ExperimentConfig
from nadeuri.recommend.evaluate import accuracy, rank_cases
from nadeuri.recommend.experiment import CurvePoint, train
from nadeuri.report.pages import replace_file

TRIAL, RANKS, TEST_RANKS = "trial.json", "ranks.npy", "test-ranks.npy"
K = 10
"""Cut-off of the deciding metric, the one by which training is stopped."""


class GivenUp(Exception):  # noqa: N818 (not an error)
    """Raised while training to end a hopeless trial."""


@dataclass(frozen=True)
class Measured:
    """What a trial gave and took.

    Attributes:
        pruned: given up; the figures are then of no use, the curve shows how far it came.
        curve: one point per epoch.
        best_epoch: the one whose weights are kept.
        figures: on all validation cases, by metric name; empty if pruned.
        peak_mib: largest memory of the process that trained.
        peak_device_mib: largest memory on the accelerator; None without one.
        threads: that torch computed with.
        folder: where the files are.
    """

    pruned: bool
    curve: tuple[CurvePoint, ...]
    best_epoch: int
    figures: dict[str, float]
    peak_mib: float
    peak_device_mib: float | None
    threads: int
    folder: Path

    @property
    def metrics(self) -> list[tuple[int, float]]:
        """The validated epochs and what was measured."""
        return [(point.epoch, point.metric) for point in self.curve if point.metric is not None]

    @property
    def seconds_per_epoch(self) -> float:
        """Wall seconds, validations included."""
        return self.curve[-1].seconds / len(self.curve)

    @property
    def seconds_to_best(self) -> float:
        """Wall seconds until the weights that are kept."""
        return max((p.seconds for p in self.curve if p.epoch <= self.best_epoch), default=0.0)

    @property
    def ranks(self) -> ItemArray:
        """Rank of each validation case's target; int32 [n_valid]."""
        return np.asarray(_read_array(self.folder / RANKS), dtype=np.int32)


def run_trial(
    config: ExperimentConfig,
    dataset: Dataset,
    split: Split,
    *,
    seed: int,
    folder: Path,
    report: Callable[[CurvePoint], None] = lambda point: None,
) -> Measured:
    """Train and rank the validation cases, or read that back if it was done.

    Args:
        report: called with every epoch, those of an interrupted run first; may raise
            :class:`GivenUp`.

    Raises:
        NadeuriError: what training, ranking or reading back raises.
    """
    if not (folder / TRIAL).is_file():
        folder.mkdir(parents=True, exist_ok=True)
        curve: list[CurvePoint] = []

        def note(point: CurvePoint) -> None:
            curve.append(point)
            report(point)

        figures, best_epoch, pruned = {}, 0, False
        try:
            trained = train(config, dataset, split, seed=seed, folder=folder, report=note)
        except GivenUp:
            pruned = True
        else:
            best_epoch = trained.best_epoch or 0
            filter_seen = config.evaluation.filter_seen
            ranking = rank_cases(
                trained.recommender, dataset.sequences, split.valid, k=K, filter_seen=filter_seen
            )
            _write_array(folder / RANKS, ranking.ranks)
            figures = accuracy(ranking.ranks, sorted({K, *config.evaluation.ks}))
        _write(folder, pruned, curve, best_epoch, figures, config)
    return read_trial(folder)


def read_trial(folder: Path) -> Measured:
    """What :func:`run_trial` found out.

    Raises:
        ArtifactError: the files are missing or damaged.
    """
    try:
        stored: dict[str, Any] = json.loads((folder / TRIAL).read_text(encoding="utf-8"))
        return Measured(
            pruned=stored["pruned"],
            curve=tuple(CurvePoint(**point) for point in stored["curve"]),
            best_epoch=stored["best_epoch"],
            figures=stored["figures"],
            peak_mib=stored["peak_mib"],
            peak_device_mib=stored["peak_device_mib"],
            threads=stored["threads"],
            folder=folder,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"{folder}: a finished trial that cannot be read ({error}); delete the folder"
        ) from error


def ranks_on_test(
    config: ExperimentConfig, dataset: Dataset, split: Split, *, seed: int, folder: Path
) -> ItemArray:
    """Rank of each test case's target under a finished trial's weights; int32 [n_test]."""
    path = folder / TEST_RANKS
    if not path.is_file():
        trained = train(config, dataset, split, seed=seed, folder=folder)
        ranking = rank_cases(
            trained.recommender,
            dataset.sequences,
            split.test,
            k=K,
            filter_seen=config.evaluation.filter_seen,
        )
        _write_array(path, ranking.ranks)
    return np.asarray(_read_array(path), dtype=np.int32)


def _write(
    folder: Path,
    pruned: bool,
    curve: list[CurvePoint],
    best_epoch: int,
    figures: dict[str, float],
    config: ExperimentConfig,
) -> None:
    import torch

    device_mib = None
    if torch.cuda.is_available():
        device_mib = torch.cuda.max_memory_allocated() / 2**20
    stored = {
        "config": config.model_dump(mode="json"),
        "pruned": pruned,
        "best_epoch": best_epoch,
        "figures": figures,
        "peak_mib": peak_mib(),
        "peak_device_mib": device_mib,
        "threads": torch.get_num_threads(),
        "curve": [asdict(point) for point in curve],
    }
    replace_file(folder / TRIAL, json.dumps(stored, indent=1, ensure_ascii=False) + "\n")


def peak_mib() -> float:
    """Largest memory this process ever had.

    Linux' own count is preferred: ``getrusage`` of a child starts from its parent's memory.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _write_array(path: Path, values: ItemArray) -> None:
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    replace_file(path, buffer.getvalue())


def _read_array(path: Path) -> ItemArray:
    try:
        values: ItemArray = np.load(path, allow_pickle=False)
        return values
    except (OSError, ValueError, EOFError) as error:
        raise ArtifactError(f"{path}: cannot be read ({error}); delete its folder") from error
