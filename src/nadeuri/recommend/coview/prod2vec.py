"""Prod2Vec and Meta-Prod2Vec: product vectors whose cosine says what others also viewed.

Prod2Vec is word2vec over sessions (Grbovic et al., "E-commerce in Your Inbox", KDD 2015).
Meta-Prod2Vec lets metadata values take part (Vasile, Smirnova, Conneau, RecSys 2016), see
:mod:`nadeuri.recommend.coview.tokens`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from nadeuri.data.sequences import IntArray, ItemArray
from nadeuri.recommend.base import Scores
from nadeuri.recommend.config import Prod2VecConfig
from nadeuri.recommend.coview.batching import SkipGramBatch
from nadeuri.recommend.coview.neighbours import CosineNeighbours, Vectors, unit
from nadeuri.recommend.coview.skipgram import Pairs, skip_gram_loss
from nadeuri.recommend.coview.tokens import Vocabulary, pair_weights
from nadeuri.recommend.filters import Mask


class SkipGramNetwork(nn.Module):
    """Two vectors for every token: ``inputs`` predict, ``outputs`` are predicted."""

    between: Tensor
    within: Tensor

    def __init__(
        self, vocabulary: Vocabulary, config: Prod2VecConfig, field_weights: Sequence[float] = ()
    ) -> None:
        """
        Args:
            field_weights: lambda of each field of the vocabulary.
        """
        super().__init__()
        dim = config.dim
        self.inputs = nn.Parameter((torch.rand(len(vocabulary), dim) - 0.5) / dim)
        self.outputs = nn.Parameter(torch.zeros(len(vocabulary), dim))
        self.window, self.negatives = config.window, config.negatives
        self.output_share = config.output_share
        between, within = pair_weights(field_weights)
        self.register_buffer("between", torch.from_numpy(between), persistent=False)
        self.register_buffer("within", torch.from_numpy(within), persistent=False)

    def loss(self, batch: SkipGramBatch, device: torch.device) -> Tensor:
        """Training loss of a batch."""
        tokens, sessions, reach, negatives = (
            torch.from_numpy(array).to(device)
            for array in (batch.tokens, batch.sessions, batch.reach, batch.negatives)
        )
        pairs = Pairs(self.window, self.negatives, self.between, self.within)
        return skip_gram_loss(self.inputs, self.outputs, tokens, sessions, reach, negatives, pairs)


def product_vectors(table: Tensor, vocabulary: Vocabulary, viewed: Mask) -> Vectors:
    """One vector of length 1 for each product.

    A product that was never viewed beside another gets the mean vector of its metadata values,
    which were trained beside the products; without metadata it has none, and its row is zero.

    Args:
        table: float32 [tokens, d], one of the network's two.
        viewed: bool [n_items + 1], products that occur in the training sessions.

    Returns:
        float32 [n_items + 1, d]; row 0 is zero.
    """
    rows = table.detach().cpu().numpy()
    vectors = rows[: vocabulary.n_items + 1].copy()
    cold = ~viewed
    vectors[cold] = 0
    for field, start in zip(vocabulary.fields, vocabulary.starts[1:], strict=False):
        values = unit(rows[start : start + len(field.values)])
        owners = np.repeat(np.arange(vocabulary.n_items + 1), np.diff(field.offsets))
        entries = np.flatnonzero(cold[owners])
        shares = field.weights[entries, None] * values[field.indices[entries]]
        np.add.at(vectors, owners[entries], shares)
    vectors[0] = 0
    return unit(vectors)


class Prod2Vec:
    """A network in training, as a :class:`nadeuri.recommend.base.Recommender`."""

    def __init__(
        self, kind: str, network: SkipGramNetwork, vocabulary: Vocabulary, viewed: Mask
    ) -> None:
        self.kind, self.network = kind, network
        self.vocabulary, self.viewed = vocabulary, viewed

    @property
    def n_items(self) -> int:
        return self.vocabulary.n_items

    def neighbours(self) -> CosineNeighbours:
        """The vectors as they are now."""
        return self.neighbours_by(self.network.output_share)

    def neighbours_by(self, output_share: float) -> CosineNeighbours:
        """The vectors as they are now, scored by a mean of two cosines.

        Input vectors are near each other where products are viewed beside the same others, which
        need not be one another; an input vector is near an output vector where the two are viewed
        together. Both say something about what is viewed next.

        Args:
            output_share: weight of the cosine to output vectors, from 0 to 1.
        """
        inputs = product_vectors(self.network.inputs, self.vocabulary, self.viewed)
        if output_share == 0:
            return CosineNeighbours(self.kind, inputs)
        outputs = product_vectors(self.network.outputs, self.vocabulary, self.viewed)
        share = np.float32(output_share)
        return CosineNeighbours(self.kind, inputs, (1 - share) * inputs + share * outputs)

    def score(self, users: IntArray, histories: Sequence[ItemArray]) -> Scores:
        """See :meth:`nadeuri.recommend.base.Recommender.score`: nearness to the last one."""
        return self.neighbours().score(users, histories)
