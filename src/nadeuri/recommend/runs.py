"""One trained model of a comparison and its answers, kept as files so that nothing runs twice.

A run's folder holds the trainer's checkpoint, ``answers.npz`` (ranks and lists) and ``run.json``,
which is written last: a folder without it is an unfinished run, which continues where it stopped.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nadeuri import columns
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.errors import ArtifactError
from nadeuri.recommend.config import EncoderConfig, ExperimentConfig
from nadeuri.recommend.evaluate import Ranking, accuracy, rank_both_ways
from nadeuri.recommend.experiment import CurvePoint, TrainedModel, identity, train
from nadeuri.tracking import Run, Tracker

RUN = "run.json"
ANSWERS = "answers.npz"
VALID, TEST = "valid", "test"
LIST_LENGTH = 20
"""Places kept of every list; ranks are kept whole, so metrics can be cut off anywhere."""


@dataclass(frozen=True)
class RunResult:
    """One model trained with one seed.

    Attributes:
        name: the experiment's name.
        kind: one of ``columns.MODELS``.
        valid: validation rankings by ``filter_seen``.
        test: test rankings by ``filter_seen``.
        config: what was trained.
        folder: where its files are.
    """

    name: str
    kind: str
    seed: int
    curve: tuple[CurvePoint, ...]
    best_epoch: int | None
    train_seconds: float
    valid: Mapping[bool, Ranking]
    test: Mapping[bool, Ranking]
    config: ExperimentConfig
    folder: Path

    @property
    def is_control(self) -> bool:
        """True of a model that was trained to be compared with, never to be shipped."""
        return isinstance(self.config.model, EncoderConfig) and self.config.model.shuffle_metadata


def run_experiment(
    config: ExperimentConfig,
    dataset: Dataset,
    split: Split,
    *,
    seed: int,
    folder: Path,
    tracker: Tracker,
) -> RunResult:
    """Train a model and rank the validation and test cases, or read that back if it was done.

    Args:
        folder: of all runs; this one gets a folder named after its configuration and data.

    Raises:
        NadeuriError: what training, ranking or reading back raises.
    """
    key = identity(config, dataset, split, seed)
    run_folder = folder / f"{config.name}-seed{seed}-{key[:10]}"
    if not (run_folder / RUN).is_file():
        _train_and_rank(config, dataset, split, seed, run_folder, tracker)
    return _read(config, run_folder)


def log_point(tracked: Run, point: CurvePoint) -> None:
    """Track one epoch."""
    tracked.log_metrics(point_figures(point), epoch=point.epoch)
    if point.event:
        tracked.log_event(point.event, epoch=point.epoch)


def point_figures(point: CurvePoint) -> dict[str, float]:
    """The finite figures of an epoch, by the names under which they are tracked."""
    figures = {"loss": point.loss, "lr": point.lr, "grad_norm": point.grad_norm}
    if point.metric is not None:
        figures[f"valid_{columns.at(columns.NDCG, 10)}"] = point.metric
    return {name: value for name, value in figures.items() if math.isfinite(value)}


def _train_and_rank(
    config: ExperimentConfig,
    dataset: Dataset,
    split: Split,
    seed: int,
    folder: Path,
    tracker: Tracker,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    parameters = {**config.model_dump(mode="json"), "seed": seed}
    with tracker.run(
        dataset.name,
        f"{config.name}-seed{seed}",
        parameters=parameters,
        data_fingerprint=dataset.fingerprint,
    ) as tracked:
        trained = train(
            config, dataset, split, seed=seed, folder=folder, report=lambda p: log_point(tracked, p)
        )
        answers = {
            part: rank_both_ways(trained.recommender, dataset.sequences, cases, k=LIST_LENGTH)
            for part, cases in ((VALID, split.valid), (TEST, split.test))
        }
        figures = _figures(answers, config)
        tracked.log_metrics(figures, epoch=trained.best_epoch or 0)
    _write(folder, trained, answers, figures, config)


def _figures(
    answers: Mapping[str, tuple[Ranking, Ranking]], config: ExperimentConfig
) -> dict[str, float]:
    """``test_ndcg_at_10`` and so on, under the configured filter."""
    return {
        f"{part}_{name}": value
        for part, rankings in answers.items()
        for name, value in accuracy(
            rankings[config.evaluation.filter_seen].ranks, config.evaluation.ks
        ).items()
    }


def _write(
    folder: Path,
    trained: TrainedModel,
    answers: Mapping[str, tuple[Ranking, Ranking]],
    figures: Mapping[str, float],
    config: ExperimentConfig,
) -> None:
    arrays = {
        _array_name(part, what, filter_seen): getattr(rankings[filter_seen], what)
        for part, rankings in answers.items()
        for filter_seen in (False, True)
        for what in ("ranks", "lists")
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    _replace(folder / ANSWERS, buffer.getvalue())
    described = {
        "name": config.name,
        "kind": trained.kind,
        "seed": trained.seed,
        "train_seconds": trained.train_seconds,
        "best_epoch": trained.best_epoch,
        "figures": figures,
        "curve": [asdict(point) for point in trained.curve],
        "config": config.model_dump(mode="json"),
    }
    text = json.dumps(described, indent=1, ensure_ascii=False) + "\n"
    _replace(folder / RUN, text.encode())


def _read(config: ExperimentConfig, folder: Path) -> RunResult:
    try:
        described: dict[str, Any] = json.loads((folder / RUN).read_text(encoding="utf-8"))
        with (folder / ANSWERS).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            valid, test = (
                {
                    filter_seen: Ranking(
                        arrays[_array_name(part, "ranks", filter_seen)],
                        arrays[_array_name(part, "lists", filter_seen)],
                    )
                    for filter_seen in (False, True)
                }
                for part in (VALID, TEST)
            )
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ArtifactError(
            f"{folder}: a finished run that cannot be read ({error}); delete {RUN} to run it again"
        ) from error
    return RunResult(
        name=config.name,
        kind=described["kind"],
        seed=described["seed"],
        curve=tuple(CurvePoint(**point) for point in described["curve"]),
        best_epoch=described["best_epoch"],
        train_seconds=described["train_seconds"],
        valid=valid,
        test=test,
        config=config,
        folder=folder,
    )


def _array_name(part: str, what: str, filter_seen: bool) -> str:
    return f"{part}_{what}_{'filtered' if filter_seen else 'unfiltered'}"


def _replace(path: Path, content: bytes) -> None:
    """Write a file under another name and give it its own name when it is whole."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)
