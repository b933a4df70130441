"""The HTTP API. It reads exported artefacts only: no torch, no MLflow, no environment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from flask import Flask, Response

from nadeuri.artifact import read_manifest
from nadeuri.errors import ArtifactError
from nadeuri.match import bundle as packages_bundle
from nadeuri.match import place_index
from nadeuri.match.place_index import PlaceIndex
from nadeuri.match.predict import PackageFinder
from nadeuri.recommend import bundle
from nadeuri.recommend.coview import bundle as coview_bundle
from nadeuri.recommend.coview.predict import AlsoViewed
from nadeuri.recommend.predict import Predictor
from nadeuri.serve import (
    also_viewed,
    draining,
    metrics,
    packages,
    places,
    problems,
    questions,
    recommend,
)
from nadeuri.serve.deadlines import READ_TIMEOUT, READ_TIMEOUT_S
from nadeuri.serve.door import Door, describe_door
from nadeuri.serve.openapi import JSON_TYPE, Operation, document
from nadeuri.serve.room import ROOMS_OF_APP, Room, first_of_each_kind
from nadeuri.serve.wire import Health, Readiness, RefusedArtifact
from nadeuri.understand import bundle as questions_bundle
from nadeuri.understand.predict import QuestionParser

MAX_BODY_BYTES = 1 << 20

OPERATIONS = (
    Operation("/healthz", "Is the process alive?", Health),
    Operation("/readyz", "Which models does it serve?", Readiness),
    metrics.OPERATION,
)
ROOMS: Mapping[str, Callable[[Path], Room]] = {
    bundle.KIND: lambda path: recommend.room(Predictor(path)),
    coview_bundle.KIND: lambda path: also_viewed.room(AlsoViewed(path)),
    questions_bundle.KIND: lambda path: questions.room(QuestionParser(path)),
    packages_bundle.KIND: lambda path: packages.room(PackageFinder(path)),
    place_index.KIND: lambda path: places.room(PlaceIndex(path)),
}
"""How an artefact of each kind is opened."""
SEVERAL = frozenset({bundle.KIND})
"""Kinds of which several are served: the first answers where no model is named."""


def create_app(
    *artifacts: Path | str,
    rooms: Sequence[Room] = (),
    max_body_bytes: int = MAX_BODY_BYTES,
    door: Door | None = None,
    read_timeout_s: float = READ_TIMEOUT_S,
    counts: metrics.Metrics | None = None,
) -> Flask:
    """The application over exported artefacts, opened and verified here.

    Args:
        artifacts: artefact folders, at most one of each kind but for :data:`SEVERAL`; each opens
            its room of the API.
        rooms: further ones.
        max_body_bytes: longer request bodies are refused with 413.
        door: without one, everybody may ask.
        read_timeout_s: for a request to arrive; a slower one is refused with 408.
        counts: metrics of all processes; without them each process tells of itself.

    Raises:
        ArtifactError: an artefact of an unknown kind, two of one kind or with the same model, or a
            damaged file.
    """
    opened = open_rooms([Path(each) for each in artifacts])
    return build_app(
        [*opened, *rooms],
        max_body_bytes=max_body_bytes,
        door=door,
        read_timeout_s=read_timeout_s,
        counts=counts,
    )


def open_rooms(paths: Sequence[Path]) -> list[Room]:
    """The room of each artefact.

    Raises:
        ArtifactError: as in :func:`create_app`.
    """
    kinds: dict[str, Path] = {}
    rooms = []
    for path in paths:
        kind = read_manifest(path).kind
        if kind not in ROOMS:
            raise ArtifactError(f"{path}: holds a {kind} artefact; served are {', '.join(ROOMS)}")
        if kind in kinds and kind not in SEVERAL:
            raise ArtifactError(f"{path}: {kinds[kind]} is of the kind {kind!r} as well; serve one")
        kinds[kind] = path
        rooms.append(ROOMS[kind](path))
    return rooms


def build_app(
    rooms: Sequence[Room],
    *,
    max_body_bytes: int = MAX_BODY_BYTES,
    door: Door | None = None,
    read_timeout_s: float = READ_TIMEOUT_S,
    counts: metrics.Metrics | None = None,
    stop: draining.Draining | None = None,
    refused: Callable[[], list[RefusedArtifact]] = list,
) -> Flask:
    """The application over opened rooms.

    Whatever serves it calls the hooks of its rooms (:func:`rooms_of`) in each of its processes.

    Args:
        door, read_timeout_s, counts: as in :func:`create_app`.
        stop: told of by the process that forks; one of its own without.
        refused: tells what ``/readyz`` says of artefacts that were refused since.

    Raises:
        ArtifactError: two rooms of a kind hold the same model.
    """
    app = Flask("nadeuri", static_folder=None)
    app.extensions[ROOMS_OF_APP] = tuple(rooms)
    # one more than allowed: werkzeug cuts a chunked body here in silence, and bodies must see it
    app.config["MAX_CONTENT_LENGTH"] = max_body_bytes + 1
    app.config[READ_TIMEOUT] = read_timeout_s
    problems.register(app)
    if door is not None:
        door.install(app)
    draining.register(app, stop or draining.Draining())
    metrics.register(app, counts or metrics.Metrics())
    operations = [*OPERATIONS]
    filter_fields: list[str] = []
    for room in first_of_each_kind(rooms):
        for blueprint in (room.blueprint, *(annex.blueprint for annex in room.annexes)):
            app.register_blueprint(blueprint)
        operations.extend(room.public_operations)
        filter_fields.extend(room.filter_fields)
    described = document(operations, filter_fields)
    if door is not None:
        describe_door(described)
    openapi = json.dumps(described, ensure_ascii=False)
    health = Health().model_dump_json()
    models = [room.served for room in rooms]

    @app.get("/healthz")
    def healthz() -> Response:
        return Response(health, content_type=JSON_TYPE)

    @app.get("/readyz")
    def readyz() -> Response:
        readiness = Readiness(models=models, refused=refused())
        return Response(readiness.model_dump_json(), content_type=JSON_TYPE)

    @app.get("/openapi.json")
    def openapi_json() -> Response:
        return Response(openapi, content_type=JSON_TYPE)

    return app
