"""Two lists of recommendations side by side: how mixed each is, and what both have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from nadeuri.columns import BERT4REC, META_BERT4REC
from nadeuri.web.shop_types import Product

_PREFERRED = (BERT4REC, META_BERT4REC)


@dataclass(frozen=True)
class Mix:
    """How mixed a list is.

    Attributes:
        cities, countries, categories: how many products of each value, the commonest first;
            products without one are not counted.
    """

    cities: tuple[tuple[str, int], ...]
    countries: tuple[tuple[str, int], ...]
    categories: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, products: Sequence[Product]) -> Self:
        """Of a list; equally common values in the order of the list."""
        return cls(
            cities=_counted(each.city for each in products),
            countries=_counted(each.country for each in products),
            categories=_counted(each.category for each in products),
        )


def shared_items(left: Sequence[Product], right: Sequence[Product]) -> set[str]:
    """Codes that are in both lists."""
    return {each.item for each in left} & {each.item for each in right}


def pair_of(models: Sequence[str]) -> tuple[str, str] | None:
    """The two models to compare: BERT4Rec beside Meta-BERT4Rec, else the first two served."""
    known = list(dict.fromkeys(models))
    if set(_PREFERRED) <= set(known):
        return _PREFERRED
    return (known[0], known[1]) if len(known) > 1 else None


def _counted(values: Iterable[str | None]) -> tuple[tuple[str, int], ...]:
    return tuple(Counter(value for value in values if value).most_common())
