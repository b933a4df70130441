"""A study as files to read: one self-contained page, charts, tables, and the config to ship."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from markupsafe import Markup

from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.recommend.significance import PairedTest
from nadeuri.recommend.tune.charts import Cell, heat_map
from nadeuri.recommend.tune.config_file import write_config
from nadeuri.recommend.tune.results import NDCG, RECALL, Candidate, OnTest, complete
from nadeuri.recommend.tune.space import Space
from nadeuri.recommend.tune.trial import Measured
from nadeuri.report.charts import STYLE, Curve, curve_chart, standalone
from nadeuri.report.pages import page_environment, parquet_bytes, provenance, replace_file

HTML, SUMMARY, SHIP = "report.html", "summary.json", "ship.toml"
PICKED, AS_IS, OTHER = 5, 2, 1
"""Colours, as numbers of the palette."""
TRIALS, CURVES, CHARTS = "trials.parquet", "curves.parquet", "charts"


class Finding(Protocol):
    """What every kind of study finds."""

    @property
    def space(self) -> Space: ...
    @property
    def candidates(self) -> tuple[Candidate, ...]: ...
    @property
    def as_is(self) -> Candidate: ...
    @property
    def picked(self) -> Candidate: ...
    @property
    def test(self) -> tuple[OnTest, ...]: ...
    @property
    def against_as_is(self) -> PairedTest | None: ...
    @property
    def why(self) -> str: ...


@dataclass(frozen=True)
class StudyFiles:
    """What was written."""

    html: Path
    summary: Path
    ship: Path


def write_study(
    result: Finding,
    dataset: Dataset,
    split: Split,
    folder: Path,
    *,
    template: str,
    charts: Mapping[str, Markup],
    shown: Mapping[str, Any],
    summary: Mapping[str, Any],
) -> StudyFiles:
    """Write page, charts, tables, summary and config.

    Args:
        shown: what the template shows beside what all studies show.
        summary: what ``summary.json`` says beside what all studies say.
    """
    (folder / CHARTS).mkdir(parents=True, exist_ok=True)
    for name, chart in charts.items():
        replace_file(folder / CHARTS / f"{name}.svg", standalone(chart))
    replace_file(folder / TRIALS, parquet_bytes(_trial_rows(result)))
    replace_file(folder / CURVES, parquet_bytes(_curve_rows(result)))
    write_config(result.space.config(result.picked.setting), folder / SHIP, result.why)
    environment = page_environment("nadeuri.recommend")
    environment.filters |= {"setting": result.space.label, "ending": ending}
    page = environment.get_template(template).render(
        result=result,
        space=result.space,
        candidates=sorted(result.candidates, key=_by_ndcg),
        dataset=dataset,
        split=split,
        charts=charts,
        chart_style=STYLE,
        ship_file=folder / SHIP,
        threads=_threads(result),
        **shown,
        **provenance(),
    )
    replace_file(folder / HTML, page)
    text = json.dumps({**_summary(result, dataset, split), **summary}, indent=1, ensure_ascii=False)
    replace_file(folder / SUMMARY, text + "\n")
    return StudyFiles(folder / HTML, folder / SUMMARY, folder / SHIP)


def overlay(result: Finding) -> Markup:
    """Learning curves of what is in use and of what was picked over those of all others."""
    bold = {result.as_is.name: result.as_is, result.picked.name: result.picked}
    curves = [
        Curve("others", OTHER, each.runs[0].metrics, is_faint=True)
        for each in result.candidates
        if each.runs and each.name not in bold
    ]
    for each in bold.values():
        colour = PICKED if each is result.picked else AS_IS
        label = result.space.label(each.setting)
        curves += [Curve(label, colour, run.metrics) for run in each.runs]
    return curve_chart("Validation nDCG@10: in use against best", curves, x_label="epoch")


def candidate_map(
    title: str,
    result: Finding,
    figure: Callable[[Candidate], float],
    text: Callable[[float], str],
) -> Markup:
    """A heat map of complete candidates: first axis down, second axis across."""
    found = {candidate.setting: candidate for candidate in result.candidates}
    down, across = result.space.axes

    def cell(setting: tuple[Any, ...]) -> Cell:
        candidate = found.get(setting)
        value = figure(candidate) if candidate and candidate.is_complete else None
        return Cell(
            value,
            text(value) if value is not None else (candidate.state if candidate else "not tried"),
            is_picked=candidate is result.picked,
            is_as_is=candidate is result.as_is,
        )

    return heat_map(
        title,
        rows=[f"{value:g}" if isinstance(value, float) else str(value) for value in down.values],
        columns=[
            f"{value:g}" if isinstance(value, float) else str(value) for value in across.values
        ],
        cells=[[cell((row, column)) for column in across.values] for row in down.values],
        row_title=down.name,
        column_title=across.name,
    )


def ending(candidate: Candidate) -> str:
    """How a candidate without figures ended."""
    if candidate.state == "failed" or not candidate.runs:
        return f"{candidate.state}: {candidate.reason}"
    epoch, metric = candidate.runs[0].metrics[-1]
    return f"pruned after epoch {epoch} with nDCG@10 {metric:.4f}"


def describe(candidate: Candidate) -> dict[str, Any]:
    """A candidate as JSON values."""
    described = {"name": candidate.name, "state": candidate.state, "setting": candidate.setting}
    if not candidate.is_complete:
        return {**described, "ending": ending(candidate)}
    return {
        **described,
        "seeds": candidate.seeds,
        f"valid_{NDCG}": candidate.ndcg,
        f"valid_{NDCG}.sd": candidate.ndcg_sd,
        f"valid_{RECALL}": candidate.recall,
        "epochs": candidate.epochs,
        "seconds_per_epoch": candidate.seconds_per_epoch,
        "seconds_to_best": candidate.seconds_to_best,
        "peak_mib": candidate.peak_mib,
    }


def _summary(result: Finding, dataset: Dataset, split: Split) -> dict[str, Any]:
    return {
        "dataset": dataset.name,
        "data_fingerprint": dataset.fingerprint,
        "split": split.name,
        "cases": {"valid": len(split.valid), "test": len(split.test)},
        "why": result.why,
        "picked": describe(result.picked),
        "as_is": describe(result.as_is),
        "test": [
            {"name": each.name, **each.figures, f"{NDCG}.sd": each.ndcg_sd} for each in result.test
        ],
        "test_against_as_is": asdict(result.against_as_is) if result.against_as_is else None,
        "candidates": [describe(candidate) for candidate in result.candidates],
        "experiment": result.space.base.model_dump(mode="json"),
    }


def _trial_rows(result: Finding) -> list[dict[str, Any]]:
    """One row per training, those without an end as well."""
    names = [axis.name for axis in result.space.axes]
    rows = []
    for candidate in result.candidates:
        setting = dict(zip(names, candidate.setting, strict=True))
        shared = {"name": candidate.name, **setting, "state": candidate.state}
        if not candidate.runs:
            rows.append({**shared, "seed": None, "reason": candidate.reason})
        for seed, run in seeded(candidate):
            rows.append({**shared, "seed": seed, "reason": None, **_run_row(run)})
    return rows


def _run_row(run: Measured) -> dict[str, Any]:
    return {
        **{f"valid_{name}": value for name, value in run.figures.items()},
        "best_epoch": run.best_epoch,
        "epochs": len(run.curve),
        "seconds": run.curve[-1].seconds,
        "seconds_per_epoch": run.seconds_per_epoch,
        "seconds_to_best": run.seconds_to_best,
        "peak_mib": run.peak_mib,
        "peak_device_mib": run.peak_device_mib,
        "threads": run.threads,
    }


def _curve_rows(result: Finding) -> list[dict[str, Any]]:
    return [
        {"name": candidate.name, "seed": seed, **asdict(point)}
        for candidate in result.candidates
        for seed, run in seeded(candidate)
        for point in run.curve
    ]


def seeded(candidate: Candidate) -> Sequence[tuple[int, Measured]]:
    """Its trainings with their seeds; of a pruned one, how far it came."""
    return list(zip(candidate.seeds or (1,), candidate.runs, strict=False))


def _by_ndcg(candidate: Candidate) -> tuple[int, float]:
    order = ("complete", "pruned", "failed").index(candidate.state)
    return order, -candidate.ndcg if candidate.is_complete else 0.0


def _threads(result: Finding) -> str:
    counts = {run.threads for candidate in complete(result.candidates) for run in candidate.runs}
    low, high = min(counts), max(counts)
    if low != high:
        return f"{low} to {high} threads"
    return f"{low} thread{'s' if low > 1 else ''}"
