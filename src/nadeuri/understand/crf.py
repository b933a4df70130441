"""Linear-chain conditional random field (Lafferty et al., ICML 2001) with BIO built in."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nadeuri.understand.bio import transition_mask

_LEAST = 1e-30
"""What no path worth counting reaches; its logarithm is finite."""


class Crf(nn.Module):
    """Scores of tags after tags, learned where BIO allows them.

    Attributes:
        start: [T]; after: [T, T], a tag (column) after another (row).
    """

    def __init__(self, n_labels: int) -> None:
        super().__init__()
        start, after = (torch.from_numpy(mask) for mask in transition_mask(n_labels))
        self.learned_start = nn.Parameter(torch.zeros_like(start))
        self.learned_after = nn.Parameter(torch.zeros_like(after))
        self.register_buffer("start_mask", start)
        self.register_buffer("after_mask", after)
        self.start_mask: Tensor
        self.after_mask: Tensor

    @property
    def start(self) -> Tensor:
        return self.learned_start + self.start_mask

    @property
    def after(self) -> Tensor:
        return self.learned_after + self.after_mask

    def loss(self, emissions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """Mean negative log-likelihood of sequences.

        Args:
            emissions: float32 [B, U, T].
            tags: int64 [B, U]; anything behind a row's length.
            lengths: int64 [B], at least 1.
        """
        start, after = self.start, self.after
        real = torch.arange(tags.shape[1], device=tags.device) < lengths[:, None]  # [B, U]
        gold = emissions.gather(2, tags[:, :, None]).squeeze(2).masked_fill(~real, 0).sum(1)
        steps = after[tags[:, :-1], tags[:, 1:]].masked_fill(~real[:, 1:], 0).sum(1)
        mass = emissions[:, 0] + start  # [B, T]
        weights = after.exp()  # so that a step is a matrix product, not T * T exponentials a row
        for at in range(1, tags.shape[1]):
            most = mass.detach().amax(1, keepdim=True)
            reached = (mass - most).exp() @ weights
            onward = reached.clamp_min(_LEAST).log() + most + emissions[:, at]
            mass = torch.where(real[:, at, None], onward, mass)
        return (torch.logsumexp(mass, 1) - gold - steps - start[tags[:, 0]]).mean()
