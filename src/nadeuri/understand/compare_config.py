"""Which question models are compared where no experiment files are given, and which can run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nadeuri.errors import ConfigError, MissingExtraError
from nadeuri.understand.config import ExperimentConfig, load_config

SHIPPED = Path(__file__).parents[3] / "configs" / "understand"
"""Of a checkout; an installed package has no such folder."""


def load_shipped(overrides: Sequence[str] = (), folder: Path = SHIPPED) -> list[ExperimentConfig]:
    """The shipped experiments, each with overrides such as ``train.epochs=5``.

    Raises:
        ConfigError: there are none, or an override does not fit.
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ConfigError(f"no experiment files in {folder}; give some (CONFIG...)")
    return [load_config(file, overrides) for file in files]


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
