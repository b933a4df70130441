"""Which items of a catalogue carry given metadata values: one inverted index per column."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from nadeuri import columns
from nadeuri.data.sequences import IntArray
from nadeuri.errors import QueryError

Mask = npt.NDArray[np.bool_]
_NOT_FILTERS = frozenset({columns.ITEM, columns.NAME})


class CatalogueFilters:
    """Every text column of a catalogue (single or multi-valued) but code and name, as a filter.

    A column of codes is filtered by their names as well, which are what answers show
    (:mod:`nadeuri.recommend.shown`), where a column ``<field>_name`` has them.
    """

    def __init__(self, catalogue: pa.Table) -> None:
        self._n_items = catalogue.num_rows
        self._indexes = {
            field.name: _ValueIndex(catalogue[field.name].combine_chunks())
            for field in catalogue.schema
            if field.name not in _NOT_FILTERS and _is_text(field.type)
        }

    @property
    def fields(self) -> tuple[str, ...]:
        """Columns that can be filtered by."""
        return tuple(self._indexes)

    def mask(self, wanted: Mapping[str, Sequence[str]]) -> tuple[Mask, dict[str, tuple[str, ...]]]:
        """Items with any of the wanted values in each of the given fields.

        Returns:
            bool [n_items + 1] (padding is False), and per field the wanted values that no item has.

        Raises:
            QueryError: a field that the catalogue does not have.
        """
        passing = np.ones(self._n_items + 1, dtype=np.bool_)
        passing[0] = False
        unknown: dict[str, tuple[str, ...]] = {}
        for field, values in wanted.items():
            if field not in self._indexes:
                known = ", ".join(self._indexes) or "none"
                raise QueryError(f"filters.{field}: no such field; this catalogue has: {known}")
            found = np.zeros(self._n_items + 1, dtype=np.bool_)
            missing = []
            for value in values:
                items = self._items(field, unicodedata.normalize("NFC", value))
                found[items] = True
                if len(items) == 0:
                    missing.append(value)
            if missing:
                unknown[field] = tuple(missing)
            passing &= found
        return passing, unknown

    def _items(self, field: str, value: str) -> IntArray:
        """Indices of the items with ``value`` or, where none has it, with a value of that name."""
        items = self._indexes[field].items(value)
        names = self._indexes.get(f"{field}_{columns.NAME}")
        return names.items(value) if len(items) == 0 and names is not None else items


class _ValueIndex:
    """Value -> item indices, in one flat array."""

    def __init__(self, column: pa.Array) -> None:
        items, codes, values = flat_values(column)
        self._codes = {value: code for code, value in enumerate(values)}
        self._items: IntArray = items[np.argsort(codes, kind="stable")]
        counts = np.bincount(codes, minlength=len(self._codes))
        self._offsets = np.concatenate([[0], np.cumsum(counts)])

    def items(self, value: str) -> IntArray:
        """Indices of the items with ``value``; empty when there are none."""
        code = self._codes.get(value)
        if code is None:
            return self._items[:0]
        return self._items[self._offsets[code] : self._offsets[code + 1]]


def flat_values(column: pa.Array) -> tuple[IntArray, IntArray, list[Any]]:
    """Every value of a column of single values or lists, in the order of the items.

    Returns:
        The item index of each, from 1, and its position in the third, the different values.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        items = pc.list_parent_indices(column).to_numpy().astype(np.int64) + 1
        values = pc.list_flatten(column)
    else:
        items, values = np.arange(1, len(column) + 1), column
    present = values.is_valid().to_numpy(zero_copy_only=False)
    encoded = values.filter(pa.array(present)).dictionary_encode()
    codes = encoded.indices.to_numpy().astype(np.int64)
    return items[present], codes, encoded.dictionary.to_pylist()


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind) or pa.types.is_list(kind) or pa.types.is_large_list(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
