"""Behaviour that a model should be able to find in the synthetic clicks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from nadeuri.data.sample import season
from nadeuri.data.sample.browsing import Browsing
from nadeuri.data.sample.catalogue import N_CATEGORIES, Catalogue, build_catalogue
from nadeuri.data.sample.names import CATEGORIES, HOTEL, TRANSPORT
from nadeuri.data.sample.sizes import SIZES
from nadeuri.data.sample.visits import Visits, plan_visits


@dataclass(frozen=True)
class Clicks:
    catalogue: Catalogue
    visits: Visits
    items: np.ndarray  # [longest, n_users]

    @property
    def filled(self) -> np.ndarray:
        return np.arange(len(self.items))[:, None] < self.visits.lengths

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Items clicked one after the other within a session."""
        inside = self.filled[1:] & ~self.visits.opens[1:]
        return self.items[:-1][inside], self.items[1:][inside]


@pytest.fixture(scope="module")
def clicks() -> Clicks:
    catalogue = build_catalogue(SIZES["demo"], np.random.default_rng(0))
    rng = np.random.default_rng(1)
    visits = plan_visits(rng, 2_000)
    items = Browsing(catalogue, season.demand(catalogue.places), visits, rng).run()
    return Clicks(catalogue, visits, items)


def test_cold_items_are_never_clicked_and_late_ones_not_early(clicks: Clicks) -> None:
    items, times = clicks.items[clicks.filled], clicks.visits.times[clicks.filled]
    assert (clicks.catalogue.weight[items] > 0).all()
    assert (clicks.catalogue.starts[items] <= times).all()
    late = clicks.catalogue.starts[items] > season.START
    assert late.mean() > 0.01


def test_popularity_is_skewed(clicks: Clicks) -> None:
    counts = np.sort(np.bincount(clicks.items[clicks.filled], minlength=len(clicks.catalogue)))
    n = len(counts)
    gini = (2 * np.arange(1, n + 1) - n - 1) @ counts / (n * counts.sum())
    assert 0.4 < gini < 0.8


def test_sessions_stay_in_a_city(clicks: Clicks) -> None:
    before, after = (clicks.catalogue.city[items] for items in clicks.pairs())
    share = np.bincount(after) / len(after)
    by_chance = float(share @ share)
    assert (before == after).mean() > 5 * by_chance
    assert (before == after).mean() < 0.97


def test_category_follows_from_the_one_before_and_order_matters(clicks: Clicks) -> None:
    before, after = (clicks.catalogue.category[items] for items in clicks.pairs())
    table = np.zeros((N_CATEGORIES, N_CATEGORIES))
    np.add.at(table, (before, after), 1)
    hotel, transport = CATEGORIES.index(HOTEL), CATEGORIES.index(TRANSPORT)
    assert table[transport, hotel] > 2 * table[hotel, transport]
    table /= table.sum()
    chance = np.outer(table.sum(axis=1), table.sum(axis=0))
    mutual_information_bits = (table * np.log2(table / chance)).sum()
    assert mutual_information_bits > 0.2


@pytest.mark.parametrize(("code", "high", "low"), [("SPK", (11, 0, 1), (3, 4, 9))])
def test_destinations_have_seasons(
    clicks: Clicks, code: str, high: tuple[int, ...], low: tuple[int, ...]
) -> None:
    city = [place.code for place in clicks.catalogue.places].index(code)
    month = season.month_of(clicks.visits.times[clicks.filled])
    hit = clicks.catalogue.city[clicks.items[clicks.filled]] == city
    assert hit[np.isin(month, high)].mean() > 1.5 * hit[np.isin(month, low)].mean()


def test_demand_peaks_where_the_table_says() -> None:
    catalogue = build_catalogue(SIZES["demo"], np.random.default_rng(0))
    demand = season.demand(catalogue.places)
    codes = [place.code for place in catalogue.places]
    uniform = np.random.default_rng(0).random(20_000)
    anywhere = np.full(20_000, -1)
    january = demand.draw_city(uniform, np.zeros(20_000, dtype=np.int8), anywhere)
    august = demand.draw_city(uniform, np.full(20_000, 7, dtype=np.int8), anywhere)
    snow, beach = codes.index("SPK"), codes.index("OKA")
    assert (january == snow).mean() > (august == snow).mean()
    assert (august == beach).mean() > (january == beach).mean()
    region = int(demand.region_of[snow])
    inside = demand.draw_city(uniform, np.zeros(20_000, dtype=np.int8), anywhere + 1 + region)
    assert (demand.region_of[inside] == region).all()


def test_people_look_at_products_again(clicks: Clicks) -> None:
    repeats = total = 0
    for user, length in enumerate(clicks.visits.lengths[:500]):
        seen = clicks.items[:length, user]
        repeats += length - len(np.unique(seen))
        total += length
    assert 0.1 < repeats / total < 0.6


def test_people_keep_their_price_taste(clicks: Clicks) -> None:
    """Price grades of one person's sessions go together, so a longer history helps."""
    long = clicks.visits.lengths >= 20
    grades = clicks.catalogue.grade[clicks.items[:20, long]]
    first, second = grades[:10].mean(axis=0), grades[10:].mean(axis=0)
    assert np.corrcoef(first, second)[0, 1] > 0.4


def test_interests_drift(clicks: Clicks) -> None:
    length = 40
    long = clicks.visits.lengths >= length
    cities = clicks.catalogue.city[clicks.items[:length, long]]
    near = np.mean([(cities[t] == cities[t - 1]).mean() for t in range(1, length)])
    far = (cities[0] == cities[length - 1]).mean()
    assert far < 0.5 * near
