"""Figures of the comparison benchmark: names, and what one seed cannot say."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from nadeuri import columns
from nadeuri.recommend.compare import Comparison, ListFigure
from nadeuri.recommend.compare_config import load_compare_config
from nadeuri.recommend.significance import Estimate, PairedTest
from recommend import figures_of, training_figures
from record import ROOT


def test_figures_are_named_by_set_model_and_metric() -> None:
    three = Estimate(mean=0.15, low=0.14, high=0.16, sd=0.002, seeds=3)
    one = Estimate(mean=0.02, low=0.01, high=0.03, sd=None, seeds=1)
    models = [
        SimpleNamespace(name="popularity", test={False: {}, True: {"recall_at_10": one}}, lists={}),
        SimpleNamespace(
            name="bert4rec",
            test={False: {}, True: {"ndcg_at_10": three, "ndcg_at_20": three}},
            lists={"gini": ListFigure(mean=0.7, sd=0.01)},
        ),
    ]
    effect = PairedTest("meta_bert4rec", "bert4rec", 0.01, 0.005, 0.015, 0.002)
    sibling = PairedTest("meta_sasrec", "sasrec", 0.02, 0.015, 0.025, 0.001)
    comparison = cast(
        Comparison,
        SimpleNamespace(
            models=models,
            filter_seen=True,
            metric="ndcg_at_10",
            metadata_effect=(effect, sibling),
        ),
    )
    assert figures_of("ml-1m", comparison) == {
        "ml-1m.popularity.recall_at_10": 0.02,
        "ml-1m.popularity.recall_at_10.seeds": 1,
        "ml-1m.bert4rec.ndcg_at_10": 0.15,
        "ml-1m.bert4rec.ndcg_at_10.sd": 0.002,
        "ml-1m.bert4rec.ndcg_at_10.seeds": 3,
        "ml-1m.bert4rec.gini": 0.7,
        "ml-1m.metadata_effect.ndcg_at_10": 0.01,
        "ml-1m.metadata_effect.low": 0.005,
        "ml-1m.metadata_effect.high": 0.015,
        "ml-1m.metadata_effect.p_value": 0.002,
        "ml-1m.metadata_effect.meta_sasrec.ndcg_at_10": 0.02,
        "ml-1m.metadata_effect.meta_sasrec.low": 0.015,
        "ml-1m.metadata_effect.meta_sasrec.high": 0.025,
        "ml-1m.metadata_effect.meta_sasrec.p_value": 0.001,
    }


def test_the_best_transformer_is_chosen_on_validation_and_never_a_control() -> None:
    def model(name: str, kind: str, valid: float, test: float) -> SimpleNamespace:
        estimate = Estimate(mean=test, low=0, high=1, sd=0.001, seeds=3)
        return SimpleNamespace(
            name=name,
            kind=kind,
            valid=Estimate(mean=valid, low=0, high=1, sd=None, seeds=3),
            test={True: {"ndcg_at_10": estimate}},
        )

    comparison = SimpleNamespace(
        models=[
            model("markov", "markov", 0.9, 0.9),
            model("bert4rec", "bert4rec", 0.15, 0.16),
            model("sasrec", "sasrec", 0.2, 0.14),
            model("shuffled", "meta_sasrec", 0.3, 0.3),
        ],
        filter_seen=True,
        runs={
            name: [SimpleNamespace(is_control=name == "shuffled")]
            for name in ("bert4rec", "sasrec", "shuffled")
        },
    )
    figures = training_figures("beauty", cast(Comparison, comparison))
    assert figures["beauty.best.ndcg_at_10"] == figures["beauty.sasrec.ndcg_at_10"] == 0.14
    assert figures["beauty.bert4rec.ndcg_at_10.sd"] == 0.001
    assert not [name for name in figures if "shuffled" in name or "markov" in name]


@pytest.mark.parametrize(
    "path",
    [ROOT / "bench" / "fusion.toml", *sorted(ROOT.glob("bench/ablations*.toml"))],
    ids=lambda path: path.stem,
)
def test_every_ablation_loads(path: Path) -> None:
    config = load_compare_config(path)
    assert all(config.experiment(name).model.kind in columns.MODELS for name in config.experiments)
