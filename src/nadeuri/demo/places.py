"""Places and packages: the sample world's two databases mapped, and what is served of that."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.artifact import sha256
from nadeuri.data.day_plans import read_itinerary_stops, read_package_stops
from nadeuri.data.poi import read_pois
from nadeuri.data.rejects import RejectsWriter
from nadeuri.data.sample.pois import write as tables
from nadeuri.data.sample.world import MATCH
from nadeuri.demo.record import Record, Say, find, keep, key_of
from nadeuri.match import bundle, place_index
from nadeuri.match.export import export_packages, published_mapping
from nadeuri.match.jobs.store import JobStore
from nadeuri.match.place_index import export_place_index
from nadeuri.match.run import run, score_with
from nadeuri.match.scorer import default_scorer
from nadeuri.match.store.database import MappingStore
from nadeuri.settings import Settings

RECORD, INDEX_RECORD = "places.json", "place-index.json"
STORE = "match.sqlite"
FEW_DAYS = 4


@dataclass(frozen=True)
class PlaceFiles:
    """What became of the places.

    Attributes:
        artifact: folder of the packages that are served.
        index: folder of the other database's places, to match a place with.
        store: URL of the database of the mapping, which has the review queue.
    """

    artifact: Path
    index: Path
    store: str


def build_places(settings: Settings, sample: Path, catalogue: pa.Table, say: Say) -> PlaceFiles:
    """Map the places, or find that done, and export what is served.

    The database is the demo's own: a mapping that was made otherwise is left alone.

    Args:
        sample: folder of the sample world.
        catalogue: its products.

    Raises:
        NadeuriError: what mapping and exporting raise.
    """
    folder = settings.home / f"match-{sample.name}"
    made = PlaceFiles(
        settings.artifacts / bundle.DEFAULT_FOLDER,
        settings.artifacts / place_index.DEFAULT_FOLDER,
        f"sqlite:///{(folder / STORE).absolute()}",
    )
    scorer = default_scorer()
    key = key_of(f"{_fingerprint(sample / MATCH)} {scorer.version}")
    done = find(folder / RECORD, Record, key, made.artifact, bundle.KIND) and find(
        folder / INDEX_RECORD, Record, key, made.index, place_index.KIND
    )
    if done and (folder / STORE).is_file():
        say("Places: done before, and nothing has changed.")
        return made
    shutil.rmtree(folder, ignore_errors=True)  # another world's places would be in the mapping
    folder.mkdir(parents=True)
    with RejectsWriter(folder / "rejects.parquet") as writer:
        left = read_pois(sample / MATCH / tables.AGENCY_PLACES, writer)
        right = read_pois(sample / MATCH / tables.GOOGLE_PLACES, writer)
    with MappingStore(made.store) as store, JobStore(made.store) as jobs:
        summary = run(left, right, store, jobs, score_with(scorer))
        with store.reading() as connection:
            mapping = published_mapping(connection)
    say(
        f"Places: {summary.mapped:,} of the agency's {summary.places:,} are among the other "
        f"{right.num_rows:,}, {summary.no_match:,} are not, {summary.reviews:,} are for review"
    )
    artifact = export_packages(
        made.artifact,
        stops=read_package_stops(sample / MATCH / tables.PACKAGE_STOPS),
        places=left,
        others=right,
        mapping=mapping,
        catalogue=catalogue,
    )
    index = export_place_index(made.index, right, scorer)
    keep(folder / INDEX_RECORD, Record(key, index.version))
    keep(folder / RECORD, Record(key, artifact.version))
    return made


def an_itinerary(sample: Path) -> list[dict[str, Any]]:
    """The stops of the traveller who plans to see most in a few days, as the API takes them."""
    places = pq.read_table(
        sample / MATCH / tables.GOOGLE_PLACES, columns=[columns.PLACE_ID, columns.NAME]
    )
    names = dict(zip(*(column.to_pylist() for column in places.columns), strict=True))
    rows = read_itinerary_stops(sample / MATCH / tables.ITINERARY_STOPS).to_pylist()
    too_long = {row[columns.ITINERARY] for row in rows if row[columns.DAY] > FEW_DAYS}
    planned = Counter(
        row[columns.ITINERARY] for row in rows if row[columns.ITINERARY] not in too_long
    )
    shown = max(sorted(planned), key=planned.__getitem__)
    return [
        {
            columns.PLACE_ID: row[columns.PLACE_ID],
            columns.NAME: names.get(row[columns.PLACE_ID], ""),
            columns.DAY: row[columns.DAY],
            columns.ORDER: row[columns.ORDER],
        }
        for row in rows
        if row[columns.ITINERARY] == shown
    ]


def _fingerprint(folder: Path) -> str:
    """sha256 over the tables."""
    parts = [f"{file.name} {sha256(file)}" for file in sorted(folder.iterdir())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
