"""``nadeuri serve``: the HTTP API on an exported model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nadeuri.serve.room import Room
    from nadeuri.settings import Settings


@click.command("serve")
@click.argument("artefacts", metavar="[ARTEFACT]...", type=click.Path(path_type=Path), nargs=-1)
@click.option(
    "--guide",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the place guide, which is served as well.",
)
@click.option(
    "--match-db",
    metavar="URL",
    help="Database of the place mapping, whose review queue is served as well: sqlite:///FILE or "
    "postgresql://...",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers", type=click.IntRange(min=1), help="Processes; the number of usable cores if absent."
)
def command(
    artefacts: tuple[Path, ...],
    guide: Path | None,
    match_db: str | None,
    host: str,
    port: int,
    workers: int | None,
) -> None:
    """Serve exported models, the place guide and reviews of the mapping until Ctrl-C or SIGTERM.

    ARTEFACT is a folder that "nadeuri recommend train", "nadeuri understand train", "nadeuri match
    export", "nadeuri match index" or the demo exported: a model of what a traveller does next,
    product vectors, a model of questions, packages, places to match with, or one of each. Where
    neither an ARTEFACT nor --guide nor --match-db is named, those in the folder of artefacts are
    served, and the guide and the database of the mapping below $NADEURI_HOME if they are there.

    \b
    Example: nadeuri serve work/artifacts/for-you --port 8000 --workers 2
    Example: nadeuri serve work/artifacts/for-you work/artifacts/also-viewed
    Example: nadeuri serve --guide work/guide
    """
    from nadeuri.serve.app import create_app
    from nadeuri.serve.server import run
    from nadeuri.settings import Settings

    settings = Settings.from_env()
    if not artefacts and guide is None and match_db is None:
        guide = _guide_that_is_there(settings)
        match_db = _mapping_that_is_there(settings)
        nothing_yet = guide is None and match_db is None
        artefacts = _models_that_are_there(settings.artifacts, or_first=nothing_yet)
    rooms = [_guide_room(settings, guide)] if guide else []
    if match_db:
        rooms.append(_review_room(match_db))
    app = create_app(*artefacts, rooms=rooms)
    served = [*artefacts, *([guide] if guide else []), *(["reviews"] if match_db else [])]
    names = ", ".join(map(str, served))
    click.echo(f"{names}: http://{host}:{port}/openapi.json describes the API", err=True)
    run(app, host=host, port=port, workers=workers or len(os.sched_getaffinity(0)))


def _guide_that_is_there(settings: Settings) -> Path | None:
    from nadeuri.cli.guide.opening import guide_folder
    from nadeuri.guide.parts import GRAPH, PLACES, REVIEWS

    folder = guide_folder(settings)
    return folder if all((folder / part).exists() for part in (GRAPH, REVIEWS, PLACES)) else None


def _mapping_that_is_there(settings: Settings) -> str | None:
    from nadeuri.cli.match.opening import store_url

    url = store_url(settings, None)
    return url if Path(url.removeprefix("sqlite:///")).exists() else None


def _models_that_are_there(folder: Path, *, or_first: bool) -> tuple[Path, ...]:
    """The exported models; without any, and if so wanted, the one whose absence is reported."""
    from nadeuri.match.bundle import DEFAULT_FOLDER as PACKAGES
    from nadeuri.match.place_index import DEFAULT_FOLDER as PLACES
    from nadeuri.recommend.bundle import DEFAULT_FOLDER as FOR_YOU
    from nadeuri.recommend.coview.bundle import DEFAULT_FOLDER as ALSO_VIEWED
    from nadeuri.understand.bundle import DEFAULT_FOLDER as QUESTIONS

    models = (folder / name for name in (FOR_YOU, ALSO_VIEWED, QUESTIONS, PACKAGES, PLACES))
    there = tuple(path for path in models if path.exists())
    return there or ((folder / FOR_YOU,) if or_first else ())


def _guide_room(settings: Settings, folder: Path) -> Room:
    """The guide's room; the guide itself is opened by each worker.

    Raises:
        ArtifactError: the folder has no review vectors, or damaged ones.
    """
    from nadeuri.artifact import read_manifest
    from nadeuri.cli.guide.opening import MEMORY, opened_guide
    from nadeuri.guide.parts import REVIEWS
    from nadeuri.serve import guide
    from nadeuri.serve.wire import ServedModel

    manifest = read_manifest(folder / REVIEWS)
    served = ServedModel(
        kind="guide",
        model=settings.llm_model if settings.llm_base_url and settings.llm_model else "rules",
        version=manifest.version,
        created=manifest.created.isoformat(),
        code_revision=manifest.code_revision,
        data_fingerprint=manifest.data_fingerprint,
        n_items=int(manifest.metadata["n_places"]),
        n_users=None,
    )
    return guide.room(lambda: opened_guide(settings, folder, memory=folder / MEMORY), served)


def _review_room(url: str) -> Room:
    """The room of the review queue; each worker connects for itself.

    Raises:
        ConfigError: no such database.
    """
    from nadeuri.match.store.database import MappingStore, now_utc
    from nadeuri.match.store.reviews import open_reviews
    from nadeuri.match.store.versions import versions
    from nadeuri.serve import reviews
    from nadeuri.serve.wire import ServedModel

    with MappingStore(url) as store, store.reading() as connection:
        made = versions(connection)
        first = open_reviews(connection, limit=1)
    served = ServedModel(
        kind="reviews",
        model="mapping",
        version=str(made[0].number if made else 0),
        created=made[0].made if made else now_utc(),
        code_revision=None,
        data_fingerprint=None,
        n_items=None,
        n_users=None,
    )
    example = first[0].left if first else None
    return reviews.room(lambda: MappingStore(url), served, example=example)
