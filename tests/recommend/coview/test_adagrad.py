from __future__ import annotations

import copy

import torch
from torch import nn

from nadeuri.recommend.coview.adagrad import RowAdagrad


def test_what_was_added_in_place_is_kept() -> None:
    table = nn.Parameter(torch.zeros(3, 2), requires_grad=False)
    optimizer = RowAdagrad([table], lr=0.5)
    optimizer.squares(table).numpy()[1] += 4
    assert optimizer.squares(table).tolist() == [0, 4, 0]
    resumed = RowAdagrad([table], lr=0.1)
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    assert resumed.squares(table).tolist() == [0, 4, 0]
    assert resumed.lr == 0.5


def test_a_recovery_starts_anew() -> None:
    table = nn.Parameter(torch.zeros(3, 2), requires_grad=False)
    optimizer = RowAdagrad([table], lr=0.5)
    optimizer.squares(table)[1] = 4
    optimizer.state.clear()
    assert not optimizer.squares(table).any()
