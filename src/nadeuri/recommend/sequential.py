"""What the sequence models share: item table, encoder, softmax over items, and the way to a score.

BERT4Rec (:mod:`nadeuri.recommend.bert4rec`) and SASRec (:mod:`nadeuri.recommend.sasrec`) differ in
what a position may see and in what is asked of it. Both predict items as ``softmax(E h + b)`` with
``E`` the input item table (tied weights), which metadata may be fused into.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from nadeuri.data.sequences import IntArray, ItemArray
from nadeuri.recommend.base import Scores
from nadeuri.recommend.batching import SequenceBatch
from nadeuri.recommend.config import EncoderConfig
from nadeuri.recommend.features import FieldBags
from nadeuri.recommend.items import ItemTable
from nadeuri.recommend.losses import gbce, linear_cross_entropy, sampled_cross_entropy
from nadeuri.recommend.transformer import Cells, Encoder

SOFTMAX_ITEMS = 50_000
"""Largest catalogue for which a softmax over all items is affordable."""


class SequentialNetwork(nn.Module, ABC):
    """A network that predicts items from a sequence. Items are 1..n_items, 0 is padding.

    Attributes:
        max_history: the most recent clicks that :meth:`forward_next` can read.
    """

    max_history: int

    def __init__(
        self,
        n_items: int,
        config: EncoderConfig,
        fields: Sequence[FieldBags],
        *,
        causal: bool,
        head: nn.Module,
    ) -> None:
        super().__init__()
        self.n_items = n_items
        self.table = ItemTable(n_items, config.dim, fields, config.fusion, config.id_dropout)
        self.encoder = Encoder(config, causal=causal)
        self.head = head
        self.bias = nn.Parameter(torch.zeros(n_items))
        self.auxiliary_weight = config.auxiliary_weight
        self.loss_kind = config.loss
        if config.loss == "auto":
            self.loss_kind = "softmax" if n_items <= SOFTMAX_ITEMS else "sampled"
        self.negatives = config.negatives
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)

    @abstractmethod
    def forward_next(self, items: Tensor) -> Tensor:
        """Scores float32 [B, n_items + 1] of the item that follows ``items``; column 0 is -inf.

        ``items``: int64 [B, L], left-padded with 0, 1 <= L <= max_history.
        """

    def loss(self, items: Tensor, positions: Tensor, targets: Tensor) -> Tensor:
        """Mean loss at the positions that are asked about, and there only.

        Args:
            items: int64 [B, L], what the encoder reads.
            positions: int64 [n], flat positions in ``items``, ascending.
            targets: int64 [n], the items to predict there.
        """
        table = self.table()
        if self.encoder.causal:  # asks everywhere
            hidden = self.encoder(items, table).flatten(0, 1).index_select(0, positions)
        else:
            hidden = self.encoder(items, table, Cells.of(positions, *items.shape))
        hidden = self.head(hidden)
        # neither padding nor the mask token can be the answer
        bias = functional.pad(self.bias, (1, 1), value=-torch.inf)
        loss = self._item_loss(hidden, table, bias, targets)
        if self.auxiliary_weight:
            loss = loss + self.auxiliary_weight * self._auxiliary_loss(hidden, targets)
        return loss

    def scores(self, hidden: Tensor, table: Tensor) -> Tensor:
        """Scores float32 [B, n_items + 1] of hidden states [B, D]; column 0 is -inf."""
        bias = functional.pad(self.bias, (1, 0), value=-torch.inf)
        return functional.linear(self.head(hidden).float(), table[: self.n_items + 1], bias)

    def _item_loss(self, hidden: Tensor, table: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        """How well the hidden states [n, D] tell the targets [n] from the other items."""
        if self.loss_kind == "softmax":
            return linear_cross_entropy(hidden, table, bias, targets)
        shape, last = (self.negatives,), self.n_items
        negatives = torch.randint(1, last + 1, shape, device=hidden.device)
        if self.loss_kind == "gbce":
            return gbce(hidden, table, bias, targets, negatives)
        log_expected = torch.full(shape, math.log(self.negatives / last), device=hidden.device)
        return sampled_cross_entropy(hidden, table, bias, targets, negatives, log_expected)

    def _auxiliary_loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy of predicting the target's metadata values, mean over fields."""
        losses = []
        for field in self.table.field_embeddings():
            log_shares = functional.log_softmax(
                functional.linear(hidden.float(), field.embedding), dim=1
            )
            rows, indices, weights = field.bags_of(targets)
            losses.append(-(weights * log_shares[rows, indices]).sum() / len(targets))
        return torch.stack(losses).mean()


class SequentialRecommender:
    """A fitted sequence model, as a :class:`nadeuri.recommend.base.Recommender`."""

    def __init__(self, network: SequentialNetwork, config: EncoderConfig) -> None:
        self.network = network
        self.config = config

    @property
    def kind(self) -> str:
        return self.config.kind

    @property
    def n_items(self) -> int:
        return self.network.n_items

    def loss(self, batch: SequenceBatch, device: torch.device) -> Tensor:
        """Training loss of a batch."""
        return self.network.loss(
            torch.from_numpy(batch.items).to(device),
            torch.from_numpy(batch.positions).to(device),
            torch.from_numpy(batch.targets).to(device),
        )

    def score(self, users: IntArray, histories: Sequence[ItemArray]) -> Scores:
        """See :meth:`nadeuri.recommend.base.Recommender.score`; an empty history is padding."""
        longest = min(max(1, *(len(h) for h in histories)), self.network.max_history)
        items = np.zeros((len(histories), longest), dtype=np.int64)
        for row, history in enumerate(histories):
            recent = history[-longest:]
            items[row, longest - len(recent) :] = recent
        self.network.eval()
        device = self.network.bias.device
        with torch.inference_mode():
            scores = self.network.forward_next(torch.from_numpy(items).to(device))
        result: Scores = scores.cpu().numpy()
        return result
