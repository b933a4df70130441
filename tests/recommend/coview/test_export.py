from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from nadeuri import columns
from nadeuri.artifact import Artifact
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import leave_one_out
from nadeuri.recommend.config import parse_config
from nadeuri.recommend.coview import bundle, ivf
from nadeuri.recommend.coview.export import export_vectors
from nadeuri.recommend.coview.predict import AlsoViewed
from nadeuri.recommend.coview.prod2vec import Prod2Vec
from nadeuri.recommend.coview.tokens import training_sessions
from nadeuri.recommend.experiment import train


def test_an_artefact_holds_vectors_and_what_to_train_on(
    viewed_artifact: Artifact, travel_dataset: Dataset
) -> None:
    arrays = load_file(viewed_artifact.file(bundle.VECTORS_FILE))
    vectors, viewed = arrays[bundle.VECTORS], arrays[bundle.VIEWED]
    assert vectors.shape == (travel_dataset.n_items + 1, 8)
    np.testing.assert_allclose(np.linalg.norm(vectors[1:], axis=1), 1, atol=1e-5)
    assert not vectors[0].any()
    split = leave_one_out(travel_dataset.sequences)
    sessions = training_sessions(travel_dataset.sequences, split, by_user=False)
    assert set(np.flatnonzero(viewed).tolist()) == set(sessions.items.tolist())
    weights = load_file(viewed_artifact.file(bundle.WEIGHTS_FILE))
    assert {name: table.shape for name, table in weights.items()} == {
        "inputs": (65, 8),  # nothing, 60 products, 4 cities
        "outputs": (65, 8),
    }


def test_the_manifest_says_what_it_is(viewed_artifact: Artifact, travel_dataset: Dataset) -> None:
    metadata = viewed_artifact.metadata
    assert (metadata["model"], metadata["dim"]) == (columns.META_PROD2VEC, 8)
    assert metadata["n_items"] == travel_dataset.n_items
    assert AlsoViewed(viewed_artifact.path).n_items == travel_dataset.n_items


def test_what_is_served_scores_like_what_was_trained(
    travel_dataset: Dataset, tmp_path: Path
) -> None:
    tables = {
        "name": "mixed",
        "model": {"kind": columns.PROD2VEC, "dim": 8, "output_share": 0.5},
        "train": {"epochs": 2, "eval_every": 1, "batch_size": 64, "lr": 0.3},
    }
    config = parse_config(tables, "test")
    split = leave_one_out(travel_dataset.sequences)
    model = train(config, travel_dataset, split, seed=1).recommender
    assert isinstance(model, Prod2Vec)
    out = tmp_path / "mixed"
    export_vectors(model, travel_dataset, split, out, config={}, metrics={})
    served = AlsoViewed(out).model
    item = np.array([5])
    np.testing.assert_array_equal(
        served.score_after(item), model.neighbours_by(0.5).score_after(item)
    )
    assert not np.array_equal(served.keys, served.vectors)


def test_a_large_catalogue_is_indexed(
    travel_dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = {
        "name": "large",
        "model": {"kind": columns.PROD2VEC, "dim": 8},
        "train": {"epochs": 1, "eval_every": 1, "batch_size": 64, "lr": 0.3},
    }
    split = leave_one_out(travel_dataset.sequences)
    model = train(parse_config(tables, "test"), travel_dataset, split, seed=1).recommender
    assert isinstance(model, Prod2Vec)
    n_known = int(model.neighbours().known.sum())
    for limit, is_indexed in ((n_known, False), (n_known - 1, True)):
        monkeypatch.setattr(ivf, "FROM", limit)
        export_vectors(model, travel_dataset, split, tmp_path / "out", config={}, metrics={})
        assert (AlsoViewed(tmp_path / "out").model.index is not None) == is_indexed
