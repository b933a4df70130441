"""The comparison as a page to read: one self-contained HTML file, and Markdown with SVG charts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

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
from nadeuri.report.pages import page_environment, provenance, replace_file
from nadeuri.understand import evaluate, session
from nadeuri.understand.compare import Comparison
from nadeuri.understand.samples import draw

HTML, MARKDOWN, SUMMARY, CHARTS = "report.html", "report.md", "comparison.json", "charts"
SAMPLES = 8

TITLES = {
    session.PRECISION: "Precision",
    session.RECALL: "Recall",
    session.F1: "F1",
    session.INTENT_ACCURACY: "Intent accuracy",
    session.INTENT_MACRO_F1: "Intent macro-F1",
    session.WHOLE: "All right",
    session.SPAN_CALIBRATION: "Entity ECE",
    session.INTENT_CALIBRATION: "Intent ECE",
}
ERROR_TITLES = {
    evaluate.CUT_SHORT: "cut short (파타 for 파타야)",
    evaluate.TOO_LONG: "too long",
    evaluate.SHIFTED: "shifted",
    evaluate.WRONG_LABEL: "wrong label",
    evaluate.MISSED: "missed",
    evaluate.SPURIOUS: "spurious",
}


@dataclass(frozen=True)
class ReportFiles:
    """What was written."""

    html: Path
    markdown: Path
    summary: Path


@dataclass(frozen=True)
class Confusion:
    """Test questions by their intent (rows) and the intent found (columns)."""

    intents: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def write_report(comparison: Comparison, folder: Path) -> ReportFiles:
    """Write ``report.html``, ``report.md`` with ``charts/``, and ``comparison.json``."""
    charts = _charts(comparison)
    context = _context(comparison)
    (folder / CHARTS).mkdir(parents=True, exist_ok=True)
    for name, chart in charts.items():
        replace_file(folder / CHARTS / f"{name}.svg", standalone(chart))
    environment = page_environment("nadeuri.understand")
    for name in (HTML, MARKDOWN):
        page = environment.get_template(name).render(charts=charts, chart_style=STYLE, **context)
        replace_file(folder / name, page)
    summary = json.dumps(summary_of(comparison), indent=1, ensure_ascii=False)
    replace_file(folder / SUMMARY, summary + "\n")
    return ReportFiles(folder / HTML, folder / MARKDOWN, folder / SUMMARY)


def summary_of(comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON values."""
    return {
        "data": comparison.data,
        "data_fingerprint": comparison.data_fingerprint,
        "questions": dict(comparison.sizes),
        "adopted": comparison.adopted.config.name,
        "adopted_run": comparison.adopted.folder.name,
        "skipped": dict(comparison.skipped),
        "models": [asdict(model) for model in comparison.models],
        "configs": {
            name: results[0].config.model_dump(mode="json")
            for name, results in comparison.runs.items()
        },
    }


def confusion_of(comparison: Comparison) -> Confusion | None:
    """Of the adopted run; None where no question has an intent."""
    pairs = [
        (question.intent, found.intent or "–")
        for question, found in zip(comparison.test, comparison.adopted.answers, strict=True)
        if question.intent
    ]
    if not pairs:
        return None
    counts = Counter(pairs)
    intents = tuple(sorted({intent for pair in pairs for intent in pair}))
    return Confusion(
        intents, tuple(tuple(counts[true, found] for found in intents) for true in intents)
    )


def _context(comparison: Comparison) -> dict[str, Any]:
    labels = [label for model in comparison.models for label in model.by_label]
    true = Counter(span.label for question in comparison.test for span in question.spans)
    answers = {name: run.answers for name, run in comparison.best.items()}
    usual, wrong = draw(comparison.test, answers, SAMPLES)
    return {
        "comparison": comparison,
        "chosen": comparison.chosen,
        "titles": {name: title for name, title in TITLES.items() if name in comparison.chosen.test},
        "errors": {session.error(kind): ERROR_TITLES[kind] for kind in evaluate.ERRORS},
        "labels": {label: true[label] for label in dict.fromkeys(labels)},
        "confusion": confusion_of(comparison),
        "usual": usual,
        "wrong": wrong,
        **provenance(),
    }


def _charts(comparison: Comparison) -> dict[str, Markup]:
    """By name, which is also the name of their files."""
    colours = {model.name: (4 + at) % PALETTE for at, model in enumerate(comparison.models)}
    return {
        "precision": _precision_chart(comparison, colours),
        "latency": _latency_chart(comparison, colours),
        "curves": _training_chart(comparison, colours),
    }


def _precision_chart(comparison: Comparison, colours: Mapping[str, int]) -> Markup:
    bars = [
        Bar(
            model.name,
            model.test[session.PRECISION].mean,
            colours[model.name],
            *model.interval,
            is_strong=model.name == comparison.chosen.name,
        )
        for model in comparison.models
    ]
    return bar_chart("Test micro precision", bars, decimals=4, width=WIDE)


def _latency_chart(comparison: Comparison, colours: Mapping[str, int]) -> Markup:
    bars = [
        Bar(
            model.name,
            model.p50_ms,
            colours[model.name],
            model.p50_ms,
            model.p99_ms,
            is_strong=model.name == comparison.chosen.name,
        )
        for model in comparison.models
    ]
    return bar_chart("One question, ms", bars, decimals=2, width=WIDE)


def _training_chart(comparison: Comparison, colours: Mapping[str, int]) -> Markup:
    curves: Sequence[Curve] = [
        Curve(name, colours[name], [(p.epoch, p.metric) for p in run.curve if p.metric is not None])
        for name, results in comparison.runs.items()
        for run in results
    ]
    return curve_chart("Validation quality while training", curves, x_label="epoch")
