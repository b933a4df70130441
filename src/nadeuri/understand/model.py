"""A question model in torch: network, encoder and head, as its configuration says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from nadeuri.understand.bio import Floats
from nadeuri.understand.bodies import build_body
from nadeuri.understand.config import ExperimentConfig
from nadeuri.understand.encoding import Ints, TextEncoder
from nadeuri.understand.gazetteer import Gazetteer
from nadeuri.understand.marks import NameMarker
from nadeuri.understand.network import QuestionNetwork, SeparateNetworks
from nadeuri.understand.parse import Head, Parse, parse

Network = QuestionNetwork | SeparateNetworks


@dataclass(frozen=True)
class QuestionModel:
    """A network, the encoder of its texts, and the names of what it scores.

    Attributes:
        gazetteer: names that entities are linked to.
    """

    network: Network
    encoder: TextEncoder
    labels: tuple[str, ...]
    intents: tuple[str, ...]
    span_temperature: float = 1.0
    intent_temperature: float = 1.0
    gazetteer: Gazetteer | None = None

    @property
    def marks_names(self) -> bool:
        """Whether the network sees the names of the gazetteer marked."""
        networks = (each for each in self.network.modules() if isinstance(each, QuestionNetwork))
        return any(network.names is not None for network in networks)

    @property
    def head(self) -> Head:
        """The head as the network's weights are now."""
        crf = self.network.crf
        return Head(
            self.labels,
            self.intents,
            crf.start.detach().cpu().numpy(),
            crf.after.detach().cpu().numpy(),
            self.span_temperature,
            self.intent_temperature,
        )

    def parse(self, texts: Sequence[str]) -> list[Parse]:
        """Entities and intent of every text."""
        return parse(texts, self.encoder, self.score, self.head)

    @torch.no_grad()
    def score(self, ids: Ints, tags: Ints) -> tuple[Floats, Floats]:
        """ids, tags: int64 [B, L] -> emissions float32 [B, L, T], intent scores float32 [B, I]."""
        self.network.eval()
        device = next(self.network.parameters()).device
        emissions, intents = self.network(
            torch.from_numpy(ids).to(device), torch.from_numpy(tags).to(device)
        )
        return _floats(emissions), _floats(intents)


def build_model(
    config: ExperimentConfig,
    labels: Sequence[str],
    intents: Sequence[str],
    *,
    seed: int,
    gazetteer: Gazetteer | None = None,
) -> QuestionModel:
    """A model before training; pretrained encoders are what they were, the rest follows from seed.

    Args:
        gazetteer: names that entities are linked to, and that the network sees marked if its
            configuration wants that.

    Raises:
        ConfigError: no such encoder.
    """
    torch.manual_seed(seed)
    marker = NameMarker(gazetteer) if gazetteer and config.heads.dim_names else None

    def build() -> tuple[QuestionNetwork, TextEncoder]:
        body = build_body(config.encoder, label_words=config.heads.label_words, marker=marker)
        network = QuestionNetwork(
            body.module,
            body.dim,
            pad=body.encoder.pad,
            n_labels=len(labels),
            n_intents=len(intents),
            dim_tags=config.heads.dim_tags,
            dim_names=config.heads.dim_names if marker else 0,
            dim_lstm=config.heads.dim_lstm,
            ngrams=config.heads.ngrams,
            dropout=config.heads.dropout,
        )
        return network, body.encoder

    first, encoder = build()
    network: Network = first
    if not config.heads.joint:
        network = SeparateNetworks(first, build()[0])
    return QuestionModel(network, encoder, tuple(labels), tuple(intents), gazetteer=gazetteer)


def _floats(tensor: torch.Tensor) -> Floats:
    array: Floats = tensor.float().cpu().numpy().astype(np.float32, copy=False)
    return array
