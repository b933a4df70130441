from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.errors import ConfigError
from nadeuri.recommend.config import ExperimentConfig, load_config
from nadeuri.recommend.tune import coview
from nadeuri.recommend.tune.coview import CoviewResult, CoviewSpace
from nadeuri.recommend.tune.coview_report import write_coview
from nadeuri.recommend.tune.queue import Plan, Trial
from nadeuri.recommend.tune.worker import Study

RunHere = Callable[[Path, Plan], tuple[Trial, ...]]


def experiment(kind: str, **model: object) -> ExperimentConfig:
    return ExperimentConfig.model_validate(
        {
            "name": "tiny",
            "model": {"kind": kind, "dim": 4, "shared_negatives": 8, **model},
            "train": {"epochs": 2, "batch_size": 64, "lr": 0.3, "precision": "fp32"},
        }
    )


@pytest.fixture(scope="module")
def space() -> CoviewSpace:
    base = experiment("meta_prod2vec", fields="all")
    return coview.make_space(base, {"window": [2], "epochs": [4], "field_weight": [0.5]})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def result(
    space: CoviewSpace, travel_dataset: Dataset, split: Split, run_here: RunHere, folder: Path
) -> CoviewResult:
    with pytest.MonkeyPatch.context() as patch:

        def here(study: Study, **_: object) -> tuple[Trial, ...]:
            return run_here(study.folder, study.plan)

        patch.setattr(coview, "run_study", here)
        return coview.search(space, travel_dataset, split, folder, seeds=2)


def test_a_setting_changes_model_and_training(space: CoviewSpace) -> None:
    assert [axis.values for axis in space.axes] == [(2, 5), (2, 4), (0.5, 1.0)]
    assert space.as_is == (5, 2, 1.0)
    config = space.config((2, 4, 0.5))
    model = config.model.model_dump()
    assert (model["window"], model["field_weight"], config.train.epochs) == (2, 0.5, 4)
    assert space.label((2, 4, 0.5)) == "window 2, epochs 4, field_weight 0.5"
    assert space.config(space.as_is).model == space.base.model


def test_only_skip_gram_is_searched() -> None:
    floor = ExperimentConfig.model_validate({"name": "x", "model": {"kind": "popularity"}})
    with pytest.raises(ConfigError, match="use prod2vec or meta_prod2vec"):
        coview.make_space(floor, {"window": [2]})
    plain = experiment("prod2vec")
    with pytest.raises(ConfigError, match="field_weight needs fields"):
        coview.make_space(plain, {"field_weight": [1.0]})
    assert "field_weight" not in coview.usual_values(plain)
    assert "field_weight" in coview.usual_values(experiment("meta_prod2vec", fields="all"))


def test_search_measures_the_grid_and_picks_the_best(result: CoviewResult) -> None:
    assert len(result.candidates) == 8
    finalists = [each for each in result.candidates if len(each.seeds) == 2]
    assert 3 <= len(finalists) <= 4
    assert result.picked.ndcg == max(each.ndcg for each in finalists)
    assert result.as_is in finalists
    for axis in result.space.axes:
        for value, best in result.best_of(axis):
            assert best is not None
            assert value in best.setting


def test_the_report_is_self_contained_and_the_config_loads(
    result: CoviewResult, travel_dataset: Dataset, split: Split, folder: Path
) -> None:
    files = write_coview(result, travel_dataset, split, folder)
    assert load_config(files.ship) == result.space.config(result.picked.setting)
    page = files.html.read_text(encoding="utf-8")
    assert page.count("<svg") == 4
    assert "<script" not in page
    assert result.space.label(result.picked.setting) in page
