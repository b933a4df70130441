"""The place guide: the sample world's places as a graph, with the vectors of their reviews."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from nadeuri.data.place_reader import find_tables
from nadeuri.demo.record import Record, Say, find, keep, key_of
from nadeuri.embed import UseEmbedder
from nadeuri.guide.embed_graph import embed_graph
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.load import load_folder
from nadeuri.guide.parts import GRAPH, REVIEWS
from nadeuri.guide.reviews import KIND
from nadeuri.settings import Settings

RECORD = "guide.json"
ASKED_GUIDE = "60대 부모님과 가기 좋은 애월읍 흑돼지 맛집 추천해줘"

_BLOCK = 1 << 20


def build_guide(settings: Settings, sample: Path, say: Say) -> Path:
    """Make, or find again, what the guide answers from; returns the folder of it.

    It is a folder of the demo's own: a graph that was loaded otherwise is left alone.

    Args:
        sample: folder of the sample world.

    Raises:
        NadeuriError: what loading and embedding raise.
    """
    folder = settings.home / f"guide-{sample.name}"
    key = key_of(f"{_fingerprint(sample)} {UseEmbedder.name}")
    done = find(folder / RECORD, Record, key, folder / REVIEWS, KIND)
    if done and (folder / GRAPH).is_file():
        say("Guide: done before, and nothing has changed.")
        return folder
    shutil.rmtree(folder, ignore_errors=True)  # a load would add to what another world has left
    folder.mkdir(parents=True)
    with LadybugStore(folder / GRAPH) as store:
        loaded = load_folder(sample, store, folder / "rejects.parquet")
    n_places, n_reviews = loaded.rows["places"], loaded.rows["reviews"]
    say(f"Guide: {n_places:,} places and {n_reviews:,} reviews in the graph; embedding the reviews")
    made = embed_graph(folder, UseEmbedder())
    keep(folder / RECORD, Record(key, made.reviews.artifact.version))
    return folder


def _fingerprint(sample: Path) -> str:
    """sha256 over the tables of places."""
    digest = hashlib.sha256()
    for name, files in sorted(find_tables(sample).items()):
        for file in sorted(files):
            digest.update(f"{name} {file.name} {file.stat().st_size}\n".encode())
            with file.open("rb") as stream:
                while block := stream.read(_BLOCK):
                    digest.update(block)
    return digest.hexdigest()
