"""The places of the sample world as they are in truth, before two databases describe them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from nadeuri.data.sample.pois import categories as kinds
from nadeuri.data.sample.pois.geography import City, Sight, load_cities, load_sights
from nadeuri.data.sample.pois.invented import Words, branch, draw_label, inside, street
from nadeuri.data.sample.questions.grammar import pick

METRES_PER_DEGREE = 111_320.0

_STREAM = 21
_SIGHT_SHARE = 0.65  # of a city's places at most, so that even a tiny world has invented ones
_SPREAD_METRES = 500.0
_INSIDE_METRES = 25.0
_ALLEYS_APART_METRES = 120.0
_NEAR_KM = 15.0  # of the middle of the city: where people live, shop and sleep
_INSIDE_ODDS = 0.3
_HOSTS = (kinds.HOTEL, "mall")
_GUESTS = (kinds.RESTAURANT, kinds.CAFE, kinds.SHOP, kinds.SPA)
_NO_PHONE = ("street", "alley", "district", "square", "bridge", "beach", "viewpoint", "river")


@dataclass(frozen=True)
class Poi:
    """A point of interest.

    Attributes:
        number: position in the list of all.
        words: its names in three languages, with the branch.
        kind: a key of :data:`~nadeuri.data.sample.pois.categories.CATEGORIES`.
        rank: of a sight among those of its city, from 0; None for an invented place.
        street, house: its address.
        phone: national number, digits; "" where there is none.
        part_of: number of the place that it lies in, or None.
        chain: Korean name of its chain, or "".
    """

    number: int
    city: City
    words: Words
    kind: str
    rank: int | None
    latitude: float
    longitude: float
    street: Words
    house: str
    postal_code: str
    phone: str
    part_of: int | None = None
    chain: str = ""


def draw_pois(n: int, n_cities: int, seed: int) -> list[Poi]:
    """``n`` places in the ``n_cities`` cities of most demand, city by city; sights come first."""
    cities = load_cities()[:n_cities]
    pois: list[Poi] = []
    for number, (city, count) in enumerate(zip(cities, _shares(cities, n), strict=True)):
        rng = generator(seed, 0, number)
        _draw_city(rng, city, count, pois)
    return pois


def generator(seed: int, stream: int, number: int = 0) -> Generator:
    """The random stream ``number`` of one purpose (``stream``)."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAM, stream, number)))


def _shares(cities: tuple[City, ...], n: int) -> list[int]:
    """Places per city, by the square root of its demand."""
    demand = np.sqrt([city.destination.weight for city in cities])
    exact = demand / demand.sum() * n
    counts = np.floor(exact).astype(int)
    counts[np.argsort(counts - exact, kind="stable")[: n - counts.sum()]] += 1
    return [int(count) for count in counts]


def _draw_city(rng: Generator, city: City, count: int, pois: list[Poi]) -> None:
    start = len(pois)
    sights = load_sights()[city.code][: round(_SIGHT_SHARE * count)]
    numbers: dict[str, int] = {}
    for rank, sight in enumerate(sights):
        numbers[sight.name] = len(pois)
        part_of = numbers.get(sight.part_of)
        words = Words(sight.name, sight.name_en, sight.name_local)
        where = (sight.latitude, sight.longitude)
        pois.append(_poi(rng, len(pois), city, words, sight.category, where, rank, part_of))
    anchors = _anchors(city)
    taken = {poi.words.name for poi in pois[start:]}
    while len(pois) < start + count:
        for poi in _invented(rng, city, anchors, pois, start):
            if len(pois) < start + count and poi.words.name not in taken:
                taken.add(poi.words.name)
                pois.append(replace(poi, number=len(pois)))


def _anchors(city: City) -> list[Sight]:
    """Sights in town, around which invented places lie."""
    return [
        sight
        for sight in load_sights()[city.code]
        if abs(sight.latitude - city.latitude) < _NEAR_KM / 111
        and abs(sight.longitude - city.longitude) < _NEAR_KM / 111
    ]


def _invented(
    rng: Generator, city: City, anchors: list[Sight], pois: list[Poi], start: int
) -> list[Poi]:
    """One place, or two alleys that are easily confused; not yet numbered."""
    label = draw_label(rng, city)
    anchor = pick(rng, anchors)
    where = moved(rng, (anchor.latitude, anchor.longitude), _SPREAD_METRES)
    hosts = [poi for poi in pois[start:] if poi.kind in _HOSTS and poi.part_of is None]
    if label.kind in _GUESTS and hosts and rng.random() < _INSIDE_ODDS:
        host = pick(rng, hosts)
        words = inside(label.words, host.words, city.language)
        where = moved(rng, (host.latitude, host.longitude), _INSIDE_METRES)
        return [_poi(rng, 0, city, words, label.kind, where, None, host.number, host)]
    if label.kind == kinds.ALLEY:
        twin = draw_label(rng, city, kinds.ALLEY)
        near = moved(rng, where, _ALLEYS_APART_METRES)
        return [
            _poi(rng, 0, city, label.words, label.kind, where),
            _poi(rng, 0, city, twin.words, twin.kind, near),
        ]
    words = label.words
    if label.chain:
        district = Words(anchor.name, anchor.name_en, anchor.name_local)
        words = branch(label.words, district, city.language)
    return [_poi(rng, 0, city, words, label.kind, where, chain=label.chain)]


def moved(rng: Generator, where: tuple[float, float], spread_metres: float) -> tuple[float, float]:
    """A point around ``where`` (degrees), normally distributed in both directions."""
    north, east = rng.normal(0, spread_metres / METRES_PER_DEGREE, 2)
    latitude, longitude = where
    return (
        round(latitude + float(north), 6),
        round(longitude + float(east) / float(np.cos(np.radians(latitude))), 6),
    )


def _poi(
    rng: Generator,
    number: int,
    city: City,
    words: Words,
    kind: str,
    where: tuple[float, float],
    rank: int | None = None,
    part_of: int | None = None,
    host: Poi | None = None,
    chain: str = "",
) -> Poi:
    """With an address (its host's, where it has one) and a phone."""
    lot = "-".join(str(int(rng.integers(1, 30))) for _ in range(3))
    house = lot if city.language == "ja" else str(int(rng.integers(1, 300)))
    line = street(rng, city)
    postal_code = f"{int(rng.integers(10_000, 99_999))}"
    phone = f"{int(rng.integers(2, 9))}{int(rng.integers(10**7, 10**8))}"
    return Poi(
        number,
        city,
        words,
        kind,
        rank,
        *where,
        street=host.street if host else line,
        house=host.house if host else house,
        postal_code=host.postal_code if host else postal_code,
        phone="" if kind in _NO_PHONE else phone,
        part_of=part_of,
        chain=chain,
    )
