"""The network: an encoder, a tag score for every piece and an intent score for the question."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nadeuri.understand.crf import Crf
from nadeuri.understand.marks import N_MARKS
from nadeuri.understand.ngrams import NgramsOfAll, around
from nadeuri.understand.segments import N_TAGS


class QuestionNetwork(nn.Module):
    """Entities and intent of a question.

    The encoder's states, with embeddings of the part of speech and of the name a piece belongs to
    beside them, run through a bidirectional LSTM; tags are scored from its states, the intent from
    its maximum and the mean of the encoder's. To both, scores of the n-grams of ids are added.

    Args:
        body: from ids int64 [B, L] and their mask bool [B, L] to states float [B, L, ``dim``].
        pad: id that fills up short rows.
        dim_tags: size of the embedding of part of speech and spacing; 0 leaves them out.
        dim_names: size of the embedding of the marks of names; 0 leaves them out.
        dim_lstm: hidden size of each direction; 0 leaves the LSTM out.
        ngrams: buckets of hashed n-grams; 0 leaves them out.
    """

    def __init__(
        self,
        body: nn.Module,
        dim: int,
        *,
        pad: int,
        n_labels: int,
        n_intents: int,
        dim_tags: int,
        dim_names: int,
        dim_lstm: int,
        ngrams: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.body, self.pad = body, pad
        self.tags = nn.Embedding(N_TAGS, dim_tags) if dim_tags else None
        self.names = nn.Embedding(N_MARKS, dim_names) if dim_names else None
        beside = dim_tags + dim_names
        self.lstm = BiLstm(dim + beside, dim_lstm) if dim_lstm else None
        wide = 2 * dim_lstm if dim_lstm else dim + beside
        self.dropout = nn.Dropout(dropout)
        self.emit = nn.Linear(wide, 2 * n_labels + 1)
        self.intent = nn.Linear(wide + dim, n_intents) if n_intents else None
        self.near = around(ngrams, 2 * n_labels + 1, pad=pad, dropout=dropout) if ngrams else None
        self.whole = (
            NgramsOfAll(ngrams, n_intents, pad=pad, dropout=dropout)
            if ngrams and n_intents
            else None
        )
        self.crf = Crf(n_labels)

    def forward(self, ids: Tensor, tags: Tensor) -> tuple[Tensor, Tensor]:
        """ids, tags: int64 [B, L] -> emissions float32 [B, L, T], intent scores float32 [B, I]."""
        mask = ids != self.pad
        states = self.body(ids, mask).float()  # [B, L, H]
        counted = mask[:, :, None].float()
        mean = (states * counted).sum(1) / counted.sum(1).clamp_min(1)
        if self.tags is not None:
            states = torch.cat([states, self.tags(tags % N_TAGS)], -1)
        if self.names is not None:
            states = torch.cat([states, self.names(tags // N_TAGS)], -1)
        states = self.dropout(states)
        if self.lstm is not None:
            states = self.dropout(self.lstm(states, mask.sum(1)))
        emissions = self.emit(states)
        if self.near is not None:
            emissions = emissions + self.near(ids)
        if self.intent is None:
            return emissions, emissions[:, 0, :0]
        highest = states.masked_fill(~mask[:, :, None], -1e4).amax(1)
        intents = self.intent(self.dropout(torch.cat([highest, mean], -1)))
        if self.whole is not None:
            intents = intents + self.whole(ids, counted)
        return emissions, intents


class SeparateNetworks(nn.Module):
    """One network for the tags and another for the intent, run side by side."""

    def __init__(self, entities: QuestionNetwork, intents: QuestionNetwork) -> None:
        super().__init__()
        self.entities, self.intents = entities, intents

    @property
    def crf(self) -> Crf:
        return self.entities.crf

    def forward(self, ids: Tensor, tags: Tensor) -> tuple[Tensor, Tensor]:
        """As :meth:`QuestionNetwork.forward`."""
        emissions, _ = self.entities(ids, tags)
        _, intents = self.intents(ids, tags)
        return emissions, intents


class BiLstm(nn.Module):
    """A bidirectional LSTM layer that does not see the padding behind short rows.

    The backward direction reads every row reversed within its own length, by a gather: the same as
    a packed sequence, in operations that ONNX has.
    """

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.left = nn.LSTM(dim, hidden, batch_first=True)
        self.right = nn.LSTM(dim, hidden, batch_first=True)

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        """states: float32 [B, L, D]; lengths: int64 [B] -> float32 [B, L, 2 * hidden]."""
        places = torch.arange(states.shape[1], device=states.device)
        last = lengths[:, None] - 1
        mirrored = torch.where(places <= last, last - places, places)  # [B, L]
        with torch.autocast(states.device.type, enabled=False):
            left, _ = self.left(states)
            right, _ = self.right(_take(states, mirrored))
        return torch.cat([left, _take(right, mirrored)], -1)


def _take(states: Tensor, places: Tensor) -> Tensor:
    return states.gather(1, places[:, :, None].expand(-1, -1, states.shape[2]))
