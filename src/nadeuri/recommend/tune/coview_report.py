"""The report of a search over the settings of Prod2Vec."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.recommend.tune.coview import CoviewResult
from nadeuri.recommend.tune.report import AS_IS, OTHER, PICKED, StudyFiles, overlay, write_study
from nadeuri.recommend.tune.results import NDCG
from nadeuri.recommend.tune.space import Axis
from nadeuri.report.charts import NARROW, Bar, bar_chart


def write_coview(result: CoviewResult, dataset: Dataset, split: Split, folder: Path) -> StudyFiles:
    """Write the report and the config to ship into ``folder``."""
    axes = [axis for axis in result.space.axes if len(axis.values) > 1]
    return write_study(
        result,
        dataset,
        split,
        folder,
        template="coview.html",
        charts={
            **{f"axis_{axis.name}": _best_by_value(result, axis) for axis in axes},
            "curves": overlay(result),
        },
        shown={"varied": axes},
        summary={},
    )


def _best_by_value(result: CoviewResult, axis: Axis) -> Markup:
    place = result.space.axes.index(axis)
    bars = []
    for value, best in result.best_of(axis):
        if best is None:
            continue
        is_picked = value == result.picked.setting[place]
        colour = PICKED if is_picked else AS_IS if value == result.as_is.setting[place] else OTHER
        figure = best.runs[0].figures[NDCG]
        bars.append(Bar(f"{value:g}", figure, colour, is_strong=is_picked))
    title = f"Validation nDCG@10 by {axis.name}"
    return bar_chart(title, bars, decimals=4, width=NARROW)
