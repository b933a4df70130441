"""Place names of the questions, coherent by anchor; some are reserved for the test part."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from numpy.random import Generator

from nadeuri import columns
from nadeuri.data.sample.destinations import load_destinations
from nadeuri.data.sample.questions.grammar import pick
from nadeuri.data.sample.questions.values import reserved_values

ABROAD, AT_HOME = "해외", "국내"
HOME_COUNTRY = "대한민국"

COUNTRY, CITY, SIGHT = "국가", "지역", "관광지"  # pools of templates
PLACE_POOLS = (COUNTRY, CITY, SIGHT)

_LABELS = {
    COUNTRY: columns.COUNTRY_LABEL,
    CITY: columns.REGION_LABEL,
    SIGHT: columns.SIGHT_LABEL,
}
_RESERVED, _NONE = "*", "-"
_SOLD_AS_COUNTRIES = frozenset({"홍콩", "마카오", "괌", "북마리아나 제도"})  # but labelled areas
_BY_COUNTRY = 0.6  # share of country slots drawn by country, not by place, lest most be 일본
_SAME_COUNTRY = 0.9  # share of second cities that lie in the first one's country


@dataclass(frozen=True)
class Anchor:
    """A place to go with the names that belong together there; a name that is lacking is None.

    Attributes:
        country: None for places that are no part of a country in travellers' eyes (괌, 홍콩).
        city: None for a country alone, or a state that is a city (싱가포르).
        sights: what there is to see.
    """

    country: str | None
    city: str | None
    sights: tuple[str, ...]

    @property
    def abroad(self) -> bool:
        return self.country != HOME_COUNTRY

    def names(self, pool: str) -> tuple[str, ...]:
        """Names for a slot of ``pool``."""
        if pool == SIGHT:
            return self.sights
        if pool == COUNTRY and not self.abroad:
            return ()  # nobody asks for a trip to 대한민국
        name = self.country if pool == COUNTRY else self.city
        return () if name is None else (name,)


@cache
def reserved_places() -> dict[str, frozenset[str]]:
    """Names that occur in the test part alone, by entity label.

    Augmentation must not use them: they stand for the places that a model has never seen.
    """
    found = {label: set(names) for label, names in reserved_values().items()}
    for row in _rows():
        for pool, names in zip(PLACE_POOLS, row, strict=True):
            found.setdefault(_LABELS[pool], set()).update(
                name[1:] for name in names if name.startswith(_RESERVED)
            )
    return {label: frozenset(names) for label, names in found.items() if names}


@cache
def all_reserved() -> frozenset[str]:
    """The reserved names of all labels."""
    return frozenset().union(*reserved_places().values())


def has_reserved(text: str) -> bool:
    """Whether a reserved name occurs in ``text``, be it within a word."""
    return any(name in text for name in all_reserved())


def draw_places(
    rng: Generator, pools: Iterable[str], scope: str, *, unseen: bool
) -> dict[str, tuple[str, str]]:
    """Coherent values for the place slots among ``pools``.

    A slot with a digit takes another sight of the same place, or another city or country.

    Args:
        scope: ``해외``, ``국내`` or empty for both.
        unseen: reserved names where there are any; otherwise none at all.

    Returns:
        surface and label by pool.
    """
    wanted = sorted(pool for pool in pools if pool.rstrip("0123456789") in PLACE_POOLS)
    if not wanted:
        return {}
    first = [pool for pool in wanted if pool in PLACE_POOLS]
    n_sights = sum(pool.startswith(SIGHT) for pool in wanted)
    anchor = _draw(rng, first, scope, n_sights, unseen=unseen)
    sights = [str(name) for name in rng.permutation(anchor.sights)]
    if unseen:
        sights.sort(key=lambda name: name not in all_reserved())
    taken: dict[str, tuple[str, str]] = {}
    for pool in wanted:
        base = pool.rstrip("0123456789")
        if base == SIGHT:
            name = sights.pop(0)
        elif pool in first:
            name = anchor.names(base)[0]
        else:
            used = {surface for surface, _ in taken.values()}
            name = _another(rng, anchor, base, scope, used, unseen=unseen)
        taken[pool] = (name, _LABELS[base])
    return taken


def _draw(
    rng: Generator, pools: Sequence[str], scope: str, n_sights: int, *, unseen: bool
) -> Anchor:
    reserved = all_reserved()
    fitting = [
        anchor
        for anchor in (_all_anchors() if unseen else _seen_anchors())
        if all(anchor.names(pool) for pool in pools)
        and len(anchor.sights) >= n_sights
        and _in_scope(anchor, scope)
        and not (unseen and reserved.isdisjoint(n for pool in pools for n in anchor.names(pool)))
    ]
    anchor = pick(rng, fitting)
    if list(pools) == [COUNTRY] and rng.random() < _BY_COUNTRY:
        return replace(anchor, country=pick(rng, sorted({a.country for a in fitting if a.country})))
    return anchor


def _another(
    rng: Generator, anchor: Anchor, pool: str, scope: str, taken: set[str], *, unseen: bool
) -> str:
    others = [
        other
        for other in (_all_anchors() if unseen else _seen_anchors())
        if other.names(pool)
        and other.names(pool)[0] not in taken
        and other.abroad == anchor.abroad
        and _in_scope(other, scope)
    ]
    near = [other for other in others if other.country == anchor.country]
    if pool == CITY and near and rng.random() < _SAME_COUNTRY:
        others = near
    return pick(rng, others).names(pool)[0]


def _in_scope(anchor: Anchor, scope: str) -> bool:
    return not scope or anchor.abroad == (scope == ABROAD)


@cache
def _seen_anchors() -> tuple[Anchor, ...]:
    """Places without their reserved names, nor names that one is part of (파타야 해변)."""

    def free(name: str | None) -> str | None:
        return None if name is None or has_reserved(name) else name

    return tuple(
        Anchor(a.country, free(a.city), tuple(filter(free, a.sights)))
        for a in _all_anchors()
        if a.country is None or not has_reserved(a.country)
    )


@cache
def _all_anchors() -> tuple[Anchor, ...]:
    rows = [
        Anchor(_only(country), _only(city), _plain(sights)) for country, city, sights in _rows()
    ]
    own = {row.city or row.country for row in rows}
    elsewhere = {name for row in _rows() for name in _plain(row[2])} | own
    sold = [
        Anchor(
            None if place.country in _SOLD_AS_COUNTRIES else place.country,
            place.city,
            tuple(sight for sight in place.sights if sight not in elsewhere),
        )
        for place in load_destinations()
        if place.city not in own
    ]
    return (*(row for row in rows if row.country or row.city), *sold)


def _only(names: Sequence[str]) -> str | None:
    return next(iter(_plain(names)), None)


def _plain(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.removeprefix(_RESERVED) for name in names)


@cache
def _rows() -> tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...]:
    """Rows of ``places.tsv``: country, city, sights.

    A row with sights alone lists sights of ``destinations.tsv`` that are no names of sights.
    """
    resource = files("nadeuri.data.sample.questions").joinpath("places.tsv")
    with resource.open(encoding="utf-8") as lines:
        return tuple(
            (_split(row["country"]), _split(row["city"]), _split(row["sights"]))
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        )


def _split(cell: str) -> tuple[str, ...]:
    return () if cell == _NONE else tuple(cell.split(";"))
