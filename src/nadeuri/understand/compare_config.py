"""Which question models are compared where no experiment files are given, and which can run."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from nadeuri.errors import ConfigError, MissingExtraError
from nadeuri.understand.config import ExperimentConfig, load_config

PRESETS = ("characters", "e5", "distilkobert", "kcelectra", "klue_roberta")
"""The shipped experiments; ``configs/understand`` links to their files."""


def load_shipped(overrides: Sequence[str] = ()) -> list[ExperimentConfig]:
    """The shipped experiments, each with overrides such as ``train.epochs=5``.

    Raises:
        ConfigError: an override does not fit.
    """
    return [load_preset(name, overrides) for name in PRESETS]


def load_preset(name: str, overrides: Sequence[str] = ()) -> ExperimentConfig:
    """One of the shipped experiments.

    Raises:
        ConfigError: an override does not fit.
    """
    folder = resources.files("nadeuri.understand") / "presets"
    with resources.as_file(folder / f"{name}.toml") as path:
        return load_config(path, overrides)


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
