"""The moving average of a network's weights, which is validated and shipped when it is on.

Averaging the weights of many steps does what lowering the rate does, without waiting for it
(Polyak & Juditsky, SIAM J. Control Optim. 1992).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class MovingAverage:
    """``average += share * (weights - average)`` after every step, all trained weights at once.

    With ``share = (1 - decay) / (1 - decay ** steps)`` this is Adam's bias-corrected average: the
    initial weights have no part in it, and after one step it is that step's weights.
    A ``decay`` of 0 keeps nothing and costs nothing.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self._decay = decay
        trained = {name: p for name, p in network.named_parameters() if p.requires_grad}
        self._weights = trained if decay else {}
        self._averages = {name: weight.detach().clone() for name, weight in self._weights.items()}
        self.steps = 0

    @torch.no_grad()
    def update(self) -> None:
        """Take the weights of one more step in."""
        if not self._averages:
            return
        self.steps += 1
        share = (1 - self._decay) / (1 - self._decay**self.steps)
        torch._foreach_lerp_(list(self._averages.values()), list(self._weights.values()), share)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Within the block, the network has the averaged weights (its own before any step)."""
        averages = self._averages if self.steps else {}
        own = {name: self._weights[name].data for name in averages}
        for name, average in averages.items():
            self._weights[name].data = average
        try:
            yield
        finally:
            for name, weight in own.items():
                self._weights[name].data = weight

    def tensors(self) -> Mapping[str, Tensor]:
        """The averages by parameter name, for a checkpoint."""
        return self._averages

    def load(self, tensors: Mapping[str, Tensor], steps: int) -> None:
        """Go on from a checkpoint's averages."""
        for name, average in self._averages.items():
            average.copy_(tensors[name])
        self.steps = steps

    @torch.no_grad()
    def forget(self) -> None:
        """Start again: the network has got other weights, and the average may be broken too."""
        for name, average in self._averages.items():
            average.copy_(self._weights[name])
        self.steps = 0
