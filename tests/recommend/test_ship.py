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
from nadeuri.recommend.ship import best_beside, best_exportable
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


def test_beside_it_is_the_other_of_bert4rec_and_meta_bert4rec(
    dataset: Dataset, tmp_path: Path
) -> None:
    meta = {**SMALL, "kind": "meta_bert4rec", "fields": [columns.CITY]}
    comparison = compared(dataset, tmp_path, SMALL, meta)
    plain, with_metadata = (comparison.runs[name] for name in ("0-bert4rec", "1-meta_bert4rec"))
    assert best_beside(comparison, plain[0]) in with_metadata
    assert best_beside(comparison, with_metadata[0]) in plain
    alone = compared(dataset, tmp_path, SMALL)
    assert best_beside(alone, alone.runs["0-bert4rec"][0]) is None


def test_without_a_network_the_experiments_are_named(dataset: Dataset, tmp_path: Path) -> None:
    comparison = compared(dataset, tmp_path, {"kind": "popularity"})
    with pytest.raises(ConfigError, match="smallest: experiments: none of sasrec, bert4rec"):
        best_exportable(comparison)
