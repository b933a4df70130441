"""One trained question model of a comparison and its answers, kept so that nothing runs twice.

A run's folder holds the trainer's checkpoint, the exported ``artifact/``, ``answers.json`` (what
the artefact answers on the validation and test parts) and ``run.json``, which is written last: a
folder without it is an unfinished run, which continues where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from nadeuri.artifact import Artifact, open_artifact
from nadeuri.data.questions import Question, Span
from nadeuri.errors import ArtifactError
from nadeuri.report.pages import replace_file
from nadeuri.tracking import Tracker
from nadeuri.training.state import CurvePoint
from nadeuri.understand import bundle
from nadeuri.understand.config import ExperimentConfig
from nadeuri.understand.evaluate import Evaluation, evaluate
from nadeuri.understand.gazetteer import Gazetteer
from nadeuri.understand.parse import Parse
from nadeuri.understand.parts import fingerprint
from nadeuri.understand.predict import QuestionParser
from nadeuri.understand.session import ARTIFACT, train_and_export
from nadeuri.understand.splits import TEST, VALID

RUN, ANSWERS = "run.json", "answers.json"

TIMED = 500
"""Questions whose latency is measured, at most."""

_NOT_SERVED = (bundle.WEIGHTS_FILE, bundle.CONFIG_FILE, bundle.METRICS_FILE)


@dataclass(frozen=True)
class RunResult:
    """One model trained with one seed, judged as it would be served: by its artefact.

    Attributes:
        valid, test: scores on these parts.
        answers: what was found in each question of the test part.
        curve: of the training; ``best_epoch`` is what was exported.
        precision: of the artefact's weights, int8 or fp32.
        p50_ms, p99_ms: one question at a time on one thread, values and links included.
        size_mib: of the artefact's files that serving reads.
        folder: where its files are.
    """

    config: ExperimentConfig
    seed: int
    valid: Evaluation
    test: Evaluation
    answers: tuple[Parse, ...]
    curve: tuple[CurvePoint, ...]
    best_epoch: int
    train_seconds: float
    precision: str
    p50_ms: float
    p99_ms: float
    size_mib: float
    folder: Path

    @property
    def artifact(self) -> Path:
        """The exported model's folder."""
        return self.folder / ARTIFACT


def run_experiment(
    config: ExperimentConfig,
    parts: Mapping[str, Sequence[Question]],
    *,
    seed: int,
    folder: Path,
    tracker: Tracker,
    experiment: str,
    gazetteer: Gazetteer | None = None,
) -> RunResult:
    """Train, export and judge a model, or read that back if it was done.

    Args:
        folder: of all runs; see :func:`run_folder`.
        experiment: group of tracked runs.

    Raises:
        NadeuriError: what training, exporting or reading back raises.
    """
    own = run_folder(config, parts, seed=seed, folder=folder, gazetteer=gazetteer)
    if not is_finished(own):
        _train_and_answer(config, parts, seed, own, tracker, experiment, gazetteer)
    return _read(config, parts, seed, own)


def run_folder(
    config: ExperimentConfig,
    parts: Mapping[str, Sequence[Question]],
    *,
    seed: int,
    folder: Path,
    gazetteer: Gazetteer | None = None,
) -> Path:
    """The folder of a run, named after all that decides its result."""
    names = gazetteer.entries if gazetteer else ()
    decisive = [config.model_dump(mode="json"), seed, fingerprint(parts), repr(names)]
    key = hashlib.sha256(json.dumps(decisive).encode()).hexdigest()
    return folder / f"{config.name}-seed{seed}-{key[:10]}"


def is_finished(folder: Path) -> bool:
    """Whether the run of this folder can be read back."""
    return (folder / RUN).is_file()


def latency_ms(parser: QuestionParser, texts: Sequence[str]) -> tuple[float, float]:
    """p50 and p99 of one question with its values and links, nothing remembered of the others."""
    today = date.today()
    parser.warm_up()
    taken = []
    for text in list(dict.fromkeys(texts))[:TIMED]:
        started = time.perf_counter()
        parser.described(text, parser.parse([text])[0], today=today)
        taken.append(1000 * (time.perf_counter() - started))
    p50, p99 = np.percentile(taken, (50, 99))
    return float(p50), float(p99)


def size_mib(artifact: Artifact) -> float:
    """Size of the files that serving reads."""
    files = artifact.manifest.files.items()
    return sum(entry.size_bytes for name, entry in files if name not in _NOT_SERVED) / 2**20


def _train_and_answer(
    config: ExperimentConfig,
    parts: Mapping[str, Sequence[Question]],
    seed: int,
    folder: Path,
    tracker: Tracker,
    experiment: str,
    gazetteer: Gazetteer | None,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    finished = train_and_export(
        config,
        parts,
        seed=seed,
        folder=folder,
        tracker=tracker,
        experiment=experiment,
        gazetteer=gazetteer,
    )
    parser = QuestionParser(folder / ARTIFACT)
    texts = {part: [question.text for question in parts[part]] for part in (VALID, TEST)}
    answers = {part: [_as_json(found) for found in parser.parse(texts[part])] for part in texts}
    replace_file(folder / ANSWERS, json.dumps(answers, ensure_ascii=False) + "\n")
    p50, p99 = latency_ms(parser, texts[TEST])
    described = {
        "name": config.name,
        "seed": seed,
        "best_epoch": finished.progress.best_epoch,
        "train_seconds": finished.progress.seconds,
        "precision": parser.artifact.metadata["precision"],
        "p50_ms": p50,
        "p99_ms": p99,
        "size_mib": size_mib(parser.artifact),
        "curve": [asdict(point) for point in finished.progress.curve],
        "config": config.model_dump(mode="json"),
    }
    replace_file(folder / RUN, json.dumps(described, indent=1, ensure_ascii=False) + "\n")


def _read(
    config: ExperimentConfig, parts: Mapping[str, Sequence[Question]], seed: int, folder: Path
) -> RunResult:
    try:
        described: dict[str, Any] = json.loads((folder / RUN).read_text(encoding="utf-8"))
        answers = json.loads((folder / ANSWERS).read_text(encoding="utf-8"))
        valid, test = (tuple(map(_as_parse, answers[part])) for part in (VALID, TEST))
        open_artifact(folder / ARTIFACT, bundle.KIND)
        return RunResult(
            config=config,
            seed=seed,
            valid=evaluate(parts[VALID], valid),
            test=evaluate(parts[TEST], test),
            answers=test,
            curve=tuple(CurvePoint(**point) for point in described["curve"]),
            best_epoch=described["best_epoch"],
            train_seconds=described["train_seconds"],
            precision=described["precision"],
            p50_ms=described["p50_ms"],
            p99_ms=described["p99_ms"],
            size_mib=described["size_mib"],
            folder=folder,
        )
    except (OSError, ValueError, KeyError, TypeError, ArtifactError) as error:
        raise ArtifactError(
            f"{folder}: a finished run that cannot be read ({error}); delete {RUN} to run it again"
        ) from error


def _as_json(found: Parse) -> list[object]:
    return [found.spans, found.confidences, found.intent, found.intent_confidence]


def _as_parse(values: list[Any]) -> Parse:
    spans, confidences, intent, intent_confidence = values
    return Parse(
        tuple(Span(*span) for span in spans), tuple(confidences), intent, intent_confidence
    )
