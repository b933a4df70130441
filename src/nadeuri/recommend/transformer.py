"""The transformer encoder of the sequence models: bidirectional for BERT4Rec, causal for SASRec."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from nadeuri.recommend.config import EncoderConfig
from nadeuri.recommend.layers import Dropout


class Block(nn.Module):
    """Transformer block with GELU; dropout follows each sub-layer.

    The norms come before the sub-layers (Xiong et al., ICML 2020), not after them as in the papers:
    see docs/decisions/bert4rec-training.md for what that and the initialisation are worth.
    """

    def __init__(self, dim: int, heads: int, dropout: float, causal: bool) -> None:
        super().__init__()
        self.heads = heads
        self.causal = causal
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
                qkv[0], qkv[1], qkv[2], attn_mask=visible, is_causal=self.causal
            )
        mixed = mixed.transpose(1, 2).reshape(batch, length, dim)
        x = x + self.dropout(self.out(mixed))
        inner = functional.gelu(self.up(self.norm_feedforward(x)), approximate="tanh")
        out: Tensor = x + self.dropout(self.down(inner))
        return out


class Encoder(nn.Module):
    """Item embeddings plus learned positions, a norm, transformer blocks, a norm.

    Padding (item 0) is where it costs least:

    - bidirectional: on the **left**, hidden from attention by a mask. Positions are counted from
      the end, so that the newest item has the same position in every length.
    - causal: on the **right**, where no real item can see it, so that attention needs no mask and
      takes the fused causal kernel, half the work. Positions are counted from the start. Hidden
      states at padding mean nothing.
    """

    def __init__(self, config: EncoderConfig, *, causal: bool) -> None:
        super().__init__()
        self.causal = causal
        self.max_len = config.max_len
        self.positions = nn.Parameter(torch.randn(config.max_len, config.dim) * 0.02)
        self.norm_input = nn.LayerNorm(config.dim)
        self.dropout = Dropout(config.dropout)
        self.norm_out = nn.LayerNorm(config.dim)
        self.blocks = nn.ModuleList(
            Block(config.dim, config.heads, config.dropout, causal) for _ in range(config.blocks)
        )

    def forward(self, items: Tensor, table: Tensor) -> Tensor:
        """Hidden states.

        Args:
            items: int64 [B, L], 1 <= L <= max_len, padded with 0.
            table: float [rows, D], the embedding of every item.

        Returns:
            float [B, L, D].
        """
        length = items.shape[1]
        first = 0 if self.causal else self.max_len - length
        x = functional.embedding(items, table) + self.positions[first : first + length]
        x = self.dropout(self.norm_input(x))
        visible = None if self.causal else (items != 0)[:, None, None, :]
        for block in self.blocks:
            x = block(x, visible)
        return cast("Tensor", self.norm_out(x))
