from __future__ import annotations

import numpy as np
from safetensors.numpy import load_file

from nadeuri import columns
from nadeuri.artifact import Artifact
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import leave_one_out
from nadeuri.recommend.coview import bundle
from nadeuri.recommend.coview.predict import AlsoViewed
from nadeuri.recommend.coview.tokens import training_sessions


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
