"""Compare the models, write the report, export the one to serve."""

from __future__ import annotations

import json
from pathlib import Path

from nadeuri import columns
from nadeuri.artifact import Artifact
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.demo.build import Say, Shipped
from nadeuri.errors import ConfigError
from nadeuri.recommend.compare import Comparison, compare
from nadeuri.recommend.compare_config import CompareConfig
from nadeuri.recommend.evaluate import ndcg_per_case
from nadeuri.recommend.experiment import make_split, train
from nadeuri.recommend.export import export_recommender
from nadeuri.recommend.report import write_report
from nadeuri.recommend.runs import RUN, RunResult
from nadeuri.tracking import open_tracker

EXPORTABLE = (columns.BERT4REC, columns.META_BERT4REC)


def ship(
    key: str,
    config: CompareConfig,
    dataset: Dataset,
    folder: Path,
    artifact: Path,
    tracking_uri: str,
    say: Say,
) -> Shipped:
    """Train and compare (finished trainings are read back), then export.

    Args:
        key: what the result is to be found by again.
        folder: gets the report and the runs, as with ``nadeuri recommend compare``.
        artifact: folder of the exported model; one that is there is replaced.

    Raises:
        ConfigError: no compared model can be exported.
        NadeuriError: what comparing and exporting raise.
    """
    split = make_split(config.split, dataset)
    tracker = open_tracker(tracking_uri)
    comparison = compare(config, dataset, split, folder / "runs", tracker, on_run=say)
    report = write_report(comparison, dataset, split, folder)
    run = best_exportable(comparison)
    say(f"To ship: {comparison.choice.name}.")
    if run.name != comparison.choice.name:
        say(f"It is no network that could be exported; {run.name} comes next and can.")
    say(f"Exporting {run.name} to ONNX.")
    exported = _export(run, dataset, split, artifact)
    return Shipped(
        key=key,
        chosen=comparison.choice.name,
        exported=run.name,
        version=exported.version,
        report=report.html.name,
    )


def best_exportable(comparison: Comparison) -> RunResult:
    """The chosen run or, where it cannot be exported, the best on validation that can.

    Raises:
        ConfigError: no compared model can be exported.
    """
    if comparison.choice.run.kind in EXPORTABLE:
        return comparison.choice.run
    runs = [run for results in comparison.runs.values() for run in results]
    candidates = [run for run in runs if run.kind in EXPORTABLE]
    if not candidates:
        raise ConfigError(
            f"{comparison.config.name}: experiments: none of {', '.join(EXPORTABLE)} is among "
            "them, and only these can be exported; add one"
        )
    k, filter_seen = comparison.config.evaluation.ks[0], comparison.filter_seen
    return max(candidates, key=lambda run: ndcg_per_case(run.valid[filter_seen].ranks, k).mean())


def _export(run: RunResult, dataset: Dataset, split: Split, out: Path) -> Artifact:
    trained = train(run.config, dataset, split, seed=run.seed, folder=run.folder)
    figures = json.loads((run.folder / RUN).read_text(encoding="utf-8"))["figures"]
    return export_recommender(
        trained.recommender,
        dataset,
        split,
        out,
        config=run.config.model_dump(mode="json"),
        metrics=figures,
    )
