"""One code for each city, whatever the catalogue and the two databases of places call it.

Nothing has to be said of which names belong together: a package's stops lie mostly in the city that
the catalogue has it in, and mapped places lie in one city under two names.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from nadeuri.data.places import EARTH_METRES, on_sphere

_NEAR_METRES = 10_000.0


def majority(pairs: Iterable[tuple[str | None, str | None]]) -> dict[str, str]:
    """For each first value the second one that more than half of its pairs have.

    Pairs with a value that is None do not count.
    """
    return {name: code for name, (code, n, n_all) in _most_common(pairs).items() if n > n_all / 2}


def plurality(pairs: Iterable[tuple[str | None, str | None]]) -> dict[str, str]:
    """For each first value the second one that most of its pairs have; of several the first one."""
    return {name: code for name, (code, _, _) in _most_common(pairs).items()}


def filled(
    cities: Sequence[str | None], points: npt.NDArray[np.float64], known: Mapping[int, str]
) -> list[str | None]:
    """Cities of places, where they are unknown those of their match or of the nearest place.

    Args:
        points: latitude and longitude in degrees, not a number where unknown; [n, 2].
        known: by row, the city of the place that it is mapped to.
    """
    found = [known.get(row) if city is None else city for row, city in enumerate(cities)]
    located = np.isfinite(points).all(axis=1)
    has_city = np.array([city is not None for city in found], np.bool_)
    from_rows, to_rows = np.flatnonzero(located & has_city), np.flatnonzero(located & ~has_city)
    if len(from_rows) and len(to_rows):
        from scipy.spatial import cKDTree

        radius = 2 * np.sin(_NEAR_METRES / EARTH_METRES / 2)
        tree = cKDTree(on_sphere(points[from_rows]))
        _, nearest = tree.query(on_sphere(points[to_rows]), distance_upper_bound=radius)
        for row, at in zip(to_rows.tolist(), nearest.tolist(), strict=True):
            found[row] = found[from_rows[at]] if at < len(from_rows) else None
    return found


def _most_common(
    pairs: Iterable[tuple[str | None, str | None]],
) -> dict[str, tuple[str, int, int]]:
    """The commonest second value of each first one, how often it comes, and how often any does."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, code in pairs:
        if name is not None and code is not None:
            counts[name][code] += 1
    return {
        name: (*max(counted.items(), key=lambda each: each[1]), counted.total())
        for name, counted in counts.items()
    }
