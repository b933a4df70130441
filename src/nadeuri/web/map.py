"""Maps without a map server: marks, lines and a scale bar, drawn with Plotly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

NEUTRAL = "rgba(120, 120, 130, 1)"
_METRES_PER_DEGREE = 111_195.0
_MARK_SHARE = 0.07
"""Of the height: the diameter of a mark."""
_MARGIN = 0.16
"""Of the span, on each side."""
_MOST_ROUNDS = 100
_BAR_SHARE = 0.3
_ROUND = (1, 2, 5)


class Pin(NamedTuple):
    """A mark on the map.

    Attributes:
        label: what stands in it.
        hollow: it is outlined and not filled.
    """

    latitude: float
    longitude: float
    label: str
    name: str
    colour: str
    hollow: bool = False


class Window(NamedTuple):
    """What is shown: a square on the ground.

    Attributes:
        aspect: how many times as long a degree of latitude is as one of longitude.
    """

    west: float
    east: float
    south: float
    north: float
    aspect: float

    @property
    def metres(self) -> float:
        """Of each side."""
        return (self.north - self.south) * _METRES_PER_DEGREE


def window_of(pins: Iterable[Pin], least_metres: float) -> Window:
    """The square around the pins, with a margin; at least so many metres wide."""
    latitudes, longitudes = zip(*((pin.latitude, pin.longitude) for pin in pins), strict=True)
    south, north, west, east = min(latitudes), max(latitudes), min(longitudes), max(longitudes)
    y, x = (south + north) / 2, (west + east) / 2
    aspect = 1 / max(math.cos(math.radians(y)), 0.01)
    span = max(north - south, (east - west) / aspect) / (1 - 2 * _MARGIN)
    half = max(span, least_metres / _METRES_PER_DEGREE) / 2
    return Window(x - half * aspect, x + half * aspect, y - half, y + half, aspect)


def blank_figure(window: Window, height_px: int) -> Figure:
    """An empty map of the window; a metre is as long upwards as sideways."""
    from plotly.graph_objects import Figure

    figure = Figure()
    axis = {"visible": False, "fixedrange": True}
    figure.update_xaxes(**axis, range=[window.west, window.east])
    figure.update_yaxes(
        **axis, range=[window.south, window.north], scaleanchor="x", scaleratio=window.aspect
    )
    figure.update_layout(
        height=height_px,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        showlegend=False,
        dragmode=False,
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
    )
    return figure


def apart(
    points: Sequence[tuple[float, float]], distance: float, aspect: float
) -> list[tuple[float, float]]:
    """``points`` (longitude, latitude), moved until no two are nearer than ``distance``.

    Args:
        distance: in degrees of longitude.
        aspect: how many times as long a degree of latitude is as one of longitude.
    """
    moved = list(points)
    for _ in range(_MOST_ROUNDS):
        crowded = False
        for i, j in combinations(range(len(moved)), 2):
            dx, dy = moved[j][0] - moved[i][0], (moved[j][1] - moved[i][1]) * aspect
            gap = math.hypot(dx, dy)
            if gap >= distance:
                continue
            crowded = True
            if gap == 0:
                dx, dy, gap = 1.0, 0.5 * j, math.hypot(1.0, 0.5 * j)
            push = (distance - min(gap, distance)) / 2 + distance * 0.01
            step = (dx / gap * push, dy / gap * push / aspect)
            moved[i] = (moved[i][0] - step[0], moved[i][1] - step[1])
            moved[j] = (moved[j][0] + step[0], moved[j][1] + step[1])
        if not crowded:
            break
    return moved


def without_markup(name: str) -> str:
    """Plotly reads some tags in a text; there are none left."""
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def round_metres(most: float) -> float:
    """The longest of 1, 2, 5, 10, 20, ... that is not longer than ``most``."""
    power = 10.0 ** math.floor(math.log10(most))
    return max(step * power for step in _ROUND if step * power <= most * (1 + 1e-9))


def metres_between(one: Pin, other: Pin) -> float:
    """Good to a few per mille over the few kilometres of a map."""
    dy = (other.latitude - one.latitude) * _METRES_PER_DEGREE
    dx = (other.longitude - one.longitude) * _METRES_PER_DEGREE
    return math.hypot(dx * math.cos(math.radians(one.latitude)), dy)


def add_line(figure: Figure, pins: Sequence[Pin], colour: str, dash: str = "solid") -> None:
    """From each pin to the next one."""
    if len(pins) > 1:
        figure.add_scatter(
            x=[pin.longitude for pin in pins],
            y=[pin.latitude for pin in pins],
            mode="lines",
            line={"color": colour, "width": 2, "dash": dash},
            opacity=0.75,
            hoverinfo="skip",
        )


def add_apart(figure: Figure, pins: Sequence[Pin], window: Window) -> None:
    """The pins, and a line to where it is for each that had to give way to another."""
    exact = [(pin.longitude, pin.latitude) for pin in pins]
    distance = (window.east - window.west) * _MARK_SHARE
    shown = apart(exact, distance, window.aspect)
    for pin, (x, y), (mark_x, mark_y) in zip(pins, exact, shown, strict=True):
        if (x, y) != (mark_x, mark_y):
            figure.add_scatter(
                x=[x, mark_x],
                y=[y, mark_y],
                mode="lines+markers",
                line={"color": pin.colour, "width": 1.5},
                marker={"size": [6, 0], "color": pin.colour},
                hoverinfo="skip",
            )
    add_pins(
        figure,
        [pin._replace(longitude=x, latitude=y) for pin, (x, y) in zip(pins, shown, strict=True)],
        size=24,
    )


def add_pins(figure: Figure, pins: Sequence[Pin], size: int) -> None:
    """Marks where the pins are, ``size`` pixels wide."""
    if not pins:
        return
    figure.add_scatter(
        x=[pin.longitude for pin in pins],
        y=[pin.latitude for pin in pins],
        text=[pin.label for pin in pins],
        customdata=[[without_markup(pin.name)] for pin in pins],
        mode="markers+text",
        marker={
            "size": size,
            "color": [_hollow(pin) if pin.hollow else pin.colour for pin in pins],
            "line": {
                "color": [pin.colour if pin.hollow else "white" for pin in pins],
                "width": [2.5 if pin.hollow else 2 for pin in pins],
            },
            "opacity": 1,
        },
        textfont={"size": 13, "color": [pin.colour if pin.hollow else "white" for pin in pins]},
        hovertemplate="%{customdata[0]}<extra></extra>",
    )


def _hollow(pin: Pin) -> str:
    """Paper behind a label; nothing where there is none, so that what lies below is seen."""
    return f"rgba(255, 255, 255, {0.9 if pin.label else 0})"


def add_scale(figure: Figure, window: Window) -> None:
    """A bar in the lower left corner that says how long it is."""
    metres = round_metres(window.metres * _BAR_SHARE)
    length = metres / _METRES_PER_DEGREE * window.aspect
    x, y = (
        start + share * (end - start)
        for start, end, share in (
            (window.west, window.east, 0.04),
            (window.south, window.north, 0.05),
        )
    )
    figure.add_scatter(
        x=[x, x + length],
        y=[y, y],
        mode="lines+markers",
        line={"color": NEUTRAL, "width": 2},
        marker={"symbol": "line-ns", "size": 8, "line": {"color": NEUTRAL, "width": 2}},
        hoverinfo="skip",
    )
    figure.add_annotation(
        x=x,
        y=y,
        text=f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m",
        showarrow=False,
        xanchor="left",
        yanchor="bottom",
        yshift=3,
        font={"size": 12, "color": NEUTRAL},
    )
