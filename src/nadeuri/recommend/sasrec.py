"""SASRec (Kang & McAuley, ICDM 2018) and Meta-SASRec, the same network with item metadata.

A causal transformer reads a user's items; the hidden state at each predicts the item after it, all
positions at once. The paper's binary loss on one sampled negative is what made SASRec look weaker
than BERT4Rec: with a softmax over all items it is stronger (Klenitskiy & Vasilev, RecSys 2023;
Petrov & Macdonald, RecSys 2023), so that is what is trained here.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nadeuri.recommend.config import SasRecConfig
from nadeuri.recommend.features import FieldBags
from nadeuri.recommend.sequential import SequentialNetwork
from nadeuri.recommend.transformer import Cells


class SasRecNetwork(SequentialNetwork):
    """The network. Sequences are right-padded (see :class:`nadeuri.recommend.transformer.Encoder`),
    but :meth:`forward_next` takes them left-padded, as every model does."""

    def __init__(
        self, n_items: int, config: SasRecConfig, fields: Sequence[FieldBags] = ()
    ) -> None:
        super().__init__(n_items, config, fields, causal=True, head=nn.Identity())
        self.max_history = config.max_len

    def forward_next(self, items: Tensor) -> Tensor:
        """See :meth:`SequentialNetwork.forward_next`; reads the hidden state of the last item."""
        table = self.table()
        length = items.shape[1]
        places = torch.arange(length, device=items.device)
        padding = (items == 0).sum(1, keepdim=True)
        # to the left; what is read at the freed places on the right plays no part
        moved = items.gather(1, torch.minimum(places + padding, places[-1]))
        # an empty history reads the state of a lone padding item
        last = (places[-1] - padding[:, 0]).clamp(min=0)
        hidden = self.encoder(moved, table, Cells.one_each(last, length))
        return self.scores(hidden, table)
