"""DeepFM (Guo et al., IJCAI 2017) over user, last item, item and the item's metadata.

Every field has one embedding; a factorisation machine takes their pairwise products and an MLP
their concatenation. The last item is a context field: without it the model could not know where
the traveller is now.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from nadeuri import columns
from nadeuri.data.sequences import IntArray, ItemArray
from nadeuri.recommend.base import Scores
from nadeuri.recommend.batching import PairBatch
from nadeuri.recommend.config import DeepFMConfig
from nadeuri.recommend.features import FieldBags
from nadeuri.recommend.items import FieldEmbedding
from nadeuri.recommend.layers import PairMLP
from nadeuri.recommend.ncf import CELLS_AT_ONCE


class DeepFMNetwork(nn.Module):
    """Logit of a click, from a query side (user, last item) and an item side (item, metadata)."""

    def __init__(
        self, n_users: int, n_items: int, config: DeepFMConfig, fields: Sequence[FieldBags]
    ) -> None:
        super().__init__()
        self.n_items = n_items
        self.users = nn.Parameter(torch.randn(n_users, config.dim) * 0.05)
        self.last_items = nn.Parameter(torch.randn(n_items + 1, config.dim) * 0.05)
        self.items = nn.Parameter(torch.randn(n_items + 1, config.dim) * 0.05)
        self.fields = nn.ModuleList(FieldEmbedding(bags, config.dim) for bags in fields)
        self.linear_fields = nn.ModuleList(FieldEmbedding(bags, 1) for bags in fields)
        self.item_bias = nn.Parameter(torch.zeros(n_items + 1))
        item_side = (1 + len(fields)) * config.dim
        self.mlp = PairMLP(2 * config.dim, item_side, config.layers, config.dropout)

    def forward(self, users: Tensor, last_items: Tensor, items: Tensor) -> Tensor:
        """Logits float32 [n] of triples; all int64 [n]."""
        query = torch.stack([self.users[users], self.last_items[last_items]], dim=1)
        side, first_order = self._item_side()
        side, first_order = side[items], first_order[items]
        query_sum, item_sum = query.sum(1), side.sum(1)
        logits: Tensor = (
            first_order
            + _pairwise(query)
            + _pairwise(side)
            + (query_sum * item_sum).sum(1)
            + self.mlp(query.flatten(1), side.flatten(1))
        )
        return logits

    def forward_all(self, users: Tensor, last_items: Tensor) -> Tensor:
        """Logits float32 [B, n_items + 1] of every item, up to a constant per row."""
        query = torch.stack([self.users[users], self.last_items[last_items]], dim=1)
        side, first_order = self._item_side()
        linear = query.sum(1) @ side.sum(1).t() + first_order + _pairwise(side)
        rows = max(1, CELLS_AT_ONCE // len(side))
        flat = side.flatten(1)[None]
        deep = [self.mlp(part[:, None], flat) for part in torch.split(query.flatten(1), rows)]
        return linear + torch.cat(deep)

    def _item_side(self) -> tuple[Tensor, Tensor]:
        """Embeddings [n_items + 1, 1 + n_fields, dim] and first-order terms [n_items + 1]."""
        side = torch.stack([self.items, *(field() for field in self.fields)], dim=1)
        first_order = self.item_bias
        for field in self.linear_fields:
            first_order = first_order + field()[:, 0]
        return side, first_order


def _pairwise(vectors: Tensor) -> Tensor:
    """Sum of the products of all pairs of fields; [n, F, d] -> [n]."""
    return 0.5 * (vectors.sum(1).square() - vectors.square().sum(1)).sum(1)


class DeepFM:
    """A fitted DeepFM; knows users and their last item."""

    kind = columns.DEEPFM

    def __init__(self, network: DeepFMNetwork) -> None:
        self.network = network

    @property
    def n_items(self) -> int:
        return self.network.n_items

    def loss(self, batch: PairBatch, device: torch.device) -> Tensor:
        """Binary cross-entropy of the triples."""
        logits = self.network(
            torch.from_numpy(batch.users).to(device),
            torch.from_numpy(batch.last_items).to(device),
            torch.from_numpy(batch.items).to(device),
        )
        return nn.functional.binary_cross_entropy_with_logits(
            logits.float(), torch.from_numpy(batch.clicked).to(device)
        )

    def score(self, users: IntArray, histories: Sequence[ItemArray]) -> Scores:
        """See :meth:`nadeuri.recommend.base.Recommender.score`."""
        last = np.array([h[-1] if len(h) else 0 for h in histories], dtype=np.int64)
        self.network.eval()
        device = self.network.users.device
        with torch.inference_mode():
            scores: Scores = (
                self.network.forward_all(
                    torch.from_numpy(users).to(device), torch.from_numpy(last).to(device)
                )
                .cpu()
                .numpy()
            )
        scores[:, 0] = -np.inf
        return scores
