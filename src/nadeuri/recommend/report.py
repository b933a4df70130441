"""The comparison as a page to read: one self-contained HTML file, and Markdown with SVG charts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from nadeuri import columns
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.recommend.compare import LIST_PLACES, Comparison, ModelSummary
from nadeuri.recommend.compare_config import SEEDLESS
from nadeuri.recommend.samples import SampleUser, sample_users
from nadeuri.recommend.significance import Estimate, PairedTest
from nadeuri.report.charts import (
    PALETTE,
    STYLE,
    WIDE,
    Bar,
    Curve,
    bar_chart,
    curve_chart,
    standalone,
)
from nadeuri.report.pages import (
    metric_title,
    page_environment,
    parquet_bytes,
    provenance,
    replace_file,
)

HTML, MARKDOWN, SUMMARY, CHARTS = "report.html", "report.md", "comparison.json", "charts"
CURVES, SAMPLES = "curves.parquet", "samples.json"

LIST_TITLES = {
    columns.COVERAGE: "Coverage",
    columns.POPULARITY_PERCENTILE: "Popularity percentile",
    columns.GINI: "Gini",
}


@dataclass(frozen=True)
class ReportFiles:
    """What was written."""

    html: Path
    markdown: Path
    summary: Path
    curves: Path
    samples: Path


def write_report(
    comparison: Comparison, dataset: Dataset, split: Split, folder: Path
) -> ReportFiles:
    """Write ``report.html``, ``report.md`` with ``charts/``, and what they show as values.

    The values: ``comparison.json``, ``curves.parquet`` (a row per epoch of every training, as a
    study's) and ``samples.json`` (the sample users with their lists).
    """
    charts = _charts(comparison)
    users = sample_users(
        dataset,
        split,
        comparison.runs,
        filter_seen=comparison.filter_seen,
        n=comparison.config.sample_users,
    )
    context = _context(comparison, dataset, split, users)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CHARTS).mkdir(exist_ok=True)
    for name, chart in charts.items():
        replace_file(folder / CHARTS / chart_file(name), standalone(chart))
    environment = _environment()
    for name in (HTML, MARKDOWN):
        page = environment.get_template(name).render(charts=charts, chart_style=STYLE, **context)
        replace_file(folder / name, page)
    summary = json.dumps(summary_of(comparison, dataset, split), indent=1, ensure_ascii=False)
    replace_file(folder / SUMMARY, summary + "\n")
    replace_file(folder / CURVES, parquet_bytes(_curve_rows(comparison)))
    samples = json.dumps([asdict(user) for user in users], indent=1, ensure_ascii=False)
    replace_file(folder / SAMPLES, samples + "\n")
    names = (HTML, MARKDOWN, SUMMARY, CURVES, SAMPLES)
    return ReportFiles(*(folder / name for name in names))


def summary_of(comparison: Comparison, dataset: Dataset, split: Split) -> dict[str, Any]:
    """The comparison as JSON values."""
    return {
        "dataset": dataset.name,
        "data_fingerprint": dataset.fingerprint,
        "split": split.name,
        "cases": {"valid": len(split.valid), "test": len(split.test)},
        "filter_seen": comparison.filter_seen,
        "ship": comparison.choice.name,
        "ship_run": str(comparison.choice.run.folder.name),
        "not_worse_on_validation": [asdict(test) for test in comparison.choice.simpler],
        "models": [
            {
                "name": model.name,
                "kind": model.kind,
                "seeds": list(model.seeds),
                "train_seconds": model.train_seconds,
                "best_epochs": list(model.best_epochs),
                "valid": {comparison.metric: asdict(model.valid)},
                "test": {
                    "filtered" if filtered else "unfiltered": {
                        name: asdict(figure) for name, figure in figures.items()
                    }
                    for filtered, figures in model.test.items()
                },
                "lists": {name: asdict(figure) for name, figure in model.lists.items()},
            }
            for model in comparison.models
        ],
        "history_lists": dict(comparison.history),
        "target_lists": dict(comparison.targets),
        "paired_tests": [
            asdict(test) for test in (*comparison.against_choice, *comparison.metadata_effect)
        ],
        "config": comparison.config.model_dump(mode="json"),
    }


def _curve_rows(comparison: Comparison) -> list[dict[str, Any]]:
    return [
        {"name": name, "seed": run.seed, **asdict(point)}
        for name, runs in comparison.runs.items()
        for run in runs
        for point in run.curve
    ]


def _context(
    comparison: Comparison, dataset: Dataset, split: Split, users: Sequence[SampleUser]
) -> dict[str, Any]:
    config = comparison.config
    fields = [
        name.removeprefix(columns.coherence(""))
        for name in comparison.history
        if name.startswith(columns.coherence(""))
    ]
    best_floor = max(
        (model for model in comparison.models if model.kind in SEEDLESS),
        key=lambda model: _primary(comparison, model).mean,
    )
    return {
        "comparison": comparison,
        "config": config,
        "dataset": dataset,
        "split": split,
        "fields": fields,
        "best_floor": best_floor,
        "chosen": comparison.model(comparison.choice.name),
        "metrics": list(comparison.models[0].test[True]),
        "protocols": (comparison.filter_seen, not comparison.filter_seen),
        "list_places": LIST_PLACES,
        "users": users,
        **provenance(),
    }


def _charts(comparison: Comparison) -> dict[str, Markup]:
    """``accuracy``, ``curves`` where anything was iterated, and one per figure of lists."""
    colours = _colours(comparison.models)
    charts = {"accuracy": _accuracy_chart(comparison, colours)}
    if any(run.curve for runs in comparison.runs.values() for run in runs):
        charts["curves"] = _training_chart(comparison, colours)
    for name in comparison.models[0].lists:
        charts[name] = _list_chart(comparison, colours, name)
    return charts


def _accuracy_chart(comparison: Comparison, colours: Mapping[str, int]) -> Markup:
    bars = []
    for model in comparison.models:
        figure = _primary(comparison, model)
        is_chosen = model.name == comparison.choice.name
        bars.append(
            Bar(model.name, figure.mean, colours[model.name], figure.low, figure.high, is_chosen)
        )
    return bar_chart(f"Test {metric_title(comparison.metric)}", bars, decimals=4, width=WIDE)


def _training_chart(comparison: Comparison, colours: Mapping[str, int]) -> Markup:
    curves = [
        Curve(name, colours[name], [(p.epoch, p.metric) for p in run.curve if p.metric is not None])
        for name, runs in comparison.runs.items()
        for run in runs
        if run.curve
    ]
    floors = [
        Curve(model.name, colours[model.name], [(0, model.valid.mean)])
        for model in comparison.models
        if model.kind in SEEDLESS
    ]
    title = "Validation nDCG@10 while training"
    return curve_chart(title, curves, x_label="epoch", references=floors)


def _list_chart(comparison: Comparison, colours: Mapping[str, int], name: str) -> Markup:
    bars = []
    for model in comparison.models:
        mean, sd = model.lists[name].mean, model.lists[name].sd
        low, high = (None, None) if sd is None else (mean - sd, mean + sd)
        is_chosen = model.name == comparison.choice.name
        bars.append(Bar(model.name, mean, colours[model.name], low, high, is_chosen))
    people = (("clicked next", comparison.targets), ("recent history", comparison.history))
    references = [(label, figures[name]) for label, figures in people if name in figures]
    return bar_chart(list_title(name), bars, references=references)


def _colours(models: Sequence[ModelSummary]) -> dict[str, int]:
    """One colour per kind; a second experiment of a kind takes a colour that is free."""
    usual_ones = {columns.MODELS.index(model.kind) for model in models}
    free = [number for number in range(PALETTE) if number not in usual_ones]
    colours: dict[str, int] = {}
    for model in models:
        usual = columns.MODELS.index(model.kind)
        taken = usual in colours.values()
        colours[model.name] = free.pop(0) if taken and free else usual
    return colours


def _primary(comparison: Comparison, model: ModelSummary) -> Estimate:
    return model.test[comparison.filter_seen][comparison.metric]


def _environment() -> jinja2.Environment:
    environment = page_environment("nadeuri.recommend")
    environment.filters |= {"list_title": list_title, "chart_file": chart_file}
    environment.tests["floor"] = lambda model: model.kind in SEEDLESS
    environment.globals |= {"verdict": _verdict}
    return environment


def list_title(name: str) -> str:
    """A title for a figure of lists."""
    if name in LIST_TITLES:
        return LIST_TITLES[name]
    kind, _, field = name.partition("_")
    return (
        f"{field}: share in the modal value" if kind == "coherence" else f"{field}: entropy (bits)"
    )


def chart_file(name: str) -> str:
    """File name of a chart; a field may be named with characters that no file may have."""
    return "".join(c if c.isalnum() else "_" for c in name) + ".svg"


def _verdict(test: PairedTest) -> str:
    if not test.is_significant:
        return "no measurable difference"
    return f"{test.a if test.difference > 0 else test.b} is better"
