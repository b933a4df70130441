"""The same places as an agency and a map service keep them, and which row is which."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numpy.random import Generator

from nadeuri import columns
from nadeuri.data.places import great_circle_metres
from nadeuri.data.poi import POIS
from nadeuri.data.sample.pois.categories import CATEGORIES
from nadeuri.data.sample.pois.drawn import Poi, draw_pois, generator, moved
from nadeuri.data.sample.pois.noise import foreign_entry, korean_entry, phone_entry

TRAIN, VALID, TEST = "train", "valid", "test"
_SPLITS = (TRAIN, TEST, TRAIN, VALID, TRAIN)
"""Of the cities in the order of demand, over and over."""

SCHEMA = POIS.schema

GOLD_SCHEMA = pa.schema(
    [
        pa.field(columns.LEFT, pa.string(), nullable=False),
        pa.field(columns.RIGHT, pa.string(), nullable=False),
        pa.field(columns.RELATION, pa.string(), nullable=False),
        pa.field(columns.SPLIT, pa.string(), nullable=False),
    ]
)

_AGENCY, _GOOGLE, _MEMBERS = 1, 2, 3  # random streams
_MATCHED_SHARE = 0.75  # of the agency's places
_DUPLICATE_SHARE = 0.03  # of the rows of the map service
_KNOWN_SIGHT = 0.35  # how much likelier a sight is in both databases
_LONG_MOVE_SHARE, _LONG_MOVE_METRES = 0.03, 800.0
_NEAR_METRES = 300.0
_MAX_NEARBY, _MAX_BRANCHES = 3, 2


@dataclass(frozen=True)
class Databases:
    """Two tables of places and the truth about them.

    Attributes:
        pois: all places; their ``number`` is their position.
        agency, google: tables of the schema of :mod:`nadeuri.data.poi`.
        gold: schema ``GOLD_SCHEMA``. ``same`` rows are complete and one-to-one; where the map
            service lists a place twice, the fuller row is the match and the other is in no row.
            The other relations are a choice of pairs that are easily confused.
        agency_ids, google_ids: id of the row of a place, by its number.
    """

    pois: list[Poi]
    agency: pa.Table
    google: pa.Table
    gold: pa.Table
    agency_ids: dict[int, str]
    google_ids: dict[int, str]


def build_databases(n_agency: int, n_google: int, n_cities: int, seed: int) -> Databases:
    """Tables of ``n_agency`` and ``n_google`` rows, of which 75% of the agency's have a match."""
    n_matched = round(_MATCHED_SHARE * n_agency)
    n_duplicates = round(_DUPLICATE_SHARE * n_google)
    n_google_only = max(n_google - n_matched - n_duplicates, 0)
    pois = draw_pois(n_agency + n_google_only, n_cities, seed)
    in_agency, in_google = _members(pois, n_agency, n_matched, seed)
    agency_ids = {number: f"A{at:06}" for at, number in enumerate(in_agency, 1)}
    google_ids, duplicates = _google_ids(pois, in_google, n_duplicates, seed)
    agency_rows = [
        _agency_row(generator(seed, _AGENCY, number), pois[number], agency_ids[number])
        for number in in_agency
    ]
    google_rows = [
        _google_row(generator(seed, _GOOGLE, number), pois[number], google_ids[number])
        for number in in_google
    ]
    google_rows += [
        _duplicate_row(generator(seed, _GOOGLE, len(pois) + number), pois[number], place_id)
        for number, place_id in duplicates.items()
    ]
    google_rows.sort(key=lambda row: str(row[columns.PLACE_ID]))
    return Databases(
        pois,
        _table(agency_rows),
        _table(google_rows),
        _gold(pois, agency_ids, google_ids),
        agency_ids,
        google_ids,
    )


def split_of(city_codes: Sequence[str]) -> dict[str, str]:
    """Part of every city; ``city_codes`` are in the order of demand."""
    return {code: _SPLITS[at % len(_SPLITS)] for at, code in enumerate(city_codes)}


def _members(
    pois: Sequence[Poi], n_agency: int, n_matched: int, seed: int
) -> tuple[list[int], list[int]]:
    """Numbers of the places in either database."""
    rng = generator(seed, _MEMBERS)
    known = np.array([_KNOWN_SIGHT if poi.rank is not None else 0.0 for poi in pois])
    order = np.argsort(-(rng.random(len(pois)) + known), kind="stable")
    both, rest = order[:n_matched], rng.permutation(order[n_matched:])
    n_alone = n_agency - n_matched
    agency = np.sort(np.concatenate([both, rest[:n_alone]]))
    google = np.sort(np.concatenate([both, rest[n_alone:]]))
    return agency.tolist(), google.tolist()


