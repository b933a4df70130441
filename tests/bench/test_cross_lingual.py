"""The benchmark of names across languages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from nadeuri.errors import DataError
from places import cross_lingual
from places.cross_lingual import DEVELOPMENT, Query, Sight, fit, names_of, queries, read_sights

SHARED = Path(__file__).parents[3] / "shared" / "data" / "places" / "cross-lingual"
SIGHTS = [
    Sight("a", "해인사", "Haeinsa Temple", "해인사"),
    Sight("a", "경포 해변", "Gyeongpo Beach", "경포해변"),
    Sight("a", "", "Blue Door", ""),
]


class Letters:
    """An embedder whose vectors count letters."""

    name, dim = "letters", 128

    def encode(self, texts: Sequence[str], *, query: bool = False) -> npt.NDArray[np.float32]:
        counts = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(counts, texts, strict=True):
            np.add.at(row, [ord(c) % self.dim for c in text], 1)
        return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), np.float32)


def test_distractors_are_candidates_and_never_asked() -> None:
    asked = queries(SIGHTS, Letters())
    sizes = {q.direction: len(q.features) for q in asked}
    assert len(asked) == 2 * len(cross_lingual.DIRECTIONS)
    assert sizes == {"ko_en": 3, "ko_local": 3, "en_ko": 2, "ko_record": 3, "record_ko": 2}


def test_weights_find_what_tells_right_from_wrong() -> None:
    random = np.random.default_rng(0)
    asked = []
    for _ in range(50):
        features = random.random((4, 3))
        features[2, 1] = 1.5
        asked.append(Query("a", "ko_en", features, 2))
    weights = fit(asked, 1.0)
    assert np.argmax(weights) == 1
    assert cross_lingual.top1(asked, lambda query: query.features @ weights) == 1


def test_a_tie_is_wrong() -> None:
    asked = [Query("a", "ko_en", np.ones((2, 1)), 0)]
    assert cross_lingual.top1(asked, lambda query: query.features[:, 0]) == 0


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
