"""The benchmark of names across languages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nadeuri.errors import DataError
from places import cross_lingual
from places.cross_lingual import (
    DEVELOPMENT,
    DIRECTIONS,
    ByScorer,
    Floats,
    Names,
    Sight,
    names_of,
    queries,
    read_sights,
    top1,
)

SHARED = Path(__file__).parents[3] / "shared" / "data" / "places" / "cross-lingual"
SIGHTS = [
    Sight("a", "해인사", "Haeinsa Temple", "해인사"),
    Sight("a", "경포 해변", "Gyeongpo Beach", "경포해변"),
    Sight("a", "", "Blue Door", ""),
]


def last_best(asked: Sequence[Names], candidates: Sequence[Names]) -> Floats:
    return np.tile(np.arange(len(candidates), dtype=float), (len(asked), 1))


def test_distractors_are_candidates_and_never_asked() -> None:
    sizes = {
        direction: [len(found) for found, _ in queries(SIGHTS, [direction], last_best)]
        for direction in DIRECTIONS
    }
    assert sizes == {
        "ko_en": [3, 3],
        "ko_local": [3, 3],
        "en_ko": [2, 2],
        "ko_record": [3, 3],
        "record_ko": [2, 2],
    }


def test_the_best_candidate_counts_and_a_tie_is_wrong() -> None:
    assert top1(queries(SIGHTS, ["en_ko"], last_best)) == 0.5
    assert top1(queries(SIGHTS, ["ko_en"], last_best)) == 0  # the distractor is last
    assert top1([(np.ones(2), 0)]) == 0


def test_the_scorer_of_the_package_knows_temples_and_beaches() -> None:
    assert top1(queries(SIGHTS, DIRECTIONS, ByScorer())) == 1


def test_a_test_that_was_learned_from_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_bytes(DEVELOPMENT.read_bytes())
    (tmp_path / "distractors.tsv").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="take them out"):
        cross_lingual.measure(tmp_path)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is absent")
def test_nothing_learned_from_is_in_the_test() -> None:
    tested = [*read_sights(SHARED / "pairs.tsv"), *cross_lingual.read_distractors(SHARED)]
    assert len(tested) == 35 + 56
    assert not names_of(read_sights(DEVELOPMENT)) & names_of(tested)
