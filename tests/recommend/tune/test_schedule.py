from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.errors import ConfigError
from nadeuri.recommend.config import ExperimentConfig, load_config
from nadeuri.recommend.significance import PairedTest
from nadeuri.recommend.tune import schedule
from nadeuri.recommend.tune.claims import check_schedule_claims
from nadeuri.recommend.tune.queue import Plan, Trial
from nadeuri.recommend.tune.results import Candidate, candidates, finals_plan
from nadeuri.recommend.tune.schedule import AS_IS, SCHEDULES, ScheduleResult, ScheduleSpace
from nadeuri.recommend.tune.schedule_report import write_schedule
from nadeuri.recommend.tune.space import Job, all_settings
from nadeuri.recommend.tune.trial import Measured
from nadeuri.training.checkpoint import CurvePoint

RunHere = Callable[[Path, Plan], tuple[Trial, ...]]
BETTER = PairedTest("new", "old", 0.01, 0.005, 0.015, 0.001)


@pytest.fixture(scope="module")
def space(base: ExperimentConfig) -> ScheduleSpace:
    return schedule.make_space(base, ["exponential"], [0.01], epochs=3, patience=2)


def run(metrics: Sequence[float], ndcg: float = 0.1) -> Measured:
    """A training with these validation metrics, epoch by epoch."""
    curve = tuple(
        CurvePoint(epoch, 1.0, metric, float(epoch), lr=0.001, grad_norm=1.0)
        for epoch, metric in enumerate(metrics, 1)
    )
    figures = {"ndcg_at_10": ndcg, "recall_at_10": ndcg}
    return Measured(False, curve, 1, figures, 100.0, None, 1, Path("nowhere"))


def found(name: str, rate: float, ndcg: float, *runs: Sequence[float]) -> Candidate:
    measured = tuple(run(metrics, ndcg) for metrics in runs)
    seeds = tuple(range(1, len(runs) + 1))
    return Candidate((name, rate), f"{name}-{rate:g}", "complete", None, seeds, measured)


def rising(epochs: int, converged: int) -> list[float]:
    """A curve that is at its best from ``converged`` on."""
    return [0.1 if epoch >= converged else 0.05 for epoch in range(1, epochs + 1)]


def result_of(
    base: ExperimentConfig, *tried: Candidate, valid: PairedTest | None
) -> ScheduleResult:
    rates = sorted({float(each.setting[1]) for each in tried})
    names = [str(each.setting[0]) for each in tried]
    as_is = next(each for each in tried if each.setting == AS_IS)
    best = sorted(tried, key=lambda each: -each.ndcg)
    return ScheduleResult(
        space=schedule.make_space(base, names, rates, epochs=50, patience=10),
        candidates=tried,
        as_is=as_is,
        picked=best[0],
        finalists=tuple(best),
        valid=valid,
        test=(),
        against_as_is=None,
    )


def test_every_run_is_what_its_label_says(base: ExperimentConfig) -> None:
    train = base.train.model_copy(update={"plateau_factor": 0.5, "plateau_patience": 1})
    plateau = base.model_copy(update={"train": train})
    space = schedule.make_space(plateau, SCHEDULES, [0.01], epochs=50, patience=10)
    assert len(list(all_settings(space.axes))) == 6 * 2  # 0.001 is always compared with
    for setting in all_settings(space.axes):
        train = space.config(setting).train
        assert (train.schedule, train.lr) == setting
        assert (train.warmup_steps > 0) == (setting[0] == "linear")
        assert (train.epochs, train.patience, train.eval_every) == (50, 10, 1)
        assert (train.plateau_factor, train.recoveries) == (1, 0)


def test_unknown_schedules_and_models_without_a_rate_are_refused(base: ExperimentConfig) -> None:
    with pytest.raises(ConfigError, match="--schedules zigzag: choose from constant"):
        schedule.make_space(base, ["zigzag"], [0.01], epochs=5, patience=2)
    floor = ExperimentConfig.model_validate({"name": "x", "model": {"kind": "markov"}})
    with pytest.raises(ConfigError, match="markov"):
        schedule.make_space(floor, SCHEDULES, [0.01], epochs=5, patience=2)


def test_convergence_is_the_first_epoch_near_the_best() -> None:
    assert schedule.converged_epoch(run([0.05, 0.0995, 0.09, 0.1])) == 2
    assert schedule.converged_epoch(run([0.05, 0.0989, 0.09, 0.1])) == 4


def test_claims_hold_where_the_measurements_say_so(base: ExperimentConfig) -> None:
    result = result_of(
        base,
        found("constant", 0.001, 0.10, rising(50, 45), rising(50, 44)),
        found("constant", 0.002, 0.10, rising(50, 45)),
        found("constant", 0.005, 0.09, rising(20, 10)),
        found("exponential", 0.001, 0.08, rising(50, 40)),
        found("exponential", 0.002, 0.11, rising(45, 34), rising(46, 36)),
        found("exponential", 0.005, 0.10, rising(40, 20)),
        valid=BETTER,
    )
    claims = check_schedule_claims(result)
    assert [claim.holds for claim in claims] == [True, True, True, True]
    assert "3 of 4 runs at a constant rate" in claims[0].evidence
    assert "converged in epoch 34, 36" in claims[1].evidence
    assert "+10.0%" in claims[2].evidence
    assert claims[3].evidence.startswith("0.002 (rates on both sides are worse)")


def test_claims_fail_where_the_measurements_say_otherwise(base: ExperimentConfig) -> None:
    result = result_of(
        base,
        found("constant", 0.001, 0.10, rising(20, 10)),
        found("exponential", 0.001, 0.11, rising(20, 10)),
        found("exponential", 0.002, 0.09, rising(20, 10)),
        valid=replace(BETTER, p_value=0.3),
    )
    assert [claim.holds for claim in check_schedule_claims(result)] == [False] * 4
    alone = result_of(base, found("constant", 0.001, 0.10, rising(50, 10)), valid=None)
    assert [claim.holds for claim in check_schedule_claims(alone)] == [True, None, False, None]


def test_comparison_and_its_report(
    space: ScheduleSpace,
    travel_dataset: Dataset,
    split: Split,
    run_here: RunHere,
    tmp_path: Path,
) -> None:
    jobs = tuple(Job(s, seed=1, prunable=False) for s in all_settings(space.axes))
    tried = run_here(tmp_path, Plan("search", space, jobs))
    finalists = schedule._finalists(candidates(space, tried), space)
    run_here(tmp_path, finals_plan(space, finalists, seeds=2))
    result = schedule.compare_schedules(space, travel_dataset, split, tmp_path, seeds=2)
    assert len(result.candidates) == 4
    assert result.as_is in result.finalists
    assert result.picked is result.finalists[0]
    assert all(each.seeds == (1, 2) for each in result.finalists)

    files = write_schedule(result, travel_dataset, split, tmp_path)
    assert load_config(files.ship) == space.config(result.picked.setting)
    page = files.html.read_text(encoding="utf-8")
    assert f"Ship {space.label(result.picked.setting)}" in page
    assert "claims, as measured" in page
    assert page.count("<svg") == 2 + 2 + 3  # overlay and finalists, one per schedule, heat maps
    assert set(re.findall(r"https?://[^\"'\s)<]+", page)) == {"http://www.w3.org/2000/svg"}
    for chart in (tmp_path / "charts").iterdir():
        ElementTree.parse(chart)
