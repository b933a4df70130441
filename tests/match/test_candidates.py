"""Which pairs are looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from poi_town import place, table, town

from nadeuri import columns
from nadeuri.data.places import great_circle_metres
from nadeuri.embed import Embedder
from nadeuri.match.candidates import candidate_pairs
from nadeuri.match.meaning import Meanings
from nadeuri.match.overlap import NgramSpace
from nadeuri.match.records import read_records
from nadeuri.match.surroundings import N_NEAREST, Surroundings


def found(
    left: pa.Table, right: pa.Table, embedder: Embedder | None = None
) -> set[tuple[str, str]]:
    mine, theirs = read_records(left), read_records(right)
    around = Surroundings(mine.points, theirs.points)
    meanings = None if embedder is None else Meanings(mine, theirs, embedder)
    li, ri = candidate_pairs(mine, theirs, NgramSpace(mine, theirs), around, meanings=meanings)
    assert len(li) == len({*zip(li.tolist(), ri.tolist(), strict=True)})
    assert (np.diff(li) >= 0).all()
    return {(mine.ids[i], theirs.ids[j]) for i, j in zip(li.tolist(), ri.tolist(), strict=True)}


def test_what_is_near_or_named_alike_is_looked_at() -> None:
    left = table([place("a", "Blue Lotus Cafe", 35.0, 129.0), place("b", "Old Mill")])
    right = table(
        [
            place("near", "Something Else", 35.001, 129.0),
            place("far", "Something Else", 35.1, 129.0),
            place("alike", "Blue Lotus Coffee", 37.5, 127.0),
            place("nowhere", "The Old Mill"),
        ]
    )
    assert found(left, right) == {("a", "near"), ("a", "alike"), ("b", "nowhere")}


def test_the_true_pairs_of_a_town_are_among_them() -> None:
    left, right = town(200)
    pairs = found(left, right)
    true = {(f"l{i}", f"r{i}") for i in range(200) if i % 4}
    assert true <= pairs
    assert len(pairs) < 200 * 20


def test_scripts_meet() -> None:
    left = table([place("a", "도톤보리"), place("b", "청수사")])
    right = table([place("x", "Dotonbori"), place("y", "Kiyomizu-dera"), place("z", "Harbour")])
    assert ("a", "x") in found(left, right)


class TwoMeanings:
    """An encoder that knows two meanings."""

    name, dim = "two-meanings", 2

    def encode(self, texts: Sequence[str], *, query: bool = False) -> np.ndarray:
        known = {"가나다라": 0, "xyzzy": 0}
        return np.eye(2, dtype=np.float32)[[known.get(text, 1) for text in texts]]


@pytest.mark.parametrize("where", [(None, None), (35.0, 135.78)])
def test_an_encoder_finds_what_only_means_the_same(where: tuple[float | None, ...]) -> None:
    latitude, longitude = where
    left = table([place("b", "가나다라", latitude, longitude)])
    away = None if latitude is None else latitude + 0.01
    right = table([place("y", "Xyzzy", away, longitude)])
    assert found(left, right) == set()
    assert found(left, right, TwoMeanings()) == {("b", "y")}


def test_empty_tables_have_no_pairs() -> None:
    left, right = town(4)
    assert found(left.slice(0, 0), right) == found(left, right.slice(0, 0)) == set()


def test_neighbours_are_those_of_a_full_search() -> None:
    random = np.random.default_rng(0)
    left, right = (random.random((n, 2)) * [0.02, 0.04] + [60, 10] for n in (40, 50))
    right[7] = np.nan
    around = Surroundings(left, right)
    metres = great_circle_metres(*left.T[:, :, None], *right.T[:, None, :])
    pairs = {
        (i, j)
        for li, ri in around.pairs_within(500)
        for i, j in zip(li.tolist(), ri.tolist(), strict=True)
    }
    assert pairs == {*zip(*(axis.tolist() for axis in np.nonzero(metres <= 500)), strict=True)}
    expected = np.sort(metres, axis=1)[:, :N_NEAREST]
    assert around.right_metres() == pytest.approx(expected, abs=0.01)
    li, ri = np.nonzero(metres < 300)
    nearer = (metres[li] < metres[li, ri][:, None] - 0.5).sum(axis=1)
    assert around.nearer_right(li, metres[li, ri]).tolist() == nearer.tolist()


def test_names_of_the_table_are_read_once_each() -> None:
    rows = [{**place("a", "금각사"), columns.NAME_EN: "Kinkaku-ji", columns.NAME_LOCAL: "金閣寺"}]
    records = read_records(table(rows))
    assert len(records.bundles[0].names) == 3
    assert "kinkaku ji" in records.spellings[0]
    same = [{**place("a", "Kinkaku-ji"), columns.NAME_EN: "KINKAKU-JI"}]
    assert len(read_records(table(same)).bundles[0].names) == 1


def test_what_is_translated_in_part_meets_by_sound() -> None:
    left = table([place("a", "비엔꽝 시장"), place("b", "손짜 사원")])
    right = table([place("x", "Bien Quang Market"), place("y", "Son Tra Temple")])
    assert {("a", "x"), ("b", "y")} <= found(left, right)


def test_the_same_phone_is_enough_unless_too_many_have_it() -> None:
    def called(names: str, phone: str) -> list[dict[str, object]]:
        return [{**place(name, name * 3), columns.PHONE: phone} for name in names]

    left = [*called("a", "84-3-6341-9208"), *called("bcdef", "02-555-1234")]
    right = [*called("v", "+84 3-6341-9208"), *called("wxyzu", "02-555-1234")]
    assert found(table(left), table(right)) == {("a", "v")}


def test_nothing_is_encoded_where_all_names_are_in_one_script() -> None:
    class Never(TwoMeanings):
        def encode(self, texts: Sequence[str], *, query: bool = False) -> np.ndarray:
            raise AssertionError(texts)

    left = table([place("a", "Old Mill"), place("b", "Blue Lotus", 35.0, 129.0)])
    right = table([place("x", "The Old Mill"), place("y", "Harbour", 35.001, 129.0)])
    assert found(left, right, Never()) == found(left, right)
