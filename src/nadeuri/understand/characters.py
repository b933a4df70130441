"""The fast tier's body: characters made of their letters, so that no syllable is unknown."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nadeuri.understand.network import BiLstm

_FIRST, _LAST = 0xAC00, 0xD7A3
_VOWELS, _FINALS = 21, 28
_BUCKETS = 4096


class CharacterBody(nn.Module):
    """Embeds code points and runs a bidirectional LSTM over them.

    A Hangul syllable is the sum of its onset, vowel and final and of an embedding of its own; other
    characters have one of their own alone. Own embeddings share 4,096 rows (code point modulo that
    number): common characters seldom meet, and a syllable that training has not seen is still made
    of letters that it has.
    """

    def __init__(self, dim: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.own = nn.Embedding(_BUCKETS, dim)
        self.onset = nn.Embedding(20, dim)
        self.vowel = nn.Embedding(_VOWELS + 1, dim)
        self.final = nn.Embedding(_FINALS + 1, dim)
        self.near = nn.Conv1d(dim, dim, 3, padding=1)
        self.dropout = nn.Dropout(dropout)
        self.lstm = BiLstm(2 * dim, hidden)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids: code points int64 [B, L], 0 behind short rows -> float32 [B, L, 2 * hidden]."""
        is_hangul = ((ids >= _FIRST) & (ids <= _LAST)).long()
        letters = (ids - _FIRST) * is_hangul
        final = (letters % _FINALS + 1) * is_hangul
        vowel = (letters // _FINALS % _VOWELS + 1) * is_hangul
        onset = (letters // (_FINALS * _VOWELS) + 1) * is_hangul
        embedded = self.own(ids % _BUCKETS) + self.onset(onset)
        embedded = embedded + self.vowel(vowel) + self.final(final)
        embedded = self.dropout(embedded * mask[:, :, None])
        near = torch.relu(self.near(embedded.transpose(1, 2))).transpose(1, 2)
        states = torch.cat([embedded, near], -1)
        out: Tensor = self.lstm(states, mask.sum(1))
        return out
