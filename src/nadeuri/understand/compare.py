"""Train several question models on the same data, judge them alike and say which one to ship.

The model with the highest mean micro precision is adopted, of equal ones that with the higher F1.
The choice, of the model and of its seed, is made on the validation part only: test figures are
reported for it, never chosen by.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nadeuri.artifact import Artifact, fetch_artifact
from nadeuri.data.questions import Question
from nadeuri.errors import ConfigError, DataError
from nadeuri.tracking import Tracker
from nadeuri.understand.compare_config import hindrance
from nadeuri.understand.config import ExperimentConfig
from nadeuri.understand.evaluate import Evaluation
from nadeuri.understand.gazetteer import Gazetteer
from nadeuri.understand.parse import Parse
from nadeuri.understand.parts import fingerprint
from nadeuri.understand.runs import RunResult, is_finished, run_experiment, run_folder
from nadeuri.understand.session import F1, INTENT_ACCURACY, PRECISION, figures
from nadeuri.understand.splits import PARTS, TEST, TRAIN, VALID

_RESAMPLES = 2000


@dataclass(frozen=True)
class Figure:
    """Mean and standard deviation (None for a single one) over seeds."""

    mean: float
    sd: float | None


@dataclass(frozen=True)
class ModelSummary:
    """One model over all its seeds.

    Attributes:
        valid, test: figures by the names of :func:`session.figures`.
        interval: 95% bootstrap interval of the test micro precision, over questions.
        by_label: F1 on the test part.
        p50_ms, p99_ms, size_mib, train_seconds: means.
        precisions: of the artefacts' weights, int8 or fp32, one per seed.
    """

    name: str
    seeds: tuple[int, ...]
    valid: Mapping[str, Figure]
    test: Mapping[str, Figure]
    interval: tuple[float, float]
    by_label: Mapping[str, Figure]
    p50_ms: float
    p99_ms: float
    size_mib: float
    train_seconds: float
    precisions: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """Everything the report shows.

    Attributes:
        data: name of the data; ``data_fingerprint`` identifies them.
        sizes: number of questions by part; ``test`` holds those of the test part.
        runs: by model name, one per seed.
        best: by model name, the seed that is best on validation.
        skipped: models that this machine could not load, and why.
        adopted: the run to ship.
    """

    data: str
    data_fingerprint: str
    sizes: Mapping[str, int]
    test: Sequence[Question]
    runs: Mapping[str, tuple[RunResult, ...]]
    models: tuple[ModelSummary, ...]
    best: Mapping[str, RunResult]
    skipped: Mapping[str, str]
    adopted: RunResult

    @property
    def chosen(self) -> ModelSummary:
        """The summary of the adopted model."""
        return next(model for model in self.models if model.name == self.adopted.config.name)


def compare(
    configs: Sequence[ExperimentConfig],
    parts: Mapping[str, Sequence[Question]],
    *,
    seeds: Sequence[int],
    data: str,
    folder: Path,
    tracker: Tracker,
    gazetteer: Gazetteer | None = None,
    on_run: Callable[[str], None] = lambda text: None,
) -> Comparison:
    """Train every model with every seed, then judge them.

    Args:
        parts: questions of ``train``, ``valid`` and ``test``.
        data: their name.
        folder: keeps the runs; finished ones are read back, an interrupted one continues.
        on_run: told what is about to run, and what is skipped.

    Raises:
        ConfigError: no encoder can be loaded, or two experiments have one name.
        DataError: a part is empty.
        NadeuriError: what training or exporting a model raises.
    """
    for part in PARTS:
        if not parts[part]:
            raise DataError(f"{data}: the part {part} is empty; label more, or check the parts")
    names = [config.name for config in configs]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ConfigError(f"two experiments are named {twice[0]!r}; rename one")
    skipped = {}
    for config in configs:
        done = (
            is_finished(run_folder(config, parts, seed=s, folder=folder, gazetteer=gazetteer))
            for s in seeds
        )
        if not all(done) and (reason := hindrance(config)):
            skipped[config.name] = reason
            on_run(f"{config.name} is left out: {reason}")
    usable = [config for config in configs if config.name not in skipped]
    if not usable:
        raise ConfigError(
            "no encoder can be loaded here: "
            + "; ".join(f"{name}: {reason}" for name, reason in skipped.items())
        )
    runs: dict[str, tuple[RunResult, ...]] = {config.name: () for config in usable}
    planned = [(config, seed) for config in usable for seed in seeds]
    for position, (config, seed) in enumerate(planned, start=1):
        on_run(f"[{position}/{len(planned)}] {config.name}, seed {seed}")
        result = run_experiment(
            config,
            parts,
            seed=seed,
            folder=folder,
            tracker=tracker,
            experiment=data,
            gazetteer=gazetteer,
        )
        runs[config.name] += (result,)
    return judge(runs, parts, data=data, skipped=skipped)


def judge(
    runs: Mapping[str, tuple[RunResult, ...]],
    parts: Mapping[str, Sequence[Question]],
    *,
    data: str,
    skipped: Mapping[str, str],
) -> Comparison:
    """Summaries and choice from finished runs."""
    models = tuple(_summarise(name, results, parts[TEST]) for name, results in runs.items())
    adopted = max(
        models, key=lambda model: _standing({name: f.mean for name, f in model.valid.items()})
    )
    best = {
        name: max(results, key=lambda run: _standing(figures(run.valid)))
        for name, results in runs.items()
    }
    return Comparison(
        data=data,
        data_fingerprint=fingerprint(parts),
        sizes={part: len(parts[part]) for part in (TRAIN, VALID, TEST)},
        test=parts[TEST],
        runs=runs,
        models=models,
        best=best,
        skipped=skipped,
        adopted=best[adopted.name],
    )


def publish(run: RunResult, target: Path) -> Artifact:
    """Copy a run's artefact to where it is served from; one already there is replaced in one step.

    Raises:
        ArtifactError: ``target`` is something else than an artefact.
    """

    def copy(folder: Path) -> Path:
        return Path(shutil.copytree(run.artifact, folder / run.artifact.name))

    return fetch_artifact(target, copy)


def precision_interval(
    questions: Sequence[Question], answers: Sequence[Sequence[Parse]]
) -> tuple[float, float]:
    """95% percentile bootstrap interval of micro precision over questions.

    A resampled question brings its answers of all seeds along.

    Args:
        answers: of each seed, one per question.

    Efron & Tibshirani 1993, "An Introduction to the Bootstrap".
    """
    right, found = np.zeros((2, len(questions)))
    for parses in answers:
        for at, (question, parse) in enumerate(zip(questions, parses, strict=True)):
            right[at] += len(set(parse.spans) & set(question.spans))
            found[at] += len(parse.spans)
    even = np.full(len(questions), 1 / len(questions))
    times = np.random.default_rng(0).multinomial(len(questions), even, _RESAMPLES)
    total = times @ found
    precision = np.where(total, times @ right / np.maximum(total, 1), 1.0)
    low, high = np.percentile(precision, (2.5, 97.5))
    return float(low), float(high)


def _standing(scores: Mapping[str, float]) -> tuple[float, float, float]:
    """What models are ranked by: precision, then F1; the intents' accuracy where both are equal."""
    return scores[PRECISION], scores[F1], scores.get(INTENT_ACCURACY, 0.0)


