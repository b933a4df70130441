"""The training benchmark: its command line, what is kept, the ratios, and workers in turns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import training
from nadeuri.data.sequences import open_dataset
from nadeuri.errors import NadeuriError
from nadeuri.recommend.batching import SequenceBatch
from nadeuri.recommend.config import Bert4RecConfig, parse_config
from nadeuri.recommend.experiment import build, make_split
from speed import amp, epoch, gemm, mission, quality, scaling
from speed.part import Part
from speed.shelf import Shelf
from speed.workers import Side, Worker, take_turns


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scaling.synthetic(tmp_path_factory.mktemp("home"), n_items=200, n_clicks=3_000)


def test_the_command_line_names_what_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    parsed = training.parse(["epoch", "gemm", "--sets", "beauty"])
    assert (parsed.parts, parsed.sets, parsed.again) == (["epoch", "gemm"], ["beauty"], False)
    for wrong, message in (
        (["speed"], "unknown part 'speed'; one of epoch, quality"),
        (["epoch", "--sets", "nyc"], "unknown set 'nyc'; one of ml-1m, beauty, ml-100k"),
    ):
        with pytest.raises(SystemExit):
            training.parse(wrong)
        assert message in capsys.readouterr().err


def test_a_finished_measurement_is_not_repeated(tmp_path: Path) -> None:
    calls: list[int] = []

    def measure() -> dict[str, Any]:
        calls.append(1)
        return {"cpu_s": len(calls)}

    first = Shelf(tmp_path).keep("epoch", {"N": 50}, measure)
    assert Shelf(tmp_path).keep("epoch", {"N": 50}, measure) == first
    assert first["cpu_s"] == 1
    assert first["revision"]
    assert Shelf(tmp_path).keep("epoch", {"N": 200}, measure)["cpu_s"] == 2
    again = Shelf(tmp_path, again=True)
    assert again.keep("epoch", {"N": 50}, measure)["cpu_s"] == 3
    assert again.keep("epoch", {"N": 50}, measure)["cpu_s"] == 3, "measured twice by one command"


def test_a_measurement_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def fails() -> dict[str, Any]:
        raise NadeuriError("no")

    with pytest.raises(NadeuriError):
        Shelf(tmp_path).keep("epoch", {}, fails)
    assert Shelf(tmp_path).keep("epoch", {}, lambda: {"cpu_s": 1.0})["cpu_s"] == 1.0


def test_a_part_is_recorded_with_the_command_that_measures_it(tmp_path: Path) -> None:
    part = Part("epoch --sets ml-1m")
    part.add({"data": "ml-1m"}, {"ml-1m.epoch_speedup_vs_rectools": 17.123456})
    content = json.loads(training.keep(part, tmp_path).read_text())
    assert content["bench"] == "training"
    assert content["figures"] == {"ml-1m.epoch_speedup_vs_rectools": 17.12}
    assert content["details"][0]["command"] == "python bench/training.py epoch --sets ml-1m"


def test_speedups_are_ratios_of_cpu_seconds() -> None:
    sides = {
        "rectools": {"cpu_s": 130.0, "wall_s": 260.0, "peak_rss_mib": 2400.0},
        "auto": {"cpu_s": 6.5, "wall_s": 6.5, "peak_rss_mib": 600.0},
        "fp32": {"cpu_s": 10.0, "wall_s": 10.0, "peak_rss_mib": 500.0},
    }
    bert, _, _, sas, *_ = epoch.COMPARISONS
    figures = epoch.figures_of(bert, sides)
    assert figures["ml-1m.epoch_speedup_vs_rectools"] == 20
    assert figures["ml-1m.epoch_speedup_vs_rectools.fp32"] == 13
    assert figures["ml-1m.epoch_speedup_vs_rectools.wall"] == 40
    assert figures["ml-1m.rectools.epoch_cpu_s"] == 130
    assert figures["ml-1m.epoch_peak_rss_mib"] == 600
    assert epoch.figures_of(sas, sides)["ml-1m.sasrec.epoch_speedup_vs_rectools"] == 20


def test_every_experiment_of_the_benchmark_is_valid() -> None:
    for comparison in epoch.COMPARISONS:
        parse_config(epoch.experiment(comparison.model, comparison.max_len, "auto"), "epoch")
    assert epoch.experiment("bert4rec", 50, "fp32", batch_size=16)["train"]["batch_size"] == 16
    config = parse_config(quality.our_experiment(), "quality")
    assert (config.train.eval_every, config.train.valid_users) == (1, 1000)
    tables = mission.read_toml(mission.CONFIG)
    for side in mission.SIDES:
        parse_config({"name": side, **tables[side]}, "mission")


def test_a_peer_that_never_gets_there_gives_a_lower_bound() -> None:
    points: list[dict[str, Any]] = [
        {"epoch": 1, "cpu_s": 150.0},
        {"epoch": 2, "cpu_s": 310.0, "ndcg_at_10": 0.05},
        {"epoch": 3, "cpu_s": 450.0},
    ]
    assert quality.charged(points, None) == (450.0, True)
    assert quality.charged(points, 130.0) == (390.0, True), "no more than its epochs in turns"
    reached = [
        *points,
        {"epoch": 4, "cpu_s": 600.0, "ndcg_at_10": 0.13},
        {"epoch": 5, "cpu_s": 9e9},
    ]
    assert quality.charged(reached, None) == (600.0, False)
    assert quality.time_to(reached, 0.12)["epoch"] == 4
    with pytest.raises(NadeuriError, match=r"0\.12 was not reached, at best 0\.0500"):
        quality.time_to(points, 0.12)


def test_mixed_precision_is_paired_by_seed() -> None:
    runs = [
        {
            "fp32": {"cpu_s": 20.0, "ndcg_at_10": 0.10},
            "bf16": {"cpu_s": 10.0, "ndcg_at_10": 0.11},
        },
        {
            "fp32": {"cpu_s": 30.0, "ndcg_at_10": 0.20},
            "bf16": {"cpu_s": 10.0, "ndcg_at_10": 0.19},
        },
    ]
    figures = amp.figures_of(64, runs)
    assert figures["amp.time_ratio_d64"] == 2.5
    assert figures["amp.ndcg_difference_d64"] == pytest.approx(0)
    assert figures["amp.ndcg_difference_d64.sd"] == pytest.approx(0.0141, abs=1e-4)
    assert figures["amp.ndcg_difference_d64.seeds"] == 2


def test_the_missions_ratio_is_the_time_to_held_quality() -> None:
    before = {"curve": [(10.0, 0.05), (20.0, 0.099), (30.0, 0.1)], "test": 0.09}
    after = {"curve": [(2.0, 0.05), (5.0, 0.0985)], "test": 0.088}
    runs: dict[str, list[dict[str, Any]]] = {"before": [before], "after": [after]}
    figures = mission.figures_of(runs, tolerance=0.02)
    assert figures["mission.held_ndcg_at_10"] == pytest.approx(0.098)
    assert figures["mission.training_time_ratio"] == 4
    assert figures["mission.after.ndcg_at_10"] == 0.088
    strict = mission.figures_of(runs, tolerance=0.001)
    assert "mission.training_time_ratio" not in strict, "the second never gets there"


def test_model_flops_are_those_of_the_cells_that_hold_a_click() -> None:
    model = Bert4RecConfig(max_len=4, dim=8, heads=2, blocks=2)
    batch = SequenceBatch(
        items=np.array([[0, 0, 3, 4], [1, 2, 3, 4]]),
        positions=np.array([3, 5]),
        targets=np.array([9, 9]),
    )
    cells, pairs, asked, asked_pairs, d = 6, 2 * 2 + 4 * 4, 2, 1 * 2 + 1 * 4, 8
    first = 24 * d * d * cells + 4 * d * pairs
    last = 4 * d * d * cells + 20 * d * d * asked + 4 * d * asked_pairs
    head = (2 * d * d + 2 * d * 10) * asked
    assert gemm.training_flops([batch], model, n_items=10) == 3 * (first + last + head)


def test_growth_is_the_slope_of_the_largest_values() -> None:
    samples = [(1, {"cpu_s": 1.0}), (10, {"cpu_s": 2.0}), (1000, {"cpu_s": 20.0})]
    assert scaling.figures_of("items", samples)["scaling.items.growth"] == pytest.approx(0.5)


def test_the_plot_of_all_axes_is_drawn(tmp_path: Path) -> None:
    sample = {"cpu_s": 1.5, "peak_rss_mib": 700.0}
    measured = {
        axis: [(value, sample) for value in values] for axis, values in scaling.AXES.items()
    }
    scaling.draw(measured, tmp_path / scaling.PLOT)
    assert (tmp_path / scaling.PLOT).read_bytes()[:4] == b"\x89PNG"


def test_synthetic_clicks_are_a_prepared_data_set(synthetic: Path) -> None:
    dataset = open_dataset(synthetic)
    assert dataset.n_items == 200
    assert dataset.sequences.n_clicks == pytest.approx(3_000, rel=0.3)
    assert np.diff(dataset.sequences.offsets).min() >= 3
    assert 1 <= dataset.sequences.items.min() <= dataset.sequences.items.max() <= 200
    assert scaling.synthetic(synthetic.parent.parent, n_items=200, n_clicks=3_000) == synthetic
    config = parse_config(epoch.experiment("bert4rec", 20, "fp32"), "test")
    _, task = build(config, dataset, make_split(config.split, dataset), seed=1)
    assert gemm.training_flops(task.batches.epoch(1), Bert4RecConfig(max_len=20), 200) > 0


@pytest.fixture
def in_turns(synthetic: Path) -> Iterator[Worker]:
    tables = epoch.experiment("bert4rec", 20, "fp32")
    task = {"dataset": str(synthetic), "experiment": tables, "seed": 1}
    with Worker("nadeuri_worker.py", task) as worker:
        yield worker


def test_a_worker_trains_an_epoch_when_it_is_its_turn(in_turns: Worker) -> None:
    side = Side("ours", in_turns, epochs=2)
    summary = take_turns([side], rounds=1)["ours"]
    assert [answer["epoch"] for answer in side.answers] == [1, 2, 3]
    assert summary["epochs"] == 2, "the first warms up"
    assert summary["cpu_s"] == pytest.approx(sum(a["cpu_s"] for a in side.answers[1:]) / 2)
    assert summary["precision"] == "fp32"
    assert 50 < summary["peak_rss_mib"] < 5_000


def test_a_curve_ends_with_the_test_part_and_stops_at_the_target(synthetic: Path) -> None:
    tables = epoch.experiment("sasrec", 20, "fp32", epochs=2, eval_every=1)
    task = {"dataset": str(synthetic), "experiment": tables, "seed": 1, "curve": True}
    with Worker("nadeuri_worker.py", task) as worker:
        first, second, last = worker.finish()
    assert first["cpu_s"] < second["cpu_s"]
    assert second["ndcg_at_10"] >= 0
    assert set(last["test"]) == {"ndcg_at_10", "recall_at_10", "mrr_at_10"}
    with Worker("nadeuri_worker.py", task | {"target": 0.0}) as worker:
        assert len(list(worker.finish())) == 1


def test_a_worker_that_fails_says_why_in_one_line(tmp_path: Path) -> None:
    task = {"dataset": str(tmp_path), "experiment": {}, "seed": 1}
    with (
        Worker("nadeuri_worker.py", task) as worker,
        pytest.raises(NadeuriError, match=r"nadeuri_worker.py ended .* not a prepared data set"),
    ):
        worker.epoch()
