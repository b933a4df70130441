"""What kinds of eating place there are and what is typical of each (``categories.tsv``)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_THOUSAND_WON = 1000
_MAIN = "*"

CAFES = frozenset({"카페", "베이커리", "디저트", "브런치", "전통찻집"})
"""Where people work and where walks end, and where nobody dines with the company."""
BARS = frozenset({"술집", "와인바"})
SHARED_TABLES = frozenset(
    {
        "흑돼지",
        "고기구이",
        "해물탕",
        "횟집",
        "한정식",
        "갈치·고등어",
        "뷔페",
        "중식",
        "술집",
        "치킨",
    }
)
"""Where a company of colleagues goes."""


@dataclass(frozen=True)
class Dish:
    """A dish of the menu; prices in won."""

    name: str
    low: int
    high: int
    is_main: bool


@dataclass(frozen=True)
class Category:
    """One kind of place.

    Attributes:
        name: one of :data:`nadeuri.columns.PLACE_CATEGORIES`.
        weight: relative number of such places.
        opens, closes: range in which they open and close, in minutes after midnight.
        traits: mean of the traits that differ from .5.
        kinds: last part of their names.
        dishes: what may be on the menu.
    """

    name: str
    weight: float
    opens: tuple[int, int]
    closes: tuple[int, int]
    traits: Mapping[str, float]
    kinds: tuple[str, ...]
    dishes: tuple[Dish, ...]


@cache
def load_categories() -> tuple[Category, ...]:
    """All categories."""
    resource = files("nadeuri.data.sample.places").joinpath("categories.tsv")
    with resource.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return tuple(map(_category, rows))


def _category(row: dict[str, str]) -> Category:
    opens, closes = (_minutes(part) for part in row["hours"].split(" "))
    traits = (pair.split(":") for pair in row["traits"].split(" "))
    return Category(
        name=row["category"],
        weight=float(row["weight"]),
        opens=opens,
        closes=closes,
        traits={name: float(mean) for name, mean in traits},
        kinds=tuple(row["kinds"].split(";")),
        dishes=tuple(map(_dish, row["menus"].split(";"))),
    )


def _minutes(hours: str) -> tuple[int, int]:
    low, _, high = hours.partition("-")
    return int(float(low) * 60), int(float(high or low) * 60)


def _dish(text: str) -> Dish:
    name, _, prices = text.partition(":")
    low, high = (int(float(price) * _THOUSAND_WON) for price in prices.split("-"))
    return Dish(name.removeprefix(_MAIN), low, high, name.startswith(_MAIN))
