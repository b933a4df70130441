"""The products of an exported catalogue, to look through: by words, place and kind."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nadeuri import columns
from nadeuri.data.sequences import IntArray, MetadataField
from nadeuri.recommend.filters import CatalogueFilters, Mask, flat_values
from nadeuri.recommend.shown import ShownItems, nfc, shown_values

FACETS = (columns.COUNTRY, columns.CITY, columns.CATEGORY)
MAX_FACET_VALUES = 200
"""Of a facet, the ones with most products are told."""
_BETWEEN = "\n"
"""Between the texts of a product: no words that are looked for hold it."""


@dataclass(frozen=True)
class FacetValue:
    """A value that products can be narrowed to, and how many there are then."""

    value: str
    count: int


@dataclass(frozen=True)
class FoundProducts:
    """A page of what was found.

    Attributes:
        total: products found.
        items: item indices of the page.
        facets: the values of each of :data:`FACETS` that are left, most products first: what
            narrows by the other facets counts, what narrows by this one does not.
    """

    total: int
    items: tuple[int, ...]
    facets: Mapping[str, tuple[FacetValue, ...]]


class Products:
    """A catalogue as it is looked through. Safe to share between threads and to inherit by fork."""

    def __init__(
        self,
        catalogue: pa.Table,
        fields: Sequence[MetadataField],
        filters: CatalogueFilters,
        shown: ShownItems,
    ) -> None:
        """
        Args:
            catalogue: with ``clicks``.
            fields: its metadata.
            filters, shown: over the same catalogue.
        """
        self._shown, self._filters = shown, filters
        self._clicks: IntArray = catalogue[columns.CLICKS].to_numpy()
        self._most_clicked = np.argsort(-self._clicks, kind="stable")
        self._texts = _folded_texts(catalogue)
        self._facets = {
            name: _Facet(column) for name in FACETS if (column := shown.column(name)) is not None
        }
        self._fields = {
            field.name: (
                catalogue[field.name].combine_chunks(),
                shown_values(catalogue, field.name),
            )
            for field in fields
            if field.name in catalogue.column_names
        }

    def search(
        self, words: str, narrowed: Mapping[str, str], *, offset: int, limit: int
    ) -> FoundProducts:
        """Products whose name or code holds ``words``, most clicked first, then in item order.

        Upper and lower case, spaces and Unicode forms make no difference.

        Args:
            words: all products, if empty.
            narrowed: of some of :data:`FACETS`, the value that products must have.

        Raises:
            QueryError: the catalogue lacks a column that it is narrowed by.
        """
        found = self._with_words(words)
        masks = {name: self._with_value(name, value) for name, value in narrowed.items()}
        whole = _all_of(found, masks.values())
        page = self._most_clicked[whole[self._most_clicked]][offset : offset + limit]
        facets: dict[str, tuple[FacetValue, ...]] = {}
        for name in FACETS:
            others = _all_of(found, (mask for other, mask in masks.items() if other != name))
            facets[name] = self._facets[name].counts(others) if name in self._facets else ()
        return FoundProducts(int(whole.sum()), tuple((page + 1).tolist()), facets)

    def summary(self, item: int) -> dict[str, Any]:
        """Code, name, place, kind and clicks of an item index."""
        return {**self._shown.facts(item), columns.CLICKS: int(self._clicks[item - 1])}

    def details(self, item: int) -> dict[str, Any]:
        """The summary, and under ``fields`` each metadata field's values as text."""
        fields = {
            name: [names.get(text, text) for text in _texts(column[item - 1].as_py())]
            for name, (column, names) in self._fields.items()
        }
        return {**self.summary(item), "fields": fields}

    def _with_words(self, words: str) -> Mask:
        folded = _folded(words)
        if not folded:
            return np.ones(len(self._clicks), dtype=np.bool_)
        mask: Mask = pc.match_substring(self._texts, folded).to_numpy(zero_copy_only=False)
        return mask

    def _with_value(self, name: str, value: str) -> Mask:
        passing, _ = self._filters.mask({name: [value]})
        return passing[1:]


class _Facet:
    """A column of single values or lists, to be counted."""

    def __init__(self, column: pa.Array) -> None:
        items, self._codes, self._values = flat_values(column)
        self._rows: IntArray = items - 1

    def counts(self, mask: Mask) -> tuple[FacetValue, ...]:
        """The values of the products of ``mask``, bool [n_items]."""
        counts = np.bincount(self._codes[mask[self._rows]], minlength=len(self._values))
        most = sorted(
            (-int(counts[code]), self._values[code]) for code in np.flatnonzero(counts).tolist()
        )
        return tuple(FacetValue(value, -count) for count, value in most[:MAX_FACET_VALUES])


def _all_of(found: Mask, masks: Iterable[Mask]) -> Mask:
    whole: Mask = np.logical_and.reduce([found, *masks])
    return whole


def _folded_texts(catalogue: pa.Table) -> pa.Array:
    """Name and code of each product, folded."""
    codes = catalogue[columns.ITEM].to_pylist()
    has_names = columns.NAME in catalogue.column_names
    names = catalogue[columns.NAME].to_pylist() if has_names else [None] * len(codes)
    return pa.array(
        [
            f"{_folded(name or '')}{_BETWEEN}{_folded(code)}"
            for name, code in zip(names, codes, strict=True)
        ],
        pa.string(),
    )


def _folded(text: str) -> str:
    """``text`` without spaces, in lower case and one Unicode form."""
    return "".join(unicodedata.normalize("NFC", nfc(text).casefold()).split())


def _texts(cell: Any) -> list[str]:
    if cell is None:
        return []
    values = cell if isinstance(cell, list) else [cell]
    return [f"{each:.15g}" if isinstance(each, float) else str(each) for each in values]
