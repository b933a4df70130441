"""A room of the API: its routes, what documents them, and the model behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, Flask

from nadeuri.serve.openapi import Operation
from nadeuri.serve.wire import ServedModel

ROOMS_OF_APP = "nadeuri-rooms"
"""The key of an application's rooms among its extensions."""


@dataclass(frozen=True)
class Room:
    """What an artefact adds to the application.

    Attributes:
        filter_fields: what request bodies of this room may filter by.
        start: run in each process that serves, before its first request: for what a fork must not
            share, such as connections.
        stop: run there after the last request.
        hurry: run there when the process ends within seconds: requests under way are to end now.
    """

    blueprint: Blueprint
    operations: tuple[Operation, ...]
    served: ServedModel
    filter_fields: Sequence[str] = ()
    start: Callable[[], object] | None = None
    stop: Callable[[], object] | None = None
    hurry: Callable[[], object] | None = None


def start_rooms(app: Flask) -> None:
    """Start the rooms of ``app`` in this process."""
    for room in app.extensions[ROOMS_OF_APP]:
        if room.start is not None:
            room.start()


def stop_rooms(app: Flask) -> None:
    """Stop the rooms of ``app`` in this process."""
    for room in app.extensions[ROOMS_OF_APP]:
        if room.stop is not None:
            room.stop()


def hurry_rooms(app: Flask) -> None:
    """End what is under way in the rooms of ``app`` in this process."""
    for room in app.extensions[ROOMS_OF_APP]:
        if room.hurry is not None:
            room.hurry()


def long_paths(app: Flask) -> frozenset[bytes]:
    """Where requests to ``app`` take long: they answer with a stream of events."""
    rooms = app.extensions[ROOMS_OF_APP]
    return frozenset(op.path.encode() for room in rooms for op in room.operations if op.events)
