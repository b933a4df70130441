from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest

from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.errors import ConfigError, NadeuriError
from nadeuri.recommend.config import ExperimentConfig, load_config
from nadeuri.recommend.tune import length_batch
from nadeuri.recommend.tune.claims import check_length_claims
from nadeuri.recommend.tune.estimate import estimate_length
from nadeuri.recommend.tune.length_batch import LengthBatchResult, LengthBatchSpace, LrRule
from nadeuri.recommend.tune.length_batch_report import write_length_batch
from nadeuri.recommend.tune.queue import Plan, Trial
from nadeuri.recommend.tune.report import StudyFiles
from nadeuri.recommend.tune.results import Candidate, candidates, finals_plan
from nadeuri.recommend.tune.space import Job, Setting, all_settings
from nadeuri.recommend.tune.trial import Measured
from nadeuri.training.checkpoint import CurvePoint

RunHere = Callable[[Path, Plan], tuple[Trial, ...]]


@pytest.fixture(scope="module")
def space(base: ExperimentConfig) -> LengthBatchSpace:
    return length_batch.make_space(base, [4], [8], "sqrt")


@pytest.fixture(scope="module")
def result(
    space: LengthBatchSpace,
    travel_dataset: Dataset,
    split: Split,
    run_here: RunHere,
    tmp_path_factory: pytest.TempPathFactory,
) -> LengthBatchResult:
    """A search with two seeds whose trials were all run before, as when one is started again."""
    folder = tmp_path_factory.mktemp("study")
    jobs = [Job(s, seed=1, prunable=s != space.as_is) for s in all_settings(space.axes)]
    jobs.sort(key=lambda job: job.prunable)
    tried = run_here(folder, Plan(length_batch.SEARCH, space, tuple(jobs)))
    run_here(folder, finals_plan(space, candidates(space, tried), seeds=2))
    return length_batch.search(
        space, travel_dataset, split, folder, pruner="none", seeds=2, tolerance=0.5
    )


@pytest.fixture(scope="module")
def files(
    result: LengthBatchResult,
    travel_dataset: Dataset,
    split: Split,
    tmp_path_factory: pytest.TempPathFactory,
) -> StudyFiles:
    model = length_batch.encoder_of(result.space.base)
    estimate = estimate_length(travel_dataset, split, model)
    folder = tmp_path_factory.mktemp("report")
    return write_length_batch(result, estimate, travel_dataset, split, folder)


def candidate(setting: Setting, ndcg: float, seconds: float, seeds: int = 1) -> Candidate:
    """A candidate with these figures."""
    curve = (CurvePoint(1, 1.0, ndcg, seconds, lr=0.001, grad_norm=1.0),)
    figures = {"ndcg_at_10": ndcg, "recall_at_10": ndcg}
    run = Measured(False, curve, 1, figures, 100.0, None, 1, Path("nowhere"))
    return Candidate(
        setting, str(setting), "complete", None, tuple(range(1, seeds + 1)), (run,) * seeds
    )


@pytest.mark.parametrize(("rule", "lr"), [("sqrt", 0.0005), ("linear", 0.00025), ("none", 0.001)])
def test_learning_rate_and_warm_up_follow_the_batch(
    base: ExperimentConfig, rule: LrRule, lr: float
) -> None:
    config = length_batch.make_space(base, [4], [4], rule).config((4, 4))
    assert config.train.lr == pytest.approx(lr)
    assert config.train.warmup_steps == 4 * base.train.warmup_steps  # as many sequences
    assert (config.model.max_len, config.train.batch_size) == (4, 4)  # type: ignore[union-attr]
    assert length_batch.make_space(base, [4], [4], rule).config((8, 16)) == base.model_copy(
        update={"name": "tiny-8-16"}
    )


def test_the_setting_in_use_is_always_among_them(space: LengthBatchSpace) -> None:
    assert space.as_is == (8, 16)
    assert [axis.values for axis in space.axes] == [(4, 8), (8, 16)]


def test_models_without_sequences_are_refused() -> None:
    floor = ExperimentConfig.model_validate({"name": "x", "model": {"kind": "popularity"}})
    with pytest.raises(ConfigError, match="popularity"):
        length_batch.make_space(floor, [4], [8], "sqrt")


def test_the_fastest_within_the_tolerance_is_picked(
    monkeypatch: pytest.MonkeyPatch, space: LengthBatchSpace, travel_dataset: Dataset, split: Split
) -> None:
    monkeypatch.setattr(length_batch, "on_test", lambda *_: None)
    monkeypatch.setattr(length_batch, "compare_on_test", lambda *_: None)
    found = (
        candidate((8, 16), 0.100, 50),
        candidate((8, 8), 0.0985, 20),
        candidate((4, 16), 0.0991, 30),
        candidate((4, 8), 0.05, 1),
    )
    for tolerance, setting in ((0.0, (8, 16)), (0.01, (4, 16)), (0.02, (8, 8)), (0.6, (4, 8))):
        chosen = length_batch._choose(space, found, travel_dataset, split, tolerance)
        assert chosen.picked.setting == setting
        assert chosen.best.setting == (8, 16)
        assert str(setting[0]) in chosen.why


