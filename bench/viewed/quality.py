"""nDCG, recall, cold products and purity of every model, each at its best setting of one grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from nadeuri import columns
from nadeuri.data.prepare import open_or_prepare
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import leave_one_out
from nadeuri.progress import progress
from nadeuri.recommend.base import Recommender
from nadeuri.recommend.coview import cooccurrence
from nadeuri.recommend.coview.holdout import HeldOut, coview_accuracy, hold_out
from nadeuri.recommend.coview.separation import neighbour_purity
from nadeuri.recommend.evaluate import PER_CASE, accuracy, rank_cases
from nadeuri.recommend.features import FieldBags, field_bags
from speed.part import Part, over_seeds
from speed.setting import Setting
from speed.shelf import Shelf
from viewed.models import COSINE, Contestant, Train, gensim, ours
from viewed.sets import FIELD_WEIGHTS, GRID, SEEDS, SUBSAMPLES, WINDOWS, Viewed

K = 10
NDCG, RECALL = columns.at(columns.NDCG, K), columns.at(columns.RECALL, K)
GENSIM, GENSIM_TOKENS = "gensim", "gensim_tokens"
SHORT_NAMES = {
    (columns.PROD2VEC, f"purity_at_{K}"): f"purity_at_{K}",
    (columns.META_PROD2VEC, f"purity_at_{K}"): f"meta_purity_at_{K}",
    (columns.META_PROD2VEC, f"cold_{RECALL}"): f"cold_{RECALL}",
}
"""Figures that go by a name without the model as well."""


def measure(setting: Setting, viewed: Viewed) -> Part:
    """Tune every model on validation with seed 1, then test it with all seeds."""
    dataset = open_or_prepare(viewed.folder.absolute(), setting.settings.data_cache.absolute())
    held = hold_out(dataset, by_user=viewed.by_user)
    python = setting.peer(GENSIM)
    trains: dict[str, Train] = {
        GENSIM: gensim(with_tokens=False, python=python),
        GENSIM_TOKENS: gensim(with_tokens=True, python=python),
        columns.PROD2VEC: ours(columns.PROD2VEC),
        columns.META_PROD2VEC: ours(columns.META_PROD2VEC),
    }
    shelf = Shelf((setting.settings.home / "coview").absolute(), again=setting.again)
    part = Part(f"quality --sets {viewed.name}")
    found = _counted(viewed, dataset, held)
    _add(part, viewed, columns.COOCCURRENCE, {}, [found])
    for name, train in trains.items():
        key = {"set": dataset.fingerprint, "model": name}
        best, way, tried = _tune(shelf, name, key, train, viewed, dataset)
        tested = [
            shelf.keep(
                f"{viewed.name}-{name}-test",
                {**key, "setting": best, "way": way, "seed": seed},
                partial(_test, train, viewed, dataset, held, best, way, seed),
            )
            for seed in SEEDS
        ]
        _add(part, viewed, name, {"setting": best, "way": way, "tried": tried}, tested)
    return part


def _tune(
    shelf: Shelf,
    name: str,
    key: Mapping[str, Any],
    train: Train,
    viewed: Viewed,
    dataset: Dataset,
) -> tuple[Mapping[str, Any], str, list[dict[str, Any]]]:
    """The setting and the way of scoring with the highest validation nDCG@10, and all tried."""
    tried: list[dict[str, Any]] = []

    def attempt(candidates: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Try these too; returns the best so far."""
        for setting in progress(candidates, f"{viewed.name} {name}"):
            measured = shelf.keep(
                f"{viewed.name}-{name}-valid",
                {**key, "setting": setting},
                partial(_validate, train, viewed, dataset, setting),
            )
            for way, ndcg in measured["valid"].items():
                tried.append({"setting": setting, "way": way, "valid": ndcg})
        return max(tried, key=lambda each: each["valid"])

    for window in WINDOWS:
        best = attempt([{"window": window, **setting} for setting in GRID])
        if best["setting"]["window"] != window:
            break
    best = attempt([{**best["setting"], "subsample": share} for share in SUBSAMPLES])
    if name == columns.META_PROD2VEC:
        best = attempt([{**best["setting"], "field_weight": weight} for weight in FIELD_WEIGHTS])
    return best["setting"], best["way"], tried


