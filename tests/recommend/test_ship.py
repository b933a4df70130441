"""Which run of a comparison is exported."""

from __future__ import annotations

from pathlib import Path

import pytest

from nadeuri import columns
from nadeuri.data.prepare import open_or_prepare
from nadeuri.data.sample import write_sample
from nadeuri.data.sequences import Dataset
from nadeuri.errors import ConfigError
from nadeuri.recommend.compare import Comparison, compare
from nadeuri.recommend.compare_config import CompareConfig
from nadeuri.recommend.evaluate import ndcg_per_case
from nadeuri.recommend.experiment import make_split
from nadeuri.recommend.ship import best_exportable
from nadeuri.tracking import NullTracker

SMALL = {"kind": "bert4rec", "max_len": 8, "dim": 8, "blocks": 1}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("sample")
    return open_or_prepare(write_sample(folder / "tiny", "tiny").path, folder / "data")


def compared(dataset: Dataset, folder: Path, *models: dict[str, object]) -> Comparison:
    config = CompareConfig.model_validate(
        {
            "name": "smallest",
            "seeds": [1, 2],
            "experiments": {
                f"{position}-{model['kind']}": {"model": model, "train": {"epochs": 1}}
                for position, model in enumerate(models)
            },
        }
    )
    return compare(config, dataset, make_split(config.split, dataset), folder, NullTracker())


def test_a_chosen_table_gives_way_to_the_best_network(dataset: Dataset, tmp_path: Path) -> None:
    wider = {**SMALL, "dim": 16}
    comparison = compared(dataset, tmp_path, {"kind": "markov"}, SMALL, wider)
    assert comparison.choice.run.kind == columns.MARKOV  # one epoch teaches a network nothing
    best = best_exportable(comparison)
    networks = [run for name in ("1-bert4rec", "2-bert4rec") for run in comparison.runs[name]]
    figures = [ndcg_per_case(run.valid[True].ranks, 10).mean() for run in networks]
    assert len(set(figures)) == 4
    assert best is networks[figures.index(max(figures))]


def test_without_a_network_the_experiments_are_named(dataset: Dataset, tmp_path: Path) -> None:
    comparison = compared(dataset, tmp_path, {"kind": "popularity"})
    with pytest.raises(ConfigError, match="smallest: experiments: none of sasrec, bert4rec"):
        best_exportable(comparison)
