"""Synthetic sessions that have something to learn, at any size: people look around one city."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from nadeuri.data.sequences import MANIFEST
from speed.scaling import write_prepared

USER_CLICKS, SESSION_CLICKS = 50, 5
CITY_PRODUCTS = 100
SKEW = 3
"""Popularity of cities and of products within one: number ``n u^SKEW`` of a uniform ``u``."""
ASTRAY = 0.05
"""Share of clicks on a product of any city."""


def clustered(home: Path, *, n_items: int, n_clicks: int) -> Path:
    """A prepared data set of browsing sessions, made when it is first asked for.

    Each session is about one city, of about ``CITY_PRODUCTS`` products; ``city`` is the products'
    metadata. Product numbers say nothing about cities.
    """
    folder = home / "clustered" / f"{n_items}-items-{n_clicks}-clicks"
    if (folder / MANIFEST).is_file():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rng = np.random.default_rng([n_items, n_clicks])
    n_cities = n_items // CITY_PRODUCTS
    cities = rng.integers(n_cities, size=n_items)
    by_city = np.argsort(cities, kind="stable")
    starts = np.searchsorted(cities[by_city], np.arange(n_cities + 1))
    sessions = np.arange(n_clicks, dtype=np.int32) // SESSION_CLICKS
    places = (n_cities * rng.random(sessions[-1] + 1) ** SKEW).astype(np.int64)[sessions]
    sizes = starts[places + 1] - starts[places]
    clicked = by_city[starts[places] + (sizes * rng.random(n_clicks) ** SKEW).astype(np.int64)]
    astray = rng.random(n_clicks) < ASTRAY
    clicked[astray] = rng.integers(n_items, size=int(astray.sum()))
    lengths = np.full(n_clicks // USER_CLICKS, USER_CLICKS, dtype=np.int64)
    items = clicked.astype(np.int32) + 1
    write_prepared(folder, lengths, items, n_items, sessions=sessions, cities=cities)
    return folder
