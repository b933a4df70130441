"""The sample world through the real preparation: cleaning finds the dirt, models find a signal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nadeuri import columns
from nadeuri.data.prepare import prepare
from nadeuri.data.sample import blocks, write_sample
from nadeuri.data.sequences import Dataset
from nadeuri.data.source import load_source
from nadeuri.data.splits import Split, leave_one_out

REASONS = {
    blocks.DUPLICATE: "duplicate",
    blocks.UNKNOWN_ITEM: "unknown_item",
    blocks.BAD_TIME: "unparsable_time",
    blocks.EMPTY_USER: "missing_user",
    blocks.BOT: "bot",
}
Scorer = Callable[[np.ndarray], np.ndarray]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("world") / "demo"
    write_sample(out, "demo")
    return out


@pytest.fixture(scope="module")
def dataset(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return prepare(load_source(world), tmp_path_factory.mktemp("prepared") / "demo")


@pytest.fixture(scope="module")
def split(dataset: Dataset) -> Split:
    return leave_one_out(dataset.sequences)


def test_cleaning_finds_exactly_the_dirt(world: Path, dataset: Dataset) -> None:
    truth = json.loads((world / "dirt.json").read_text(encoding="utf-8"))
    rejected = dict(dataset.manifest["clicks"]["rejected"])
    too_few = rejected.pop("below_min_user")
    assert rejected == {REASONS[kind]: count for kind, count in truth["dirt"].items()}
    assert dataset.sequences.n_clicks == truth["clean_rows"] - too_few
    assert dataset.n_items == truth["items"]


def test_cold_items_are_in_the_catalogue_only(world: Path, dataset: Dataset) -> None:
    truth = json.loads((world / "dirt.json").read_text(encoding="utf-8"))
    clicked = np.bincount(dataset.sequences.items, minlength=dataset.n_items + 1)
    codes = dataset.item_codes
    assert all(clicked[1 + codes.index(code)] == 0 for code in truth["cold_items"])


def test_next_click_follows_from_order_and_from_metadata(dataset: Dataset, split: Split) -> None:
    transitions, popularity = counts(dataset, split)
    kinds = kind_of_item(dataset)
    by_kind = np.zeros((kinds.max() + 1, kinds.max() + 1))
    np.add.at(by_kind, (kinds[:, None], kinds[None, :]), transitions)
    per_kind = np.bincount(kinds, popularity) + 1

    def popular(history: np.ndarray) -> np.ndarray:
        return popularity

    def ids(history: np.ndarray) -> np.ndarray:
        return transitions[history[-1]] + 1e-6 * popularity

    def metadata(history: np.ndarray) -> np.ndarray:
        return (by_kind[kinds[history[-1]]] / per_kind)[kinds] * np.sqrt(popularity + 5)

    everyone = np.arange(len(split.test))
    rare = np.flatnonzero(popularity[split.test.targets] <= 40)
    assert len(rare) > 100
    of_ids = ndcg_at_10(ids, dataset, split, everyone)
    assert of_ids > 3 * ndcg_at_10(popular, dataset, split, everyone)
    assert of_ids < 0.5  # nothing is given away
    assert ndcg_at_10(metadata, dataset, split, rare) > 1.2 * ndcg_at_10(ids, dataset, split, rare)


def counts(dataset: Dataset, split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Transitions [n_items + 1, n_items + 1] and clicks [n_items + 1] of the training part."""
    n = dataset.n_items + 1
    transitions, popularity = np.zeros((n, n)), np.zeros(n)
    for start, end in zip(dataset.sequences.offsets[:-1], split.train_ends, strict=True):
        items = dataset.sequences.items[start:end]
        np.add.at(transitions, (items[:-1], items[1:]), 1)
        np.add.at(popularity, items, 1)
    return transitions, popularity


def kind_of_item(dataset: Dataset) -> np.ndarray:
    """Number of the (city, category) of each item; 0 for padding; int64 [n_items + 1]."""
    names = zip(
        dataset.catalogue[columns.CITY].to_pylist(),
        dataset.catalogue[columns.CATEGORY].to_pylist(),
        strict=True,
    )
    _, numbers = np.unique([f"{city}/{category}" for city, category in names], return_inverse=True)
    return np.concatenate([[0], 1 + numbers])


def ndcg_at_10(scorer: Scorer, dataset: Dataset, split: Split, cases: np.ndarray) -> float:
    """Full ranking, seen items filtered."""
    gains = []
    for case in cases:
        user, end = split.test.users[case], split.test.ends[case]
        history = dataset.sequences.items[dataset.sequences.offsets[user] : end]
        scores = np.array(scorer(history), dtype=float)
        scores[history] = -np.inf
        scores[0] = -np.inf
        target = split.test.targets[case]
        rank = int((scores > scores[target]).sum())
        hit = rank < 10 and np.isfinite(scores[target])
        gains.append(1 / np.log2(rank + 2) if hit else 0.0)
    return float(np.mean(gains))
