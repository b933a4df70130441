"""A question model in torch: network, encoder and head, as its configuration says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from nadeuri.understand.bio import Floats
from nadeuri.understand.bodies import Body, build_body
from nadeuri.understand.config import ExperimentConfig
from nadeuri.understand.encoding import Ints, TextEncoder
from nadeuri.understand.network import QuestionNetwork, SeparateNetworks
from nadeuri.understand.parse import Head, Parse, parse

Network = QuestionNetwork | SeparateNetworks


@dataclass(frozen=True)
class QuestionModel:
    """A network, the encoder of its texts, and the names of what it scores."""

    network: Network
    encoder: TextEncoder
    labels: tuple[str, ...]
    intents: tuple[str, ...]
    span_temperature: float = 1.0
    intent_temperature: float = 1.0

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
    config: ExperimentConfig, labels: Sequence[str], intents: Sequence[str], *, seed: int
) -> QuestionModel:
    """A model before training; pretrained encoders are what they were, the rest follows from seed.

    Raises:
        ConfigError: no such encoder.
    """
    torch.manual_seed(seed)
    body = build_body(config.encoder, label_words=config.heads.label_words)
    first = _network(config, body, len(labels), len(intents))
    network: Network = first
    if not config.heads.joint:
        other = build_body(config.encoder, label_words=config.heads.label_words)
        network = SeparateNetworks(first, _network(config, other, len(labels), len(intents)))
    return QuestionModel(network, body.encoder, tuple(labels), tuple(intents))


def _network(
    config: ExperimentConfig, body: Body, n_labels: int, n_intents: int
) -> QuestionNetwork:
    return QuestionNetwork(
        body.module,
        body.dim,
        pad=body.encoder.pad,
        n_labels=n_labels,
        n_intents=n_intents,
        dim_tags=config.heads.dim_tags,
        dim_lstm=config.heads.dim_lstm,
        dropout=config.heads.dropout,
    )


def _floats(tensor: torch.Tensor) -> Floats:
    array: Floats = tensor.float().cpu().numpy().astype(np.float32, copy=False)
    return array
