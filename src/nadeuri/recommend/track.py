"""Reports in the tracking store: what was found, its files, and the trainings that it rests on.

A report is a run of its own, tagged with its kind. The same findings are tracked once: who makes a
report again from finished trainings leaves the store as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from nadeuri.data.sequences import Dataset
from nadeuri.recommend.compare import Comparison
from nadeuri.recommend.experiment import CurvePoint
from nadeuri.recommend.report import ReportFiles
from nadeuri.recommend.runs import point_figures
from nadeuri.recommend.tune.report import CURVES, Finding, StudyFiles, seeded
from nadeuri.recommend.tune.results import NDCG, Candidate
from nadeuri.recommend.tune.study import STUDY
from nadeuri.recommend.tune.trial import Measured
from nadeuri.tracking import (
    REPORT_FOLDER,
    TAG_PARENT,
    TAG_REPORT,
    TAG_REPORT_KEY,
    Run,
    Tracker,
)

COMPARISON = "comparison"
"""Kind of a report of models; those of searches are named after their study."""


def track_comparison(
    comparison: Comparison, files: ReportFiles, dataset: Dataset, tracker: Tracker
) -> None:
    """Track a comparison's report; its trainings were tracked while they ran."""
    config = comparison.config
    chosen = comparison.model(comparison.choice.name)
    tags = _tags(COMPARISON, files.summary)
    if tracker.has_run(dataset.name, tags):
        return
    with tracker.run(
        dataset.name,
        f"{COMPARISON}: {config.name}",
        parameters={**config.model_dump(mode="json"), "ship": chosen.name},
        data_fingerprint=dataset.fingerprint,
        tags=tags,
    ) as run:
        test = chosen.test[comparison.filter_seen]
        run.log_metrics({f"test_{name}": figure.mean for name, figure in test.items()})
        shown = (files.summary, files.curves, files.samples, files.html)
        run.log_files(shown, REPORT_FOLDER)


def track_study(
    kind: str, result: Finding, files: StudyFiles, dataset: Dataset, tracker: Tracker
) -> None:
    """Track a study's report, and below it each training with its curve.

    Args:
        kind: of the study, such as ``schedule``.
        files: what was written into the study's folder.
    """
    folder, base = files.summary.parent, result.space.base
    tags = _tags(kind, files.summary)
    if tracker.has_run(dataset.name, tags):
        return
    with tracker.run(
        dataset.name,
        f"{kind}: {base.name}",
        parameters=base.model_dump(mode="json"),
        data_fingerprint=dataset.fingerprint,
        tags=tags,
    ) as report:
        for candidate in result.candidates:
            for seed, measured in seeded(candidate):
                _track_training(result, candidate, seed, measured, report, dataset, tracker)
        report.log_metrics({f"valid_{NDCG}": result.picked.ndcg})
        shown = (files.summary, folder / STUDY, folder / CURVES, files.ship, files.html)
        report.log_files(shown, REPORT_FOLDER)


def _track_training(
    result: Finding,
    candidate: Candidate,
    seed: int,
    measured: Measured,
    report: Run,
    dataset: Dataset,
    tracker: Tracker,
) -> None:
    config = result.space.config(candidate.setting)
    with tracker.run(
        dataset.name,
        f"{candidate.name}-seed{seed}",
        parameters={**config.model_dump(mode="json"), "seed": seed},
        data_fingerprint=dataset.fingerprint,
        tags={TAG_PARENT: report.run_id} if report.run_id else {},
    ) as run:
        run.log_curves(_curves(measured.curve))
        for point in measured.curve:
            if point.event:
                run.log_event(point.event, epoch=point.epoch)
        figures = {f"valid_{name}": value for name, value in measured.figures.items()}
        seconds = {
            "seconds_per_epoch": measured.seconds_per_epoch,
            "seconds_to_best": measured.seconds_to_best,
        }
        run.log_metrics({**figures, **seconds}, epoch=measured.best_epoch)


def _curves(points: Sequence[CurvePoint]) -> dict[str, list[tuple[int, float]]]:
    curves: dict[str, list[tuple[int, float]]] = {}
    for point in points:
        for name, value in point_figures(point).items():
            curves.setdefault(name, []).append((point.epoch, value))
    return curves


def _tags(kind: str, summary: Path) -> dict[str, str]:
    """What the report is found by: its kind, and a hash of its findings."""
    key = hashlib.sha256(summary.read_bytes()).hexdigest()
    return {TAG_REPORT: kind, TAG_REPORT_KEY: key}
