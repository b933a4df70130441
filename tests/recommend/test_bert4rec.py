"""BERT4Rec and Meta-BERT4Rec."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nadeuri.data.sequences import Dataset
from nadeuri.recommend.bert4rec import Bert4RecNetwork
from nadeuri.recommend.config import Bert4RecConfig
from nadeuri.recommend.features import FieldBags, field_bags
from nadeuri.recommend.sequential import SequentialRecommender

N_ITEMS = 12


def network(**changed: object) -> Bert4RecNetwork:
    torch.manual_seed(1)
    options = {"max_len": 9, "dim": 16, "dropout": 0.0} | changed
    config = Bert4RecConfig.model_validate(options)
    return Bert4RecNetwork(N_ITEMS, config).eval()


def two_cities() -> FieldBags:
    """Items 1-6 are in one city, 7-12 in another."""
    return FieldBags(
        name="city",
        kind="categorical",
        values=("오사카", "다낭"),
        offsets=np.concatenate([[0, 0], np.arange(1, N_ITEMS + 1)]).astype(np.int64),
        indices=np.repeat([0, 1], N_ITEMS // 2).astype(np.int64),
        weights=np.ones(N_ITEMS, dtype=np.float32),
    )


def train_on(net: Bert4RecNetwork, sequences: torch.Tensor, steps: int) -> None:
    """Mask each last item and learn it."""
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    items = torch.cat([sequences[:, :-1], torch.full_like(sequences[:, :1], net.mask_token)], 1)
    last = torch.arange(len(items)) * items.shape[1] + items.shape[1] - 1
    for _ in range(steps):
        optimizer.zero_grad()
        net.train().loss(items, last, sequences[:, -1]).backward()
        optimizer.step()
    net.eval()


def cyclic_sequences(length: int) -> torch.Tensor:
    return torch.tensor(
        [[1 + (start + i) % N_ITEMS for i in range(length)] for start in range(N_ITEMS)]
    )


def test_scores_shape_and_padding_column() -> None:
    scores = network().forward_next(torch.tensor([[1, 2, 3], [0, 0, 4]]))
    assert scores.shape == (2, N_ITEMS + 1)
    assert torch.isneginf(scores[:, 0]).all()
    assert torch.isfinite(scores[:, 1:]).all()


def test_padding_does_not_change_scores() -> None:
    net = network()
    short = net.forward_next(torch.tensor([[5, 3]]))
    padded = net.forward_next(torch.tensor([[0, 0, 0, 5, 3]]))
    torch.testing.assert_close(short, padded, rtol=1e-4, atol=1e-5)


def test_order_of_the_history_matters() -> None:
    net = network()
    assert not torch.allclose(
        net.forward_next(torch.tensor([[5, 3, 2]])), net.forward_next(torch.tensor([[3, 5, 2]]))
    )


def test_loss_reads_both_sides_of_a_mask() -> None:
    net = network()
    items = torch.tensor([[1, net.mask_token, 3]])
    position, target = torch.tensor([1]), torch.tensor([2])
    base = net.loss(items, position, target)
    for place in (0, 2):
        changed = items.clone()
        changed[0, place] = 9
        assert not torch.allclose(base, net.loss(changed, position, target))


def test_learns_a_cycle() -> None:
    net = network()
    train_on(net, cyclic_sequences(5), steps=150)
    best = net.forward_next(cyclic_sequences(5)[:, :-1]).argmax(1)
    assert (best == cyclic_sequences(5)[:, -1]).float().mean() > 0.9


def test_recommender_cuts_long_histories_and_takes_empty_ones() -> None:
    config = Bert4RecConfig(max_len=9, dim=16, dropout=0.0)
    model = SequentialRecommender(network(), config)
    long = np.arange(1, 12, dtype=np.int32)
    scores = model.score(np.zeros(3, dtype=np.int64), [long, long[-8:], long[:0]])
    assert scores.shape == (3, N_ITEMS + 1)
    np.testing.assert_allclose(scores[0], scores[1], rtol=1e-4, atol=1e-5)
    assert np.isfinite(scores[2, 1:]).all()


def test_with_no_fields_meta_is_the_same_network(travel_dataset: Dataset) -> None:
    config = Bert4RecConfig(max_len=9, dim=16)
    torch.manual_seed(0)
    plain = Bert4RecNetwork(travel_dataset.n_items, config)
    torch.manual_seed(0)
    meta = Bert4RecNetwork(travel_dataset.n_items, config, field_bags(travel_dataset, []))
    assert plain.state_dict().keys() == meta.state_dict().keys()
    items = torch.tensor([[1, 2, 3]])
    torch.testing.assert_close(
        plain.eval().forward_next(items), meta.eval().forward_next(items), rtol=0, atol=0
    )


@pytest.mark.parametrize("fusion", ["sum", "concat", "gated"])
def test_a_cold_item_is_recommended_through_its_city(fusion: str) -> None:
    """Item 6 is never trained on; after browsing its city it must outrank the other city."""
    torch.manual_seed(0)
    config = Bert4RecConfig.model_validate(
        {
            "kind": "meta_bert4rec",
            "fields": ("city",),
            "fusion": fusion,
            "max_len": 9,
            "dim": 16,
            "dropout": 0.0,
            "id_dropout": 0.3,
        }
    )
    net = Bert4RecNetwork(N_ITEMS, config, [two_cities()])
    rng = np.random.default_rng(0)
    rows = [rng.choice([1, 2, 3, 4, 5], 4) for _ in range(40)]
    rows += [rng.choice([7, 8, 9, 10, 11, 12], 4) for _ in range(40)]
    train_on(net, torch.tensor(np.array(rows)), steps=120)
    scores = net.forward_next(torch.tensor([[1, 2, 3], [7, 8, 9]]))
    assert scores[0, 6] > scores[0, 7:].max()
    assert scores[1, 6] < scores[1, 7:].min()


def test_auxiliary_loss_teaches_the_city_of_the_masked_item() -> None:
    torch.manual_seed(0)
    config = Bert4RecConfig(
        kind="meta_bert4rec", fields=("city",), max_len=9, dim=16, auxiliary_weight=1.0
    )
    net = Bert4RecNetwork(N_ITEMS, config, [two_cities()])
    items, target = torch.tensor([[1, net.mask_token]]), torch.tensor([3])
    position = torch.tensor([1])
    net.eval()
    with_auxiliary = net.loss(items, position, target)
    net.auxiliary_weight = 0.0
    without = net.loss(items, position, target)
    assert (with_auxiliary - without).item() == pytest.approx(np.log(2), abs=0.2)
