"""BERT4Rec (Sun et al., CIKM 2019) and Meta-BERT4Rec, the same network with item metadata.

A bidirectional transformer reads a user's items, some of them replaced by a mask token, and
predicts the masked ones (cloze task). Recommending appends one mask token to the history and reads
its prediction.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from nadeuri.recommend.config import Bert4RecConfig
from nadeuri.recommend.features import FieldBags
from nadeuri.recommend.sequential import SequentialNetwork
from nadeuri.recommend.transformer import Cells


class Bert4RecNetwork(SequentialNetwork):
    """The network; ``mask_token`` is ``n_items + 1``. Sequences are left-padded."""

    def __init__(
        self, n_items: int, config: Bert4RecConfig, fields: Sequence[FieldBags] = ()
    ) -> None:
        head = nn.Sequential(nn.Linear(config.dim, config.dim), nn.GELU(), nn.LayerNorm(config.dim))
        super().__init__(n_items, config, fields, causal=False, head=head)
        self.mask_token = n_items + 1
        self.max_history = config.max_len - 1

    def forward_next(self, items: Tensor) -> Tensor:
        """See :meth:`SequentialNetwork.forward_next`; the mask token is appended here."""
        table = self.table()
        items = functional.pad(items, (0, 1), value=self.mask_token)
        last = torch.full_like(items[:, 0], items.shape[1] - 1)
        return self.scores(self.encoder(items, table, Cells.one_each(last, items.shape[1])), table)
