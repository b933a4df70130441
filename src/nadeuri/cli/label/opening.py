"""The labelling store, as the environment and the options of a command describe it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from nadeuri.settings import Settings


def store_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option ``--store``."""
    named: Callable[..., Any] = click.option(
        "--store",
        metavar="URL",
        help="Database of labelling, sqlite:///FILE or postgresql://...  [default: "
        "labelling/labelling.sqlite below $NADEURI_HOME]. Example: --store sqlite:///labels.sqlite",
    )(command)
    return named


def labelling_folder(settings: Settings) -> Path:
    """Where the store lies if it is not elsewhere, and what could not be taken in."""
    return settings.home / "labelling"


def store_url(settings: Settings, store: str | None) -> str:
    """``store``, or the file in the work folder."""
    file = labelling_folder(settings) / "labelling.sqlite"
    return store or f"sqlite:///{file.absolute()}"
