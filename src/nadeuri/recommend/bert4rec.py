"""BERT4Rec (Sun et al., CIKM 2019) and Meta-BERT4Rec, the same network with item metadata.

A bidirectional transformer reads a user's items, some of them replaced by a mask token, and
predicts the masked ones (cloze task). Recommending appends one mask token to the history and reads
its prediction.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nadeuri.recommend.config import Bert4RecConfig
from nadeuri.recommend.features import FieldBags
from nadeuri.recommend.sequential import SequentialNetwork


class Bert4RecNetwork(SequentialNetwork):
    """The network; ``mask_token`` is ``n_items + 1``. Sequences are left-padded."""

    def __init__(
        self, n_items: int, config: Bert4RecConfig, fields: Sequence[FieldBags] = ()
    ) -> None:
        head = nn.Sequential(
            nn.Linear(config.dim, config.dim), nn.GELU(approximate="tanh"), nn.LayerNorm(config.dim)
        )
        super().__init__(n_items, config, fields, causal=False, head=head)
        self.mask_token = n_items + 1
        self.max_history = config.max_len - 1

    def forward_next(self, items: Tensor) -> Tensor:
        """See :meth:`SequentialNetwork.forward_next`; the mask token is appended here."""
        inputs, outputs = self.table()
        mask = torch.full_like(items[:, :1], self.mask_token)
        hidden = self.encoder(torch.cat([items, mask], dim=1), inputs)[:, -1]
        return self.scores(hidden, outputs)
