"""Configuration files in TOML, validated by pydantic, and the table in them on training."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nadeuri.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)


class Section(BaseModel):
    """A table of a configuration file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TrainConfig(Section):
    """How a neural model is trained."""

    epochs: int = Field(50, ge=1, description="Most epochs; early stopping may end sooner.")
    batch_size: int = Field(128, ge=1)
    lr: float = Field(1e-3, gt=0, description="Largest learning rate of AdamW.")
    schedule: Literal[
        "constant", "exponential", "multiplicative", "cosine", "one-cycle", "linear"
    ] = Field("linear", description="What the rate does after the warm-up.")
    warmup_steps: int = Field(100, ge=0, description="Steps of linear warm-up.")
    decay: float = Field(
        0.95,
        gt=0,
        le=1,
        description="Share of the rate left after each epoch by the schedules exponential (falls "
        "smoothly) and multiplicative (falls when an epoch ends).",
    )
    cycle_peak: float = Field(
        0.3,
        gt=0,
        lt=1,
        description="Schedule one-cycle: share of the steps in which the rate rises.",
    )
    plateau_factor: float = Field(
        1.0,
        gt=0,
        le=1,
        description="Factor on the rate when validation does not improve, on top of the schedule "
        "(1: off).",
    )
    plateau_patience: int = Field(
        3, ge=1, description="Validations without improvement before plateau_factor is applied."
    )
    weight_decay: float = Field(0.01, ge=0)
    clip_norm: float = Field(1.0, gt=0, description="Largest gradient norm.")
    ema_decay: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Share kept of the moving average of the weights at each step; the average is "
        "what is validated and shipped (0: off).",
    )
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        "auto",
        description="Arithmetic of forward and backward (master weights are always fp32); auto: "
        "what a quick probe of the machine finds faster.",
    )
    stall_epochs: int = Field(
        5,
        ge=1,
        description="Training has stalled when validation is not above the baseline "
        "after so many epochs and stall_steps steps.",
    )
    stall_steps: int = Field(
        1500, ge=0, description="Steps that a model may need to get above the baseline."
    )
    recoveries: int = Field(
        3, ge=0, description="Most times a stalled training is recovered (0: never)."
    )
    recovery_factor: float = Field(
        0.3, gt=0, le=1, description="Factor on the rate at each recovery."
    )
    eval_every: int = Field(5, ge=1, description="Epochs between validations.")
    patience: int = Field(5, ge=1, description="Validations without improvement before stopping.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.plateau_factor < 1 and self.plateau_patience >= self.patience:
            raise ValueError(
                f"plateau_patience ({self.plateau_patience}) must be below patience "
                f"({self.patience}): training would stop before the rate is lowered"
            )
        return self


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises:
        ConfigError: not readable or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML ({error})") from error


def apply_overrides(tables: dict[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """Set ``table.key=value`` pairs; values are TOML, or plain text where TOML does not parse.

    Raises:
        ConfigError: no ``=``, or the path runs through a value.
    """
    for override in overrides:
        path, equals, text = override.partition("=")
        if not equals:
            raise ConfigError(f"--set {override}: write it as table.key=value")
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            value = text
        *parents, key = path.strip().split(".")
        table = tables
        for parent in parents:
            table = table.setdefault(parent, {})
            if not isinstance(table, dict):
                raise ConfigError(f"--set {override}: {parent} is a value, not a table")
        table[key] = value
    return tables


def parse(model: type[Model], tables: Mapping[str, Any], source: str) -> Model:
    """Validate tables; ``source`` names them in error messages.

    Raises:
        ConfigError: an unknown key or a value out of range.
    """
    try:
        return model.model_validate(tables)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "file"
        raise ConfigError(f"{source}: {where}: {first['msg']}") from error
