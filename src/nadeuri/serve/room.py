"""A room of the API: its routes, what documents them, and the model behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint

from nadeuri.serve.openapi import Operation
from nadeuri.serve.wire import ServedModel


@dataclass(frozen=True)
class Room:
    """What an artefact adds to the application.

    Attributes:
        filter_fields: what request bodies of this room may filter by.
    """

    blueprint: Blueprint
    operations: tuple[Operation, ...]
    served: ServedModel
    filter_fields: Sequence[str] = ()
