"""SASRec and Meta-SASRec."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nadeuri.data.sequences import Dataset
from nadeuri.recommend.config import SasRecConfig
from nadeuri.recommend.features import field_bags
from nadeuri.recommend.sasrec import SasRecNetwork
from nadeuri.recommend.sequential import SequentialRecommender

N_ITEMS = 12


def network(**changed: object) -> SasRecNetwork:
    torch.manual_seed(1)
    options = {"max_len": 9, "dim": 16, "dropout": 0.0} | changed
    return SasRecNetwork(N_ITEMS, SasRecConfig.model_validate(options)).eval()


def test_scores_shape_and_padding_column() -> None:
    scores = network().forward_next(torch.tensor([[1, 2, 3], [0, 0, 4]]))
    assert scores.shape == (2, N_ITEMS + 1)
    assert torch.isneginf(scores[:, 0]).all()
    assert torch.isfinite(scores[:, 1:]).all()


def test_padding_does_not_change_scores() -> None:
    net = network()
    short = net.forward_next(torch.tensor([[5, 3]]))
    padded = net.forward_next(torch.tensor([[0, 0, 0, 5, 3], [1, 2, 3, 4, 5]]))[:1]
    torch.testing.assert_close(short, padded, rtol=1e-4, atol=1e-5)


def test_asking_for_the_next_item_is_what_was_trained() -> None:
    """The loss at the last position is the cross-entropy of ``forward_next``'s scores."""
    net = network()
    items, target = torch.tensor([[4, 9, 2]]), torch.tensor([7])
    scores = net.forward_next(items)[:, 1:]
    expected = torch.nn.functional.cross_entropy(scores, target - 1)
    torch.testing.assert_close(net.loss(items, torch.tensor([2]), target), expected)


@pytest.mark.parametrize("loss", ["softmax", "sampled", "gbce"])
@pytest.mark.parametrize("block", ["gelu", "ligr"])
def test_learns_a_cycle(loss: str, block: str) -> None:
    net = network(loss=loss, block=block, negatives=8)
    items = torch.tensor([[1 + (s + i) % N_ITEMS for i in range(5)] for s in range(N_ITEMS)])
    targets = items % N_ITEMS + 1
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(150):
        optimizer.zero_grad()
        net.train().loss(items, torch.arange(items.numel()), targets.flatten()).backward()
        optimizer.step()
    best = net.eval().forward_next(items).argmax(1)
    assert (best == targets[:, -1]).float().mean() > 0.9


def test_loss_is_sampled_where_all_items_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    assert network().loss_kind == network(loss="softmax").loss_kind == "softmax"
    monkeypatch.setattr("nadeuri.recommend.sequential.SOFTMAX_ITEMS", N_ITEMS - 1)
    assert network().loss_kind == "sampled"
    assert network(loss="softmax").loss_kind == "softmax"


def test_sampled_loss_is_near_the_softmax_it_estimates() -> None:
    net, items, target = network(negatives=4000), torch.tensor([[4, 9, 2]]), torch.tensor([7])
    whole = net.loss(items, torch.tensor([2]), target)
    net.loss_kind = "sampled"
    torch.testing.assert_close(net.loss(items, torch.tensor([2]), target), whole, atol=0.05, rtol=0)


def test_recommender_reads_max_len_items_and_takes_empty_histories() -> None:
    model = SequentialRecommender(network(), SasRecConfig(max_len=9, dim=16, dropout=0.0))
    long = np.arange(1, 12, dtype=np.int32)
    scores = model.score(np.zeros(4, dtype=np.int64), [long, long[-9:], long[-8:], long[:0]])
    np.testing.assert_allclose(scores[0], scores[1], rtol=1e-4, atol=1e-5)
    assert not np.allclose(scores[0, 1:], scores[2, 1:], atol=1e-3)
    assert np.isfinite(scores[3, 1:]).all()


@pytest.mark.parametrize("fusion", ["sum", "concat", "gated"])
def test_metadata_changes_the_scores(fusion: str, travel_dataset: Dataset) -> None:
    options = {"kind": "meta_sasrec", "fields": "all", "fusion": fusion, "max_len": 9, "dim": 16}
    fields = field_bags(travel_dataset, [field.name for field in travel_dataset.fields])
    torch.manual_seed(0)
    net = SasRecNetwork(travel_dataset.n_items, SasRecConfig.model_validate(options), fields).eval()
    before = net.forward_next(torch.tensor([[1, 2, 3]]))
    with torch.no_grad():
        next(net.table.field_embeddings()).embedding.add_(1.0)
    assert not torch.allclose(before[:, 1:], net.forward_next(torch.tensor([[1, 2, 3]]))[:, 1:])
