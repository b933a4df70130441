"""Network layers shared by the models."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn


class Dropout(nn.Module):
    """Dropout whose random numbers cost an eighth on a CPU.

    torch draws one 32-bit number for each element there (docs/decisions/training-speed.md); here
    eight elements share a 64-bit draw. The rate is rounded to 1/256 and the scale uses the
    rounded rate, so the expectation is exact.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.threshold = min(255, round(rate * 256))

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.threshold == 0:
            return x
        if x.device.type != "cpu":
            return nn.functional.dropout(x, self.threshold / 256)
        return x * (self._kept(x) * self._scale)

    def residual(self, x: Tensor, branch: Tensor) -> Tensor:
        """``x + dropout(branch)`` in the dtype of ``x``, with fewer passes over memory."""
        if not self.training or self.threshold == 0 or x.device.type != "cpu":
            return x + cast("Tensor", self(branch))
        return torch.addcmul(x, branch.to(x.dtype), self._kept(x), value=self._scale)

    @property
    def _scale(self) -> float:
        return 256 / (256 - self.threshold)

    def _kept(self, x: Tensor) -> Tensor:
        """1 where an element is kept, 0 where it is dropped; of the shape and dtype of ``x``."""
        words = torch.empty(-(-x.numel() // 8), dtype=torch.int64).random_(-(2**63), None)
        kept = words.view(torch.uint8)[: x.numel()].view(x.shape) >= self.threshold
        return kept.to(x.dtype)


class PairMLP(nn.Module):
    """MLP over the concatenation [left; right], as one number.

    The first layer is split into a left and a right half, so that scoring every pair of a few
    users and all items does not repeat either half for each pair.
    """

    def __init__(self, left: int, right: int, widths: Sequence[int], dropout: float) -> None:
        super().__init__()
        self.left = nn.Linear(left, widths[0])
        self.right = nn.Linear(right, widths[0], bias=False)
        layers: list[nn.Module] = [nn.ReLU(), Dropout(dropout)]
        for inner, outer in pairwise(widths):
            layers += [nn.Linear(inner, outer), nn.ReLU(), Dropout(dropout)]
        self.rest = nn.Sequential(*layers, nn.Linear(widths[-1], 1))

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        """left [..., left], right [..., right], broadcast against each other -> [...]."""
        out: Tensor = self.rest(self.left(left) + self.right(right)).squeeze(-1)
        return out
