"""n-grams of one table, asked for one place at a time."""

from __future__ import annotations

import numpy as np
import pytest
from poi_town import place, table, town

from nadeuri.match.ngram_index import NgramIndex
from nadeuri.match.overlap import NgramSpace
from nadeuri.match.records import read_records


def test_cosines_are_those_of_the_space_of_both_tables() -> None:
    left, right = (read_records(side) for side in town(60, seed=5))
    index = NgramIndex(right.spellings)
    everywhere = np.arange(60)
    for i in range(6):
        alone = read_records(town(60, seed=5)[0].slice(i, 1))
        expected = NgramSpace(alone, right).cosine(np.zeros(60, np.int64), everywhere)
        found = index.cosine(index.vectors(left.spellings[i]), everywhere)
        assert found == pytest.approx(expected, abs=0.03)


def test_unknown_letters_make_a_name_less_like_others() -> None:
    records = read_records(table([place("r1", "Blue Cafe"), place("r2", "Old Hotel")]))
    index = NgramIndex(records.spellings)
    same, longer = (
        index.cosine(index.vectors((text,)), np.array([0]))[0]
        for text in ("blue cafe", "blue cafe zzyzx")
    )
    assert same == pytest.approx(1, abs=1e-3)
    assert longer < 0.8


def test_what_is_like_nothing_finds_nothing() -> None:
    index = NgramIndex((("blue cafe",), ("old hotel",), ()))
    assert index.nearest(index.vectors(("zzyzx", "")), 5).tolist() == []
    assert index.cosine(index.vectors(("blue cafe",)), np.array([2]))[0] == 0
    assert index.nearest(index.vectors(("blue cafe",)), 1).tolist() == [0]
