"""The year of the sample world: when people browse, and where they want to go in which month.

Times are *local seconds*: seconds since 1970-01-01 00:00 on a clock in Seoul, which has had no
daylight saving time since 1988.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from nadeuri.data.sample.destinations import MONTHS_IN_YEAR, Destination

FIRST_DAY, DAYS = np.datetime64("2025-10-01"), 365
TIMEZONE = "Asia/Seoul"
START = int(FIRST_DAY.astype("datetime64[s]").astype(np.int64))
DAY_S, HOUR_S = 86_400, 3_600

_MONTH_VOLUME = np.array([1.15, 1.0, 0.9, 0.95, 1.1, 1.2, 1.35, 1.1, 1.0, 0.95, 0.9, 1.1])
_WEEKDAY_VOLUME = np.array([1.15, 1.1, 1.05, 1.0, 0.9, 0.85, 1.05])  # from Monday
_HOUR_VOLUME = np.array(
    [5, 3, 2, 1, 1, 1, 2, 4, 7, 9, 10, 10, 11, 10, 9, 9, 9, 8, 8, 9, 11, 13, 13, 9], dtype=float
)
_SEASON_SHARPNESS = 1.6

SEASONAL_THEMES = (
    ("온천", "스키", "휴양"),
    ("온천", "스키", "가족"),
    ("미식", "골프", "효도"),
    ("자연", "역사·문화", "골프"),
    ("가족", "효도", "자연"),
    ("물놀이", "휴양", "트레킹"),
    ("물놀이", "가족", "휴양"),
    ("물놀이", "가족", "액티비티"),
    ("효도", "자연", "트레킹"),
    ("골프", "역사·문화", "트레킹"),
    ("온천", "미식", "골프"),
    ("온천", "스키", "쇼핑"),
)
"""Themes that sell in each month, January first."""


def moments(position: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Map positions in [0, 1) of the year's traffic to local seconds, keeping their order.

    Equal steps in position are equal amounts of traffic, so that busy months, weekdays and hours
    get more clicks.
    """
    hours, traffic = _traffic()
    return np.asarray(np.interp(position, traffic, hours) + START, dtype=np.int64)


@cache
def _traffic() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Seconds after START of each full hour, and the share of traffic before it."""
    days = FIRST_DAY + np.arange(DAYS)
    months = days.astype("datetime64[M]").astype(np.int64) % MONTHS_IN_YEAR
    weekdays = (days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    daily = _MONTH_VOLUME[months] * _WEEKDAY_VOLUME[weekdays]
    hourly = np.outer(daily, _HOUR_VOLUME / _HOUR_VOLUME.sum()).ravel()
    cumulative = np.concatenate([[0.0], np.cumsum(hourly)])
    share: npt.NDArray[np.float64] = cumulative / cumulative[-1]
    seconds: npt.NDArray[np.float64] = HOUR_S * np.arange(float(len(cumulative)))
    return seconds, share


def month_of(times: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
    """Month of local seconds, 0 = January."""
    month = times.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(month % MONTHS_IN_YEAR, dtype=np.int8)


@dataclass(frozen=True)
class Demand:
    """Where people want to go, by month, as tables to draw cities from.

    Attributes:
        regions: names; destinations are numbered as given, regions by first appearance.
        region_of: int16 [n_cities].
        region_share: float64 [n_regions], share of the whole year's demand.
        siblings: int16 [n_cities, 4], cities that are looked at next to this one, closest first.
    """

    regions: tuple[str, ...]
    region_of: npt.NDArray[np.int16]
    region_share: npt.NDArray[np.float64]
    siblings: npt.NDArray[np.int16]
    _order: npt.NDArray[np.int16]  # cities by region
    _bounds: npt.NDArray[np.int64]  # [n_regions + 1] into _order
    _cumulative: npt.NDArray[np.float64]  # [months * n_cities], rising by 1 each month

    def draw_city(
        self,
        uniform: npt.NDArray[np.float64],
        months: npt.NDArray[np.int8],
        regions: npt.NDArray[np.int64],
    ) -> npt.NDArray[np.int16]:
        """Draw a city for each row from its month's demand; region -1 means anywhere."""
        n_cities = len(self._order)
        base = months.astype(np.int64) * n_cities
        anywhere = regions < 0
        low = np.where(anywhere, 0, self._bounds[regions])
        high = np.where(anywhere, n_cities, self._bounds[regions + 1])
        ends = self._cumulative
        before = np.where(base + low > 0, ends[base + low - 1], 0.0)
        target = before + uniform * (ends[base + high - 1] - before)
        found = np.searchsorted(ends, target, side="right") - base
        cities: npt.NDArray[np.int16] = self._order[np.clip(found, low, high - 1)]
        return cities


def demand(places: tuple[Destination, ...]) -> Demand:
    """Demand tables of a world that sells ``places``."""
    regions = tuple(dict.fromkeys(place.region for place in places))
    region_of = np.array([regions.index(place.region) for place in places], dtype=np.int16)
    weights = np.array([place.weight for place in places])
    shape = np.array([place.months for place in places], dtype=float) ** _SEASON_SHARPNESS
    monthly = weights[:, None] * shape / shape.mean(axis=1, keepdims=True)  # [n_cities, months]
    order = np.argsort(region_of, kind="stable").astype(np.int16)
    shares = monthly[order] / monthly.sum(axis=0)
    cumulative = np.cumsum(shares, axis=0) + np.arange(float(MONTHS_IN_YEAR))
    region_weight = np.bincount(region_of, weights=weights)
    return Demand(
        regions=regions,
        region_of=region_of,
        region_share=region_weight / region_weight.sum(),
        siblings=_siblings(places),
        _order=order,
        _bounds=np.concatenate([[0], np.cumsum(np.bincount(region_of))]),
        _cumulative=np.asarray(cumulative.T.ravel(), dtype=np.float64),
    )


def _siblings(places: tuple[Destination, ...]) -> npt.NDArray[np.int16]:
    """Per city, four others: same country first, then region, shared themes, demand."""

    def closeness(one: Destination, other: Destination) -> tuple[int, int, int, float]:
        shared = len(set(one.themes) & set(other.themes))
        return (
            int(one.region == other.region),
            int(one.country == other.country),
            shared,
            other.weight,
        )

    rows = []
    for place in places:
        others = [index for index, other in enumerate(places) if other is not place]
        others.sort(key=lambda index: closeness(place, places[index]), reverse=True)
        rows.append(others[:4])
    return np.array(rows, dtype=np.int16)
