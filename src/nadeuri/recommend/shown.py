"""Items of an exported catalogue as they are shown to people: code, name, place and kind."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from nadeuri import columns
from nadeuri.data.sequences import ItemArray
from nadeuri.recommend.base import Scores

if TYPE_CHECKING:
    from nadeuri.recommend.why import SharedValue

_SHOWN = (columns.NAME, columns.COUNTRY, columns.CITY, columns.CATEGORY)


@dataclass(frozen=True)
class RecommendedItem:
    """One row of an answer; what the catalogue does not say is None.

    Attributes:
        city: its name, where the catalogue has names beside its codes (:func:`shown_values`).
        why: what it has in common with the history; None where nobody asked.
    """

    rank: int
    item: str
    name: str | None
    country: str | None
    city: str | None
    category: str | None
    score: float
    why: tuple[SharedValue, ...] | None = None


class ShownItems:
    """Codes to item indices and back, and what is told about an item."""

    def __init__(self, catalogue: pa.Table) -> None:
        self.codes: pa.Array = catalogue[columns.ITEM].combine_chunks()
        self._index = {code: i for i, code in enumerate(self.codes.to_pylist(), start=1)}
        self._shown = {
            name: _shown_column(catalogue, name) if name in catalogue.column_names else None
            for name in _SHOWN
        }

    def find(self, code: str) -> int:
        """Item index of a product code in any Unicode form; 0 if there is none."""
        return self._index.get(nfc(code), 0)

    def column(self, name: str) -> pa.Array | None:
        """What is told of all items under ``name``; None where the catalogue lacks it."""
        return self._shown[name]

    def describe(self, items: ItemArray, scores: Scores) -> tuple[RecommendedItem, ...]:
        """Rows of an answer: ``items`` best first, up to the first 0, and their scores."""
        rows = []
        for rank, item in enumerate(items[items > 0].tolist(), start=1):
            score = float(scores[rank - 1])
            rows.append(RecommendedItem(rank=rank, score=score, **self.facts(item)))
        return tuple(rows)

    def facts(self, item: int) -> dict[str, Any]:
        """Code, name, place and kind of an item index, by the names of their columns."""
        shown = {
            name: None if column is None else _text(column[item - 1].as_py())
            for name, column in self._shown.items()
        }
        return {columns.ITEM: self.codes[item - 1].as_py(), **shown}


def name_column(catalogue: pa.Table, field: str) -> str | None:
    """The column ``<field>_name`` with what people call a field's codes, if there is one."""
    column = f"{field}_{columns.NAME}"
    return column if column in catalogue.column_names else None


def shown_values(catalogue: pa.Table, field: str) -> Mapping[str, str]:
    """What the values of a field are called, for those that a column ``<field>_name`` names."""
    column = name_column(catalogue, field)
    if column is None:
        return {}
    pairs = zip(catalogue[field].to_pylist(), catalogue[column].to_pylist(), strict=True)
    return {str(value): str(name) for value, name in pairs if None not in (value, name)}


def _shown_column(catalogue: pa.Table, field: str) -> pa.Array:
    values = catalogue[field]
    column = name_column(catalogue, field)
    if column is not None and catalogue[column].type == values.type:  # not lists beside text
        values = pc.coalesce(catalogue[column], values)
    return values.combine_chunks()


def _text(cell: Any) -> Any:
    """A cell of a column of lists as the one text that is shown."""
    return (", ".join(cell) or None) if isinstance(cell, list) else cell


def nfc(text: str) -> str:
    """``text`` in the one form in which everything is stored."""
    return unicodedata.normalize("NFC", text)
