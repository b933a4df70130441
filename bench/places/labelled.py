"""Labelled pairs of two tables of places, and how well a scorer tells them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nadeuri import columns
from nadeuri.data.poi import POIS
from nadeuri.embed import USE, local_embedder
from nadeuri.match.features import PairFeatures
from nadeuri.match.meaning import Meanings
from nadeuri.match.overlap import NgramSpace
from nadeuri.match.records import read_records
from nadeuri.match.surroundings import Surroundings

ENCODER = USE
"""That of the scorer that comes with the package."""

Truths = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Labelled:
    """Pairs of places with labels.

    Attributes:
        left, right: tables of the schema of POIs.
        li, ri: positions of the places of each pair.
        same: whether they are the same.
        part: the published part of each pair: train, valid or test.
    """

    left: pa.Table
    right: pa.Table
    li: Indices
    ri: Indices
    same: Truths
    part: npt.NDArray[np.str_]

    @cached_property
    def features(self) -> npt.NDArray[np.float32]:
        """Of all pairs together: how pairs compare with others is taken over all that are given."""
        left, right = read_records(self.left), read_records(self.right)
        around = Surroundings(left.points, right.points)
        meanings = Meanings(left, right, local_embedder(ENCODER))
        pairs = PairFeatures(left, right, NgramSpace(left, right), around, meanings=meanings)
        return pairs.matrix(self.li, self.ri)

    def rows(self, *parts: str) -> Indices:
        """Positions of the pairs of these parts."""
        return np.flatnonzero(np.isin(self.part, parts))


@dataclass(frozen=True)
class Quality:
    """Precision, recall and F1, in percent."""

    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, n_right: int, n_found: int, n_same: int) -> Quality:
        """From counts."""
        return cls(
            100 * n_right / max(n_found, 1),
            100 * n_right / max(n_same, 1),
            200 * n_right / max(n_found + n_same, 1),
        )


def quality(same: Truths, found: Truths) -> Quality:
    """Of pairs that were found to be the same."""
    return Quality.of(int((same & found).sum()), int(found.sum()), int(same.sum()))


def poi_table(rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """A table of POIs of rows that lack some of its columns; empty texts become null."""
    full = [{name: row.get(name) or None for name in POIS.schema.names} for row in rows]
    return pa.Table.from_pylist(full, schema=POIS.schema)


def read_ditto(line: str) -> tuple[dict[str, str], dict[str, str], bool]:
    """A line of Ditto's format: two records of ``COL name VAL value`` and the label.

    Li et al., "Deep Entity Matching with Pre-Trained Language Models", VLDB 2020.
    """
    left, right, label = line.rstrip("\n").split("\t")
    return _record(left), _record(right), label.strip() == "1"


def _record(text: str) -> dict[str, str]:
    fields = (field.partition(" VAL") for field in text.split("COL ")[1:])
    return {name.strip(): value.strip() for name, _, value in fields}


def numbered(
    records: Sequence[Mapping[str, str]], prefix: str
) -> tuple[list[int], list[dict[str, str]]]:
    """The number of each record, equal ones being one place, and the places with their ids."""
    number: dict[tuple[tuple[str, str], ...], int] = {}
    found = [number.setdefault(tuple(record.items()), len(number)) for record in records]
    return found, [{columns.PLACE_ID: f"{prefix}{i}", **dict(key)} for key, i in number.items()]
