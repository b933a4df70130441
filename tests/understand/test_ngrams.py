"""Scores of n-grams: what they see, and that they learn."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from nadeuri.understand.ngrams import NgramsOfAll, around

PAD = 0


def test_the_score_of_an_id_depends_on_three_ids_to_each_side_and_no_more() -> None:
    torch.manual_seed(0)
    layer = around(1 << 16, 2, pad=PAD, dropout=0.0)
    torch.nn.init.normal_(layer.table.weight)
    ids = torch.arange(1, 12)[None]
    scores = layer(ids)
    for place in range(11):
        changed = ids.clone()
        changed[0, place] = 99
        differs = (layer(changed) != scores).any(-1)[0].nonzero().flatten().tolist()
        assert differs == [near for near in range(11) if abs(near - place) <= 3]


def test_order_matters() -> None:
    layer = around(1 << 16, 2, pad=PAD, dropout=0.0)
    torch.nn.init.normal_(layer.table.weight)
    forward, backward = layer(torch.tensor([[7, 8]])), layer(torch.tensor([[8, 7]]))
    assert not torch.allclose(forward.flip(1), backward)


def test_what_is_left_out_in_training_is_made_up_for() -> None:
    torch.manual_seed(0)
    layer = around(64, 1, pad=PAD, dropout=0.5)
    torch.nn.init.ones_(layer.table.weight)
    ids = torch.arange(1, 4001)[None]
    scores = layer.train()(ids)
    assert layer.eval()(ids).unique().tolist() == [12.0]
    assert scores.unique().numel() > 5
    assert scores.mean().item() == pytest.approx(12, abs=0.3)


def test_a_question_is_told_from_its_n_grams_alone() -> None:
    torch.manual_seed(0)
    ids = torch.randint(1, 6, (200, 9))
    has_pair = ((ids[:, :-1] == 2) & (ids[:, 1:] == 3)).any(1).long()
    layer = NgramsOfAll(1 << 12, 2, pad=PAD, dropout=0.1)
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.05)
    counted = torch.ones(200, 9, 1)
    for _ in range(60):
        optimizer.zero_grad()
        functional.cross_entropy(layer(ids, counted), has_pair).backward()
        optimizer.step()
    assert (layer.eval()(ids, counted).argmax(1) == has_pair).float().mean() > 0.95
