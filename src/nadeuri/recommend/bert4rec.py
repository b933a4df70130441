"""BERT4Rec (Sun et al., CIKM 2019) and Meta-BERT4Rec, the same network with item metadata.

A bidirectional transformer reads a user's items, some of them replaced by a mask token, and
predicts the masked ones (cloze task) as ``softmax(E h + b)`` with ``E`` the input item table (tied
weights). Recommending appends one mask token to the history and reads its prediction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from nadeuri.data.sequences import IntArray, ItemArray
from nadeuri.recommend.base import Scores
from nadeuri.recommend.batching import ClozeBatch
from nadeuri.recommend.config import Bert4RecConfig
from nadeuri.recommend.features import FieldBags
from nadeuri.recommend.items import ItemTable
from nadeuri.recommend.layers import Dropout
from nadeuri.recommend.losses import linear_cross_entropy


class Block(nn.Module):
    """Transformer block with GELU; dropout follows each sub-layer.

    The norms come before the sub-layers (Xiong et al., ICML 2020), not after them as in the paper:
    see docs/decisions/bert4rec-training.md for what that and the initialisation are worth.
    """

    def __init__(self, dim: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)
        self.norm_attention = nn.LayerNorm(dim)
        self.up = nn.Linear(dim, 4 * dim)
        self.down = nn.Linear(4 * dim, dim)
        self.norm_feedforward = nn.LayerNorm(dim)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, visible: Tensor | None) -> Tensor:
        """x: [B, L, D]; visible: bool [B, 1, 1, L], False at padding, None if there is none."""
        batch, length, dim = x.shape
        qkv = (
            self.qkv(self.norm_attention(x))
            .view(batch, length, 3, self.heads, -1)
            .permute(2, 0, 3, 1, 4)
        )
        if x.device.type == "cpu":
            # the CPU kernel's backward pass takes three times as long in bf16 (torch 2.13)
            qkv = qkv.float()
        with torch.autocast(x.device.type, enabled=x.device.type != "cpu"):
            # attention probabilities get no dropout: that would rule out the fused kernels
            mixed = functional.scaled_dot_product_attention(
                qkv[0], qkv[1], qkv[2], attn_mask=visible
            )
        mixed = mixed.transpose(1, 2).reshape(batch, length, dim)
        x = x + self.dropout(self.out(mixed))
        inner = functional.gelu(self.up(self.norm_feedforward(x)), approximate="tanh")
        out: Tensor = x + self.dropout(self.down(inner))
        return out


class Bert4RecNetwork(nn.Module):
    """The network. Items are 1..n_items, 0 is padding, ``mask_token`` is ``n_items + 1``."""

    def __init__(
        self, n_items: int, config: Bert4RecConfig, fields: Sequence[FieldBags] = ()
    ) -> None:
        super().__init__()
        self.n_items = n_items
        self.mask_token = n_items + 1
        self.max_len = config.max_len
        self.table = ItemTable(n_items, config.dim, fields, config.fusion, config.id_dropout)
        self.positions = nn.Parameter(torch.randn(config.max_len, config.dim) * 0.02)
        self.norm_input = nn.LayerNorm(config.dim)
        self.dropout = Dropout(config.dropout)
        self.norm_out = nn.LayerNorm(config.dim)
        self.blocks = nn.ModuleList(
            Block(config.dim, config.heads, config.dropout) for _ in range(config.blocks)
        )
        self.head = nn.Sequential(
            nn.Linear(config.dim, config.dim), nn.GELU(approximate="tanh"), nn.LayerNorm(config.dim)
        )
        self.bias = nn.Parameter(torch.zeros(n_items + 1))
        self.auxiliary_weight = config.auxiliary_weight
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)

    def encode(self, items: Tensor, table: Tensor) -> Tensor:
        """Hidden states [B, L, D] of ``items`` int64 [B, L], left-padded with 0."""
        length = items.shape[1]
        # counted from the end, so that the newest item has the same position in every length
        x = functional.embedding(items, table) + self.positions[self.max_len - length :]
        x = self.dropout(self.norm_input(x))
        visible = (items != 0)[:, None, None, :]
        for block in self.blocks:
            x = block(x, visible)
        return cast("Tensor", self.norm_out(x))

    def loss(self, items: Tensor, positions: Tensor, targets: Tensor) -> Tensor:
        """Cloze loss at the masked positions only.

        Args:
            items: int64 [B, L] with mask tokens.
            positions: int64 [n_masked], flat positions in ``items``.
            targets: int64 [n_masked].
        """
        inputs, outputs = self.table()
        hidden = self.encode(items, inputs).flatten(0, 1)[positions]
        hidden = self.head(hidden)
        table, classes = outputs[1:].to(hidden.dtype), targets - 1
        loss: Tensor = linear_cross_entropy(hidden, table, self.bias[1:], classes)
        if self.auxiliary_weight:
            loss = loss + self.auxiliary_weight * self._auxiliary_loss(hidden, targets)
        return loss

    def forward_next(self, items: Tensor) -> Tensor:
        """Scores float32 [B, n_items + 1] of the item that follows ``items``; column 0 is -inf.

        ``items``: int64 [B, L], left-padded with 0, 1 <= L < max_len, without the mask token,
        which is appended here.
        """
        inputs, outputs = self.table()
        mask = torch.full_like(items[:, :1], self.mask_token)
        hidden = self.encode(torch.cat([items, mask], dim=1), inputs)[:, -1]
        scores = functional.linear(self.head(hidden).float(), outputs, self.bias)
        return torch.cat([torch.full_like(scores[:, :1], -torch.inf), scores[:, 1:]], dim=1)

    def _auxiliary_loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy of predicting a masked item's metadata values, mean over fields."""
        losses = []
        for field in self.table.field_embeddings():
            log_shares = functional.log_softmax(
                functional.linear(hidden.float(), field.embedding), dim=1
            )
            rows, indices, weights = field.bags_of(targets)
            losses.append(-(weights * log_shares[rows, indices]).sum() / len(targets))
        return torch.stack(losses).mean()


class Bert4Rec:
    """A fitted BERT4Rec or Meta-BERT4Rec, as a :class:`nadeuri.recommend.base.Recommender`."""

    def __init__(self, network: Bert4RecNetwork, config: Bert4RecConfig) -> None:
        self.network = network
        self.config = config

    @property
    def kind(self) -> str:
        return self.config.kind

    @property
    def n_items(self) -> int:
        return self.network.n_items

    def loss(self, batch: ClozeBatch, device: torch.device) -> Tensor:
        """Cloze loss of a batch."""
        return self.network.loss(
            torch.from_numpy(batch.items).to(device),
            torch.from_numpy(batch.positions).to(device),
            torch.from_numpy(batch.targets).to(device),
        )

    def score(self, users: IntArray, histories: Sequence[ItemArray]) -> Scores:
        """See :meth:`nadeuri.recommend.base.Recommender.score`; an empty history is a lone mask."""
        longest = min(max(1, *(len(h) for h in histories)), self.config.max_len - 1)
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
