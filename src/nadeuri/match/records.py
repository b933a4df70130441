"""What is compared of the places of a table, derived once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nadeuri import columns
from nadeuri.match.names.forms import forms_of
from nadeuri.match.names.romanise import skeleton
from nadeuri.match.names.scripts import LATIN
from nadeuri.match.names.similarity import NameBundle
from nadeuri.match.normalise import (
    Address,
    Name,
    normalise_address,
    normalise_name,
    normalise_phone,
)

Floats = npt.NDArray[np.float64]
K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

PHONE_DIGITS = 8
"""Last ones, by which numbers are compared: what stands before may be a country's code."""

_NAMES = (columns.NAME, columns.NAME_EN, columns.NAME_LOCAL)


@dataclass(frozen=True, eq=False)
class Records:
    """The places of one table, in its order. What is unknown is empty.

    Attributes:
        ids: of the places.
        bundles: their names, each once, the main one first.
        spellings: every name in Latin letters, in all its readings.
        points: latitude and longitude in degrees, not a number where unknown; float64 [n, 2].
        addresses: of the places.
        cities, categories: as names, so that they can be compared across languages.
        postal_codes: capitals and digits only.
        phones: national numbers, digits only.
    """

    ids: tuple[str, ...]
    bundles: tuple[NameBundle, ...]
    spellings: tuple[tuple[str, ...], ...]
    points: Floats
    addresses: tuple[Address, ...]
    cities: tuple[Name | None, ...]
    categories: tuple[Name | None, ...]
    postal_codes: tuple[str, ...]
    phones: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)


def read_records(table: pa.Table) -> Records:
    """Derive what is compared from a table of :data:`nadeuri.data.poi.POIS`.

    Columns other than id and name may be absent.

    Raises:
        MissingExtraError: a package that reads Chinese characters is not installed.
    """
    name = _once(normalise_name)
    spell = _once(_spellings)
    bundles = tuple(
        NameBundle(tuple(dict.fromkeys(name(text) for text in texts if text)))
        for texts in zip(*(_texts(table, column) for column in _NAMES), strict=True)
    )
    return Records(
        ids=_texts(table, columns.PLACE_ID),
        bundles=bundles,
        spellings=tuple(
            tuple(dict.fromkeys(text for each in bundle.names for text in spell(each)))
            for bundle in bundles
        ),
        points=_points(table),
        addresses=tuple(map(_once(normalise_address), _texts(table, columns.ADDRESS))),
        cities=tuple(name(text) if text else None for text in _texts(table, columns.CITY)),
        categories=tuple(
            name(text.replace("_", " ")) if text else None
            for text in _texts(table, columns.CATEGORY)
        ),
        postal_codes=tuple(
            "".join(filter(str.isalnum, text.upper()))
            for text in _texts(table, columns.POSTAL_CODE)
        ),
        phones=tuple(map(normalise_phone, _texts(table, columns.PHONE))),
    )


def sound_texts(records: Records) -> tuple[tuple[str, ...], ...]:
    """Every name as the consonants of its proper part and the concepts of the rest.

    So names meet whose words are partly translated: 비엔꽝 시장 and Bien Quang Market.
    """
    sound = _once(_sounds)
    return tuple(
        tuple(dict.fromkeys(text for name in bundle.names for text in sound(name)))
        for bundle in records.bundles
    )


def _sounds(name: Name) -> tuple[str, ...]:
    forms = forms_of(name)
    concepts = " ".join(sorted(min(each) for each in forms.concepts))
    proper = dict.fromkeys(map(skeleton, forms.readings[2].latin))
    return tuple(f"{consonants} {concepts}".strip() for consonants in proper)


def _spellings(name: Name) -> tuple[str, ...]:
    if name.script == LATIN and name.text.isascii():
        return (name.text,)
    return forms_of(name).readings[0].latin or (name.text,)


def _texts(table: pa.Table, name: str) -> tuple[str, ...]:
    if name not in table.column_names:
        return ("",) * len(table)
    texts: list[str | None] = table[name].to_pylist()
    return tuple(text or "" for text in texts)


def _points(table: pa.Table) -> Floats:
    points = np.full((table.num_rows, 2), np.nan)
    for axis, name in enumerate((columns.LATITUDE, columns.LONGITUDE)):
        if name in table.column_names:
            points[:, axis] = table[name].cast(pa.float64()).to_numpy()
    points[np.isnan(points).any(axis=1)] = np.nan
    return points


def _once(derive: Callable[[K], T]) -> Callable[[K], T]:
    """``derive``, called once for each value: names of chains and streets come again and again."""
    known: dict[K, T] = {}

    def derived(value: K) -> T:
        if value not in known:
            known[value] = derive(value)
        return known[value]

    return derived
