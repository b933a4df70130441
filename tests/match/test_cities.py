"""Names of cities that belong together."""

from __future__ import annotations

import numpy as np

from nadeuri.match.cities import filled, majority, plurality

NAN = float("nan")


def test_only_more_than_half_decides() -> None:
    pairs = [("Osaka", "OSA"), ("Osaka", "OSA"), ("Osaka", "TYO"), ("Kobe", "OSA"), ("Kobe", "UKB")]
    assert majority([*pairs, (None, "OSA"), ("Osaka", None)]) == {"Osaka": "OSA"}
    assert plurality(pairs) == {"Osaka": "OSA", "Kobe": "OSA"}
    assert majority([]) == {}


def test_the_unknown_city_of_a_place() -> None:
    points = np.array([[34.0, 135.0], [34.01, 135.0], [35.0, 135.0], [NAN, NAN], [34.0, 135.0]])
    cities = ["OSA", None, None, None, None]
    assert filled(cities, points, {4: "UKB"}) == ["OSA", "OSA", None, None, "UKB"]
    assert filled([None], np.array([[34.0, 135.0]]), {}) == [None]
    assert filled([], np.zeros((0, 2)), {}) == []
