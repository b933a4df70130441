"""Adagrad with one accumulator per row, for tables of which a step touches few rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from nadeuri.recommend.config import TrainConfig

_EPSILON = 1e-10
_PRIOR = 3
"""Gradients of the usual size that every row counts as having had before its first."""


def row_adagrad(parameters: Iterable[nn.Parameter], config: TrainConfig) -> RowAdagrad:
    """As a task's optimiser; ``weight_decay`` has no part in it."""
    return RowAdagrad(parameters, config.lr)


class RowAdagrad(torch.optim.Optimizer):
    """Adagrad (Duchi, Hazan, Singer, JMLR 2011) on the mean square of each row's gradient.

    A row moves as far as its own history allows: rare products learn in few steps, frequent ones
    calm down. A row without a history would move by the whole rate, whatever its gradient; a prior
    of a few gradients of the usual size (their mean so far) keeps it from that, which matters most
    for output vectors of rare products. One accumulator per row instead of one per number halves
    the memory traffic (as in fbgemm's row-wise Adagrad). Gradients are sparse, with each row once;
    no other row is touched.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float) -> None:
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """Update the rows that have gradients."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, parameter.grad, group["lr"])

    def _update(self, parameter: Tensor, grad: Tensor, lr: float) -> None:
        rows, values = grad._indices()[0], grad._values()  # unique, whatever autograd says
        state = self.state[parameter]
        if not state:
            state["squares"] = parameter.new_zeros(len(parameter))
            state["total"], state["gradients"] = parameter.new_zeros(()), parameter.new_zeros(())
        new = values.square().mean(1)
        state["total"] += new.sum()
        state["gradients"] += len(new)
        squares = state["squares"].index_select(0, rows) + new
        state["squares"].index_copy_(0, rows, squares)
        prior = _PRIOR * state["total"] / state["gradients"].clamp_min(1)
        scale = -lr / ((squares + prior).sqrt() + _EPSILON)
        parameter.index_add_(0, rows, values * scale[:, None])
