"""What the pages show on a map: a plan beside a package, and a place among its candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nadeuri.web.map import (
    NEUTRAL,
    Pin,
    add_apart,
    add_line,
    add_pins,
    add_scale,
    blank_figure,
    metres_between,
    window_of,
)
from nadeuri.web.match_types import Package, Review, Stop
from nadeuri.web.plan import Days

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT_PX = 360
DAY_COLOURS = ("#ae4d0b", "#1f6fb4", "#2a7f4f", "#8e44ad", "#b8336a", "#00727a", "#7a5230")
"""White figures can be read on each; they come again from the eighth day on."""
OWN_COLOUR, CHOSEN_COLOUR = DAY_COLOURS[:2]
"""Of a pair: the agency's place, and the candidate that is looked at."""
RING_PX = 34
"""Round a place of the plan that the package visits, too."""
LEAST_PLAN_METRES = 2_000.0
LEAST_PAIR_METRES = 300.0
MOST_PAIR_METRES = 3_000.0
"""Other candidates that are farther away than this are left out of a map of a pair."""


def plan_figure(days: Days, package: Package | None = None) -> Figure | None:
    """The plan by day, and the stops of a package; None where nothing has coordinates."""
    routes = [
        [
            Pin(spot.latitude, spot.longitude, str(order), f"{day}일차 {spot.name}", colour_of(day))
            for order, spot in enumerate(spots, 1)
            if spot.latitude is not None and spot.longitude is not None
        ]
        for day, spots in enumerate(days, 1)
    ]
    stops = [] if package is None else package_stops(package)
    offered = [
        Pin(
            stop.latitude,
            stop.longitude,
            "",
            f"패키지 {stop.day}일차 {stop.name}",
            NEUTRAL,
            hollow=True,
        )
        for stop in stops
        if stop.latitude is not None and stop.longitude is not None
    ]
    own = [pin for route in routes for pin in route]
    if not own and not offered:
        return None
    window = window_of([*own, *offered], LEAST_PLAN_METRES)
    figure = blank_figure(window, HEIGHT_PX)
    add_line(figure, offered, NEUTRAL, dash="dot")
    for route in routes:
        add_line(figure, route, route[0].colour if route else OWN_COLOUR)
    add_pins(figure, offered, size=RING_PX)
    add_apart(figure, own, window)
    add_scale(figure, window)
    return figure


def pair_figure(review: Review, chosen: int) -> Figure | None:
    """The agency's place and its candidates; None where the place has no coordinates."""
    left = review.left
    if left.latitude is None or left.longitude is None:
        return None
    own = Pin(left.latitude, left.longitude, "★", left.name, OWN_COLOUR)
    pins = {
        number: Pin(
            each.latitude,
            each.longitude,
            str(number + 1),
            each.name,
            CHOSEN_COLOUR if number == chosen else NEUTRAL,
            hollow=number != chosen,
        )
        for number, each in enumerate(review.candidates)
        if each.latitude is not None and each.longitude is not None
    }
    shown = [
        pin
        for number, pin in pins.items()
        if number == chosen or metres_between(own, pin) <= MOST_PAIR_METRES
    ]
    window = window_of([own, *shown], LEAST_PAIR_METRES)
    figure = blank_figure(window, HEIGHT_PX)
    add_line(figure, [own, pins[chosen]] if chosen in pins else [], NEUTRAL, dash="dot")
    add_apart(figure, [own, *shown], window)
    add_scale(figure, window)
    return figure


def package_stops(package: Package) -> list[Stop]:
    """All stops of a package, in their order."""
    stops = [*(each.package_stop for each in package.matched), *package.extra]
    return sorted(stops, key=lambda stop: (stop.day, stop.order))


def colour_of(day: int) -> str:
    """Of a day, from 1."""
    return DAY_COLOURS[(day - 1) % len(DAY_COLOURS)]
