"""From a comparison to the artefact that is served."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from nadeuri import columns
from nadeuri.artifact import Artifact
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.errors import ConfigError
from nadeuri.recommend.compare import Comparison
from nadeuri.recommend.evaluate import ndcg_per_case
from nadeuri.recommend.experiment import train
from nadeuri.recommend.export import export_recommender
from nadeuri.recommend.runs import RUN, RunResult


def best_exportable(comparison: Comparison) -> RunResult:
    """The chosen run or, where it cannot be exported, the best on validation that can.

    Raises:
        ConfigError: no compared model can be exported.
    """
    if comparison.choice.run.kind in columns.SEQUENTIAL:
        return comparison.choice.run
    best = _best(comparison, columns.SEQUENTIAL)
    if best is None:
        raise ConfigError(
            f"{comparison.config.name}: experiments: none of {', '.join(columns.SEQUENTIAL)} is "
            "among them, and only these can be exported; add one"
        )
    return best


def best_beside(comparison: Comparison, shipped: RunResult) -> RunResult | None:
    """What is shown beside the shipped model, to see what metadata changes.

    The best BERT4Rec or, where that is what is shipped, the best Meta-BERT4Rec; None where the
    comparison has none.
    """
    is_plain = shipped.kind == columns.BERT4REC
    return _best(comparison, (columns.META_BERT4REC if is_plain else columns.BERT4REC,))


def _best(comparison: Comparison, kinds: Collection[str]) -> RunResult | None:
    """The best on validation of the runs of some kinds of models."""
    runs = [run for results in comparison.runs.values() for run in results]
    candidates = [run for run in runs if run.kind in kinds and not run.is_control]
    k, filter_seen = comparison.config.evaluation.ks[0], comparison.filter_seen
    return max(
        candidates,
        key=lambda run: ndcg_per_case(run.valid[filter_seen].ranks, k).mean(),
        default=None,
    )


def export_run(run: RunResult, dataset: Dataset, split: Split, out: Path) -> Artifact:
    """Export a finished run from its checkpoint, with its figures.

    Args:
        out: the artefact folder; one already there is replaced in one step.

    Raises:
        NadeuriError: what reading the run back and exporting raise.
    """
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
