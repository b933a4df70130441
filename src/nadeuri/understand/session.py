"""One training session of a question model: train, judge, export, track, register."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nadeuri.data.questions import Question
from nadeuri.errors import DataError
from nadeuri.tracking import Run, Tracker
from nadeuri.training import distributed
from nadeuri.training.state import CurvePoint, Progress
from nadeuri.understand.config import ExperimentConfig
from nadeuri.understand.evaluate import Evaluation, evaluate
from nadeuri.understand.export import export_questions
from nadeuri.understand.gazetteer import Gazetteer
from nadeuri.understand.parts import fingerprint
from nadeuri.understand.splits import TEST, TRAIN, VALID
from nadeuri.understand.train import train

ARTIFACT = "artifact"
EXPERIMENT = "questions"

# --- names of figures -----------------------------------------------------------------------------
PRECISION, RECALL, F1 = "precision", "recall", "f1"  # of all labels together
INTENT_ACCURACY, INTENT_MACRO_F1 = "intent_accuracy", "intent_macro_f1"
WHOLE = "whole"
SPAN_CALIBRATION, INTENT_CALIBRATION = "span_calibration", "intent_calibration"


@dataclass(frozen=True)
class FinishedSession:
    """Scores on the test part, where the exported model is, and how training went.

    ``evaluation`` and ``artifact`` are None in a process that is not the first of its job: that
    one judges and exports for all.
    """

    evaluation: Evaluation | None
    artifact: Path | None
    version: str | None
    progress: Progress


def train_and_export(
    config: ExperimentConfig,
    parts: Mapping[str, Sequence[Question]],
    *,
    seed: int,
    folder: Path,
    tracker: Tracker,
    experiment: str = EXPERIMENT,
    register: tuple[str, str] | None = None,
    gazetteer: Gazetteer | None = None,
) -> FinishedSession:
    """Train one model, score it on the test part and export it to ``folder``/artifact.

    Args:
        parts: questions of ``train``, ``valid`` and ``test``.
        folder: of the run; its checkpoint is resumed.
        experiment: group of tracked runs.
        register: model name and alias of a new registered version.
        gazetteer: names that the model sees marked, and that it links entities to.

    Raises:
        NadeuriError: what configuration, data, training or export raise.
    """
    if not parts[TEST]:
        raise DataError("the test part is empty: a model that was not judged is not exported")
    resolved, data = config.model_dump(mode="json"), fingerprint(parts)
    with tracker.run(
        experiment,
        f"{config.name}-seed{seed}",
        parameters={**resolved, "seed": seed},
        data_fingerprint=data,
    ) as run:
        trained = train(
            config,
            parts[TRAIN],
            parts[VALID],
            seed=seed,
            gazetteer=gazetteer,
            folder=folder,
            report=lambda point: _log_point(run, point),
        )
        if not distributed.current().is_first:
            return FinishedSession(None, None, None, trained.progress)
        found = evaluate(
            parts[TEST], trained.model.parse([question.text for question in parts[TEST]])
        )
        scores = figures(found)
        run.log_metrics(
            {f"test_{name}": value for name, value in scores.items()},
            epoch=trained.progress.best_epoch,
        )
        artifact = export_questions(
            trained.model,
            config,
            parts[VALID],
            folder / ARTIFACT,
            metrics=scores,
            data_fingerprint=data,
        )
        run.log_artifact(artifact.path)
        version = run.register(*register) if register else None
    return FinishedSession(found, artifact.path, version, trained.progress)


def figures(evaluation: Evaluation) -> dict[str, float]:
    """An evaluation's figures by name; one that is not defined (no intents) is absent."""
    found = {
        PRECISION: evaluation.micro.precision,
        RECALL: evaluation.micro.recall,
        F1: evaluation.micro.f1,
        INTENT_ACCURACY: evaluation.intent_accuracy,
        INTENT_MACRO_F1: evaluation.intent_macro_f1,
        WHOLE: evaluation.whole,
        SPAN_CALIBRATION: evaluation.span_calibration,
        INTENT_CALIBRATION: evaluation.intent_calibration,
    }
    finite = {name: value for name, value in found.items() if math.isfinite(value)}
    return finite | {error(kind): float(n) for kind, n in evaluation.errors.items()}


def error(kind: str) -> str:
    """Name of the count of one of ``evaluate.ERRORS``."""
    return f"error_{kind}"


def _log_point(tracked: Run, point: CurvePoint) -> None:
    """Track one epoch."""
    values = {"loss": point.loss, "lr": point.lr, "grad_norm": point.grad_norm}
    if point.metric is not None:
        values["valid_quality"] = point.metric
    finite = {name: value for name, value in values.items() if math.isfinite(value)}
    tracked.log_metrics(finite, epoch=point.epoch)
    if point.event:
        tracked.log_event(point.event, epoch=point.epoch)
