"""Graph embeddings of places, and filling up a list of candidates from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from nadeuri import columns
from nadeuri.errors import ArtifactError, DataError
from nadeuri.guide.neighbours import (
    CATEGORY,
    KEYWORD,
    TOWN,
    Edges,
    PlaceNeighbours,
    edges_of_tables,
    embed_places,
    fastrp,
    top_up,
)

N_PLACES, N_TOWNS = 1_200, 20
CATEGORIES = columns.PLACE_CATEGORIES[:12]
TICKED = (
    "조용해요",
    "뷰가 좋아요",
    "가성비가 좋아요",
    "친절해요",
    "주차하기 편해요",
    "양이 많아요",
)


@dataclass(frozen=True)
class World:
    """Places by id, with what joins them."""

    ids: list[str]
    category: list[str]
    town: list[str]
    edges: list[Edges]


def make_world(n: int = N_PLACES) -> World:
    """Visits and menus of a place follow from its category, keywords from nothing."""
    random = np.random.default_rng(0)
    ids = [f"P{i:05}" for i in range(n)]
    kinds = random.integers(0, len(CATEGORIES), n)
    towns = random.integers(0, N_TOWNS, n)
    category, town = [CATEGORIES[i] for i in kinds], [f"동네{i}" for i in towns]
    places = table(
        [
            (i, category[at], town[at], ("제주시", "서귀포시")[towns[at] % 2])
            for at, i in enumerate(ids)
        ],
        (columns.PLACE_ID, columns.CATEGORY, columns.TOWN, columns.CITY),
    )
    menus = table(
        [
            (i, f"{category[at]} {random.integers(8)}번")
            for at, i in enumerate(ids)
            for _ in range(4)
        ],
        (columns.PLACE_ID, columns.NAME),
    )
    liking = np.random.default_rng(1).dirichlet(np.full(9, 0.7), len(CATEGORIES))
    visits = table(
        [
            (i, kind, value, int(count))
            for at, i in enumerate(ids)
            for kind, values in (
                (columns.COMPANION, columns.COMPANIONS),
                (columns.PURPOSE, columns.PURPOSES),
            )
            for value, count in zip(values, random.multinomial(200, liking[kinds[at]]), strict=True)
        ],
        (columns.PLACE_ID, columns.KIND, columns.VALUE, columns.N_VISITS),
    )
    ticked = random.random((n, 5, len(TICKED))) < 0.2
    reviews = pa.table(
        {
            columns.PLACE_ID: [i for i in ids for _ in range(5)],
            columns.KEYWORDS: pa.array(
                [
                    [keyword for keyword, yes in zip(TICKED, row, strict=True) if yes]
                    for place in ticked
                    for row in place
                ],
                pa.list_(pa.string()),
            ),
        }
    )
    return World(ids, category, town, edges_of_tables(places, menus, visits, reviews))


def table(rows: Sequence[tuple[object, ...]], names: Sequence[str]) -> pa.Table:
    return pa.table({name: [row[at] for row in rows] for at, name in enumerate(names)})


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def neighbours(world: World, tmp_path_factory: pytest.TempPathFactory) -> PlaceNeighbours:
    folder = tmp_path_factory.mktemp("neighbours") / "places"
    embed_places(folder, world.ids, world.edges)
    return PlaceNeighbours(folder)


# --- FastRP ---------------------------------------------------------------------------------------


def test_vectors_are_distinct(neighbours: PlaceNeighbours, world: World, tmp_path: Path) -> None:
    assert len(np.unique(neighbours.vectors, axis=0)) == N_PLACES
    assert np.allclose(np.linalg.norm(neighbours.vectors, axis=1), 1, atol=1e-5)
    keywords = [edges for edges in world.edges if edges.kind == KEYWORD]
    alike = [Edges(KEYWORD, e.place_ids, e.values, 1.0) for e in keywords]
    embed_places(tmp_path / "k", world.ids, alike)
    alone = np.unique(PlaceNeighbours(tmp_path / "k").vectors.round(4), axis=0)
    assert len(alone) <= 2 ** len(TICKED), "the trap that the other kinds of edges are there for"


def test_neighbours_share_category_and_region(neighbours: PlaceNeighbours, world: World) -> None:
    category = dict(zip(world.ids, world.category, strict=True))
    town = dict(zip(world.ids, world.town, strict=True))
    found = [
        (asked, near.place_id)
        for asked in world.ids[::10]
        for near in neighbours.nearest([asked], None, 5)
    ]
    same_category = np.mean([category[a] == category[b] for a, b in found])
    same_town = np.mean([town[a] == town[b] for a, b in found])
    assert same_category > 0.8  # by chance 1 / 12
    assert same_town > 3 / N_TOWNS


def test_shares_of_visits_count(tmp_path: Path) -> None:
    def visits(place: str, parents: int, children: int) -> list[tuple[str, str, int]]:
        return [(place, "부모님", parents), (place, "아이", children)]

    rows = [*visits("A", 90, 10), *visits("B", 900, 95), *visits("C", 10, 90)]
    places, values, counts = zip(*rows, strict=True)
    embed_places(tmp_path / "p", "ABC", [Edges("companion", places, values, counts)])
    store = PlaceNeighbours(tmp_path / "p")
    assert [near.place_id for near in store.nearest(["A"], None, 2)] == ["B", "C"]


def test_same_seed_same_vectors(world: World, neighbours: PlaceNeighbours, tmp_path: Path) -> None:
    shuffled = [world.edges[i] for i in np.random.default_rng(1).permutation(len(world.edges))]
    embed_places(tmp_path / "same", world.ids[::-1], shuffled)
    assert np.allclose(PlaceNeighbours(tmp_path / "same").vectors, neighbours.vectors, atol=1e-6)
    embed_places(tmp_path / "other", world.ids, world.edges, seed=1)
    assert not np.allclose(PlaceNeighbours(tmp_path / "other").vectors, neighbours.vectors)


def test_random_walks_keep_cosines_of_what_they_see() -> None:
    """After one step, places with the same two values are one, and those with other values far."""
    links = np.zeros((8, 8))
    for place, value in ((0, 4), (0, 5), (1, 4), (1, 5), (2, 6), (2, 7), (3, 5), (3, 6)):
        links[place, value] = links[value, place] = 1
    vectors = fastrp(csr_array(links), 4, dim=4_096)
    cosines = vectors @ vectors.T
    assert cosines[0, 1] == pytest.approx(1, abs=1e-5)
    assert cosines[0, 1] > cosines[0, 3] > cosines[0, 2]


def test_wrong_edges_are_refused(tmp_path: Path) -> None:
    for edges, reason in (
        (Edges("colour", ["A"], ["red"], 1.0), "colour"),
        (Edges(TOWN, ["A"], ["연동"], 0.0), "above zero"),
        (Edges(TOWN, ["A"], ["연동"], float("nan")), "above zero"),
        (Edges(TOWN, ["Z"], ["연동"], 1.0), "'Z' is none of the places"),
    ):
        with pytest.raises(DataError, match=reason):
            embed_places(tmp_path / "p", ["A"], [edges])
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ArtifactError):
        PlaceNeighbours(tmp_path / "p")


def test_places_without_edges_are_near_nothing(tmp_path: Path) -> None:
    edges = [Edges(CATEGORY, ["A", "B"], ["카페", "카페"], 1.0)]
    embed_places(tmp_path / "p", ["A", "B", "C"], edges)
    store = PlaceNeighbours(tmp_path / "p")
    assert store.nearest(["C"], None, 3) == []
    assert [near.place_id for near in store.nearest(["A"], None, 3)] == ["B"]
    embed_places(tmp_path / "none", [], [])
    assert PlaceNeighbours(tmp_path / "none").nearest(["A"], None, 3) == []


def test_equal_places_are_in_the_order_of_ids(tmp_path: Path) -> None:
    ids = [f"P{i}" for i in range(9)]
    embed_places(tmp_path / "p", ids, [Edges(CATEGORY, ids, ["카페"] * 9, 1.0)])
    found = PlaceNeighbours(tmp_path / "p").nearest(["P4"], None, 4)
    assert [near.place_id for near in found] == ["P0", "P1", "P2", "P3"]


# --- top-up ---------------------------------------------------------------------------------------


@given(data=st.data())
def test_top_up(neighbours: PlaceNeighbours, world: World, data: st.DataObject) -> None:
    some = st.lists(st.sampled_from([*world.ids[:40], "unknown"]), max_size=12)
    candidates, anchors = data.draw(some), data.draw(some)
    allowed = data.draw(st.none() | st.sets(st.sampled_from(world.ids[:60]), max_size=20))
    n = data.draw(st.integers(1, 8))
    found = top_up(candidates, neighbours, allowed, anchors=anchors, n=n)

    assert len(found) == len(set(found)) <= n
    assert not set(found) & set(anchors)
    assert allowed is None or set(found) <= allowed
    kept = [i for i in dict.fromkeys(candidates) if i not in anchors]
    kept = [i for i in kept if allowed is None or i in allowed][:n]
    assert found[: len(kept)] == kept, "candidates keep their places"
    if {*kept, *anchors} - {"unknown"}:
        free = (allowed if allowed is not None else set(world.ids)) - {*kept, *anchors}
        assert len(found) == min(n, len(kept) + len(free)), "filled as far as it can be"
    else:
        assert found == kept, "nothing to be like"


def test_top_up_takes_the_most_alike(neighbours: PlaceNeighbours, world: World) -> None:
    first, *_ = world.ids
    nearest = [near.place_id for near in neighbours.nearest([first], None, 30)]
    assert top_up([first], neighbours, None) == [first, *nearest[:5]]
    allowed = {first, *nearest[3::4]}
    assert top_up([first, first], neighbours, allowed) == [first, *nearest[3::4][:5]]
    assert top_up([], neighbours, allowed, anchors=[first], n=2) == nearest[3::4][:2]
