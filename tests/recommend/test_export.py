"""Export: the artefact holds what was trained, once, and needs no torch to be scored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pyarrow.parquet as pq
import pytest
import torch

from nadeuri import columns
from nadeuri.artifact import Artifact, open_artifact
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import leave_one_out
from nadeuri.errors import ArtifactError, ConfigError
from nadeuri.onnx import open_session
from nadeuri.recommend import bundle, export, popularity
from nadeuri.recommend.bert4rec import Bert4RecNetwork
from nadeuri.recommend.config import Bert4RecConfig, SasRecConfig
from nadeuri.recommend.features import field_bags
from nadeuri.recommend.predict import Predictor
from nadeuri.recommend.sasrec import SasRecNetwork
from nadeuri.recommend.sequential import SequentialRecommender


def test_the_artefact_is_complete(travel_artifact: Artifact, travel_dataset: Dataset) -> None:
    opened = open_artifact(travel_artifact.path, bundle.KIND)
    assert set(opened.manifest.files) == {
        bundle.MODEL_FILE,
        bundle.WEIGHTS_FILE,
        bundle.ITEMS_FILE,
        bundle.USERS_FILE,
        bundle.CONFIG_FILE,
        bundle.METRICS_FILE,
    }
    assert opened.manifest.data_fingerprint == travel_dataset.fingerprint
    assert opened.metadata["max_history"] == 11
    assert opened.read_json(bundle.METRICS_FILE) == {"ndcg_at_10": 0.25}
    assert opened.read_json(bundle.CONFIG_FILE)["experiment"] == {"name": "여행"}


def test_onnx_scores_are_the_trained_models(
    travel_artifact: Artifact, travel_dataset: Dataset
) -> None:
    model = export.load_recommender(travel_artifact)
    histories = [travel_dataset.sequences.history(user) for user in range(travel_dataset.n_users)]
    expected = model.score(np.arange(len(histories)), histories)
    onnx_session = open_session(travel_artifact.file(bundle.MODEL_FILE))
    for row, history in enumerate(histories):
        items = history[-11:].astype(np.int64)[None]
        padded = np.concatenate([np.zeros((1, 11 - items.shape[1]), np.int64), items], axis=1)
        for form in (items, padded):
            (scores,) = onnx_session.run(None, {bundle.MODEL_INPUT: form})
            assert scores.dtype == np.float32
            assert scores[0, 0] == -np.inf
            np.testing.assert_allclose(scores[0], expected[row], rtol=1e-3, atol=1e-4)


def test_weights_restore_every_tensor(travel_artifact: Artifact) -> None:
    network = export.load_recommender(travel_artifact).network
    again = export._tensors(network)
    from safetensors.torch import load_file

    saved = load_file(travel_artifact.file(bundle.WEIGHTS_FILE))
    assert set(again) == set(saved)
    assert all(torch.equal(again[name], saved[name]) for name in saved)


def test_items_carry_training_clicks(travel_artifact: Artifact, travel_dataset: Dataset) -> None:
    items = pq.read_table(travel_artifact.file(bundle.ITEMS_FILE))
    assert items.drop_columns([columns.CLICKS]).equals(travel_dataset.catalogue)
    split = leave_one_out(travel_dataset.sequences)
    clicks = popularity.training_clicks(travel_dataset.sequences, split, travel_dataset.n_items)
    assert items[columns.CLICKS].to_pylist() == clicks[1:].tolist()
    assert sum(items[columns.CLICKS].to_pylist()) == (
        travel_dataset.sequences.n_clicks - 2 * travel_dataset.n_users
    )


def test_every_users_history_is_found(travel_artifact: Artifact, travel_dataset: Dataset) -> None:
    users = bundle.UserStore(travel_artifact.file(bundle.USERS_FILE))
    assert len(users) == travel_dataset.n_users
    for row, user in enumerate(travel_dataset.user_ids):
        found = users.find(user)
        assert found is not None
        np.testing.assert_array_equal(found, travel_dataset.sequences.history(row))
    for stranger in ("", "가", "손님", "손님999", "힣", "손님000 "):
        assert users.find(stranger) is None


def test_user_look_up_crosses_batches(
    travel_dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "_USERS_PER_BATCH", 7)
    bundle.write_users(travel_dataset, tmp_path / "users.arrow")
    users = bundle.UserStore(tmp_path / "users.arrow")
    assert [len(batch) for batch in users] == [7, 7, 7, 7, 7, 5]
    for row, user in enumerate(travel_dataset.user_ids):
        found = users.find(user)
        assert found is not None
        np.testing.assert_array_equal(found, travel_dataset.sequences.history(row))
    assert users.find("손님0065") is None


@pytest.fixture(scope="module")
def large() -> Bert4RecNetwork:
    """An item table that dwarfs the rest: 5 MB."""
    network = Bert4RecNetwork(20_000, Bert4RecConfig(max_len=50, dim=64)).eval()
    torch.nn.init.normal_(network.bias)
    return network


@pytest.fixture(scope="module")
def large_file(large: Bert4RecNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("large") / "model.onnx"
    export.export_onnx(large, file)
    return file


def test_tied_embeddings_are_written_once(large: Bert4RecNetwork, large_file: Path) -> None:
    weights = sum(p.numel() for p in large.parameters()) * 4
    assert large_file.stat().st_size < weights + export.GRAPH_OVERHEAD_BYTES
    initializers = onnx.load(large_file).graph.initializer
    tables = [i for i in initializers if 20_000 <= max(i.dims, default=0) <= 20_002]
    assert sorted(len(i.dims) for i in tables) == [1, 2]  # the bias and one table


def test_the_file_tells_nothing_of_this_machine(large_file: Path) -> None:
    assert str(Path(export.__file__).parent).encode() not in large_file.read_bytes()


def test_a_table_written_twice_is_refused(large: Bert4RecNetwork, tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(bytes(12_000_000))
    with pytest.raises(ArtifactError, match="written twice"):
        export._check_size(export.ServedNetwork(large), file)


def test_scores_that_differ_are_refused(large_file: Path) -> None:
    other = Bert4RecNetwork(20_000, Bert4RecConfig(max_len=50, dim=64)).eval()
    with pytest.raises(ArtifactError, match="scores differ"):
        export._check_scores(other, large_file)


@pytest.mark.parametrize("max_len", [2, 3])
def test_shortest_networks_export_and_keep_training(max_len: int, tmp_path: Path) -> None:
    network = Bert4RecNetwork(30, Bert4RecConfig(max_len=max_len, dim=8)).train()
    export.export_onnx(network, tmp_path / "model.onnx")
    items = np.ones((5, max_len - 1), np.int64)
    (scores,) = open_session(tmp_path / "model.onnx").run(None, {bundle.MODEL_INPUT: items})
    assert scores.shape == (5, 31)
    assert network.training
    assert all(p.requires_grad for p in network.parameters())


@pytest.mark.parametrize(
    ("max_len", "block"), [(2, "gelu"), (20, "ligr")], ids=["shortest", "ligr"]
)
def test_causal_networks_export(max_len: int, block: str, tmp_path: Path) -> None:
    """``export_onnx`` itself compares the scores; here: the longest and an empty history."""
    config = SasRecConfig.model_validate({"max_len": max_len, "dim": 8, "block": block})
    network = SasRecNetwork(30, config).eval()
    torch.nn.init.normal_(network.bias)
    export.export_onnx(network, tmp_path / "model.onnx")
    items = np.zeros((2, max_len), np.int64)
    items[0] = 7
    (scores,) = open_session(tmp_path / "model.onnx").run(None, {bundle.MODEL_INPUT: items})
    with torch.no_grad():
        expected = network.forward_next(torch.from_numpy(items)).numpy()
    np.testing.assert_allclose(scores, expected, rtol=1e-3, atol=1e-4)


def test_a_causal_artefact_is_served_and_loaded_again(
    travel_dataset: Dataset, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    config = SasRecConfig(kind="meta_sasrec", fields="all", max_len=12, dim=8)
    fields = field_bags(travel_dataset, [field.name for field in travel_dataset.fields])
    model = SequentialRecommender(SasRecNetwork(travel_dataset.n_items, config, fields), config)
    split = leave_one_out(travel_dataset.sequences)
    artifact = export.export_recommender(
        model, travel_dataset, split, tmp_path / "out", config={}, metrics={}
    )
    assert artifact.metadata["max_history"] == 12
    histories = [travel_dataset.sequences.history(user) for user in range(5)]
    expected = model.score(np.arange(5), histories)
    again = export.load_recommender(artifact)
    assert again.config == config
    for scores in (again.score(np.arange(5), histories), Predictor(artifact.path).score(histories)):
        np.testing.assert_allclose(scores, expected, rtol=1e-3, atol=1e-4)


def test_other_models_are_refused(travel_dataset: Dataset, tmp_path: Path) -> None:
    split = leave_one_out(travel_dataset.sequences)
    with pytest.raises(ConfigError, match="popularity cannot be exported"):
        export.export_recommender(
            popularity.fit(travel_dataset, split),
            travel_dataset,
            split,
            tmp_path / "out",
            config={},
            metrics={},
        )