def _validate(
    train: Train, viewed: Viewed, dataset: Dataset, setting: Mapping[str, Any]
) -> dict[str, Any]:
    split = leave_one_out(dataset.sequences)
    trained = train(viewed, dataset, split, setting, SEEDS[0])
    valid = {
        way: accuracy(
            rank_cases(
                model, dataset.sequences, split.valid, k=K, filter_seen=viewed.filter_seen
            ).ranks,
            (K,),
        )[NDCG]
        for way, model in trained.ways.items()
    }
    return {"valid": valid, "cpu_s": trained.cpu_s}


def _test(
    train: Train,
    viewed: Viewed,
    dataset: Dataset,
    held: HeldOut,
    setting: Mapping[str, Any],
    way: str,
    seed: int,
) -> dict[str, float]:
    trained = train(viewed, dataset, leave_one_out(dataset.sequences), setting, seed)
    rest = train(viewed, held.dataset, leave_one_out(held.dataset.sequences), setting, seed)
    return {
        **_next_item(trained.ways[way], viewed, dataset),
        **_held_out(rest, way, held),
        **_purity(trained, viewed, dataset),
        "train_cpu_s": trained.cpu_s,
    }


def _counted(viewed: Viewed, dataset: Dataset, held: HeldOut) -> dict[str, float]:
    """Co-occurrence has nothing to tune."""
    split = leave_one_out(dataset.sequences)
    counted = cooccurrence.fit(dataset, split, by_user=viewed.by_user)
    rest = cooccurrence.fit(
        held.dataset, leave_one_out(held.dataset.sequences), by_user=viewed.by_user
    )
    return {
        **_next_item(counted, viewed, dataset),
        **_held_out(Contestant({COSINE: rest}, None, 0.0), COSINE, held),
    }


def _next_item(model: Recommender, viewed: Viewed, dataset: Dataset) -> dict[str, float]:
    cases = leave_one_out(dataset.sequences).test
    ranking = rank_cases(model, dataset.sequences, cases, k=K, filter_seen=viewed.filter_seen)
    figures = accuracy(ranking.ranks, (K,))
    spread = PER_CASE[columns.NDCG](ranking.ranks, K).std()
    return {
        **{name: figures[name] for name in (NDCG, RECALL)},
        f"{NDCG}_user_se": float(spread / len(cases) ** 0.5),
    }


def _held_out(trained: Contestant, way: str, held: HeldOut) -> dict[str, float]:
    coview = coview_accuracy(trained.ways[way], held.coview, K)
    # a product that nobody viewed has no output vector: cosine is the only way to find it
    cold = coview_accuracy(trained.ways[COSINE], held.cold, K)
    return {f"coview_{name}": value for name, value in coview.items()} | {
        f"cold_{RECALL}": cold[RECALL]
    }


def _purity(trained: Contestant, viewed: Viewed, dataset: Dataset) -> dict[str, float]:
    if trained.vectors is None or not viewed.fields:
        return {}
    bags: FieldBags = field_bags(dataset, viewed.fields[:1])[0]
    return {f"purity_at_{K}": neighbour_purity(trained.vectors, bags, K)}


def _add(
    part: Part,
    viewed: Viewed,
    model: str,
    detail: Mapping[str, Any],
    tested: Sequence[Mapping[str, Any]],
) -> None:
    figures: dict[str, float] = {}
    for name in [name for name in tested[0] if name != "revision"]:
        found = [each[name] for each in tested]
        figures |= over_seeds(f"{viewed.name}.{model}.{name}", found)
        if short := SHORT_NAMES.get((model, name)):
            figures |= over_seeds(f"{viewed.name}.{short}", found)
    measured_at = sorted({str(each["revision"]) for each in tested if "revision" in each})
    part.add(
        {
            "part": "quality",
            "set": viewed.name,
            "model": model,
            "measured_at": measured_at,
            **detail,
        },
        figures,
    )


def default_sets(clicks: Path, sample: Path) -> tuple[Viewed, ...]:
    """The sets of the comparison."""
    return (
        Viewed("beauty", clicks / "beauty", True, True, ("attributes",)),
        Viewed("nyc", clicks / "nyc", False, False, ("region",)),
        Viewed("flickr-trips", clicks / "flickr-trips", True, True, ("city", "category")),
        Viewed(
            "sample",
            sample,
            False,
            True,
            (columns.CITY, columns.COUNTRY, columns.CATEGORY, columns.THEME, columns.PRICE_BAND),
        ),
    )
