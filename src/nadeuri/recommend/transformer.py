"""The transformer encoder of the sequence models: bidirectional for BERT4Rec, causal for SASRec."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from nadeuri.recommend.config import EncoderConfig
from nadeuri.recommend.layers import Dropout


@dataclass(frozen=True)
class Cells:
    """Some cells of a [B, L] batch, and a seat for each in a narrower [B, width] one.

    The last block computes only the cells that somebody reads: the masked ones in training, the
    newest one when recommending.

    Attributes:
        positions: int64 [n], flat positions in the batch, ascending.
        columns: int64 [n], their columns.
        seats: int64 [n], flat positions in [B, width].
        width: the most cells of one row.
    """

    positions: Tensor
    columns: Tensor
    seats: Tensor
    width: int

    @classmethod
    def of(cls, positions: Tensor, batch: int, length: int) -> Cells:
        """Any cells: ``positions`` int64 [n], ascending."""
        rows = positions // length
        counts = torch.bincount(rows, minlength=batch)
        width = int(counts.max())
        first = torch.cumsum(counts, 0) - counts
        order = torch.arange(len(positions), device=positions.device) - first[rows]
        return cls(positions, positions % length, rows * width + order, width)

    @classmethod
    def one_each(cls, columns: Tensor, length: int) -> Cells:
        """One cell of each row: ``columns`` int64 [B]."""
        rows = torch.arange(columns.shape[0], device=columns.device)
        return cls(rows * length + columns, columns, rows, 1)

    def pick(self, x: Tensor) -> Tensor:
        """[B, L, D] -> [n, D]"""
        return x.flatten(0, 1).index_select(0, self.positions)

    def seat(self, x: Tensor, batch: int) -> Tensor:
        """[n, D] -> [B, width, D], zero where nobody sits."""
        empty = x.new_zeros(batch * self.width, x.shape[1])
        return empty.index_copy(0, self.seats, x).view(batch, self.width, -1)

    def unseat(self, x: Tensor) -> Tensor:
        """[B, width, D] -> [n, D]"""
        return x.flatten(0, 1).index_select(0, self.seats)

    def not_after(self, batch: int, length: int) -> Tensor:
        """bool [B, 1, width, L]: what each seat's cell may see if it may not see the future."""
        columns = self.seat(self.columns[:, None], batch)
        return (torch.arange(length, device=columns.device) <= columns)[:, None]


class Block(nn.Module):
    """Transformer block with GELU; dropout follows each sub-layer.

    The norms come before the sub-layers (Xiong et al., ICML 2020), not after them as in the papers:
    see docs/decisions/bert4rec-training.md for what that and the initialisation are worth.
    """

    def __init__(self, dim: int, heads: int, dropout: float, *, causal: bool) -> None:
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
        """All cells. x: [B, L, D]; visible: bool [B, 1, 1, L], False at padding; None: all."""
        queries, keys, values = self.qkv(self.norm_attention(x)).chunk(3, dim=-1)
        mixed = self._attend(queries, keys, values, visible, self.causal)
        return self._feed_forward(x, mixed)

    def at(self, x: Tensor, visible: Tensor | None, cells: Cells) -> Tensor:
        """The same for some cells only: [B, L, D] -> [n, D]."""
        batch, length, dim = x.shape
        normed = self.norm_attention(x)
        weight, bias = self.qkv.weight, self.qkv.bias
        queries = functional.linear(cells.pick(normed), weight[:dim], bias[:dim])
        keys, values = functional.linear(normed, weight[dim:], bias[dim:]).chunk(2, dim=-1)
        if self.causal:
            visible = cells.not_after(batch, length)
        mixed = self._attend(cells.seat(queries, batch), keys, values, visible, causal=False)
        return self._feed_forward(cells.pick(x), cells.unseat(mixed))

    def _attend(
        self, queries: Tensor, keys: Tensor, values: Tensor, visible: Tensor | None, causal: bool
    ) -> Tensor:
        """queries [B, M, D], keys and values [B, L, D] -> [B, M, D]"""
        q, k, v = (
            x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)
            for x in (queries, keys, values)
        )
        on_cpu = queries.device.type == "cpu"
        if on_cpu:
            # the CPU kernel's backward pass takes three times as long in bf16 (torch 2.13)
            q, k, v = q.float(), k.float(), v.float()
        with torch.autocast(queries.device.type, enabled=not on_cpu):
            # attention probabilities get no dropout: that would rule out the fused kernels
            mixed = functional.scaled_dot_product_attention(
                q, k, v, attn_mask=visible, is_causal=causal
            )
        return mixed.transpose(1, 2).flatten(-2)

    def _feed_forward(self, x: Tensor, mixed: Tensor) -> Tensor:
        """The rest of the block, cell by cell: [..., D], [..., D] -> [..., D]"""
        x = self.dropout.residual(x, self.out(mixed))
        # the exact GELU: the tanh approximation takes three times as long on a CPU
        inner = functional.gelu(self.up(self.norm_feedforward(x)))
        return self.dropout.residual(x, self.down(inner))


class LigrBlock(Block):
    """Block of LiGR (Borisyuk et al. 2025), as in eSASRec (Tikhonovich et al., RecSys 2025).

    A sigmoid gate on each residual branch, and SwiGLU (Shazeer 2020) in the feed-forward part.
    """

    def __init__(self, dim: int, heads: int, dropout: float, *, causal: bool) -> None:
        super().__init__(dim, heads, dropout, causal=causal)
        self.linear = nn.Linear(dim, 4 * dim)
        self.gate_attention = nn.Linear(dim, dim)
        self.gate_feedforward = nn.Linear(dim, dim)

    def _feed_forward(self, x: Tensor, mixed: Tensor) -> Tensor:
        gate = torch.sigmoid(self.gate_attention(x))
        x = self.dropout.residual(x, gate * self.out(mixed))
        normed = self.norm_feedforward(x)
        inner = functional.silu(self.up(normed)) * self.linear(normed)
        gate = torch.sigmoid(self.gate_feedforward(x))
        return self.dropout.residual(x, gate * self.down(inner))


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
        block = {"gelu": Block, "ligr": LigrBlock}[config.block]
        self.blocks = nn.ModuleList(
            block(config.dim, config.heads, config.dropout, causal=causal)
            for _ in range(config.blocks)
        )

    def forward(self, items: Tensor, table: Tensor, cells: Cells | None = None) -> Tensor:
        """Hidden states.

        Args:
            items: int64 [B, L], 1 <= L <= max_len, padded with 0.
            table: float [rows, D], the embedding of every item.
            cells: those whose hidden states are needed; None for all.

        Returns:
            float [n, D], or [B, L, D] without ``cells``.
        """
        batch, length = items.shape
        first = 0 if self.causal else self.max_len - length
        # index_select: its backward pass takes half the time of an embedding's on a CPU
        x = table.index_select(0, items.flatten()).view(batch, length, -1)
        x = self.dropout(self.norm_input(x + self.positions[first : first + length]))
        visible = None if self.causal else (items != 0)[:, None, None, :]
        for block in self.blocks[: -1 if cells else None]:
            x = block(x, visible)
        if cells:
            x = cast("Block", self.blocks[-1]).at(x, visible, cells)
        return cast("Tensor", self.norm_out(x))
