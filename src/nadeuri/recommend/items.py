"""Item representations: an id embedding fused with embeddings of the item's metadata."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from nadeuri.recommend.features import FieldBags

Fusion = Literal["sum", "concat", "gated"]
SPECIAL_TOKENS = 2
"""Rows of the table that are no items: padding (0) and the mask token (last)."""


class FieldEmbedding(nn.Module):
    """Embedding of one metadata field of every item (zero for a missing value)."""

    offsets: Tensor
    indices: Tensor
    weights: Tensor

    def __init__(self, bags: FieldBags, dim: int) -> None:
        super().__init__()
        self.name = bags.name
        self.embedding = nn.Parameter(torch.randn(max(1, len(bags.values)), dim) * 0.02)
        self.register_buffer("offsets", torch.from_numpy(bags.offsets), persistent=False)
        self.register_buffer("indices", torch.from_numpy(bags.indices), persistent=False)
        self.register_buffer("weights", torch.from_numpy(bags.weights), persistent=False)

    def forward(self) -> Tensor:
        """float32 [n_items + 1, dim]; row 0 (padding) is zero."""
        return functional.embedding_bag(
            self.indices,
            self.embedding,
            self.offsets,
            mode="sum",
            per_sample_weights=self.weights,
            include_last_offset=True,
        )

    def bags_of(self, items: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The values of ``items`` int64 [n], flattened: row in ``items``, value index, weight."""
        starts = self.offsets[items]
        lengths = self.offsets[items + 1] - starts
        rows = torch.repeat_interleave(torch.arange(len(items), device=items.device), lengths)
        first = torch.cumsum(lengths, 0) - lengths
        entries = starts[rows] + torch.arange(len(rows), device=items.device) - first[rows]
        return rows, self.indices[entries], self.weights[entries]


class ItemTable(nn.Module):
    """The item embedding table ``E`` of the model, [n_items + 2, dim].

    Without fields it is a plain embedding. With fields, the metadata embeddings ``m_f`` are fused
    into the id embedding ``e``:

    - ``sum``: ``e + sum_f m_f``
    - ``concat``: ``W [e; m_1; ...; m_F]``
    - ``gated``: ``e + sum_f sigmoid(w_f [e; m_f]) * m_f``

    The padding row is zero. The mask token never has metadata.
    """

    def __init__(
        self,
        n_items: int,
        dim: int,
        fields: Sequence[FieldBags],
        fusion: Fusion,
        field_dropout: float,
    ) -> None:
        super().__init__()
        self.n_items = n_items
        self.fusion = fusion
        self.ids = nn.Parameter(torch.randn(n_items + SPECIAL_TOKENS, dim) * 0.02)
        self.ids.data[0] = 0
        self.fields = nn.ModuleList(FieldEmbedding(bags, dim) for bags in fields)
        self.field_dropout = field_dropout
        if fields and fusion == "concat":
            self.project = nn.Linear(dim * (1 + len(fields)), dim)
        if fields and fusion == "gated":
            self.gates = nn.ModuleList(nn.Linear(2 * dim, dim) for _ in fields)

    def forward(self) -> Tensor:
        """float32 [n_items + 2, dim]: row ``i`` is item ``i``, row 0 is zero, the last is the mask.

        Row 0 of ``ids`` starts at zero and stays there, as no loss has a gradient for padding.
        """
        if not len(self.fields):
            return self.ids
        items = self._fuse(self.ids[: self.n_items + 1])
        return torch.cat([torch.zeros_like(items[:1]), items[1:], self.ids[self.n_items + 1 :]])

    def field_embeddings(self) -> Iterator[FieldEmbedding]:
        """The fields' embeddings, in the order of the configuration."""
        for field in self.fields:
            assert isinstance(field, FieldEmbedding)
            yield field

    def _fuse(self, ids: Tensor) -> Tensor:
        metadata = [field() for field in self.field_embeddings()]
        if self.training and self.field_dropout:
            # whole items lose their id, so that metadata alone must be able to stand for an item
            kept = torch.rand(ids.shape[0], 1, device=ids.device) >= self.field_dropout
            ids = ids * kept
        if self.fusion == "sum":
            return ids + torch.stack(metadata).sum(0)
        if self.fusion == "concat":
            fused: Tensor = self.project(torch.cat([ids, *metadata], dim=1))
            return fused
        gated = [
            torch.sigmoid(gate(torch.cat([ids, field], dim=1))) * field
            for gate, field in zip(self.gates, metadata, strict=True)
        ]
        return ids + torch.stack(gated).sum(0)
