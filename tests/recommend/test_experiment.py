"""From a configuration to a trained recommender, for every kind of model."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from nadeuri import columns
from nadeuri.data.sequences import Dataset
from nadeuri.errors import DataError
from nadeuri.recommend.config import ExperimentConfig, parse_config
from nadeuri.recommend.coview.tokens import training_sessions
from nadeuri.recommend.experiment import identity, make_split, train

TRAIN = {"epochs": 2, "eval_every": 1, "batch_size": 16, "warmup_steps": 0, "lr": 0.01}
MODELS = {
    columns.POPULARITY: {},
    columns.MARKOV: {},
    columns.NCF: {"dim": 4, "layers": [4]},
    columns.DEEPFM: {"dim": 4, "layers": [4]},
    columns.BERT4REC: {"max_len": 10, "dim": 8},
    columns.SASREC: {"max_len": 10, "dim": 8},
    columns.META_SASREC: {"max_len": 10, "dim": 8, "fields": "all", "auxiliary_weight": 0.1},
    columns.META_BERT4REC: {"max_len": 10, "dim": 8, "fields": "all", "auxiliary_weight": 0.1},
    columns.COOCCURRENCE: {},
    columns.PROD2VEC: {"dim": 4, "shared_negatives": 8},
    columns.META_PROD2VEC: {"dim": 4, "shared_negatives": 8, "fields": "all"},
}


def experiment(kind: str, **train_options: float) -> ExperimentConfig:
    model = {"kind": kind, **MODELS[kind]}
    return parse_config({"name": kind, "model": model, "train": TRAIN | train_options}, "test")


def test_every_model_is_covered() -> None:
    assert set(MODELS) == set(columns.MODELS)


@pytest.mark.parametrize("kind", MODELS)
def test_trains_and_scores(kind: str, travel_dataset: Dataset) -> None:
    config = experiment(kind)
    split = make_split(config.split, travel_dataset)
    trained = train(config, travel_dataset, split, seed=1)
    assert trained.kind == trained.recommender.kind == kind
    assert trained.recommender.n_items == travel_dataset.n_items
    histories = [travel_dataset.sequences.history(user) for user in (0, 1)]
    scores = trained.recommender.score(np.array([0, 1]), histories)
    assert scores.shape == (2, travel_dataset.n_items + 1)
    assert np.isneginf(scores[:, 0]).all()
    ranked = np.ones(travel_dataset.n_items, dtype=bool)
    if kind == columns.PROD2VEC:  # knows nothing but what was viewed beside something
        items = training_sessions(travel_dataset.sequences, split, by_user=False).items
        ranked = np.isin(np.arange(1, travel_dataset.n_items + 1), items)
    assert (np.isfinite(scores[:, 1:]) == ranked).all()
    if trained.curve:
        assert [point.epoch for point in trained.curve] == [1, 2]
        assert trained.curve[1].loss < trained.curve[0].loss


@pytest.mark.parametrize("kind", [columns.DEEPFM, columns.META_BERT4REC])
def test_a_seed_decides_everything(kind: str, travel_dataset: Dataset) -> None:
    config = experiment(kind)
    split = make_split(config.split, travel_dataset)
    histories = [travel_dataset.sequences.history(0)]
    first, again, other = (
        train(config, travel_dataset, split, seed=seed).recommender.score(np.array([0]), histories)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_identity_changes_with_whatever_changes_the_result(travel_dataset: Dataset) -> None:
    config = experiment(columns.BERT4REC)
    split = make_split(config.split, travel_dataset)
    base = identity(config, travel_dataset, split, 1)
    assert identity(config, travel_dataset, split, 1) == base
    other_data = dataclasses.replace(
        travel_dataset, manifest={**travel_dataset.manifest, "fingerprint": "x"}
    )
    shorter = dataclasses.replace(split, train_ends=split.train_ends - 1)
    assert identity(config, travel_dataset, split, 2) != base
    assert identity(config, other_data, split, 1) != base
    assert identity(config, travel_dataset, shorter, 1) != base
    assert identity(experiment(columns.BERT4REC, lr=0.02), travel_dataset, split, 1) != base


def test_temporal_split_needs_times(travel_dataset: Dataset) -> None:
    untimed = dataclasses.replace(
        travel_dataset, manifest={**travel_dataset.manifest, "has_times": False}
    )
    config = experiment(columns.POPULARITY).model_copy(
        update={
            "split": experiment(columns.POPULARITY).split.model_copy(update={"kind": "temporal"})
        }
    )
    with pytest.raises(DataError, match="no times"):
        make_split(config.split, untimed)


def test_nothing_to_train_on_says_what_training_needs(travel_dataset: Dataset) -> None:
    config = experiment(columns.SASREC)
    split = make_split(config.split, travel_dataset)
    empty = dataclasses.replace(split, train_ends=travel_dataset.sequences.offsets[:-1])
    with pytest.raises(DataError, match="users need two clicks in the training part"):
        train(config, travel_dataset, empty, seed=1)
