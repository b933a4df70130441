"""Where row-wise Adagrad stands, in the form in which the trainer keeps and resumes optimisers."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from nadeuri.training.config import TrainConfig

_SQUARES = "squares"


def row_adagrad(parameters: Iterable[nn.Parameter], config: TrainConfig) -> RowAdagrad:
    """As a task's optimiser; ``weight_decay`` has no part in it."""
    return RowAdagrad(parameters, config.lr)


class RowAdagrad(torch.optim.Optimizer):
    """The rate, and one accumulator for each row of a table.

    :mod:`nadeuri.recommend.coview.skipgram` takes the steps, many in a batch.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float) -> None:
        super().__init__(parameters, {"lr": lr})

    @property
    def lr(self) -> float:
        rate: float = self.param_groups[0]["lr"]
        return rate

    def squares(self, parameter: nn.Parameter) -> Tensor:
        """Sum of the mean squares of each row's gradients so far, to be added to in place.

        Returns:
            float32 [len(parameter)].
        """
        state = self.state[parameter]
        if _SQUARES not in state:
            state[_SQUARES] = parameter.new_zeros(len(parameter))
        squares: Tensor = state[_SQUARES]
        return squares
