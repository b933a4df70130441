"""Experiment files: TOML, validated by pydantic; the field descriptions are the reference."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from nadeuri import columns
from nadeuri.training import config as training
from nadeuri.training.config import Section, apply_overrides, parse, read_toml


class PopularityConfig(Section):
    """Most clicked items first."""

    kind: Literal["popularity"] = "popularity"


class MarkovConfig(Section):
    """First-order Markov chain: what followed the last item, backed off to popularity."""

    kind: Literal["markov"] = "markov"


class NcfConfig(Section):
    """NeuMF (He et al., WWW 2017)."""

    kind: Literal["ncf"] = "ncf"
    dim: int = Field(32, ge=2, description="Size of the user and item embeddings of each tower.")
    layers: tuple[int, ...] = Field((64, 32, 16), description="Widths of the MLP tower.")
    dropout: float = Field(0.1, ge=0, lt=1)
    negatives: int = Field(4, ge=1, description="Sampled negatives per click, fresh every epoch.")


class DeepFMConfig(Section):
    """DeepFM (Guo et al., IJCAI 2017) over user, item, last item and item metadata."""

    kind: Literal["deepfm"] = "deepfm"
    dim: int = Field(32, ge=2, description="Size of the feature embeddings.")
    layers: tuple[int, ...] = Field((64, 32), description="Widths of the deep part.")
    dropout: float = Field(0.1, ge=0, lt=1)
    negatives: int = Field(4, ge=1, description="Sampled negatives per click, fresh every epoch.")
    fields: tuple[str, ...] | Literal["all"] = Field("all", description="Metadata fields to read.")
    max_values: int = Field(10_000, ge=2, description="Most frequent values kept of a field.")


class EncoderConfig(Section):
    """A transformer over a user's items: what BERT4Rec and SASRec share."""

    kind: str
    max_len: int = Field(200, ge=2, description="Longest sequence read; BERT4Rec's mask counts.")
    dim: int = Field(64, ge=2, description="Hidden size.")
    blocks: int = Field(2, ge=1, description="Transformer blocks.")
    heads: int = Field(2, ge=1, description="Attention heads; must divide dim.")
    dropout: float = Field(0.1, ge=0, lt=1, description="After embeddings and sub-layers.")
    block: Literal["gelu", "ligr"] = Field(
        "gelu",
        description="Blocks with GELU, or those of LiGR: gated residuals and SwiGLU.",
    )
    loss: Literal["auto", "softmax", "sampled", "gbce"] = Field(
        "auto",
        description="Softmax over all items, over a sample, or binary with calibration (gSASRec); "
        "auto: all up to 50,000 items, else a sample.",
    )
    negatives: int = Field(
        1024, ge=1, description="Items sampled for each batch, for the losses that sample."
    )
    fields: tuple[str, ...] | Literal["all"] = Field(
        (), description="Metadata fields of the items ('all': every field of the catalogue)."
    )
    fusion: Literal["sum", "concat", "gated"] = Field(
        "concat", description="How metadata joins the id embedding."
    )
    id_dropout: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Share of items whose id embedding is hidden in a step, so that metadata "
        "learns to stand for cold items.",
    )
    auxiliary_weight: float = Field(
        0.0, ge=0, description="Weight of predicting the target's metadata."
    )
    max_values: int = Field(10_000, ge=2, description="Most frequent values kept of a field.")
    shuffle_metadata: bool = Field(
        False,
        description="Give every item the metadata of another: a control that shows what is owed to "
        "the metadata and what to more parameters. Never chosen to be shipped.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.dim % self.heads:
            raise ValueError(f"heads ({self.heads}) must divide dim ({self.dim})")
        if self.kind in columns.ID_TWINS and not self.fields:
            raise ValueError(f"{self.kind} needs fields, such as fields = 'all'")
        if self.kind not in columns.ID_TWINS and self.fields:
            raise ValueError(f"fields are given: use kind = 'meta_{self.kind}'")
        for option in ("auxiliary_weight", "shuffle_metadata"):
            if getattr(self, option) and not self.fields:
                raise ValueError(f"{option} needs fields")
        return self


class Bert4RecConfig(EncoderConfig):
    """BERT4Rec (Sun et al., CIKM 2019); with metadata fields, Meta-BERT4Rec."""

    kind: Literal["bert4rec", "meta_bert4rec"] = "bert4rec"
    mask_share: float = Field(0.2, gt=0, lt=1, description="Probability that an item is masked.")
    last_share: float = Field(
        0.1, ge=0, le=1, description="Share of sequences that mask their last item only."
    )


class SasRecConfig(EncoderConfig):
    """SASRec (Kang & McAuley, ICDM 2018) with a softmax; with metadata fields, Meta-SASRec."""

    kind: Literal["sasrec", "meta_sasrec"] = "sasrec"


class CooccurrenceConfig(Section):
    """Item-item cosine of who clicked both (Sarwar et al., WWW 2001)."""

    kind: Literal["cooccurrence"] = "cooccurrence"
    by_user: bool = Field(False, description="Count within a user's clicks, not within sessions.")


class Prod2VecConfig(Section):
    """Prod2Vec (Grbovic et al., KDD 2015); with metadata fields, Meta-Prod2Vec."""

    kind: Literal["prod2vec", "meta_prod2vec"] = "prod2vec"
    dim: int = Field(64, ge=2, description="Size of the product vectors.")
    window: int = Field(
        5, ge=1, le=32, description="Most clicks to either side that a click predicts."
    )
    negatives: int = Field(5, ge=1, description="Negatives that a pair is told apart from.")
    shared_negatives: int = Field(
        8, ge=1, description="Draws made for them, for each click (and kind of token)."
    )
    ns_exponent: float = Field(
        0.75, ge=0, le=1, description="Negatives are drawn by frequency to this power."
    )
    subsample: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Share of all clicks above which an item's clicks are thinned (0: never).",
    )
    by_user: bool = Field(False, description="A user's clicks are one session.")
    output_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Share of the cosine to output vectors in a score; the rest: to input vectors.",
    )
    new_products: float = Field(
        1.0,
        ge=-10,
        le=1,
        description="How readily products without a view are listed: 1, as if the vectors made "
        "of their metadata were certain; 0, by the cosine to be expected; below 0, later still.",
    )
    fields: tuple[str, ...] | Literal["all"] = Field(
        (), description="Metadata fields of the items ('all': every field of the catalogue)."
    )
    field_weight: float = Field(
        1.0, gt=0, description="Weight (lambda) of the loss terms that a field takes part in."
    )
    field_weights: dict[str, Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict, description="Weights of single fields, in place of field_weight."
    )
    max_values: int = Field(10_000, ge=2, description="Most frequent values kept of a field.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.kind in columns.ID_TWINS and not self.fields:
            raise ValueError(f"{self.kind} needs fields, such as fields = 'all'")
        if self.kind not in columns.ID_TWINS and self.fields:
            raise ValueError(f"fields are given: use kind = 'meta_{self.kind}'")
        for name in self.field_weights:
            if name not in self.fields and self.fields != "all":
                raise ValueError(f"field_weights.{name}: {name} is not among fields")
        return self


ModelConfig = Annotated[
    PopularityConfig
    | MarkovConfig
    | NcfConfig
    | DeepFMConfig
    | Bert4RecConfig
    | SasRecConfig
    | CooccurrenceConfig
    | Prod2VecConfig,
    Field(discriminator="kind"),
]


class TrainConfig(training.TrainConfig):
    """How a recommender is trained."""

    valid_users: int = Field(
        10_000, ge=1, description="Validation cases used for early stopping (a fixed sample)."
    )


class SplitConfig(Section):
    """How clicks are divided."""

    kind: Literal["leave-one-out", "temporal"] = "leave-one-out"
    valid_share: float = Field(0.1, gt=0, lt=1, description="Temporal: share of the latest clicks.")
    test_share: float = Field(0.1, gt=0, lt=1, description="Temporal: share of the latest clicks.")


class EvaluationConfig(Section):
    """How models are judged: always full ranking."""

    ks: tuple[int, ...] = (10, 20)
    filter_seen: bool = Field(
        True, description="Remove clicked items from the ranking (false where people come back)."
    )


class ExperimentConfig(Section):
    """One experiment file."""

    name: str
    model: ModelConfig
    train: TrainConfig = TrainConfig()
    split: SplitConfig = SplitConfig()
    evaluation: EvaluationConfig = EvaluationConfig()


def load_config(path: Path, overrides: Sequence[str] = ()) -> ExperimentConfig:
    """Read an experiment file and apply overrides such as ``train.lr=0.002``.

    Raises:
        ConfigError: not readable, not TOML, an unknown key or a value out of range.
    """
    return parse_config(apply_overrides(read_toml(path), overrides), str(path))


def parse_config(tables: dict[str, Any], source: str) -> ExperimentConfig:
    """Validate tables; ``source`` names them in error messages.

    Raises:
        ConfigError: an unknown key or a value out of range.
    """
    return parse(ExperimentConfig, tables, source)
