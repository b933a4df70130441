"""Hashed n-grams of a question's ids: the wide side of the network.

A recurrent network has to learn that 추천해 is a request; a linear model over n-grams reads it off,
and a few thousand questions are enough for that. Both side by side, trained together, are better
than either (Cheng et al., DLRS 2016, "Wide & Deep Learning"). N-grams are rows of one table by
their hash (Weinberger et al., ICML 2009; Joulin et al., EACL 2017), so that nothing has to be
counted before and none is unknown.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

_PRIME, _FACTOR = 2_147_483_647, 31_337

_Windows = tuple[tuple[int, ...], ...]
_PAIRS: _Windows = ((-1, 0), (0, 1), (-2, -1), (1, 2))
_TRIPLES: _Windows = ((-1, 0, 1), (-2, -1, 0), (0, 1, 2), (-3, -2, -1), (1, 2, 3))
_AROUND: _Windows = ((0,), (-1,), (1,), *_PAIRS, *_TRIPLES)
"""What a tag is scored from: offsets of the ids of each n-gram."""
_FROM_HERE: _Windows = ((0,), (0, 1), (0, 1, 2), (0, 1, 2, 3))
"""What the intent is scored from, at every place."""
_REACH = 3


class Ngrams(nn.Module):
    """Scores of the n-grams around every id, or of all n-grams together.

    Args:
        buckets: rows of the table.
        pad: id that stands before and behind every row.
        dropout: share of the n-grams that a training step leaves out.
    """

    def __init__(
        self,
        windows: _Windows,
        buckets: int,
        n_scores: int,
        *,
        pad: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self._windows, self._buckets, self._pad = windows, buckets, pad
        self._kept = 1 - dropout
        self.table = nn.Embedding(buckets, n_scores)
        nn.init.zeros_(self.table.weight)

    def forward(self, ids: Tensor) -> Tensor:
        """ids: int64 [B, L] -> scores float32 [B, L, S]."""
        rows = torch.stack([self._rows(ids, each) for each in range(len(self._windows))], -1)
        scores: Tensor = self.table(rows)  # [B, L, W, S]
        if self.training:
            kept = torch.rand(rows.shape, device=ids.device) < self._kept
            scores = scores * (kept[..., None].float() / self._kept)
        return scores.sum(2)

    def _rows(self, ids: Tensor, number: int) -> Tensor:
        padded = functional.pad(ids, (_REACH, _REACH), value=self._pad)
        hashed = torch.full_like(ids, number)
        for offset in self._windows[number]:
            start = _REACH + offset
            hashed = (hashed * _FACTOR + padded[:, start : start + ids.shape[1]]) % _PRIME
        return hashed % self._buckets


def around(buckets: int, n_tags: int, *, pad: int, dropout: float) -> Ngrams:
    """N-grams at up to three ids from each, for its tag."""
    return Ngrams(_AROUND, buckets, n_tags, pad=pad, dropout=dropout)


class NgramsOfAll(nn.Module):
    """Scores of a question from all its n-grams of up to four ids."""

    def __init__(self, buckets: int, n_scores: int, *, pad: int, dropout: float) -> None:
        super().__init__()
        self.ngrams = Ngrams(_FROM_HERE, buckets, n_scores, pad=pad, dropout=dropout)

    def forward(self, ids: Tensor, counted: Tensor) -> Tensor:
        """ids: int64 [B, L]; counted: float32 [B, L, 1], 0 at padding -> float32 [B, S]."""
        n_ids = counted.sum(1).clamp_min(1)
        scores: Tensor = (self.ngrams(ids) * counted).sum(1) / n_ids.sqrt()
        return scores
