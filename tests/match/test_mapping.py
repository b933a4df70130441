"""From two tables to a mapping."""

from __future__ import annotations

import numpy as np
import pytest
from poi_town import place, table, town

from nadeuri import columns
from nadeuri.match.features import PairFeatures
from nadeuri.match.mapping import ScoredPairs, map_places, score_pairs
from nadeuri.match.overlap import NgramSpace
from nadeuri.match.records import read_records
from nadeuri.match.scorer import PairScorer, Thresholds
from nadeuri.match.surroundings import Surroundings

N = 60


@pytest.fixture(scope="module")
def scorer() -> PairScorer:
    """Learned from all pairs of a town."""
    left, right = (read_records(side) for side in town(N, seed=1))
    li, ri = (axis.ravel() for axis in np.meshgrid(np.arange(N), np.arange(N), indexing="ij"))
    around = Surroundings(left.points, right.points)
    features = PairFeatures(left, right, NgramSpace(left, right), around).matrix(li, ri)
    return PairScorer.fit(features, (li == ri) & (li % 4 > 0), li % 2)


def test_another_town_is_mapped(scorer: PairScorer) -> None:
    mapping = map_places(*town(N, seed=2), scorer)
    assert mapping.column_names == [
        columns.LEFT,
        columns.RIGHT,
        columns.PROBABILITY,
        columns.DECISION,
        columns.METRES,
    ]
    assert mapping[columns.LEFT].to_pylist() == [f"l{i}" for i in range(N)]
    rights = [right for right in mapping[columns.RIGHT].to_pylist() if right is not None]
    assert len(set(rights)) == len(rights)
    rows = mapping.to_pylist()
    accepted = [row for row in rows if row[columns.DECISION] == columns.ACCEPT]
    assert len(accepted) > 0.7 * N * 3 / 4
    wrong = [row for row in accepted if row[columns.RIGHT] != f"r{row[columns.LEFT][1:]}"]
    assert len(wrong) <= 2
    assert all(row[columns.METRES] < 300 for row in accepted)
    without = [row for row in rows if row[columns.DECISION] == columns.NONE]
    assert all(row[columns.RIGHT] is None for row in without)


def test_candidates_come_best_first(scorer: PairScorer) -> None:
    left, right = town(N, seed=2)
    found = score_pairs(left, right, scorer).candidates(3).to_pylist()
    assert len(found) <= 3 * N
    by_left: dict[str, list[float]] = {}
    for row in found:
        by_left.setdefault(row[columns.LEFT], []).append(row[columns.PROBABILITY])
    assert all(some == sorted(some, reverse=True) for some in by_left.values())
    assert list(by_left) == sorted(by_left, key=lambda place_id: int(place_id[1:]))


def test_the_order_of_the_tables_does_not_matter(scorer: PairScorer) -> None:
    left, right = town(40, seed=3)
    order = np.random.default_rng(0).permutation(40)
    one = map_places(left, right, scorer).to_pylist()
    other = map_places(left.take(order), right.take(order[::-1]), scorer).to_pylist()
    names = (columns.LEFT, columns.RIGHT, columns.DECISION)
    assert {tuple(row[name] for name in names) for row in one} == {
        tuple(row[name] for name in names) for row in other
    }


def test_places_without_positions_are_mapped_by_name(scorer: PairScorer) -> None:
    left = table([place("a", "Blue River Cafe"), place("b", "Nothing Like It")])
    right = table([place("x", "Blue River Cafe"), place("y", "Zoo")])
    rows = map_places(left, right, scorer).to_pylist()
    assert rows[0][columns.METRES] is None
    assert rows[0][columns.PROBABILITY] > (rows[1][columns.PROBABILITY] or 0)
    assert (rows[1][columns.RIGHT], rows[1][columns.DECISION]) == (None, columns.NONE)


def test_empty_tables_are_mapped_to_nothing(scorer: PairScorer) -> None:
    left, right = town(3)
    assert map_places(left.slice(0, 0), right, scorer).num_rows == 0
    nothing = map_places(left, right.slice(0, 0), scorer)
    assert nothing[columns.DECISION].to_pylist() == [columns.NONE] * 3
    assert nothing[columns.PROBABILITY].null_count == 3
    assert score_pairs(left, right.slice(0, 0), scorer).candidates().num_rows == 0


def pairs(rows: list[tuple[int, int, float]]) -> ScoredPairs:
    li, ri, probability = zip(*rows, strict=True)
    return ScoredPairs(
        ("a", "b", "c"),
        ("x", "y"),
        np.array(li),
        np.array(ri),
        np.array(probability),
        np.full(len(rows), np.nan),
        Thresholds(accept_above=0.9, reject_below=0.1),
    )


def test_likely_pairs_go_before_doubtful_ones() -> None:
    scored = pairs([(0, 0, 0.95), (0, 1, 0.4), (1, 0, 0.45), (2, 1, 0.05)])
    rows = scored.mapping().to_pylist()
    assert [(row[columns.RIGHT], row[columns.DECISION]) for row in rows] == [
        ("x", columns.ACCEPT),
        (None, columns.NONE),
        (None, columns.NONE),
    ]
    assert [row[columns.PROBABILITY] for row in rows] == [0.95, 0.45, 0.05]


def test_what_is_neither_sure_nor_unlikely_is_asked_about() -> None:
    rows = pairs([(0, 0, 0.6), (1, 1, 0.2)]).mapping().to_pylist()
    assert [row[columns.DECISION] for row in rows] == [columns.ASK, columns.ASK, columns.NONE]
    assert rows[2][columns.PROBABILITY] is None
