"""Figures of the comparison benchmark: names, and what one seed cannot say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from nadeuri.recommend.compare import Comparison
from nadeuri.recommend.significance import Estimate
from recommend import figures_of


def test_figures_are_named_by_set_model_and_metric() -> None:
    three = Estimate(mean=0.15, low=0.14, high=0.16, sd=0.002, seeds=3)
    one = Estimate(mean=0.02, low=0.01, high=0.03, sd=None, seeds=1)
    models = [
        SimpleNamespace(name="popularity", test={False: {}, True: {"recall_at_10": one}}),
        SimpleNamespace(
            name="bert4rec", test={False: {}, True: {"ndcg_at_10": three, "ndcg_at_20": three}}
        ),
    ]
    comparison = cast(Comparison, SimpleNamespace(models=models, filter_seen=True))
    assert figures_of("ml-1m", comparison) == {
        "ml-1m.popularity.recall_at_10": 0.02,
        "ml-1m.popularity.recall_at_10.seeds": 1,
        "ml-1m.bert4rec.ndcg_at_10": 0.15,
        "ml-1m.bert4rec.ndcg_at_10.sd": 0.002,
        "ml-1m.bert4rec.ndcg_at_10.seeds": 3,
    }
