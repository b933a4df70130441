"""NeuMF, the neural collaborative filtering model of He et al., WWW 2017.

A generalised matrix factorisation tower and an MLP tower, each with its own user and item
embeddings, joined in one logit and trained on clicks against sampled items.
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
from nadeuri.recommend.config import NcfConfig
from nadeuri.recommend.layers import PairMLP

CELLS_AT_ONCE = 1 << 19
"""User x item pairs scored together: their hidden layers stay within about 130 MB."""


class NcfNetwork(nn.Module):
    """Logit of a click of a user on an item."""

    def __init__(self, n_users: int, n_items: int, config: NcfConfig) -> None:
        super().__init__()
        self.n_items = n_items
        self.users = nn.Parameter(torch.randn(n_users, 2, config.dim) * 0.05)
        self.items = nn.Parameter(torch.randn(n_items + 1, 2, config.dim) * 0.05)
        self.item_bias = nn.Parameter(torch.zeros(n_items + 1))
        self.factors = nn.Parameter(torch.ones(config.dim))
        self.mlp = PairMLP(config.dim, config.dim, config.layers, config.dropout)

    def forward(self, users: Tensor, items: Tensor) -> Tensor:
        """Logits float32 [n] of pairs; users, items: int64 [n]."""
        u, i = self.users[users], self.items[items]
        factorised = (u[:, 0] * i[:, 0]) @ self.factors
        logits: Tensor = factorised + self.mlp(u[:, 1], i[:, 1]) + self.item_bias[items]
        return logits

    def forward_all(self, users: Tensor) -> Tensor:
        """Logits float32 [B, n_items + 1] of every item; users: int64 [B]."""
        u = self.users[users]
        factorised = (u[:, 0] * self.factors) @ self.items[:, 0].t()
        rows = max(1, CELLS_AT_ONCE // len(self.items))
        deep = [
            self.mlp(part[:, None], self.items[None, :, 1]) for part in torch.split(u[:, 1], rows)
        ]
        return factorised + torch.cat(deep) + self.item_bias


class Ncf:
    """A fitted NeuMF; knows users, not histories."""

    kind = columns.NCF

    def __init__(self, network: NcfNetwork) -> None:
        self.network = network

    @property
    def n_items(self) -> int:
        return self.network.n_items

    def loss(self, batch: PairBatch, device: torch.device) -> Tensor:
        """Binary cross-entropy of the pairs."""
        logits = self.network(
            torch.from_numpy(batch.users).to(device), torch.from_numpy(batch.items).to(device)
        )
        return nn.functional.binary_cross_entropy_with_logits(
            logits.float(), torch.from_numpy(batch.clicked).to(device)
        )

    def score(self, users: IntArray, histories: Sequence[ItemArray]) -> Scores:
        """See :meth:`nadeuri.recommend.base.Recommender.score`."""
        self.network.eval()
        with torch.inference_mode():
            known = torch.from_numpy(users).to(self.network.users.device)
            scores: Scores = self.network.forward_all(known).cpu().numpy()
        scores[:, 0] = -np.inf
        return scores