def _summarise(
    name: str, results: Sequence[RunResult], questions: Sequence[Question]
) -> ModelSummary:
    def over_seeds(scores: Sequence[Mapping[str, float]]) -> dict[str, Figure]:
        common = [key for key in scores[0] if all(key in each for each in scores)]
        return {key: _figure([each[key] for each in scores]) for key in common}

    return ModelSummary(
        name=name,
        seeds=tuple(run.seed for run in results),
        valid=over_seeds([figures(run.valid) for run in results]),
        test=over_seeds([figures(run.test) for run in results]),
        interval=precision_interval(questions, [run.answers for run in results]),
        by_label=over_seeds([_f1_by_label(run.test, questions) for run in results]),
        p50_ms=float(np.mean([run.p50_ms for run in results])),
        p99_ms=float(np.mean([run.p99_ms for run in results])),
        size_mib=float(np.mean([run.size_mib for run in results])),
        train_seconds=float(np.mean([run.train_seconds for run in results])),
        precisions=tuple(run.precision for run in results),
    )


def _f1_by_label(evaluation: Evaluation, questions: Sequence[Question]) -> dict[str, float]:
    """F1 of the labels that the questions have."""
    true = {span.label for question in questions for span in question.spans}
    return {label: score.f1 for label, score in evaluation.by_label.items() if label in true}


def _figure(values: Sequence[float]) -> Figure:
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return Figure(float(np.mean(values)), sd)
