"""A room of the API: its routes, what documents them, and the model behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, Flask

from nadeuri.errors import ArtifactError
from nadeuri.serve.openapi import Operation
from nadeuri.serve.wire import ServedModel

ROOMS_OF_APP = "nadeuri-rooms"
"""The key of an application's rooms among its extensions."""


@dataclass(frozen=True)
class Annex:
    """Further routes over what a room has opened, a room of their own to keys.

    Attributes:
        is_personal: they tell of people, so that not everybody should be able to ask.
    """

    blueprint: Blueprint
    operations: tuple[Operation, ...]
    is_personal: bool = False

    @property
    def public_operations(self) -> tuple[Operation, ...]:
        """Without examples where those would be people."""
        if not self.is_personal:
            return self.operations
        return tuple(replace(each, examples={}) for each in self.operations)


@dataclass(frozen=True)
class Room:
    """What an artefact adds to the application.

    Where several rooms of one kind are served, the routes are those of the first.

    Attributes:
        operations: those of the blueprint.
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
    annexes: tuple[Annex, ...] = ()
    start: Callable[[], object] | None = None
    stop: Callable[[], object] | None = None
    hurry: Callable[[], object] | None = None

    @property
    def every_operation(self) -> tuple[Operation, ...]:
        """Its own and those of its annexes."""
        return (*self.operations, *(op for annex in self.annexes for op in annex.operations))

    @property
    def public_operations(self) -> tuple[Operation, ...]:
        """:attr:`every_operation` as everybody may read of them."""
        of_annexes = (op for annex in self.annexes for op in annex.public_operations)
        return (*self.operations, *of_annexes)

    def without_personal(self) -> Room:
        """The room without what tells of people."""
        return replace(self, annexes=tuple(each for each in self.annexes if not each.is_personal))


def first_of_each_kind(rooms: Sequence[Room]) -> list[Room]:
    """The rooms whose routes are served: one of a kind, which answers for the others of it.

    Raises:
        ArtifactError: two of a kind hold the same model, so that its name does not tell them apart.
    """
    firsts: dict[str, Room] = {}
    versions: dict[tuple[str, str], str] = {}
    for room in rooms:
        served = room.served
        firsts.setdefault(served.kind, room)
        name = (served.kind, served.model)
        if name in versions:
            raise ArtifactError(
                f"two artefacts of the kind {served.kind!r} hold the model {served.model!r} "
                f"(versions {versions[name]} and {served.version}); serve one"
            )
        versions[name] = served.version
    return list(firsts.values())


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
    return frozenset(op.path.encode() for room in rooms for op in room.every_operation if op.events)
