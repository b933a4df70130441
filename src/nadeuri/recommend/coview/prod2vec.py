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
from nadeuri.recommend.coview.adagrad import RowAdagrad
from nadeuri.recommend.coview.batching import SkipGramBatch
from nadeuri.recommend.coview.cold import ColdVectors
from nadeuri.recommend.coview.negatives import NegativeTable
from nadeuri.recommend.coview.neighbours import CosineNeighbours, Vectors, unit
from nadeuri.recommend.coview.skipgram import Pairs, Tables, learn
from nadeuri.recommend.coview.tokens import NOTHING, Vocabulary
from nadeuri.recommend.filters import Mask


class SkipGramNetwork(nn.Module):
    """Two vectors for every token: ``inputs`` predict, ``outputs`` are predicted."""

    def __init__(self, n_tokens: int, dim: int) -> None:
        super().__init__()
        self.inputs = nn.Parameter((torch.rand(n_tokens, dim) - 0.5) / dim, requires_grad=False)
        self.outputs = nn.Parameter(torch.zeros(n_tokens, dim), requires_grad=False)

    def learn(
        self,
        batch: SkipGramBatch,
        optimizer: torch.optim.Optimizer,
        *,
        pairs: Pairs,
        noise: NegativeTable,
    ) -> tuple[float, float]:
        """See :func:`nadeuri.recommend.coview.skipgram.learn`."""
        assert isinstance(optimizer, RowAdagrad)
        tables = Tables(
            self.inputs.numpy(),
            self.outputs.numpy(),
            optimizer.squares(self.inputs).numpy(),
            optimizer.squares(self.outputs).numpy(),
        )
        loss, norm = learn(
            tables,
            batch.tokens,
            batch.sessions,
            batch.reach,
            pairs,
            noise,
            np.float32(optimizer.lr),
            batch.seed,
        )
        return loss, norm


class Prod2Vec:
    """A network in training, as a :class:`nadeuri.recommend.base.Recommender`."""

    def __init__(
        self,
        kind: str,
        network: SkipGramNetwork,
        vocabulary: Vocabulary,
        viewed: Mask,
        *,
        output_share: float = 0.0,
        new_products: float = 1.0,
    ) -> None:
        """
        Args:
            viewed: bool [n_items + 1], products that occur in the training sessions.
            output_share, new_products: see :meth:`neighbours_by`.
        """
        self.kind, self.network = kind, network
        self.vocabulary, self.viewed = vocabulary, viewed
        self.output_share, self.new_products = output_share, new_products
        self._cold = ColdVectors(vocabulary, viewed) if vocabulary.fields else None

    @property
    def n_items(self) -> int:
        return self.vocabulary.n_items

    def neighbours(self) -> CosineNeighbours:
        """The vectors as they are now."""
        return self.neighbours_by(self.output_share, self.new_products)

    def neighbours_by(self, output_share: float, new_products: float = 1.0) -> CosineNeighbours:
        """The vectors as they are now, scored by a mean of two cosines.

        Input vectors are near each other where products are viewed beside the same others, which
        need not be one another; an input vector is near an output vector where the two are viewed
        together. Both say something about what is viewed next.

        The vector of a product that was not viewed is an expectation, shorter than 1 by what its
        metadata do not tell: its scores are the cosines to be expected. At length 1 it comes
        before products that are no less near, because their vectors have chance in them.

        Args:
            output_share: weight of the cosine to output vectors, from 0 to 1.
            new_products: 1: such vectors are scaled to length 1; 0: they keep theirs; below: they
                get shorter, by ``length ** (1 - new_products)``, and come last.
        """
        inputs = self._product_vectors(self.network.inputs, new_products)
        if output_share == 0:
            return CosineNeighbours(self.kind, inputs)
        outputs = self._product_vectors(self.network.outputs, new_products)
        share = np.float32(output_share)
        return CosineNeighbours(self.kind, inputs, (1 - share) * inputs + share * outputs)

    def score(self, users: IntArray, histories: Sequence[ItemArray]) -> Scores:
        """See :meth:`nadeuri.recommend.base.Recommender.score`: nearness to the last one."""
        return self.neighbours().score(users, histories)

    def _product_vectors(self, table: Tensor, new_products: float) -> Vectors:
        """A vector for each product; zeros for one of which nothing is known.

        Args:
            table: float32 [tokens, d], one of the network's two.

        Returns:
            float32 [n_items + 1, d], of length 1 where the product was viewed; row 0 is zero.
        """
        rows = table.detach().cpu().numpy()
        vectors = unit(rows[: self.n_items + 1])
        cold = ~self.viewed
        vectors[cold] = 0
        if self._cold is not None:
            self._cold.fill(vectors, rows)
            lengths = np.minimum(np.linalg.norm(vectors[cold], axis=1, keepdims=True), 1)
            vectors[cold] = unit(vectors[cold]) * lengths ** (1 - new_products)
        vectors[NOTHING] = 0
        return vectors
