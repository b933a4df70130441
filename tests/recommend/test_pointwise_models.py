"""NeuMF and DeepFM."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nadeuri.data.sequences import Dataset
from nadeuri.recommend import ncf
from nadeuri.recommend.batching import PairBatch
from nadeuri.recommend.config import DeepFMConfig, NcfConfig
from nadeuri.recommend.deepfm import DeepFM, DeepFMNetwork
from nadeuri.recommend.features import field_bags
from nadeuri.recommend.ncf import Ncf, NcfNetwork


@pytest.fixture
def models(travel_dataset: Dataset) -> dict[str, Ncf | DeepFM]:
    torch.manual_seed(0)
    n_users, n_items = travel_dataset.n_users, travel_dataset.n_items
    fields = field_bags(travel_dataset, ["city", "theme", "price"])
    return {
        "ncf": Ncf(NcfNetwork(n_users, n_items, NcfConfig(dim=8, layers=(8, 4), dropout=0.0))),
        "deepfm": DeepFM(
            DeepFMNetwork(n_users, n_items, DeepFMConfig(dim=8, layers=(8, 4), dropout=0.0), fields)
        ),
    }


def pair_logits(model: Ncf | DeepFM, user: int, last: int, items: torch.Tensor) -> torch.Tensor:
    users = torch.full_like(items, user)
    if isinstance(model, Ncf):
        return model.network(users, items)  # type: ignore[no-any-return]
    return model.network(users, torch.full_like(items, last), items)  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", ["ncf", "deepfm"])
def test_scoring_everything_agrees_with_pairs_up_to_a_constant(
    kind: str, models: dict[str, Ncf | DeepFM], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ncf, "CELLS_AT_ONCE", 100)  # several chunks
    model = models[kind]
    users = np.array([3, 0, 7])
    histories = [np.array(items, dtype=np.int32) for items in ([2, 9], [], [4])]
    scores = model.score(users, histories)
    assert np.isneginf(scores[:, 0]).all()
    items = torch.arange(1, model.n_items + 1)
    for row, (user, last) in enumerate(zip([3, 0, 7], [9, 0, 4], strict=True)):
        with torch.no_grad():
            expected = pair_logits(model, user, last, items).numpy()
        np.testing.assert_allclose(
            scores[row, 1:] - scores[row, 1], expected - expected[0], atol=1e-4
        )


@pytest.mark.parametrize("kind", ["ncf", "deepfm"])
def test_learns_what_two_users_like(kind: str, models: dict[str, Ncf | DeepFM]) -> None:
    model = models[kind]
    optimizer = torch.optim.Adam(model.network.parameters(), lr=0.05)
    batch = PairBatch(
        users=np.array([0, 0, 1, 1]),
        last_items=np.array([1, 1, 1, 1]),
        items=np.array([10, 20, 10, 20]),
        clicked=np.array([1, 0, 0, 1], dtype=np.float32),
    )
    model.network.train()
    for _ in range(60):
        optimizer.zero_grad()
        model.loss(batch, torch.device("cpu")).backward()
        optimizer.step()
    scores = model.score(np.array([0, 1]), [np.array([1], dtype=np.int32)] * 2)
    assert scores[0, 10] > scores[0, 20]
    assert scores[1, 20] > scores[1, 10]
