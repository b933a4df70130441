"""Which question models are compared where no experiment files are given, and which can run."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Any

from nadeuri.errors import ConfigError, MissingExtraError
from nadeuri.training.config import apply_overrides, parse, read_toml
from nadeuri.understand.config import ExperimentConfig

PRESET = "default.toml"


def load_shipped(overrides: Sequence[str] = ()) -> list[ExperimentConfig]:
    """The shipped experiments, each with overrides such as ``train.epochs=5``.

    Raises:
        ConfigError: an override does not fit.
    """
    file = resources.files("nadeuri.understand") / "presets" / PRESET
    with resources.as_file(file) as path:
        tables: dict[str, dict[str, Any]] = read_toml(path)
    return [
        parse(
            ExperimentConfig, apply_overrides({"name": name, **table}, overrides), f"preset {name}"
        )
        for name, table in tables.items()
    ]


def hindrance(config: ExperimentConfig) -> str | None:
    """Why this machine cannot load an experiment's encoder; None where it can."""
    from nadeuri.understand.bodies import build_body

    try:
        build_body(config.encoder, label_words=config.heads.label_words)
    except (ConfigError, MissingExtraError) as error:
        return str(error)
    except ModuleNotFoundError as error:
        return f"{error.name} is not installed"
    return None