def _google_ids(
    pois: Sequence[Poi], in_google: Sequence[int], n_duplicates: int, seed: int
) -> tuple[dict[int, str], dict[int, str]]:
    """Ids in a random order, so that nothing can be read off them; of places and of duplicates."""
    rng = generator(seed, _MEMBERS, 1)
    twice = sorted(rng.choice(len(in_google), n_duplicates, replace=False).tolist())
    ids = [f"G{at + 1:06}" for at in rng.permutation(len(in_google) + n_duplicates).tolist()]
    own = dict(zip(in_google, ids, strict=False))
    return own, dict(zip((in_google[at] for at in twice), ids[len(in_google) :], strict=True))


def _agency_row(rng: Generator, poi: Poi, place_id: str) -> dict[str, Any]:
    words, city = poi.words, poi.city
    korean = korean_entry(rng, words.name, city.name)
    kind = rng.random()
    if kind < 0.8:
        name = korean
    elif kind < 0.88:
        name = f"{korean} ({words.name_en})"
    else:
        name = foreign_entry(rng, words.name_en if kind < 0.96 else words.name_local)
    return {
        columns.PLACE_ID: place_id,
        columns.NAME: name,
        columns.NAME_EN: _maybe(rng, 0.35, foreign_entry(rng, words.name_en)),
        columns.NAME_LOCAL: _maybe(rng, 0.1, words.name_local),
        columns.COUNTRY: city.destination.country,
        columns.CITY: city.name,
        **_agency_where(rng, poi),
        columns.ADDRESS: _maybe(rng, 0.45, _agency_address(rng, poi)),
        columns.POSTAL_CODE: _maybe(rng, 0.15, poi.postal_code),
        columns.PHONE: _maybe(rng, 0.35, _phone(rng, poi)),
        columns.CATEGORY: "관광지" if rng.random() < 0.25 else CATEGORIES[poi.kind].korean,
    }


def _google_row(rng: Generator, poi: Poi, place_id: str) -> dict[str, Any]:
    words = poi.words
    name = words.name_en if rng.random() < 0.6 else words.name_local
    latitude, longitude = moved(rng, (poi.latitude, poi.longitude), 12.0)
    return {
        columns.PLACE_ID: place_id,
        columns.NAME: foreign_entry(rng, name),
        columns.NAME_EN: _maybe(rng, 0.7, words.name_en),
        columns.NAME_LOCAL: _maybe(rng, 0.75, words.name_local),
        columns.COUNTRY: poi.city.country_code,
        columns.CITY: _maybe(rng, 0.95, poi.city.name_en),
        columns.LATITUDE: latitude,
        columns.LONGITUDE: longitude,
        columns.ADDRESS: _maybe(rng, 0.92, _google_address(rng, poi)),
        columns.POSTAL_CODE: _maybe(rng, 0.8, poi.postal_code),
        columns.PHONE: _maybe(rng, 0.6, _phone(rng, poi)),
        columns.CATEGORY: CATEGORIES[poi.kind].google,
    }


def _duplicate_row(rng: Generator, poi: Poi, place_id: str) -> dict[str, Any]:
    """What a user of the map added again: a name, a rough spot and little else."""
    latitude, longitude = moved(rng, (poi.latitude, poi.longitude), 120.0)
    row: dict[str, Any] = dict.fromkeys(SCHEMA.names)
    return row | {
        columns.PLACE_ID: place_id,
        columns.NAME: foreign_entry(
            rng, poi.words.name_en if rng.random() < 0.7 else poi.words.name_local
        ),
        columns.COUNTRY: poi.city.country_code,
        columns.LATITUDE: latitude,
        columns.LONGITUDE: longitude,
        columns.CATEGORY: CATEGORIES[poi.kind].google,
    }


def _agency_where(rng: Generator, poi: Poi) -> dict[str, float | None]:
    """Coordinates 10 to 150 m off, some a kilometre; one place in eight has none."""
    if rng.random() < 0.12:
        return {columns.LATITUDE: None, columns.LONGITUDE: None}
    spread = _LONG_MOVE_METRES if rng.random() < _LONG_MOVE_SHARE else float(rng.uniform(5, 90))
    latitude, longitude = moved(rng, (poi.latitude, poi.longitude), spread)
    digits = int(rng.choice([4, 6]))
    return {columns.LATITUDE: round(latitude, digits), columns.LONGITUDE: round(longitude, digits)}


