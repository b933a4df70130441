"""Vectors of everything in a graph: made once, and again for what a later load brought."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nadeuri import columns
from nadeuri.embed import UseEmbedder
from nadeuri.errors import DataError, GraphError
from nadeuri.guide.embed_graph import embed_graph
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.load import load_folder
from nadeuri.guide.neighbours import PlaceNeighbours
from nadeuri.guide.parts import GRAPH, PLACES, REVIEWS
from nadeuri.guide.reviews import ReviewVectors


@pytest.fixture
def folder(tiny_guide_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny guide."""
    return Path(shutil.copytree(tiny_guide_folder, tmp_path / "guide"))


def test_all_reviews_and_places_have_a_vector(tiny_guide_folder: Path, place_folder: Path) -> None:
    reviews = ReviewVectors(tiny_guide_folder / REVIEWS)
    table = pq.read_table(place_folder / "reviews.parquet")
    assert sorted(reviews.reviews[columns.REVIEW_ID].to_pylist()) == sorted(
        table[columns.REVIEW_ID].to_pylist()
    )
    places = PlaceNeighbours(tiny_guide_folder / PLACES)
    assert len(places.place_ids) == 30
    assert places.vectors.any(axis=1).all()


def test_places_alike_share_what_the_graph_says(tiny_guide_folder: Path) -> None:
    alike = PlaceNeighbours(tiny_guide_folder / PLACES).nearest(["P00001"], None, 3)
    pork_in_aewol = {"P00002", "P00003", "P00004"}
    assert {each.place_id for each in alike} == pork_in_aewol


def test_only_what_a_later_load_brought_is_embedded(
    folder: Path, use_embedder: UseEmbedder, tmp_path: Path
) -> None:
    seen: list[int] = []

    def on_batch(ids: Sequence[str], n_places: int) -> None:
        assert n_places == 30
        seen.append(len(ids))

    same = embed_graph(folder, use_embedder, processes=1, on_batch=on_batch).reviews
    assert (same.n_reviews, same.n_embedded, sum(seen)) == (900, 0, 30)
    more = tmp_path / "more"
    more.mkdir()
    row = {
        columns.REVIEW_ID: "new-1",
        columns.PLACE_ID: "P00005",
        columns.SOURCE: "네이버",
        columns.TEXT: "창가 자리에서 본 노을을 잊을 수 없어요",
        columns.DATE: "2026-11-27",
        columns.RATING: 5.0,
        columns.KEYWORDS: ["뷰가 좋아요"],
    }
    pq.write_table(pa.Table.from_pylist([row]), more / "reviews.parquet")
    with LadybugStore(folder / GRAPH) as store:
        assert not load_folder(more, store, more / "rejects.parquet").rejected
    after = embed_graph(folder, use_embedder, processes=1).reviews
    assert (after.n_reviews, after.n_embedded) == (901, 1)


def test_a_graph_without_reviews_is_reported(tmp_path: Path, use_embedder: UseEmbedder) -> None:
    with pytest.raises(GraphError, match="nadeuri guide load"):
        embed_graph(tmp_path, use_embedder)
    with LadybugStore(tmp_path / GRAPH) as store:
        store.create_schema()
    with pytest.raises(DataError, match="no reviews"):
        embed_graph(tmp_path, use_embedder, processes=1)
