"""Compare all models on the public click data sets; figures go to ``results/recommend.json``.

The nDCG@10 of the transformers stands in ``results/training.json`` as well, from the same runs.

    python bench/recommend.py                       # ml-1m, beauty and nyc
    python bench/recommend.py nyc nyc-temporal      # only these
    python bench/recommend.py beauty --seeds 1 --models bert4rec

Settings are the presets of ``nadeuri recommend compare``. Finished runs are kept and not repeated,
so the same command measures what is missing and writes the whole again.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from nadeuri import columns
from nadeuri.data.prepare import open_or_prepare
from nadeuri.recommend.compare import Comparison, compare
from nadeuri.recommend.compare_config import load_preset
from nadeuri.recommend.experiment import make_split
from nadeuri.recommend.report import summary_of, write_report
from nadeuri.report.pages import metric_title
from nadeuri.settings import Settings
from nadeuri.tracking import open_tracker
from record import ROOT, record

CLICKS = ROOT.parent / "shared" / "data" / "clicks"
SETS = {
    "ml-1m": ("ml-1m", "leave-one-out"),
    "beauty": ("beauty", "leave-one-out"),
    "nyc": ("nyc", "leave-one-out"),
    "nyc-temporal": ("nyc", "temporal"),
}
METADATA_EFFECT = "metadata_effect"
USUAL = ("ml-1m", "beauty", "nyc")


def figures_of(name: str, comparison: Comparison) -> dict[str, float]:
    """``ml-1m.bert4rec.ndcg_at_10`` and so on, of the protocol that the preset decides by.

    Beside the accuracy there are the figures of the lists (popularity bias, coherence), and the
    paired tests of a model with metadata against its twin without: ``ml-1m.metadata_effect`` for
    Meta-BERT4Rec, ``ml-1m.metadata_effect.meta_sasrec`` and so on for the others.
    """
    figures: dict[str, float] = {}
    for test in comparison.metadata_effect:
        key = f"{name}.{METADATA_EFFECT}"
        if test.a != columns.META_BERT4REC:
            key += f".{test.a}"
        figures[f"{key}.{comparison.metric}"] = test.difference
        figures |= {f"{key}.{end}": getattr(test, end) for end in ("low", "high", "p_value")}
    for model in comparison.models:
        for metric, estimate in model.test[comparison.filter_seen].items():
            if not metric.endswith("_at_10"):
                continue
            key = f"{name}.{model.name}.{metric}"
            figures[key] = estimate.mean
            figures[f"{key}.seeds"] = estimate.seeds
            if estimate.sd is not None:
                figures[f"{key}.sd"] = estimate.sd
        for figure, value in model.lists.items():
            figures[f"{name}.{model.name}.{figure}"] = value.mean
    return figures


def training_figures(name: str, comparison: Comparison) -> dict[str, float]:
    """nDCG@10 of the transformers, and of the ``best`` of them: chosen on validation cases."""
    ndcg = columns.at(columns.NDCG, 10)
    models = [
        model
        for model in comparison.models
        if model.kind in columns.SEQUENTIAL
        and not any(run.is_control for run in comparison.runs[model.name])
    ]
    figures: dict[str, float] = {}
    best = max(models, key=lambda model: model.valid.mean, default=None)
    for key, model in [*((model.name, model) for model in models), ("best", best)]:
        if model is not None:
            estimate = model.test[comparison.filter_seen][ndcg]
            figures[f"{name}.{key}.{ndcg}"] = estimate.mean
            figures[f"{name}.{key}.{ndcg}.seeds"] = estimate.seeds
            if estimate.sd is not None:
                figures[f"{name}.{key}.{ndcg}.sd"] = estimate.sd
    return figures


def measure(name: str, arguments: argparse.Namespace) -> None:
    """Compare on one set, write its report, merge its figures."""
    folder, split_kind = SETS[name]
    settings = Settings.from_env()
    dataset = open_or_prepare(arguments.clicks / folder, settings.data_cache)
    config = load_preset(folder, [f'split.kind="{split_kind}"'])
    if arguments.models:
        config = config.select(arguments.models.split(","))
    if arguments.seeds:
        config = config.with_seeds(arguments.seeds)
    split = make_split(config.split, dataset)
    out = settings.comparisons / f"{dataset.name}-{split.name}"
    tracker = open_tracker(settings.tracking_uri if arguments.track else None)
    comparison = compare(config, dataset, split, out / "runs", tracker, on_run=print)
    report = write_report(comparison, dataset, split, out)
    details: dict[str, Any] = {"set": name, **summary_of(comparison, dataset, split)}
    record(
        "recommend",
        figures_of(name, comparison),
        [details],
        command=f"python bench/recommend.py {name}",
    )
    quality = training_figures(name, comparison)
    if arguments.models:  # the best of some is not the best
        quality = {key: value for key, value in quality.items() if ".best." not in key}
    record("training", quality, command=f"python bench/recommend.py {name}")
    show(name, comparison, report.html)


def show(name: str, comparison: Comparison, report: Path) -> None:
    """The table a person looks at."""
    print(f"\n{name}: test {metric_title(comparison.metric)}, ship {comparison.choice.name}")
    for model in comparison.models:
        figure = model.test[comparison.filter_seen][comparison.metric]
        sd = "" if figure.sd is None else f" ± {figure.sd:.4f}"
        print(f"  {model.name:20} {figure.mean:.4f}{sd}  [{figure.low:.4f}, {figure.high:.4f}]")
    for test in comparison.metadata_effect:
        print(f"  {test.a} - {test.b}: {test.difference:+.4f}, p = {test.p_value:.4f}")
    print(f"  {report}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(SETS)}")
    parser.add_argument("--clicks", type=Path, default=CLICKS, help="folder of the data sets")
    parser.add_argument("--models", help="only these experiments, comma-separated")
    parser.add_argument("--seeds", type=int, help="trainings per model")
    parser.add_argument("--track", action="store_true", help="keep the runs in MLflow too")
    arguments = parser.parse_args()
    for name in arguments.sets:
        if name not in SETS:
            parser.error(f"unknown set {name!r}; one of {', '.join(SETS)}")
    for name in arguments.sets or USUAL:
        measure(name, arguments)


if __name__ == "__main__":
    main()