def _agency_address(rng: Generator, poi: Poi) -> str:
    if rng.random() < 0.4:
        return f"{poi.city.name} {poi.street.name} {poi.house}"
    return f"{poi.house} {poi.street.name_en}, {poi.city.name_en}"


def _google_address(rng: Generator, poi: Poi) -> str:
    if rng.random() < 0.3:
        return f"{poi.city.name_local} {poi.street.name_local} {poi.house}"
    line = f"{poi.house} {foreign_entry(rng, poi.street.name_en)}, {poi.city.name_en}"
    return f"{line} {poi.postal_code}, {poi.city.country_code}"


def _phone(rng: Generator, poi: Poi) -> str | None:
    return phone_entry(rng, poi.city.dial, poi.phone) if poi.phone else None


def _maybe(rng: Generator, share: float, value: str | None) -> str | None:
    return value if rng.random() < share else None


def _table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    texts = [name for name in SCHEMA.names if pa.types.is_string(SCHEMA.field(name).type)]
    for row in rows:
        for name in texts:
            if row[name] is not None:
                row[name] = unicodedata.normalize("NFC", row[name]).strip()
    return pa.Table.from_pylist(list(rows), schema=SCHEMA)


def _gold(pois: Sequence[Poi], agency_ids: dict[int, str], google_ids: dict[int, str]) -> pa.Table:
    by_city: dict[str, list[Poi]] = defaultdict(list)
    for poi in pois:
        by_city[poi.city.code].append(poi)
    splits = split_of(list(by_city))
    rows = [
        {
            columns.LEFT: agency_ids[left],
            columns.RIGHT: google_ids[right],
            columns.RELATION: relation,
            columns.SPLIT: splits[code],
        }
        for code, group in by_city.items()
        for left, right, relation in _relations(group, agency_ids, google_ids)
    ]
    rows.sort(key=lambda row: (row[columns.LEFT], row[columns.RIGHT]))
    return pa.Table.from_pylist(rows, schema=GOLD_SCHEMA)


def _relations(
    group: Sequence[Poi], agency_ids: dict[int, str], google_ids: dict[int, str]
) -> Iterator[tuple[int, int, str]]:
    """Labelled pairs of one city: all that are the same, and those that are easily confused."""
    rights = [poi for poi in group if poi.number in google_ids]
    latitude = np.array([poi.latitude for poi in rights])
    longitude = np.array([poi.longitude for poi in rights])
    related = _related(rights)
    for left in group:
        if left.number not in agency_ids:
            continue
        metres = great_circle_metres(left.latitude, left.longitude, latitude, longitude)
        near = np.flatnonzero(metres <= _NEAR_METRES).tolist()
        known = related[left.number] + related[left.part_of] + related[left.chain or left.number]
        yield from _relations_of(left, rights, metres, sorted({*near, *known}))


def _related(rights: Sequence[Poi]) -> dict[int | str | None, list[int]]:
    """Positions of a place and of its parts, by its number, and of the branches of a chain."""
    related: dict[int | str | None, list[int]] = defaultdict(list)
    for at, right in enumerate(rights):
        related[right.number].append(at)
        if right.part_of is not None:
            related[right.part_of].append(at)
        if right.chain:
            related[right.chain].append(at)
    return related


def _relations_of(
    left: Poi, rights: Sequence[Poi], metres: npt.NDArray[np.float64], candidates: Sequence[int]
) -> Iterator[tuple[int, int, str]]:
    """Nearest first, so that the most confusing ones are among the few that are kept."""
    n_nearby = n_branches = 0
    for at in sorted(candidates, key=lambda at: (metres[at], at)):
        right = rights[at]
        if right.number == left.number:
            yield left.number, right.number, columns.SAME
        elif right.part_of == left.number or left.part_of == right.number:
            yield left.number, right.number, columns.CONTAINS
        elif metres[at] <= _NEAR_METRES:
            n_nearby += 1
            if n_nearby <= _MAX_NEARBY:
                yield left.number, right.number, columns.NEARBY
        elif left.chain and right.chain == left.chain:
            n_branches += 1
            if n_branches <= _MAX_BRANCHES:
                yield left.number, right.number, columns.DIFFERENT
