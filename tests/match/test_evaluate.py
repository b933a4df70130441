"""A mapping beside labelled pairs."""

from __future__ import annotations

import pyarrow as pa
import pytest

from nadeuri.match.evaluate import agreement

LABELLED = pa.table(
    {
        "left": ["a", "b", "c", "d"],
        "right": ["x", "y", "z", None],
        "relation": ["same", "same", "nearby", "different"],
    }
)


def test_only_what_is_labelled_counts() -> None:
    found = agreement({"a": "x", "b": "z", "c": "z", "other": "w"}, LABELLED)
    assert (found.n_same, found.n_mapped, found.n_right) == (2, 3, 1)
    assert found.precision == pytest.approx(1 / 3)
    assert found.recall == pytest.approx(1 / 2)
    assert found.f1 == pytest.approx(2 / 5)


def test_with_complete_labels_every_other_pair_is_wrong() -> None:
    found = agreement({"a": "x", "other": "w"}, LABELLED, complete=True)
    assert (found.n_mapped, found.n_right) == (2, 1)


def test_pairs_without_relation_are_the_same() -> None:
    assert agreement({"a": "x", "c": "z"}, LABELLED.select(["left", "right"])).n_right == 2


def test_nothing_found_of_nothing_is_perfect() -> None:
    nothing = agreement({}, LABELLED.slice(2))
    assert (nothing.precision, nothing.recall, nothing.f1) == (1.0, 1.0, 1.0)
