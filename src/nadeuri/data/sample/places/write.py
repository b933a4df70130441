"""Write the tables of places of a sample world, a group of places at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data import places
from nadeuri.data.places import great_circle_metres
from nadeuri.data.sample.places import tables
from nadeuri.data.sample.places.drawn import Drawn, draw_places
from nadeuri.data.sample.places.geography import load_attractions
from nadeuri.data.sample.places.reviews import draw_reviews
from nadeuri.progress import progress

_GROUP = 250
"""Places whose reviews and usage are in memory together, and make a row group of the files."""

_NEAR_METRES = 3_000


def write_places(folder: Path, n_places: int, n_reviews: int, n_months: int, seed: int) -> None:
    """Write every table of :data:`nadeuri.data.places.TABLES` to ``folder`` as Parquet.

    Args:
        n_places: how many eating places; the facts of a place do not depend on it.
        n_reviews: of all places together; popular ones have more.
        n_months: months of usage, the last ones before the end of the reviews.
        seed: the same seed gives the same rows.
    """
    folder.mkdir(parents=True)
    drawn = draw_places(n_places, seed)
    counts = _review_counts(drawn, n_reviews)
    _write(folder, places.PLACES, [tables.place_table(drawn)])
    _write(folder, places.RATINGS, [tables.rating_table(drawn, counts, seed)])
    _write(folder, places.MENUS, [tables.menu_table(drawn)])
    _write(folder, places.VISITS, [tables.visit_table(drawn, counts, seed)])
    _write(folder, places.ATTRACTIONS, [load_attractions()])
    _write(folder, places.REVIEWS, _review_groups(drawn, counts, seed))
    _write(
        folder,
        places.USAGE,
        (tables.usage_table(group, n_months, seed) for group in _groups(drawn, "usage")),
    )


def _review_counts(drawn: Sequence[Drawn], total: int) -> list[int]:
    """Reviews per place in proportion to its popularity, adding up to ``total``."""
    share = np.array([place.popularity for place in drawn])
    wanted = share / share.sum() * total
    counts = np.floor(wanted).astype(int)
    most_cut = np.argsort(counts - wanted, kind="stable")[: total - counts.sum()]
    counts[most_cut] += 1
    return [int(count) for count in counts]


def _review_groups(drawn: Sequence[Drawn], counts: Sequence[int], seed: int) -> Iterator[pa.Table]:
    for group in _groups(drawn, "reviews"):
        yield pa.concat_tables(
            tables.review_table(
                place, draw_reviews(place, counts[place.number], seed, _sights_near(place))
            )
            for place in group
        )


def _sights_near(place: Drawn) -> list[str]:
    sights = load_attractions()
    metres = great_circle_metres(
        place.latitude,
        place.longitude,
        sights[columns.LATITUDE].to_numpy(),
        sights[columns.LONGITUDE].to_numpy(),
    )
    names = sights[columns.NAME].to_pylist()
    return [names[int(i)] for i in np.argsort(metres) if metres[i] <= _NEAR_METRES]


def _groups(drawn: Sequence[Drawn], what: str) -> Iterable[Sequence[Drawn]]:
    return progress([drawn[at : at + _GROUP] for at in range(0, len(drawn), _GROUP)], what)


def _write(folder: Path, name: str, groups: Iterable[pa.Table]) -> None:
    path = folder / f"{name}.parquet"
    with pq.ParquetWriter(path, places.TABLES[name].schema, compression="zstd") as writer:
        for group in groups:
            writer.write_table(group)
