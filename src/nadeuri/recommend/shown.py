"""Items of an exported catalogue as they are shown to people: code, name, place and kind."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from nadeuri import columns
from nadeuri.data.sequences import ItemArray
from nadeuri.recommend.base import Scores

_SHOWN = (columns.NAME, columns.COUNTRY, columns.CITY, columns.CATEGORY)


@dataclass(frozen=True)
class RecommendedItem:
    """One row of an answer; what the catalogue does not say is None."""

    rank: int
    item: str
    name: str | None
    country: str | None
    city: str | None
    category: str | None
    score: float


class ShownItems:
    """Codes to item indices and back, and what is told about an item."""

    def __init__(self, catalogue: pa.Table) -> None:
        self.codes: pa.Array = catalogue[columns.ITEM].combine_chunks()
        self._index = {code: i for i, code in enumerate(self.codes.to_pylist(), start=1)}
        self._shown = {
            name: catalogue[name].combine_chunks() if name in catalogue.column_names else None
            for name in _SHOWN
        }

    def find(self, code: str) -> int:
        """Item index of a product code in any Unicode form; 0 if there is none."""
        return self._index.get(nfc(code), 0)

    def describe(self, items: ItemArray, scores: Scores) -> tuple[RecommendedItem, ...]:
        """Rows of an answer: ``items`` best first, up to the first 0, and their scores."""
        rows = []
        for rank, item in enumerate(items[items > 0].tolist(), start=1):
            shown: dict[str, Any] = {
                name: None if column is None else column[item - 1].as_py()
                for name, column in self._shown.items()
            }
            code = self.codes[item - 1].as_py()
            rows.append(
                RecommendedItem(rank=rank, item=code, score=float(scores[rank - 1]), **shown)
            )
        return tuple(rows)


def nfc(text: str) -> str:
    """``text`` in the one form in which everything is stored."""
    return unicodedata.normalize("NFC", text)
