"""A mapping beside labelled pairs: precision, recall and F1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from nadeuri import columns


@dataclass(frozen=True)
class Agreement:
    """How a mapping agrees with labelled pairs.

    Attributes:
        n_same: labelled pairs that are the same place.
        n_mapped: mapped pairs that the labels say something about.
        n_right: of these, those labelled the same.
    """

    n_same: int
    n_mapped: int
    n_right: int

    @property
    def precision(self) -> float:
        """1 where nothing is mapped."""
        return self.n_right / self.n_mapped if self.n_mapped else 1.0

    @property
    def recall(self) -> float:
        """1 where nothing is to be found."""
        return self.n_right / self.n_same if self.n_same else 1.0

    @property
    def f1(self) -> float:
        both = self.n_mapped + self.n_same
        return 2 * self.n_right / both if both else 1.0


def agreement(
    mapping: Mapping[str, str], labelled: pa.Table, *, complete: bool = False
) -> Agreement:
    """Compare a mapping with labelled pairs.

    Args:
        mapping: left place to right place.
        labelled: columns ``left``, ``right`` and, where not all pairs are the same place,
            ``relation``. A left place with ``right`` null has no match.
        complete: the pairs are all that there are: a mapped place that is in none of them is
            wrong. Else only left places that are in a pair count.
    """
    lefts, rights = (labelled[name].to_pylist() for name in (columns.LEFT, columns.RIGHT))
    relations = (
        labelled[columns.RELATION].to_pylist()
        if columns.RELATION in labelled.column_names
        else [columns.SAME] * len(lefts)
    )
    same = {
        (left, right)
        for left, right, relation in zip(lefts, rights, relations, strict=True)
        if relation == columns.SAME and right is not None
    }
    known = mapping.keys() if complete else mapping.keys() & set(lefts)
    mapped = {(left, mapping[left]) for left in known}
    return Agreement(len(same), len(mapped), len(mapped & same))
