"""What people click: a choice model that all users of a block step through together.

The next click follows from *order* (the category comes after the one before, price grade and nights
stay near the last product, pages link to companions, people go back to what they saw) and from
*metadata* (city of the session, themes and price taste of the person, season), on top of a Zipf
popularity within each city and category. Interests drift from session to session. A model that
sees metadata can therefore place items it has hardly seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from nadeuri.data.sample import season
from nadeuri.data.sample.catalogue import COMPANIONS, N_CATEGORIES, Catalogue
from nadeuri.data.sample.season import Demand
from nadeuri.data.sample.visits import Visits

Array = npt.NDArray[Any]

_CANDIDATES = 10
_WHIM = 0.5
_THEME_FIT, _GRADE_FIT, _NIGHTS_FIT, _NOVELTY = 2.0, 5.0, 0.9, 1.2
_NOVELTY_FADES_S = 30 * season.DAY_S
_SEEN_COST, _MEMORY = 2.5, 10
_NOT_SOLD = np.float32(-1e9)

_SIBLING_CHANCE = 0.07
_COMPANION_CHANCE = 0.18
_REVISIT_CHANCE, _RESUME_CHANCE, _REVISIT_REACH = 0.07, 0.25, 8
_WANDER_CHANCE = 0.03

_KEEP_CITY, _NEAR_CITY = 0.5, 0.2  # at the start of a session; otherwise a new city
_FIRST_REGION, _SECOND_REGION = 0.6, 0.25  # of a new city; otherwise anywhere
_DRIFT_CHANCE = 0.05
_SEASONAL_THEME = 0.35

# rows: kind of traveller (joins groups, travels alone); columns as CATEGORIES
_FIRST_CATEGORY = np.array([[0.82, 0.08, 0.02, 0.03, 0.05], [0.08, 0.22, 0.28, 0.27, 0.15]])
# [traveller, category before, category]
_NEXT_CATEGORY = np.array(
    [
        [
            [0.88, 0.05, 0.01, 0.01, 0.05],
            [0.45, 0.40, 0.06, 0.04, 0.05],
            [0.40, 0.10, 0.35, 0.05, 0.10],
            [0.40, 0.15, 0.15, 0.25, 0.05],
            [0.45, 0.05, 0.05, 0.02, 0.43],
        ],
        [
            [0.35, 0.35, 0.10, 0.10, 0.10],
            [0.06, 0.48, 0.20, 0.12, 0.14],
            [0.02, 0.05, 0.52, 0.08, 0.33],
            [0.02, 0.10, 0.46, 0.34, 0.08],
            [0.03, 0.04, 0.14, 0.06, 0.73],
        ],
    ]
)
_GROUP_SHARE = 0.5


class Browsing:
    """One block of users on the site; :meth:`run` clicks through all their visits."""

    def __init__(
        self, catalogue: Catalogue, demand: Demand, visits: Visits, rng: Generator
    ) -> None:
        self._catalogue = catalogue
        self._demand = demand
        self._visits = visits
        self._rng = rng
        self._ends = np.cumsum(catalogue.weight)
        self._month_themes = _month_themes(catalogue)
        longest, n_users = visits.times.shape
        self._history = np.zeros((longest, n_users), dtype=np.int32)

        # traits of a person
        self._kind = np.asarray(rng.random(n_users) >= _GROUP_SHARE, dtype=np.int64)
        self._price_taste = np.asarray(rng.beta(0.8, 0.8, n_users), dtype=np.float32)
        self._regions = self._draw_regions((2, n_users))
        # state of a session
        months = season.month_of(visits.times[0])
        self._city = self._new_city(np.arange(n_users), months)
        self._theme = np.zeros(n_users, dtype=np.int64)
        self._own_theme = self._theme_of_city(self._city)
        self._category = np.zeros(n_users, dtype=np.int64)
        self._last = np.zeros(n_users, dtype=np.int32)

    def run(self) -> npt.NDArray[np.int32]:
        """Item numbers; int32 [longest, n_users], meaningful where ``visits`` has a click."""
        active = np.searchsorted(-self._visits.lengths, -np.arange(len(self._history)))
        for step, n in enumerate(active):
            self._history[step, :n] = self._click(step, int(n))
        return self._history

    def _click(self, step: int, n: int) -> npt.NDArray[np.int32]:
        """The click number ``step`` of the first ``n`` users; int32 [n]."""
        times = self._visits.times[step, :n]
        opens = self._visits.opens[step, :n]
        opening = np.flatnonzero(opens)
        self._open_sessions(opening, season.month_of(times[opening]), first=step == 0)
        self._stray_to_sibling(np.flatnonzero(~opens))
        self._step_category(n, opens)

        items = self._choose(step, times, opens)
        items = self._follow_link(items, times, opens)
        if step >= 2:
            items = self._go_back(items, opens, step)
        focus = self._rng.random(n) >= _WANDER_CHANCE
        wandering = np.flatnonzero(~focus)
        items[wandering] = self._anything_popular(items[wandering], times[wandering])

        self._last[:n] = items
        self._city[:n] = np.where(focus, self._catalogue.city[items], self._city[:n])
        self._category[:n] = np.where(focus, self._catalogue.category[items], self._category[:n])
        return items

    def _open_sessions(self, users: Array, months: npt.NDArray[np.int8], *, first: bool) -> None:
        """Decide city and theme of the sessions that ``users`` open; interests may drift."""
        rng, n = self._rng, len(users)
        drifting = users[rng.random(n) < _DRIFT_CHANCE]
        self._regions[:, drifting] = self._draw_regions((2, len(drifting)))
        if not first:
            draw = rng.random(n)
            near = (draw >= _KEEP_CITY) & (draw < _KEEP_CITY + _NEAR_CITY)
            new = draw >= _KEEP_CITY + _NEAR_CITY
            self._city[users[near]] = self._sibling(self._city[users[near]])
            self._city[users[new]] = self._new_city(users[new], months[new])
        seasonal = self._month_themes[months, rng.integers(self._month_themes.shape[1], size=n)]
        in_season = rng.random(n) < _SEASONAL_THEME
        self._theme[users] = np.where(in_season, seasonal, self._own_theme[users])

    def _stray_to_sibling(self, users: Array) -> None:
        straying = users[self._rng.random(len(users)) < _SIBLING_CHANCE]
        self._city[straying] = self._sibling(self._city[straying])

    def _step_category(self, n: int, opens: npt.NDArray[np.bool_]) -> None:
        kind = self._kind[:n]
        chances = _NEXT_CATEGORY[kind, self._category[:n]]
        chances = np.where(opens[:, None], _FIRST_CATEGORY[kind], chances)
        limits = np.cumsum(chances, axis=1)[:, :-1]  # [n, categories - 1]
        self._category[:n] = (self._rng.random(n)[:, None] > limits).sum(axis=1)

    def _choose(
        self, step: int, times: Array, opens: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.int32]:
        """The best of a few candidates from the session's city and category; int32 [n]."""
        catalogue, rng, n = self._catalogue, self._rng, len(times)
        cell = self._city[:n].astype(np.int64) * N_CATEGORIES + self._category[:n]
        low, high = catalogue.cells[cell], catalogue.cells[cell + 1]
        candidates = self._draw(low, high, _CANDIDATES)  # [n, candidates]
        seen = self._history[max(0, step - _MEMORY) : step, :n]  # [memory, n]

        taste = self._price_taste[:n]
        last_grade = catalogue.grade[self._last[:n]]
        wanted_grade = np.where(opens, taste, 0.6 * taste + 0.4 * last_grade)
        last_nights = np.where(opens, -1, catalogue.nights[self._last[:n]])
        worth = rng.gumbel(scale=_WHIM, size=candidates.shape).astype(np.float32)
        worth += _THEME_FIT * ((catalogue.themes[candidates] & self._theme[:n, None]) > 0)
        worth -= _GRADE_FIT * np.abs(catalogue.grade[candidates] - wanted_grade[:, None])
        worth += _NIGHTS_FIT * (catalogue.nights[candidates] == last_nights[:, None])
        age = times[:, None] - catalogue.starts[candidates]
        is_new = (catalogue.starts[candidates] > season.START) & (age < _NOVELTY_FADES_S)
        worth += _NOVELTY * is_new
        for item in seen:
            worth -= _SEEN_COST * (candidates == item[:, None])
        worth[age < 0] = _NOT_SOLD
        best = np.argmax(worth, axis=1)
        rows = np.arange(n)
        chosen = np.where(worth[rows, best] > _NOT_SOLD / 2, candidates[rows, best], low)
        return np.asarray(chosen, dtype=np.int32)

    def _follow_link(
        self, items: npt.NDArray[np.int32], times: Array, opens: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.int32]:
        """Some people click a companion product on the page they are on."""
        n = len(items)
        slot = (COMPANIONS * self._rng.random(n) ** 2).astype(np.int64)  # the first one most
        linked = self._catalogue.companions[self._last[:n], slot]
        follows = ~opens & (self._rng.random(n) < _COMPANION_CHANCE)
        follows &= self._catalogue.starts[linked] <= times
        return np.where(follows, linked, items)

    def _go_back(
        self, items: npt.NDArray[np.int32], opens: npt.NDArray[np.bool_], step: int
    ) -> npt.NDArray[np.int32]:
        """Some people return to a product they saw; when they come back, often to the last one."""
        n = len(items)
        chance = np.where(opens, _RESUME_CHANCE, _REVISIT_CHANCE)
        returns = self._rng.random(n) < chance
        reach = min(step, _REVISIT_REACH)
        shortest = np.where(opens, 1, 2)
        lag = shortest + ((reach - shortest + 1) * self._rng.random(n) ** 2).astype(np.int64)
        return np.where(returns, self._history[step - lag, np.arange(n)], items)

    def _anything_popular(
        self, items: npt.NDArray[np.int32], times: Array
    ) -> npt.NDArray[np.int32]:
        n = len(items)
        everything = np.zeros(n, dtype=np.int64), np.full(n, len(self._catalogue))
        drawn = self._draw(*everything, 1)[:, 0]
        return np.where(self._catalogue.starts[drawn] <= times, drawn, items).astype(np.int32)

    def _draw(self, low: Array, high: Array, count: int) -> npt.NDArray[np.int64]:
        """Rows in [low, high) by popularity, with replacement; int64 [n, count]."""
        before = np.where(low > 0, self._ends[low - 1], 0.0)
        room = self._ends[high - 1] - before
        target = before[:, None] + room[:, None] * self._rng.random((len(low), count))
        found = np.searchsorted(self._ends, target, side="right")
        return np.asarray(np.clip(found, low[:, None], high[:, None] - 1))

    def _draw_regions(self, shape: tuple[int, int]) -> npt.NDArray[np.int64]:
        share = self._demand.region_share
        return self._rng.choice(len(share), size=shape, p=share)

    def _new_city(self, users: Array, months: npt.NDArray[np.int8]) -> npt.NDArray[np.int16]:
        draw = self._rng.random(len(users))
        region = np.where(draw < _FIRST_REGION, self._regions[0, users], self._regions[1, users])
        region = np.where(draw < _FIRST_REGION + _SECOND_REGION, region, -1)
        return self._demand.draw_city(self._rng.random(len(users)), months, region)

    def _sibling(self, cities: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """A city that is compared with each of ``cities``; the closest most often."""
        siblings = self._demand.siblings
        rank = (siblings.shape[1] * self._rng.random(len(cities)) ** 2).astype(np.int64)
        return np.asarray(siblings[cities, rank])

    def _theme_of_city(self, cities: npt.NDArray[np.int16]) -> npt.NDArray[np.int64]:
        """A person's own theme: one that the first city they look at is known for."""
        catalogue = self._catalogue
        bit = {name: 1 << position for position, name in enumerate(catalogue.theme_names)}
        width = min(len(place.themes) for place in catalogue.places)
        table = np.array([[bit.get(t, 0) for t in p.themes[:width]] for p in catalogue.places])
        return np.asarray(table[cities, self._rng.integers(width, size=len(cities))])


def _month_themes(catalogue: Catalogue) -> npt.NDArray[np.int64]:
    """Theme bits in season; int64 [months, themes per month]."""
    bit = {name: 1 << position for position, name in enumerate(catalogue.theme_names)}
    return np.array([[bit.get(theme, 0) for theme in row] for row in season.SEASONAL_THEMES])