def test_only_candidates_with_all_seeds_can_win(
    monkeypatch: pytest.MonkeyPatch, space: LengthBatchSpace, travel_dataset: Dataset, split: Split
) -> None:
    monkeypatch.setattr(length_batch, "on_test", lambda *_: None)
    found = (candidate((8, 16), 0.1, 50, seeds=2), candidate((4, 8), 0.2, 1, seeds=1))
    chosen = length_batch._choose(space, found, travel_dataset, split, 0.01)
    assert chosen.picked.setting == chosen.best.setting == (8, 16)


def test_without_the_setting_in_use_there_is_nothing_to_compare(
    space: LengthBatchSpace, travel_dataset: Dataset, split: Split
) -> None:
    failed = replace(candidate((8, 16), 0.1, 1), state="failed", reason="the loss is nan")
    with pytest.raises(NadeuriError, match="the loss is nan"):
        length_batch._choose(
            space, (failed, candidate((4, 8), 0.1, 1)), travel_dataset, split, 0.01
        )


def test_claims_say_what_was_measured(
    space: LengthBatchSpace, travel_dataset: Dataset, split: Split
) -> None:
    estimate = estimate_length(travel_dataset, split, length_batch.encoder_of(space.base))
    old, new = candidate((8, 16), 0.100, 50), candidate((4, 8), 0.0995, 20)
    shared = {"space": space, "tolerance": 0.01, "test": (), "against_as_is": None}
    faster = LengthBatchResult(
        candidates=(old, new),
        as_is=old,
        best=old,
        picked=new,
        **shared,  # type: ignore[arg-type]
    )
    time, length = check_length_claims(faster, replace(estimate, recommended=15))
    assert (time.holds, time.verdict) == (True, "yes")
    assert "2.50 times as fast" in time.evidence
    assert "-0.5%" in time.evidence
    assert length.holds  # 8 and 15 are within a factor of two
    same = replace(faster, picked=old)
    time, length = check_length_claims(same, replace(estimate, recommended=20))
    assert (time.holds, length.holds) == (False, False)


def test_search_measures_every_setting_and_seed(result: LengthBatchResult) -> None:
    assert len(result.candidates) == 4
    for each in result.candidates:
        assert each.seeds == (1, 2)
        assert 0 <= each.ndcg <= each.recall <= 1
        assert each.seconds_to_best <= each.seconds_per_epoch * each.epochs + 1e-9
        assert each.runs[0].figures != each.runs[1].figures or each.ndcg == 0
    assert result.picked.ndcg >= 0.5 * result.best.ndcg
    assert len(result.test) == (1 if result.picked is result.as_is else 2)


def test_only_reported_settings_saw_the_test_cases(result: LengthBatchResult) -> None:
    seen = {each.name for each in result.candidates if _saw_test(each)}
    assert seen == {result.picked.name, result.as_is.name}


def _saw_test(each: Candidate) -> bool:
    return any((run.folder / "test-ranks.npy").exists() for run in each.runs)


def test_config_to_ship_is_loaded_by_train(files: StudyFiles, result: LengthBatchResult) -> None:
    assert load_config(files.ship) == result.space.config(result.picked.setting)
    assert files.ship.read_text(encoding="utf-8").startswith("# max_len")


def test_page_is_self_contained_and_says_what_to_ship(
    files: StudyFiles, result: LengthBatchResult
) -> None:
    page = files.html.read_text(encoding="utf-8")
    assert f"Ship {result.space.label(result.picked.setting)}" in page
    assert set(re.findall(r"https?://[^\"'\s)<]+", page)) == {"http://www.w3.org/2000/svg"}
    assert "<script" not in page
    assert page.count("<svg") == 7
    for chart in (files.html.parent / "charts").iterdir():
        ElementTree.parse(chart)


def test_tables_hold_every_training(files: StudyFiles) -> None:
    trials = pq.read_table(files.html.parent / "trials.parquet").to_pylist()
    assert {(row["max_len"], row["batch_size"], row["seed"]) for row in trials} == {
        (length, batch, seed) for length in (4, 8) for batch in (8, 16) for seed in (1, 2)
    }
    curves = pq.read_table(files.html.parent / "curves.parquet").to_pylist()
    assert len(curves) == 8 * 3
    summary = json.loads(files.summary.read_text(encoding="utf-8"))
    assert len(summary["candidates"]) == 4
    assert summary["as_is"]["setting"] == [8, 16]


def test_pruned_and_failed_settings_are_shown_as_such(
    result: LengthBatchResult, travel_dataset: Dataset, split: Split, tmp_path: Path
) -> None:
    others = [
        each for each in result.candidates if each not in (result.picked, result.as_is, result.best)
    ]
    pruned = replace(others[0], state="pruned", seeds=(), runs=others[0].runs[:1])
    failed = replace(
        result.candidates[0], state="failed", reason="<b>memory</b>", seeds=(), runs=()
    )
    kept = tuple(each for each in result.candidates if each is not others[0])
    failed = replace(failed, setting=(4, 999), name="failed")
    shown = replace(result, candidates=(*kept, pruned, failed))
    model = length_batch.encoder_of(result.space.base)
    estimate = estimate_length(travel_dataset, split, model)
    files = write_length_batch(shown, estimate, travel_dataset, split, tmp_path)
    page = files.html.read_text(encoding="utf-8")
    assert re.search(r"pruned after epoch 3 with nDCG@10 0\.\d{4}", page)
    assert "failed: &lt;b&gt;memory&lt;/b&gt;" in page
    rows = pq.read_table(tmp_path / "trials.parquet").to_pylist()
    assert [row["reason"] for row in rows if row["state"] == "failed"] == ["<b>memory</b>"]
