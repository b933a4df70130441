"""The stall benchmark: what counts as stalled, the figures, the chart, and one real run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import stall
from nadeuri.data.sequences import Dataset
from speed.shelf import Shelf


def run(kind: str, *metrics: float) -> stall.Run:
    points = [(3 * place, metric) for place, metric in enumerate(metrics, start=1)]
    return stall.Run(0.03, 1, kind, 0.02, 3 * len(metrics), points, {})


def test_rates_count_the_trainings_that_end_at_popularity() -> None:
    runs = [
        run(stall.WITHOUT, 0.019, 0.021),
        run(stall.WITHOUT, 0.02, 0.05),
        run(stall.WITHOUT),
        run(stall.WITHOUT, 0.019),
        run(stall.WITH, 0.019, 0.03),
        run(stall.WITH, 0.0201),
        run(stall.WITH, 0.04),
        run(stall.WITH, 0.06),
        run(stall.PLATEAU, 0.021),
        run(stall.LONGER, 0.03),
    ]
    assert stall.figures_of(runs) == {
        "stall.rate_without": 0.75,
        "stall.rate_with": 0.25,
        "stall.rate_plateau": 1.0,
        "stall.rate_longer": 0.0,
        "stall.runs": 4,
    }


def test_the_chart_shows_both_and_the_baseline() -> None:
    chart = stall.chart(
        [run(kind, 0.019, 0.02) for kind in (stall.WITHOUT, stall.WITH, stall.LONGER)]
    )
    assert chart.count("<polyline") == 2
    for label in ("no prevention", "stall recovery", "popularity"):
        assert label in chart


def test_the_kinds_differ_in_the_prevention_only() -> None:
    without, *others = (stall.experiment(0.03, kind)["train"] for kind in stall.KINDS)
    for other in others:
        assert {name for name in without | other if without.get(name) != other.get(name)} <= {
            "recoveries",
            "epochs",
            "plateau_factor",
            "plateau_patience",
        }
    assert "recoveries" not in stall.experiment(0.03, stall.WITH)["train"], "the default"


def test_a_training_is_run_once(
    travel_dataset: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = stall.measure(travel_dataset, Shelf(tmp_path), 0.05, 1, stall.WITHOUT)
    assert first.epochs == 15
    assert [epoch for epoch, _ in first.points] == [3, 6, 9, 12, 15]
    (path,) = tmp_path.iterdir()
    kept = json.loads(path.read_text())
    kept["measured"]["epochs"] = 99
    path.write_text(json.dumps(kept))
    again = stall.measure(travel_dataset, Shelf(tmp_path), 0.05, 1, stall.WITHOUT)
    assert again.epochs == 99
    stall.show(again)
    assert "lr 0.05 seed 1 no prevention" in capsys.readouterr().out
