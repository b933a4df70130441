"""The HTTP API. It reads exported artefacts only: no torch, no MLflow, no environment."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask, Response

from nadeuri.recommend.predict import Predictor
from nadeuri.serve import problems, recommend
from nadeuri.serve.openapi import JSON_TYPE, Operation, document
from nadeuri.serve.wire import Health, Readiness

MAX_BODY_BYTES = 1 << 20

OPERATIONS = (
    *recommend.OPERATIONS,
    Operation("/healthz", "Is the process alive?", Health),
    Operation("/readyz", "Which model does it serve?", Readiness),
)


def create_app(artifact: Path | str, *, max_body_bytes: int = MAX_BODY_BYTES) -> Flask:
    """The application over one exported recommender, opened and verified here.

    Args:
        artifact: the artefact folder.
        max_body_bytes: longer request bodies are refused with 413.

    Raises:
        ArtifactError: not an exported recommender, or a file is damaged.
    """
    return build_app(Predictor(Path(artifact)), max_body_bytes=max_body_bytes)


def build_app(predictor: Predictor, *, max_body_bytes: int = MAX_BODY_BYTES) -> Flask:
    """The application over an opened artefact."""
    app = Flask("nadeuri", static_folder=None)
    # one more than allowed: werkzeug cuts a chunked body here in silence, and _body() must see it
    app.config["MAX_CONTENT_LENGTH"] = max_body_bytes + 1
    problems.register(app)
    app.register_blueprint(recommend.blueprint(predictor))
    openapi = json.dumps(document(OPERATIONS, predictor.filters.fields), ensure_ascii=False)
    health = Health().model_dump_json()
    readiness = _readiness(predictor).model_dump_json()

    @app.get("/healthz")
    def healthz() -> Response:
        return Response(health, content_type=JSON_TYPE)

    @app.get("/readyz")
    def readyz() -> Response:
        return Response(readiness, content_type=JSON_TYPE)

    @app.get("/openapi.json")
    def openapi_json() -> Response:
        return Response(openapi, content_type=JSON_TYPE)

    return app


def _readiness(predictor: Predictor) -> Readiness:
    manifest = predictor.artifact.manifest
    return Readiness(
        model=manifest.metadata["model"],
        version=manifest.version,
        created=manifest.created.isoformat(),
        code_revision=manifest.code_revision,
        data_fingerprint=manifest.data_fingerprint,
        n_items=predictor.n_items,
        n_users=len(predictor.users),
    )
