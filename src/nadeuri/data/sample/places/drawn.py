"""One invented place as it is in truth: where, what, when, and its traits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from nadeuri import columns
from nadeuri.data.sample.places.categories import BARS, CAFES, Category, load_categories
from nadeuri.data.sample.places.geography import Spot, Town, load_towns
from nadeuri.data.sample.places.names import draw_name
from nadeuri.data.sample.places.traits import draw_traits, quality

ALWAYS = (
    ("애월읍", "흑돼지"),
    ("애월읍", "흑돼지"),
    ("애월읍", "흑돼지"),
    ("애월읍", "흑돼지"),
    ("한림읍", "카페"),
    ("한림읍", "카페"),
    ("한림읍", "카페"),
    ("성산읍", "갈치·고등어"),
    ("구좌읍", "해산물"),
    ("연동", "고기국수"),
    ("중문동", "한정식"),
    ("대정읍", "횟집"),
)
"""Towns and categories of the first places, so that even a tiny world can answer something."""

_STREAM = 11
_METRES_PER_DEGREE = 111_320.0
_SPREAD_METRES = 600.0  # of the places around the middle of their village
_STEP_MINUTES = 30
_PRICE_STEP = 500


@dataclass(frozen=True)
class MenuItem:
    """A dish as this place sells it; the price in won."""

    name: str
    price: int
    is_main: bool


@dataclass(frozen=True)
class Drawn:
    """A place. Shares are of its visits, times in minutes after midnight.

    Attributes:
        number: from 0; the place's random stream depends on it and the seed alone.
        popularity: relative number of visits.
    """

    number: int
    name: str
    category: Category
    town: Town
    spot: Spot
    address: str
    latitude: float
    longitude: float
    traits: dict[str, float]
    popularity: float
    opens: int
    closes: int
    closed_days: tuple[str, ...]
    takes_reservations: bool
    reservation_share: float
    waiting_share: float
    waiting_minutes: float
    menu: tuple[MenuItem, ...]

    @property
    def place_id(self) -> str:
        return f"P{self.number + 1:05}"


def draw_places(n: int, seed: int) -> list[Drawn]:
    """``n`` places; the first ones are the same for every ``n``."""
    taken: set[str] = set()
    return [_draw(number, generator(seed, 0, number), taken) for number in range(n)]


def generator(seed: int, stream: int, number: int) -> Generator:
    """The random stream of place ``number`` for one purpose (``stream``)."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAM, stream, number)))


def _draw(number: int, rng: Generator, taken: set[str]) -> Drawn:
    town, category = _town_and_category(number, rng)
    spot = town.spots[int(rng.choice(len(town.spots), p=_falling(len(town.spots))))]
    traits = draw_traits(rng, category, inland=spot.inland)
    opens, closes = _hours(rng, category)
    north, east = rng.normal(0, _SPREAD_METRES / _METRES_PER_DEGREE, 2)
    popularity = float(rng.lognormal(2.2 * quality(traits) + 0.5 * traits["view"], 0.7))
    takes = bool(rng.random() < 0.25 + 0.6 * traits["spacious"]) and category.name not in CAFES
    waiting = float(np.clip((1 - traits["swift"]) * (0.45 + 0.02 * popularity), 0, 0.85))
    return Drawn(
        number=number,
        name=draw_name(rng, category, town, spot, taken),
        category=category,
        town=town,
        spot=spot,
        address=_address(rng, town, spot),
        latitude=round(spot.latitude + float(north), 6),
        longitude=round(spot.longitude + float(east) / np.cos(np.radians(spot.latitude)), 6),
        traits=traits,
        popularity=popularity,
        opens=opens,
        closes=closes,
        closed_days=_closed_days(rng),
        takes_reservations=takes,
        reservation_share=round(float(rng.beta(2, 4)) if takes else 0.0, 3),
        waiting_share=round(waiting, 3),
        waiting_minutes=round(5 + 50 * waiting * float(rng.uniform(0.7, 1.3)), 1),
        menu=_menu(rng, category, traits),
    )


def _town_and_category(number: int, rng: Generator) -> tuple[Town, Category]:
    towns, categories = load_towns(), load_categories()
    if number < len(ALWAYS):
        town_name, category_name = ALWAYS[number]
        town = next(town for town in towns if town.name == town_name)
        return town, next(kind for kind in categories if kind.name == category_name)
    town = towns[_weighted(rng, [town.weight for town in towns])]
    return town, categories[_weighted(rng, [category.weight for category in categories])]


def _weighted(rng: Generator, weights: Sequence[float]) -> int:
    odds = np.asarray(weights, dtype=float)
    return int(rng.choice(len(odds), p=odds / odds.sum()))


def _falling(n: int) -> np.ndarray:
    odds = 1 / (2.0 + np.arange(n))
    return np.asarray(odds / odds.sum())


def _hours(rng: Generator, category: Category) -> tuple[int, int]:
    opens, closes = (
        int(rng.integers(low // _STEP_MINUTES, high // _STEP_MINUTES + 1)) * _STEP_MINUTES
        for low, high in (category.opens, category.closes)
    )
    return opens, closes


def _closed_days(rng: Generator) -> tuple[str, ...]:
    """None for a third of the places; rather in the middle of the week than at its end."""
    n = int(rng.choice(3, p=[0.35, 0.55, 0.1]))
    odds = [0.13, 0.2, 0.25, 0.22, 0.06, 0.04, 0.1]
    days = rng.choice(len(odds), n, replace=False, p=odds)
    return tuple(columns.SEGMENTS[columns.WEEKDAY][int(day)] for day in sorted(days))


def _address(rng: Generator, town: Town, spot: Spot) -> str:
    lot = f"{int(rng.integers(1, 3000))}"
    if rng.random() < 0.6:
        lot += f"-{int(rng.integers(1, 40))}"
    village = f" {spot.village}" if spot.village else ""
    return f"제주특별자치도 {town.city} {town.name}{village} {lot}"


def _menu(rng: Generator, category: Category, traits: dict[str, float]) -> tuple[MenuItem, ...]:
    """Two or three main dishes and some others; where value is good, prices are low."""
    mains = [dish for dish in category.dishes if dish.is_main]
    others = [dish for dish in category.dishes if not dish.is_main]
    n_mains = int(rng.integers(2, len(mains) + 1))
    n_others = int(rng.integers(1, len(others) + 1))
    chosen = [mains[int(i)] for i in sorted(rng.choice(len(mains), n_mains, replace=False))]
    chosen += [others[int(i)] for i in sorted(rng.choice(len(others), n_others, replace=False))]
    level = float(np.clip(rng.normal(1 - traits["value"], 0.15), 0, 1))
    items = []
    for dish in chosen:
        price = dish.low + (dish.high - dish.low) * level * float(rng.uniform(0.85, 1.15))
        step = 100 if category.name in BARS | CAFES else _PRICE_STEP
        items.append(MenuItem(dish.name, round(price / step) * step, dish.is_main))
    return tuple(items)
