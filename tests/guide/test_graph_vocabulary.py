"""The vocabulary of a graph is what its tables name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from nadeuri import columns
from nadeuri.guide.graph_vocabulary import vocabulary_of
from nadeuri.guide.ladybug import LadybugStore
from nadeuri.guide.plan import Area
from nadeuri.guide.rules.reading import read
from nadeuri.guide.vocabulary import Vocabulary

NOW = datetime(2026, 11, 28, 18, 30)


@pytest.fixture(scope="module")
def graph(tiny_graph: Path) -> Iterator[LadybugStore]:
    """The tiny graph with room for the plans of many queries."""
    with LadybugStore(tiny_graph, read_only=True) as store:
        yield store


@pytest.fixture(scope="module")
def vocabulary(graph: LadybugStore) -> Vocabulary:
    return vocabulary_of(graph)


def column(folder: Path, table: str, name: str) -> list[str]:
    """Distinct values of a column, sorted."""
    values = pq.read_table(folder / f"{table}.parquet")[name].to_pylist()
    return sorted(set(values))


def test_names_are_those_of_the_tables(vocabulary: Vocabulary, place_folder: Path) -> None:
    assert list(vocabulary.categories) == column(place_folder, "places", "category")
    assert list(vocabulary.places) == column(place_folder, "places", "name")
    assert list(vocabulary.menus) == column(place_folder, "menus", "name")
    assert list(vocabulary.attractions) == column(place_folder, "attractions", "name")
    visits = pq.read_table(place_folder / "visits.parquet").to_pylist()
    for kind, names in (
        (columns.PURPOSE, vocabulary.purposes),
        (columns.COMPANION, vocabulary.companions),
    ):
        assert list(names) == sorted({row["value"] for row in visits if row["kind"] == kind})
    reviews = pq.read_table(place_folder / "reviews.parquet")["keywords"].to_pylist()
    assert list(vocabulary.keywords) == sorted({word for words in reviews for word in words})


def test_areas_have_their_coarser_ones(vocabulary: Vocabulary, place_folder: Path) -> None:
    rows = pq.read_table(place_folder / "places.parquet").to_pylist()
    wanted = {Area(city=row["city"]) for row in rows}
    wanted |= {Area(city=row["city"], town=row["town"]) for row in rows}
    wanted |= {
        Area(city=row["city"], town=row["town"], village=row["village"])
        for row in rows
        if row["village"]
    }
    assert len(vocabulary.areas) == len(wanted)
    assert set(vocabulary.areas) == wanted


def test_segments_keep_their_order(vocabulary: Vocabulary) -> None:
    assert vocabulary.segments == columns.SEGMENTS


def test_it_is_the_same_every_time(vocabulary: Vocabulary, graph: LadybugStore) -> None:
    assert vocabulary_of(graph) == vocabulary


def test_questions_are_read_with_it(vocabulary: Vocabulary) -> None:
    question = "60대 부모님과 가기 좋은 애월읍 흑돼지 맛집 추천해줘"
    plan = read(question, vocabulary, now=NOW).plan
    assert plan is not None
    assert plan.areas == (Area(city="제주시", town="애월읍"),)
    assert plan.categories == ("흑돼지",)
    assert plan.companions == ("부모님",)


def test_an_empty_graph_has_an_empty_vocabulary(tmp_path: Path) -> None:
    with LadybugStore(tmp_path / "graph", memory_bytes=128 << 20) as store:
        store.create_schema()
        found = vocabulary_of(store)
    assert (found.areas, found.menus, found.keywords) == ((), (), ())
    assert not any(found.segments.values())
