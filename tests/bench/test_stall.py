"""The stall benchmark: what counts as stalled, the figures, the chart, and one real run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import stall
from nadeuri.data.sequences import Dataset
from speed.shelf import Shelf


def run(prevention: bool, *metrics: float) -> stall.Run:
    points = [(3 * place, metric) for place, metric in enumerate(metrics, start=1)]
    return stall.Run(0.03, 1, prevention, 0.02, 3 * len(metrics), points, {})


def test_rates_count_the_trainings_that_end_at_popularity() -> None:
    runs = [
        run(False, 0.019, 0.021),
        run(False, 0.02, 0.05),
        run(False),
        run(False, 0.019),
        run(True, 0.019, 0.03),
        run(True, 0.0201),
        run(True, 0.04),
        run(True, 0.06),
    ]
    assert stall.figures_of(runs) == {
        "stall.rate_without": 0.75,
        "stall.rate_with": 0.25,
        "stall.runs": 4,
    }


def test_the_chart_shows_both_and_the_baseline() -> None:
    chart = stall.chart([run(False, 0.019, 0.02), run(True, 0.019, 0.05)])
    assert chart.count("<polyline") == 2
    for label in (stall.WITHOUT, stall.WITH, "popularity"):
        assert label in chart


def test_the_two_sides_differ_in_the_recoveries_only() -> None:
    without, prevented = (stall.experiment(0.03, flag).train.model_dump() for flag in (False, True))
    assert {k for k in without if without[k] != prevented[k]} == {"recoveries"}


def test_a_training_is_run_once(
    travel_dataset: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = stall.measure(travel_dataset, Shelf(tmp_path), 0.05, 1, prevention=False)
    assert first.epochs == 15
    assert [epoch for epoch, _ in first.points] == [3, 6, 9, 12, 15]
    (path,) = tmp_path.iterdir()
    kept = json.loads(path.read_text())
    kept["measured"]["epochs"] = 99
    path.write_text(json.dumps(kept))
    again = stall.measure(travel_dataset, Shelf(tmp_path), 0.05, 1, prevention=False)
    assert again.epochs == 99
    stall.show(again)
    assert "lr 0.05 seed 1 without prevention" in capsys.readouterr().out
