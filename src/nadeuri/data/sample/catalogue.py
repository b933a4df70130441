"""The catalogue of the sample world, and what the simulation needs to know about each product."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numpy.random import Generator

from nadeuri.data.sample import season
from nadeuri.data.sample.destinations import Destination, load_destinations
from nadeuri.data.sample.names import (
    BUDGET,
    CATEGORIES,
    FREE,
    HOTEL,
    PACKAGE,
    PREMIUM,
    TICKET,
    TRANSPORT,
    product_name,
)
from nadeuri.data.sample.sizes import WorldSize

N_CATEGORIES = len(CATEGORIES)
COMPANIONS = 3
MULTI_DELIMITER = ";"
PRICE_BANDS = (
    (50_000, "5만원 미만"),
    (100_000, "5~10만원"),
    (300_000, "10~30만원"),
    (600_000, "30~60만원"),
    (1_000_000, "60~100만원"),
    (2_000_000, "100~200만원"),
    (4_000_000, "200~400만원"),
)
TOP_BAND = "400만원 이상"

_CODE_LETTERS = dict(zip(CATEGORIES, "PFHAT", strict=True))
_CATEGORY_SHARE = dict(zip(CATEGORIES, (0.36, 0.14, 0.18, 0.10, 0.22), strict=True))
_PRICE_SPREAD = dict(zip(CATEGORIES, (0.28, 0.24, 0.45, 0.18, 0.6), strict=True))
_NEXT_STEP = {PACKAGE: PACKAGE, FREE: HOTEL, HOTEL: TICKET, TRANSPORT: HOTEL, TICKET: TICKET}
_ZIPF_EXPONENT = 1.5
_POPULAR_LINKS = 0.5
_OFF_SALE_SHARE = 0.04
_COLD_SHARE, _LATE_SHARE = 0.05, 0.15
_LATE_FROM, _LATE_TO = 0.55, 0.97  # of the year


@dataclass(frozen=True)
class Catalogue:
    """Products sorted by (city, category); row numbers are the item numbers of the simulation.

    Attributes:
        table: as written, under the agency's own column names.
        city, category: int16 [n_items], numbers of the destination and of ``CATEGORIES``.
        themes: int64 [n_items], bit set over ``theme_names``.
        grade: float32 [n_items], 0 cheapest to 1 dearest *of its kind in its city*.
        nights: int8 [n_items].
        weight: float64 [n_items], popularity; 0 for cold items, which nobody clicks.
        starts: int64 [n_items], local seconds from which the item is sold.
        companions: int32 [n_items, 3], products of the same city that its page links to.
        cells: int64 [n_cities * n_categories + 1], first row of each (city, category). The first
            row of a cell is always sold and never cold.
    """

    places: tuple[Destination, ...]
    table: pa.Table
    theme_names: tuple[str, ...]
    city: npt.NDArray[np.int16]
    category: npt.NDArray[np.int16]
    themes: npt.NDArray[np.int64]
    grade: npt.NDArray[np.float32]
    nights: npt.NDArray[np.int8]
    weight: npt.NDArray[np.float64]
    starts: npt.NDArray[np.int64]
    companions: npt.NDArray[np.int32]
    cells: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.city)

    @property
    def codes(self) -> list[str]:
        codes: list[str] = self.table["goods_cd"].to_pylist()
        return codes


@dataclass(frozen=True)
class _Product:
    city: int
    category: str
    themes: tuple[str, ...]
    nights: int
    grade: float
    price: int
    name: str


def build_catalogue(size: WorldSize, rng: Generator) -> Catalogue:
    """Draw the products of a world."""
    places = load_destinations()[: size.cities]
    products = [
        _product(rng, number, place, category)
        for number, (place, n) in enumerate(zip(places, _items_per_city(places, size), strict=True))
        for category, count in zip(CATEGORIES, _items_per_category(rng, n), strict=True)
        for _ in range(count)
    ]
    theme_names = tuple(sorted({theme for product in products for theme in product.themes}))
    city = np.array([p.city for p in products], dtype=np.int16)
    category = np.array([CATEGORIES.index(p.category) for p in products], dtype=np.int16)
    cell = city.astype(np.int64) * N_CATEGORIES + category
    cells = np.searchsorted(cell, np.arange(len(places) * N_CATEGORIES + 1))
    weight, starts = _lives(rng, places, cell, cells)
    bits = {theme: 1 << bit for bit, theme in enumerate(theme_names)}
    themes = np.array([sum(bits[t] for t in p.themes) for p in products], dtype=np.int64)
    grade = np.array([p.grade for p in products], dtype=np.float32)
    companions = _companions(rng, city, category, themes, grade, weight)
    on_sale = rng.random(len(products)) >= _OFF_SALE_SHARE
    return Catalogue(
        places=places,
        table=_table(places, products, on_sale),
        theme_names=theme_names,
        city=city,
        category=category,
        themes=themes,
        grade=grade,
        nights=np.array([p.nights for p in products], dtype=np.int8),
        weight=weight,
        starts=starts,
        companions=companions,
        cells=cells,
    )


def _items_per_city(places: tuple[Destination, ...], size: WorldSize) -> list[int]:
    """Share ``size.items`` out by the square root of demand; every city can fill every category."""
    demand = np.sqrt([place.weight for place in places])
    spare = size.items - N_CATEGORIES * len(places)
    exact = demand / demand.sum() * spare
    counts = np.floor(exact).astype(int)
    largest = np.argsort(counts - exact, kind="stable")[: spare - counts.sum()]
    counts[largest] += 1
    return [int(n) + N_CATEGORIES for n in counts]


def _items_per_category(rng: Generator, n: int) -> list[int]:
    extra = rng.multinomial(n - N_CATEGORIES, list(_CATEGORY_SHARE.values()))
    return [1 + int(count) for count in extra]


def _product(rng: Generator, number: int, place: Destination, category: str) -> _Product:
    deviation = float(rng.standard_normal())
    grade = _normal_cdf(deviation)
    nights = _nights(rng, place, category)
    price = _list_price(place, category, nights) * np.exp(_PRICE_SPREAD[category] * deviation)
    themes = _themes(rng, place, category, grade)
    name = product_name(rng, place, category, themes, nights)
    return _Product(
        city=number,
        category=category,
        themes=themes,
        nights=nights,
        grade=grade,
        price=_rounded(float(price)),
        name=unicodedata.normalize("NFC", name),
    )


def _normal_cdf(deviation: float) -> float:
    from math import erf, sqrt

    return 0.5 * (1 + erf(deviation / sqrt(2)))


def _nights(rng: Generator, place: Destination, category: str) -> int:
    if category in (PACKAGE, FREE):
        return int(rng.integers(place.min_nights, place.max_nights + 1))
    return 1 if category == HOTEL else 0


def _list_price(place: Destination, category: str, nights: int) -> float:
    return {
        PACKAGE: place.fare_won + 1.15 * nights * place.ground_won,
        FREE: place.fare_won + 0.8 * nights * place.ground_won,
        HOTEL: 0.9 * place.ground_won,
        TRANSPORT: 1.0 * place.fare_won,
        TICKET: 0.35 * place.ground_won,
    }[category]


def _rounded(price: float) -> int:
    """A price tag: 399,900 or 24,900."""
    step = 10_000 if price >= 100_000 else 1_000
    return max(round(price / step), 5) * step - 100


def _themes(rng: Generator, place: Destination, category: str, grade: float) -> tuple[str, ...]:
    """Purposes first, then the grade; transport has no purpose."""
    count = {PACKAGE: 2, FREE: 2, HOTEL: 1, TICKET: 1, TRANSPORT: 0}[category]
    odds = 1.0 / (1 + np.arange(len(place.themes)))
    picks = rng.choice(len(place.themes), count, replace=False, p=odds / odds.sum())
    purposes = tuple(place.themes[pick] for pick in picks)
    grades = (PREMIUM,) if grade > 0.8 else (BUDGET,) if grade < 0.2 else ()
    return purposes + grades


def _lives(
    rng: Generator,
    places: tuple[Destination, ...],
    cell: npt.NDArray[np.int64],
    cells: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Popularity and first day of sale of every item."""
    n_items = len(cell)
    shuffled = np.lexsort((rng.random(n_items), cell))
    rank = np.empty(n_items, dtype=np.int64)
    rank[shuffled] = np.arange(n_items) - cells[cell]
    within = (rank + 1.0) ** -_ZIPF_EXPONENT
    city_weight = np.array([place.weight for place in places])
    share = np.array(list(_CATEGORY_SHARE.values()))
    weight = within / np.bincount(cell, within)[cell]
    weight *= city_weight[cell // N_CATEGORIES] * share[cell % N_CATEGORIES]

    not_first = rng.permutation(np.setdiff1d(np.arange(n_items), cells[:-1]))
    n_cold, n_late = round(_COLD_SHARE * n_items), round(_LATE_SHARE * n_items)
    cold, late = not_first[:n_cold], not_first[n_cold : n_cold + n_late]
    weight[cold] = 0.0
    starts = np.full(n_items, season.START, dtype=np.int64)
    into_year = rng.uniform(_LATE_FROM, _LATE_TO, len(late))
    starts[late] += (np.round(into_year * season.DAYS) * season.DAY_S).astype(np.int64)
    return weight, starts


def _companions(
    rng: Generator,
    city: npt.NDArray[np.int16],
    category: npt.NDArray[np.int16],
    themes: npt.NDArray[np.int64],
    grade: npt.NDArray[np.float32],
    weight: npt.NDArray[np.float64],
) -> npt.NDArray[np.int32]:
    """Per item the three best links in its city: what is bought next, alike in theme and grade."""
    next_step = np.array([CATEGORIES.index(_NEXT_STEP[name]) for name in CATEGORIES])
    links = np.empty((len(city), COMPANIONS), dtype=np.int32)
    for number in range(int(city.max()) + 1):
        rows = np.flatnonzero(city == number)
        fit = 1.5 * (category[rows][None, :] == next_step[category[rows]][:, None])
        fit += 1.0 * ((themes[rows][:, None] & themes[rows][None, :]) > 0)
        fit -= 2.0 * np.abs(grade[rows][:, None] - grade[rows][None, :])
        fit += rng.gumbel(scale=0.7, size=fit.shape)
        fit += _POPULAR_LINKS * np.log(np.maximum(weight[rows], np.finfo(float).tiny))[None, :]
        fit[:, weight[rows] == 0] = -np.inf
        np.fill_diagonal(fit, -np.inf)
        links[rows] = rows[np.argsort(-fit, axis=1)[:, :COMPANIONS]]
    return links


def _table(
    places: tuple[Destination, ...], products: list[_Product], on_sale: npt.NDArray[np.bool_]
) -> pa.Table:
    """The catalogue as the agency would export it; ``thema`` holds several values in one text."""
    rows = [(places[p.city], p) for p in products]
    codes = _codes(places, products)
    return pa.table(
        {
            "goods_cd": codes,
            "goods_nm": [p.name for _, p in rows],
            "nation_nm": [place.country for place, _ in rows],
            "city_cd": [place.code for place, _ in rows],
            "city_nm": [place.city for place, _ in rows],
            "ctgr_nm": [p.category for _, p in rows],
            "thema": [MULTI_DELIMITER.join(p.themes) or None for _, p in rows],
            "price_grp": [_band(p.price) for _, p in rows],
            "sale_price": pa.array([p.price for _, p in rows], pa.int64()),
            "nights": pa.array([p.nights for _, p in rows], pa.int16()),
            "sale_yn": np.where(on_sale, "Y", "N"),
            "trip_cd": _trips(products, codes),
        }
    )


def _trips(products: list[_Product], codes: list[str]) -> list[str | None]:
    """Code of the first departure of a package that leaves on several days.

    Packages of one city, length and set of themes are the same trip; prices differ by departure.
    """
    first: dict[tuple[object, ...], str] = {}
    trips: list[str | None] = []
    for product, code in zip(products, codes, strict=True):
        trip = (product.city, product.nights, frozenset(product.themes))
        is_package = product.category == PACKAGE
        trips.append(first.setdefault(trip, code) if is_package else None)
    return trips


def _codes(places: tuple[Destination, ...], products: list[_Product]) -> list[str]:
    """``POSA1003``: category letter, city code, serial number within the city."""
    serial = dict.fromkeys(range(len(places)), 1000)
    codes = []
    for product in products:
        serial[product.city] += 1
        letter = _CODE_LETTERS[product.category]
        codes.append(f"{letter}{places[product.city].code}{serial[product.city]}")
    return codes


def _band(price: int) -> str:
    return next((band for limit, band in PRICE_BANDS if price < limit), TOP_BAND)
