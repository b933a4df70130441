"""The report of a comparison of learning-rate schedules."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from markupsafe import Markup

from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.recommend.tune.claims import check_schedule_claims
from nadeuri.recommend.tune.report import (
    AS_IS,
    OTHER,
    PICKED,
    StudyFiles,
    candidate_map,
    overlay,
    write_study,
)
from nadeuri.recommend.tune.results import complete
from nadeuri.recommend.tune.schedule import LR, SCHEDULE, ScheduleResult, convergence
from nadeuri.report.charts import NARROW, WIDE, Bar, Curve, bar_chart, curve_chart

RATE_COLOURS = (4, 5, 2, 6, 3, 7)
MAPS = {
    "ndcg": "Validation nDCG@10",
    "converged": "Epoch in which the run converged",
    "stopped": "Epoch in which early stopping ended the run",
}


def write_schedule(
    result: ScheduleResult, dataset: Dataset, split: Split, folder: Path
) -> StudyFiles:
    """Write the report and the config to ship into ``folder``."""
    claims = check_schedule_claims(result)
    best = result.best_exponential
    return write_study(
        result,
        dataset,
        split,
        folder,
        template="schedule.html",
        charts=_charts(result),
        shown={
            "claims": claims,
            "maps": MAPS,
            "schedules": _axis(result, SCHEDULE),
            "convergence": convergence,
        },
        summary={
            "claims": [asdict(claim) for claim in claims],
            "best_exponential_rate": best.setting[1] if best else None,
            "finalists": [candidate.name for candidate in result.finalists],
            "convergence": {
                each.name: asdict(convergence(result.space, [each]))
                for each in complete(result.candidates)
            },
            "valid_against_as_is": asdict(result.valid) if result.valid else None,
        },
    )


def _axis(result: ScheduleResult, name: str) -> tuple[object, ...]:
    return next(axis.values for axis in result.space.axes if axis.name == name)


def _charts(result: ScheduleResult) -> dict[str, Markup]:
    points = [point for each in result.candidates for run in each.runs for point in run.metrics]
    reach = max(epoch for epoch, _ in points), max(metric for _, metric in points)
    by_schedule = {
        f"curves_{schedule}": _by_rate(result, str(schedule), reach)
        for schedule in _axis(result, SCHEDULE)
    }
    return {
        "overlay": overlay(result),
        **by_schedule,
        "ndcg": candidate_map(MAPS["ndcg"], result, lambda c: c.ndcg, "{:.4f}".format),
        "converged": candidate_map(
            MAPS["converged"],
            result,
            lambda c: convergence(result.space, [c]).epoch,
            "{:.3g}".format,
        ),
        "stopped": candidate_map(
            MAPS["stopped"],
            result,
            lambda c: convergence(result.space, [c]).stopped,
            "{:.3g}".format,
        ),
        "finalists": _finalists(result),
    }


def _by_rate(result: ScheduleResult, schedule: str, reach: tuple[float, float]) -> Markup:
    rates = _axis(result, LR)
    curves = [
        Curve(f"{each.setting[1]:g}", RATE_COLOURS[rates.index(each.setting[1])], run.metrics)
        for each in result.at(schedule)
        for run in each.runs[:1]
    ]
    return curve_chart(
        f"Validation nDCG@10, {schedule}", curves, x_label="epoch", width=NARROW, reach=reach
    )


def _finalists(result: ScheduleResult) -> Markup:
    bars = []
    for each in result.finalists[:8]:
        sd = each.ndcg_sd
        colour = PICKED if each is result.picked else AS_IS if each is result.as_is else OTHER
        low, high = (None, None) if sd is None else (each.ndcg - sd, each.ndcg + sd)
        label = result.space.label(each.setting)
        bars.append(Bar(label, each.ndcg, colour, low, high, each is result.picked))
    return bar_chart("Validation nDCG@10 of the finalists", bars, decimals=4, width=WIDE)
