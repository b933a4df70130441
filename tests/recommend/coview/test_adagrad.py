from __future__ import annotations

import copy

import torch
from torch import nn

from nadeuri.recommend.coview.adagrad import RowAdagrad


def step(optimizer: RowAdagrad, table: nn.Parameter, rows: list[int], values: torch.Tensor) -> None:
    indices = torch.tensor([rows])
    table.grad = torch.sparse_coo_tensor(indices, values, table.shape, check_invariants=True)
    optimizer.step()


def test_rows_move_by_their_own_history() -> None:
    table = nn.Parameter(torch.zeros(4, 3))
    expected, squares, seen = torch.zeros(4, 3), torch.zeros(4), []
    optimizer = RowAdagrad([table], lr=0.5)
    generator = torch.Generator().manual_seed(0)
    for rows in ([0, 2], [2], [2, 3], [0, 2]):
        values = torch.randn(len(rows), 3, generator=generator)
        step(optimizer, table, rows, values)
        seen += [float(value.square().mean()) for value in values]
        usual = sum(seen) / len(seen)
        for row, value in zip(rows, values, strict=True):
            squares[row] += value.square().mean()
            expected[row] -= 0.5 * value / (squares[row] + 3 * usual).sqrt()
    torch.testing.assert_close(table.data, expected)
    assert not table.data[1].any()


def test_the_size_of_the_loss_does_not_matter() -> None:
    """A mean over pairs and a sum over pairs train alike."""
    values = torch.randn(2, 3, generator=torch.Generator().manual_seed(0))
    ends = []
    for factor in (1, 1e-4):
        table = nn.Parameter(torch.zeros(4, 3))
        optimizer = RowAdagrad([table], lr=0.5)
        for rows in ([0, 1], [1, 2], [2, 3]):
            step(optimizer, table, rows, factor * values)
        ends.append(table.data)
    torch.testing.assert_close(*ends, rtol=1e-4, atol=0)


def test_a_saved_state_goes_on_alike() -> None:
    values = torch.ones(2, 3)
    whole = nn.Parameter(torch.zeros(4, 3))
    optimizer = RowAdagrad([whole], lr=0.5)
    step(optimizer, whole, [0, 1], values)
    part = nn.Parameter(whole.data.clone())
    resumed = RowAdagrad([part], lr=0.5)
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    for each, table in ((optimizer, whole), (resumed, part)):
        step(each, table, [1, 2], values)
    torch.testing.assert_close(part.data, whole.data)
