"""One training session: train, judge, export, track, register."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nadeuri.data.sequences import Dataset
from nadeuri.recommend.config import ExperimentConfig
from nadeuri.recommend.coview.export import export_vectors
from nadeuri.recommend.coview.prod2vec import Prod2Vec
from nadeuri.recommend.evaluate import accuracy, rank_cases
from nadeuri.recommend.experiment import make_split, train
from nadeuri.recommend.export import export_recommender
from nadeuri.recommend.runs import log_point
from nadeuri.recommend.sequential import SequentialRecommender
from nadeuri.tracking import Tracker
from nadeuri.training import distributed

ARTIFACT = "artifact"


@dataclass(frozen=True)
class FinishedSession:
    """Test metrics, and where the exported model is (None for models that are not served).

    Nothing in a process that is not the first of its job: that one judges and exports for all.
    """

    metrics: dict[str, float]
    artifact: Path | None
    version: str | None


def train_and_export(
    config: ExperimentConfig,
    dataset: Dataset,
    *,
    seed: int,
    folder: Path,
    tracker: Tracker,
    register: tuple[str, str] | None = None,
) -> FinishedSession:
    """Train one model, rank the test cases, export what can be served.

    Args:
        folder: of the run; its checkpoint is resumed.
        register: model name and alias of a new registered version.

    Raises:
        NadeuriError: what configuration, data, training or export raise.
    """
    split = make_split(config.split, dataset)
    resolved = config.model_dump(mode="json")
    with tracker.run(
        dataset.name,
        f"{config.name}-seed{seed}",
        parameters={**resolved, "seed": seed},
        data_fingerprint=dataset.fingerprint,
    ) as run:
        trained = train(
            config, dataset, split, seed=seed, folder=folder, report=lambda p: log_point(run, p)
        )
        if not distributed.current().is_first:
            return FinishedSession({}, None, None)
        ranking = rank_cases(
            trained.recommender,
            dataset.sequences,
            split.test,
            k=max(config.evaluation.ks),
            filter_seen=config.evaluation.filter_seen,
            progress=True,
        )
        metrics = accuracy(ranking.ranks, config.evaluation.ks)
        run.log_metrics({f"test_{name}": value for name, value in metrics.items()})
        model, out = trained.recommender, folder / ARTIFACT
        match model:
            case SequentialRecommender():
                export_recommender(model, dataset, split, out, config=resolved, metrics=metrics)
            case Prod2Vec():
                export_vectors(model, dataset, split, out, config=resolved, metrics=metrics)
            case _:
                return FinishedSession(metrics, None, None)
        run.log_artifact(out)
        version = run.register(*register) if register else None
    return FinishedSession(metrics, out, version)
