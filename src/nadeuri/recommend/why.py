"""Why an item is recommended, in metadata: what it has in common with a traveller's history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from nadeuri import columns
from nadeuri.data.sequences import IntArray, ItemArray, MetadataField
from nadeuri.recommend.filters import flat_values
from nadeuri.recommend.shown import shown_values

MAX_SHARED = 3
"""Reasons of one item."""


@dataclass(frozen=True)
class SharedValue:
    """A value that an item has in common with products of the history.

    Attributes:
        count: how many products of the history have it.
    """

    field: str
    value: str
    count: int


@dataclass(frozen=True)
class _Field:
    """A field's values by item.

    Attributes:
        labels: of the values, as they are shown.
        carriers: int64 [n_values], products of the catalogue with each value.
        offsets: int64 [n_items + 2]; item ``i`` owns ``offsets[i]:offsets[i + 1]``.
        codes: int64 [n], positions in ``labels``, different ones of an item.
    """

    name: str
    labels: tuple[str, ...]
    carriers: IntArray
    offsets: IntArray
    codes: IntArray

    def of(self, item: int) -> IntArray:
        return self.codes[self.offsets[item] : self.offsets[item + 1]]


class SharedMetadata:
    """The categorical and multi-valued fields of a catalogue, to find what products share."""

    def __init__(self, catalogue: pa.Table, fields: Sequence[MetadataField]) -> None:
        """
        Args:
            fields: of the catalogue; numbers are left out, as are fields without a column.
        """
        self._fields = [
            _field(catalogue, field)
            for field in fields
            if field.kind != columns.NUMERIC and field.name in catalogue.column_names
        ]

    def reasons(
        self, history: ItemArray, items: Sequence[int]
    ) -> tuple[tuple[SharedValue, ...], ...]:
        """What each of ``items`` has in common with the history, at most ``MAX_SHARED`` values.

        What most products of the history have comes first; of values that equally many have, the
        one that fewer products of the catalogue have (a city says more than its country); then the
        fields' order decides, and within a field the spelling.

        Args:
            history: item indices; a product counts once, however often it is there.
        """
        different = np.unique(history)
        shared = [_counts(field, different) for field in self._fields]
        return tuple(self._of(item, shared) for item in items)

    def _of(self, item: int, shared: Sequence[dict[int, int]]) -> tuple[SharedValue, ...]:
        found = sorted(
            (-counts[value], int(field.carriers[value]), place, field.labels[value])
            for place, (field, counts) in enumerate(zip(self._fields, shared, strict=True))
            for value in field.of(item).tolist()
            if value in counts
        )
        return tuple(
            SharedValue(self._fields[place].name, label, -count)
            for count, _, place, label in found[:MAX_SHARED]
        )


def _field(catalogue: pa.Table, field: MetadataField) -> _Field:
    items, codes, values = flat_values(catalogue[field.name].combine_chunks())
    pairs = np.unique(items * max(1, len(values)) + codes)  # an item may say a thing twice
    items, codes = pairs // max(1, len(values)), pairs % max(1, len(values))
    names = shown_values(catalogue, field.name)
    return _Field(
        name=field.name,
        labels=tuple(names.get(text, text) for text in map(str, values)),
        carriers=np.bincount(codes, minlength=len(values)),
        offsets=np.searchsorted(items, np.arange(catalogue.num_rows + 2)),
        codes=codes,
    )


def _counts(field: _Field, items: ItemArray) -> dict[int, int]:
    """How many of the items have each value that any of them has."""
    if not len(items):
        return {}
    values, counts = np.unique(
        np.concatenate([field.of(item) for item in items]), return_counts=True
    )
    return dict(zip(values.tolist(), counts.tolist(), strict=True))
