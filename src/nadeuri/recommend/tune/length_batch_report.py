"""The report of a search for maximum length x batch size."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from markupsafe import Markup

from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.recommend.tune.charts import Dot, scatter_chart
from nadeuri.recommend.tune.claims import check_length_claims
from nadeuri.recommend.tune.estimate import LengthEstimate
from nadeuri.recommend.tune.length_batch import LengthBatchResult
from nadeuri.recommend.tune.report import StudyFiles, candidate_map, write_study
from nadeuri.recommend.tune.results import complete
from nadeuri.report.charts import Curve, curve_chart

PICKED, AS_IS, BEST, OTHER = 5, 2, 4, 1
"""Colours, as numbers of the palette."""
MAPS = {
    "ndcg": "Validation nDCG@10",
    "recall": "Validation Recall@10",
    "seconds_to_best": "Seconds to the best epoch",
    "seconds_per_epoch": "Seconds per epoch",
    "peak_mib": "Peak memory of the process, MiB",
}
RULES = {
    "sqrt": "follows the square root of the batch size",
    "linear": "is proportional to the batch size",
    "none": "is the same at every batch size",
}


def write_length_batch(
    result: LengthBatchResult,
    estimate: LengthEstimate,
    dataset: Dataset,
    split: Split,
    folder: Path,
) -> StudyFiles:
    """Write the report and the config to ship into ``folder``."""
    ended = {
        state: [each for each in result.candidates if each.state == state]
        for state in ("complete", "pruned", "failed")
    }
    claims = check_length_claims(result, estimate)
    return write_study(
        result,
        dataset,
        split,
        folder,
        template="length_batch.html",
        charts=_charts(result),
        shown={
            "claims": claims,
            "estimate": estimate,
            "measured_cost": _measured_cost(result),
            "maps": MAPS,
            "lr_rule": RULES[result.space.lr_rule],
            "completed": ended["complete"],
            "pruned": ended["pruned"],
            "failed": ended["failed"],
        },
        summary={
            "claims": [asdict(claim) for claim in claims],
            "tolerance": result.tolerance,
            "lr_rule": result.space.lr_rule,
            "best": result.best.name,
            "estimated_max_len": estimate.recommended,
        },
    )


def _measured_cost(result: LengthBatchResult) -> dict[int, float]:
    """Seconds per epoch by length, at the batch size in use, against the setting in use."""
    return {
        int(each.setting[0]): each.seconds_per_epoch / result.as_is.seconds_per_epoch
        for each in complete(result.candidates)
        if each.setting[1] == result.as_is.setting[1]
    }


def _charts(result: LengthBatchResult) -> dict[str, Markup]:
    return {
        "ndcg": candidate_map(MAPS["ndcg"], result, lambda c: c.ndcg, "{:.4f}".format),
        "recall": candidate_map(MAPS["recall"], result, lambda c: c.recall, "{:.4f}".format),
        "seconds_to_best": candidate_map(
            MAPS["seconds_to_best"], result, lambda c: c.seconds_to_best, "{:.1f}".format
        ),
        "seconds_per_epoch": candidate_map(
            MAPS["seconds_per_epoch"], result, lambda c: c.seconds_per_epoch, "{:.2f}".format
        ),
        "peak_mib": candidate_map(MAPS["peak_mib"], result, lambda c: c.peak_mib, "{:.0f}".format),
        "tradeoff": _tradeoff(result),
        "curves": _curves(result),
    }


def _tradeoff(result: LengthBatchResult) -> Markup:
    named = {
        result.best.name: ("best", BEST),
        result.as_is.name: ("in use", AS_IS),
        result.picked.name: ("to ship", PICKED),
    }
    dots = []
    for each in complete(result.candidates):
        what, colour = named.get(each.name, ("", OTHER))
        label = f"{what}: {result.space.label(each.setting)}" if what else ""
        dots.append(Dot(each.seconds_to_best, each.ndcg, colour, label))
    return scatter_chart(
        "What time buys",
        dots,
        x_label="seconds to the best epoch",
        y_label="nDCG@10",
        level=(1 - result.tolerance) * result.best.ndcg,
    )


def _curves(result: LengthBatchResult) -> Markup:
    bold = {result.as_is.name: ("in use", AS_IS), result.picked.name: ("to ship", PICKED)}
    curves = [
        Curve("others", OTHER, each.runs[0].metrics, is_faint=True)
        for each in result.candidates
        if each.runs and each.name not in bold
    ]
    for each in {result.as_is.name: result.as_is, result.picked.name: result.picked}.values():
        what, colour = bold[each.name]
        label = f"{what}: {result.space.label(each.setting)}"
        curves.append(Curve(label, colour, each.runs[0].metrics))
    return curve_chart("Validation nDCG@10 while training", curves, x_label="epoch")
