"""Marks, windows and the scale bar."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.data.places import great_circle_metres
from nadeuri.web.map import (
    Pin,
    add_apart,
    add_scale,
    apart,
    blank_figure,
    metres_between,
    round_metres,
    window_of,
    without_markup,
)

ASPECT = 1.197
coordinates = st.tuples(st.floats(126.1, 127.0), st.floats(33.1, 33.6))
anywhere = st.builds(
    lambda y, x: Pin(y, x, "1", "곳", "#000000"), st.floats(-80, 80), st.floats(-179, 179)
)


@given(st.lists(coordinates, min_size=1, max_size=3), st.booleans())
def test_no_mark_hides_another(points: list[tuple[float, float]], same: bool) -> None:
    points = [points[0]] * len(points) if same else points
    moved = apart(points, 0.03, ASPECT)
    for (ax, ay), (bx, by) in combinations(moved, 2):
        assert math.hypot(bx - ax, (by - ay) * ASPECT) > 0.028
    for (x, y), (mark_x, mark_y) in zip(points, moved, strict=True):
        assert math.hypot(mark_x - x, mark_y - y) < 0.1, "near to where it is"


def test_marks_with_room_stay_where_they_are() -> None:
    points = [(126.3, 33.4), (126.6, 33.4)]
    assert apart(points, 0.03, ASPECT) == points


@given(st.lists(anywhere, min_size=1, max_size=6), st.floats(100, 5000))
def test_the_window_holds_all_pins(pins: list[Pin], least: float) -> None:
    window = window_of(pins, least)
    assert window.metres >= least * 0.999
    for pin in pins:
        assert window.west < pin.longitude < window.east
        assert window.south < pin.latitude < window.north


@given(st.floats(-80, 80), st.floats(200, 5000))
def test_the_window_is_a_square_on_the_ground(latitude: float, least: float) -> None:
    window = window_of([Pin(latitude, 10.0, "", "", "")], least)
    width = great_circle_metres(latitude, window.west, latitude, window.east)
    height = great_circle_metres(window.south, 10.0, window.north, 10.0)
    assert float(width) == pytest.approx(least, rel=0.01)
    assert float(height) == pytest.approx(least, rel=0.01)


@given(st.floats(1, 1e6))
def test_a_round_length(most: float) -> None:
    metres = round_metres(most)
    assert metres <= most * 1.000001
    assert metres > most / 2.5 * 0.999
    assert str(int(metres)).rstrip("0") in ("1", "2", "5")


@settings(deadline=None)  # the first figure imports plotly
@given(st.floats(-70, 70), st.floats(300, 20_000))
def test_the_bar_is_as_long_as_it_says(latitude: float, least: float) -> None:
    window = window_of([Pin(latitude, 10.0, "", "", "")], least)
    figure = blank_figure(window, 300)
    add_scale(figure, window)
    (bar,), (note,) = figure.data, figure.layout.annotations
    number, unit = note.text.split()
    metres = float(number) * {"m": 1, "km": 1000}[unit]
    y = bar.y[0]
    assert float(great_circle_metres(y, bar.x[0], y, bar.x[1])) == pytest.approx(metres, rel=0.05)
    assert window.west < bar.x[0] < bar.x[1] < window.east
    assert window.south < y < window.north


def test_distances_are_those_on_the_ground() -> None:
    one, other = Pin(34.67, 135.5, "", "", ""), Pin(34.69, 135.52, "", "", "")
    exact = great_circle_metres(one.latitude, one.longitude, other.latitude, other.longitude)
    assert metres_between(one, other) == pytest.approx(float(exact), rel=0.005)


def test_a_mark_that_gave_way_is_tied_to_its_place() -> None:
    pins = [Pin(34.67, 135.5, str(n), f"<b>{n}</b>", "#c9570a") for n in range(2)]
    window = window_of(pins, 1000)
    figure = blank_figure(window, 300)
    add_apart(figure, pins, window)
    *ties, marks = figure.data
    assert [(tie.x[0], tie.y[0]) for tie in ties] == [(135.5, 34.67)] * 2
    assert [tie.x[1] for tie in ties] == list(marks.x)
    assert marks.customdata[0][0] == "&lt;b&gt;0&lt;/b&gt;"


def test_names_hold_no_markup() -> None:
    assert without_markup("<a href='x'>&</a>") == "&lt;a href='x'&gt;&amp;&lt;/a&gt;"
