"""The outline of Jeju and the places on it."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.data.sample.places.geography import Town, load_attractions, load_towns
from nadeuri.guide.answer import Card
from nadeuri.web.island import LAND, Mark, island_figure, marks

KM_PER_DEGREE = 111.0
ISLETS = ("추자면",)
"""Towns beyond the map."""
OFF_SHORE_KM = 1.2
"""Villages and outline are both written down by hand, each good to a kilometre or half of one."""


def inside(latitude: float, longitude: float, outline: tuple[Mark, ...]) -> bool:
    """Whether a ray to the east crosses the outline an odd number of times."""
    crossings = 0
    for a, b in zip(outline, (*outline[1:], outline[0]), strict=True):
        if (a.latitude > latitude) != (b.latitude > latitude):
            share = (latitude - a.latitude) / (b.latitude - a.latitude)
            crossings += a.longitude + share * (b.longitude - a.longitude) > longitude
    return crossings % 2 == 1


def km_to_shore(latitude: float, longitude: float, outline: tuple[Mark, ...]) -> float:
    scale = math.cos(math.radians(latitude))
    distances = []
    for a, b in zip(outline, (*outline[1:], outline[0]), strict=True):
        ax, ay = (a.longitude - longitude) * scale, a.latitude - latitude
        bx, by = (b.longitude - longitude) * scale, b.latitude - latitude
        length = (bx - ax) ** 2 + (by - ay) ** 2
        along = min(1.0, max(0.0, -(ax * (bx - ax) + ay * (by - ay)) / length))
        distances.append(math.hypot(ax + along * (bx - ax), ay + along * (by - ay)))
    return min(distances) * KM_PER_DEGREE


def on_land(latitude: float, longitude: float, tolerance_km: float) -> bool:
    return any(
        inside(latitude, longitude, marks(kind))
        or km_to_shore(latitude, longitude, marks(kind)) <= tolerance_km
        for kind in LAND
    )


@pytest.mark.parametrize(
    "town", [town for town in load_towns() if town.name not in ISLETS], ids=lambda town: town.name
)
def test_villages_are_on_land(town: Town) -> None:
    for spot in town.spots:
        assert on_land(spot.latitude, spot.longitude, OFF_SHORE_KM), spot
        assert not spot.inland or on_land(spot.latitude, spot.longitude, 0.0), spot


def test_names_are_on_land_and_beaches_at_the_shore() -> None:
    for mark in (*marks("town"), *marks("peak")):
        assert on_land(mark.latitude, mark.longitude, 0.0), mark
    beaches = [row for row in load_attractions().to_pylist() if "해수욕장" in row["name"]]
    assert len(beaches) >= 5
    for beach in beaches:
        near = min(km_to_shore(beach["latitude"], beach["longitude"], marks(k)) for k in LAND)
        assert near <= OFF_SHORE_KM, beach


def test_the_outline_goes_round_once() -> None:
    for kind in LAND:
        outline = marks(kind)
        edges = list(zip(outline, (*outline[1:], outline[0]), strict=True))
        for (a, b), (c, d) in combinations(edges, 2):
            if len({a, b, c, d}) == 4:
                assert not _cross(a, b, c, d), (a, b, c, d)


def _cross(a: Mark, b: Mark, c: Mark, d: Mark) -> bool:
    def side(p: Mark, q: Mark, r: Mark) -> float:
        return (q.longitude - p.longitude) * (r.latitude - p.latitude) - (
            q.latitude - p.latitude
        ) * (r.longitude - p.longitude)

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


coordinates = st.tuples(st.floats(126.1, 127.0), st.floats(33.1, 33.6))


@settings(deadline=None)  # the first figure imports plotly
@given(st.lists(coordinates, min_size=1, max_size=3))
def test_all_cards_are_in_the_window(points: list[tuple[float, float]]) -> None:
    figure = island_figure([card(f"곳 {i}", *point) for i, point in enumerate(points)])
    west, east = figure.layout.xaxis.range
    south, north = figure.layout.yaxis.range
    for longitude, latitude in points:
        assert west < longitude < east
        assert south < latitude < north
    numbered = figure.data[-1]
    assert list(numbered.text) == [str(n) for n in range(1, len(points) + 1)]


def test_names_hold_no_markup() -> None:
    figure = island_figure([card("<a href='x'>&</a>", 126.3, 33.4)])
    assert figure.data[-1].customdata[0][0] == "&lt;a href='x'&gt;&amp;&lt;/a&gt;"


def card(name: str, longitude: float, latitude: float) -> Card:
    return Card(
        place_id=name,
        name=name,
        category="카페",
        address="제주시",
        latitude=latitude,
        longitude=longitude,
        reason="가까워요.",
    )
