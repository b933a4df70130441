from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from nadeuri import columns
from nadeuri.data.sequences import Dataset, SequenceStore
from nadeuri.errors import NadeuriError
from nadeuri.recommend.config import ExperimentConfig, parse_config
from nadeuri.recommend.coview.neighbours import unit
from nadeuri.recommend.coview.prod2vec import Prod2Vec, SkipGramNetwork
from nadeuri.recommend.coview.tokens import Vocabulary
from nadeuri.recommend.experiment import make_split, train
from nadeuri.training import distributed

COLD = 60


def experiment(kind: str, **options: Any) -> ExperimentConfig:
    model = {"kind": kind, "dim": 8, "by_user": True}
    if kind == columns.META_PROD2VEC:
        model["fields"] = [columns.CITY]
    training = {"epochs": 15, "eval_every": 5, "batch_size": 256, "lr": 0.1, "warmup_steps": 0}
    return parse_config({"name": kind, "model": model, "train": training | options}, "test")


@pytest.fixture(scope="module")
def world(travel_dataset: Dataset) -> Dataset:
    """Whoever looks at a product looks at others of its city; product 60 is never looked at."""
    rng = np.random.default_rng(0)
    histories = [
        1 + 4 * rng.integers(0, 14, 12) + rng.integers(0, 4) for _ in range(300)
    ]  # the city of product i is (i - 1) % 4
    items = np.concatenate(histories).astype(np.int32)
    store = SequenceStore(
        np.arange(0, len(items) + 1, 12, dtype=np.int64),
        items,
        np.arange(len(items), dtype=np.int64),
        np.zeros(len(items), dtype=np.int32),
    )
    manifest = {**travel_dataset.manifest, "fingerprint": "planted"}
    return replace(travel_dataset, sequences=store, manifest=manifest)


def trained(world: Dataset, kind: str, folder: Path | None = None, **options: Any) -> Prod2Vec:
    config = experiment(kind, **options)
    split = make_split(config.split, world)
    model = train(config, world, split, seed=1, folder=folder).recommender
    assert isinstance(model, Prod2Vec)
    return model


@pytest.mark.parametrize("kind", [columns.PROD2VEC, columns.META_PROD2VEC])
def test_products_of_a_session_come_together(world: Dataset, kind: str) -> None:
    neighbours = trained(world, kind).neighbours()
    for item in (1, 2, 3, 4):
        scores = neighbours.score_after(np.array([item]))[0]
        scores[item] = -np.inf
        nearest = np.argsort(-scores)[:10]
        assert {(int(i) - 1) % 4 for i in nearest} == {(item - 1) % 4}


def test_a_product_that_nobody_viewed_is_placed_by_its_metadata(world: Dataset) -> None:
    plain = trained(world, columns.PROD2VEC).neighbours()
    assert not plain.known[COLD]
    neighbours = trained(world, columns.META_PROD2VEC).neighbours()
    scores = neighbours.score_after(np.array([COLD]))[0]
    scores[COLD] = -np.inf
    assert {(int(i) - 1) % 4 for i in np.argsort(-scores)[:10]} == {(COLD - 1) % 4}


def test_how_readily_new_products_are_listed(world: Dataset) -> None:
    model = trained(world, columns.META_PROD2VEC)
    certain, half, expected, last = (model.neighbours_by(0.5, new) for new in (1, 0.5, 0, -1))
    lengths = [np.linalg.norm(each.vectors[COLD]) for each in (certain, half, expected, last)]
    assert lengths[0] == pytest.approx(1)
    assert 0.3 < lengths[2] < 1
    assert lengths[1] == pytest.approx(lengths[2] ** 0.5)
    assert lengths[3] == pytest.approx(lengths[2] ** 2)
    viewed = np.flatnonzero(model.viewed)
    np.testing.assert_allclose(np.linalg.norm(expected.vectors[viewed], axis=1), 1, atol=1e-5)
    at_first, at_last = (each.score_after(np.array([4]))[0] for each in (certain, expected))
    assert at_last[COLD] < at_first[COLD]
    assert np.array_equal(at_last[viewed], at_first[viewed])


def test_a_field_missing_for_half_the_catalogue(world: Dataset) -> None:
    cities = world.catalogue[columns.CITY].to_pylist()
    halved = [city if number < 30 else None for number, city in enumerate(cities)]
    place = world.catalogue.column_names.index(columns.CITY)
    dataset = replace(world)
    vars(dataset)["catalogue"] = world.catalogue.set_column(place, columns.CITY, pa.array(halved))
    neighbours = trained(dataset, columns.META_PROD2VEC).neighbours()
    assert not neighbours.known[COLD]  # it has neither clicks nor a city
    assert neighbours.known[1:57].all()  # those that are looked at
    for item in (1, 40):
        scores = neighbours.score_after(np.array([item]))[0]
        scores[item] = -np.inf
        assert {(int(i) - 1) % 4 for i in np.argsort(-scores)[:10]} == {(item - 1) % 4}


def test_without_metadata_a_cold_product_has_no_vector(travel_dataset: Dataset) -> None:
    vocabulary = Vocabulary(travel_dataset.n_items)
    network = SkipGramNetwork(len(vocabulary), dim=8)
    viewed = np.arange(travel_dataset.n_items + 1) != 5
    neighbours = Prod2Vec(columns.PROD2VEC, network, vocabulary, viewed).neighbours()
    assert np.flatnonzero(~neighbours.known).tolist() == [0, 5]
    table = network.inputs.detach().numpy()
    np.testing.assert_allclose(neighbours.vectors[[1, 60]], unit(table[[1, 60]]), atol=1e-6)


def test_it_learns_in_one_process(world: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    group = distributed.Group(rank=0, world=2, device=torch.device("cpu"))
    monkeypatch.setattr(distributed, "current", lambda: group)
    with pytest.raises(NadeuriError, match="one process; start it without torchrun"):
        trained(world, columns.PROD2VEC)


def test_an_interrupted_run_ends_like_an_undisturbed_one(world: Dataset, tmp_path: Path) -> None:
    class Interrupted(Exception):  # noqa: N818 (not an error)
        pass

    def stop(point: Any) -> None:
        if point.epoch == 7:
            raise Interrupted

    config = experiment(columns.META_PROD2VEC)
    split = make_split(config.split, world)
    with pytest.raises(Interrupted):
        train(config, world, split, seed=1, folder=tmp_path, report=stop)
    resumed = trained(world, columns.META_PROD2VEC, folder=tmp_path)
    whole = trained(world, columns.META_PROD2VEC)
    for found, expected in zip(
        resumed.network.parameters(), whole.network.parameters(), strict=True
    ):
        torch.testing.assert_close(found, expected, rtol=0, atol=0)


def test_a_score_is_a_mean_of_two_cosines(world: Dataset) -> None:
    model = trained(world, columns.META_PROD2VEC)
    inputs, outputs = (model.neighbours_by(share) for share in (0.0, 1.0))
    mixed = model.neighbours_by(0.25).score_after(np.array([3]))[0, 1:]
    expected = 0.75 * inputs.score_after(np.array([3])) + 0.25 * outputs.score_after(np.array([3]))
    np.testing.assert_allclose(mixed, expected[0, 1:], atol=1e-6)
    cities = {int(i) % 4 for i in np.argsort(-mixed)[:10]}
    assert cities == {2}  # those of product 3, with the product that nobody viewed or without
    assert model.neighbours_by(0.25).known[COLD]
