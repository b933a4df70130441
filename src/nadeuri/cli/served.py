"""What ``nadeuri serve`` finds in the work folder, and its rooms that are no artefacts."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nadeuri.serve.room import Room
    from nadeuri.settings import Settings

logger = logging.getLogger(__name__)


def guide_that_is_there(settings: Settings) -> Path | None:
    """The folder of the place guide, if it has all its parts."""
    from nadeuri.cli.guide.opening import guide_folder
    from nadeuri.guide.parts import GRAPH, PLACES, REVIEWS

    folder = guide_folder(settings)
    return folder if all((folder / part).exists() for part in (GRAPH, REVIEWS, PLACES)) else None


def mapping_that_is_there(settings: Settings) -> str | None:
    """URL of the database of the mapping, if it is there."""
    from nadeuri.cli.match.opening import store_url

    url = store_url(settings, None)
    return url if Path(url.removeprefix("sqlite:///")).exists() else None


def keys_of(settings: Settings, folder: Path) -> Path | None:
    """A file in ``folder``, which is private, with the keys that the environment holds, if any."""
    if settings.keys is None:
        return None
    file = folder / "NADEURI_KEYS"
    file.write_text(settings.keys, encoding="utf-8")
    return file


def labelling_that_is_there(settings: Settings) -> str | None:
    """URL of the database of labelling, if it is there."""
    from nadeuri.cli.label.opening import store_url

    url = store_url(settings, None)
    return url if Path(url.removeprefix("sqlite:///")).exists() else None


def models_that_are_there(folder: Path, *, or_first: bool) -> tuple[Path, ...]:
    """The exported models; without any, and if so wanted, the one whose absence is reported."""
    from nadeuri.match.bundle import DEFAULT_FOLDER as PACKAGES
    from nadeuri.match.place_index import DEFAULT_FOLDER as PLACES
    from nadeuri.recommend.bundle import DEFAULT_FOLDER as FOR_YOU
    from nadeuri.recommend.coview.bundle import DEFAULT_FOLDER as ALSO_VIEWED
    from nadeuri.understand.bundle import DEFAULT_FOLDER as QUESTIONS

    for_you = folder / FOR_YOU
    beside = _recommenders_beside(for_you) if for_you.exists() else ()
    others = (folder / name for name in (ALSO_VIEWED, QUESTIONS, PACKAGES, PLACES))
    there = tuple(path for path in (for_you, *beside, *others) if path.exists())
    return there or ((for_you,) if or_first else ())


def _recommenders_beside(first: Path) -> tuple[Path, ...]:
    """Recommenders of further models in the folders ``for-you-*``, by name.

    One that holds a model that is served already, such as one that a comparison chose before, is
    left out.
    """
    from nadeuri.artifact import MANIFEST, read_manifest
    from nadeuri.recommend.bundle import KIND

    manifests = sorted(first.parent.glob(f"{first.name}-*/{MANIFEST}"))
    models = {read_manifest(first).metadata["model"]} if manifests else set()
    beside = []
    for manifest in manifests:
        found = read_manifest(manifest.parent)
        model = found.metadata.get("model")
        if found.kind != KIND or model in models:
            logger.info("%s is not served: it holds no further recommender", manifest.parent)
            continue
        models.add(model)
        beside.append(manifest.parent)
    return tuple(beside)


def guide_room(settings: Settings, folder: Path) -> Room:
    """The guide's room; its graph and its memory are opened by each worker.

    Raises:
        ArtifactError: vectors or the question model are missing or damaged.
    """
    from nadeuri.artifact import read_manifest
    from nadeuri.cli.guide.opening import MEMORY, prepared_guide
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
    return guide.room(prepared_guide(settings, folder, memory=folder / MEMORY), served)


def review_room(url: str) -> Room:
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
        made = versions(connection, limit=1)
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


def jobs_room(url: str) -> Room:
    """The room of batch jobs and versions of the mapping; each worker connects for itself.

    Raises:
        ConfigError: no such database.
    """
    from datetime import UTC, datetime

    from nadeuri.database import Database
    from nadeuri.match.jobs import records, tables
    from nadeuri.match.store.database import now_utc
    from nadeuri.match.store.tables import METADATA as MAPPING
    from nadeuri.serve import jobs
    from nadeuri.serve.wire import ServedModel

    def opened() -> Database:
        return Database(url, tables.METADATA, MAPPING)

    with opened() as store, store.reading() as connection:
        last = next(iter(records.batches(connection, limit=1)), None)
    served = ServedModel(
        kind="jobs",
        model="batches",
        version=str(last.number if last else 0),
        created=datetime.fromtimestamp(last.planned_at, UTC).isoformat() if last else now_utc(),
        code_revision=None,
        data_fingerprint=None,
        n_items=None,
        n_users=None,
    )
    return jobs.room(opened, served, example=str(last.number) if last else None)


def labelling_room(url: str) -> Room:
    """The room where questions are labelled; each worker connects for itself.

    Raises:
        ConfigError: no such database.
    """
    from nadeuri.serve import labelling
    from nadeuri.serve.wire import ServedModel
    from nadeuri.understand.labelling.database import LabellingStore
    from nadeuri.understand.labelling.labels import now_utc
    from nadeuri.understand.labelling.tasks import first_task
    from nadeuri.understand.labels import load_scheme

    with LabellingStore(url) as store, store.reading() as connection:
        example = first_task(connection)
    served = ServedModel(
        kind="labelling",
        model="people",
        version="1",
        created=now_utc(),
        code_revision=None,
        data_fingerprint=None,
        n_items=None,
        n_users=None,
    )
    return labelling.room(lambda: LabellingStore(url), load_scheme(), served, example=example)
