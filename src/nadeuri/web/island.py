"""The places of an answer on an outline of Jeju, drawn without any map server."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from nadeuri.guide.answer import Card
from nadeuri.web.map import apart, without_markup

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

LAND = ("coast", "udo", "gapado", "marado")
MARGIN_DEGREES = 0.02
LEAST_SPAN_DEGREES = 0.28
"""Of longitude (26 km): nearer, the outline by hand would look wrong."""
HEIGHT_PX = 300
MARK_SHARE = 0.1
"""Of the width: the diameter of a mark on a map that is as high as this."""

_ACCENT = "#ae4d0b"
_LAND_COLOUR = "rgba(120, 150, 130, 0.22)"
_COAST_COLOUR = "rgba(110, 130, 120, 0.7)"
_NAME_COLOUR = "rgba(128, 128, 128, 1)"
_MIDDLE_LATITUDE = 33.37
_ASPECT = 1 / math.cos(math.radians(_MIDDLE_LATITUDE))
"""A degree of latitude is so much longer than one of longitude here."""


class Mark(NamedTuple):
    """A point of ``jeju.tsv``, written down by hand and good to half a kilometre."""

    kind: str
    name: str
    latitude: float
    longitude: float


def island_figure(cards: Sequence[Card]) -> Figure:
    """The island, or the part of it where the cards are, with the cards' numbers."""
    from plotly.graph_objects import Figure

    figure = Figure()
    for kind in LAND:
        _add_land(figure, marks(kind))
    _add_names(figure)
    west, east, south, north = _window(cards)
    _add_cards(figure, cards, east - west)
    axis = {"visible": False, "fixedrange": True}
    figure.update_xaxes(**axis, range=[west, east])
    figure.update_yaxes(**axis, range=[south, north], scaleanchor="x", scaleratio=_ASPECT)
    figure.update_layout(
        height=HEIGHT_PX,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        showlegend=False,
        dragmode=False,
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
    )
    return figure


@cache
def marks(kind: str) -> tuple[Mark, ...]:
    """The points of one kind: a piece of land goes round, clockwise; town and peak are names."""
    text = files("nadeuri.web").joinpath("jeju.tsv").read_text(encoding="utf-8")
    return tuple(
        Mark(row["kind"], row["name"], float(row["latitude"]), float(row["longitude"]))
        for row in csv.DictReader(text.splitlines(), delimiter="\t")
        if row["kind"] == kind
    )


def _add_land(figure: Figure, outline: Sequence[Mark]) -> None:
    closed = [*outline, outline[0]]
    figure.add_scatter(
        x=[mark.longitude for mark in closed],
        y=[mark.latitude for mark in closed],
        mode="lines",
        line={"color": _COAST_COLOUR, "width": 1.5, "shape": "spline", "smoothing": 0.6},
        fill="toself",
        fillcolor=_LAND_COLOUR,
        hoverinfo="skip",
    )


def _add_names(figure: Figure) -> None:
    named = [*marks("town"), *marks("peak")]
    figure.add_scatter(
        x=[mark.longitude for mark in named],
        y=[mark.latitude for mark in named],
        text=[f"▲ {mark.name}" if mark.kind == "peak" else mark.name for mark in named],
        mode="text",
        textfont={"size": 12, "color": _NAME_COLOUR},
        hoverinfo="skip",
    )


def _add_cards(figure: Figure, cards: Sequence[Card], span: float) -> None:
    """A numbered mark for each card, and a line to where it is if the mark had to give way."""
    exact = [(card.longitude, card.latitude) for card in cards]
    shown = apart(exact, span * MARK_SHARE, _ASPECT)
    for (x, y), (mark_x, mark_y) in zip(exact, shown, strict=True):
        figure.add_scatter(
            x=[x, mark_x],
            y=[y, mark_y],
            mode="lines+markers",
            line={"color": _ACCENT, "width": 1.5},
            marker={"size": [6, 0], "color": _ACCENT},
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[x for x, _ in shown],
        y=[y for _, y in shown],
        text=[str(number) for number in range(1, len(cards) + 1)],
        customdata=[[without_markup(card.name)] for card in cards],
        mode="markers+text",
        marker={"size": 24, "color": _ACCENT, "line": {"color": "white", "width": 2}},
        textfont={"size": 13, "color": "white"},
        hovertemplate="%{text}. %{customdata[0]}<extra></extra>",
    )


def _window(cards: Sequence[Card]) -> tuple[float, float, float, float]:
    """West, east, south and north of what is shown: the cards, and some land around them."""
    longitudes = [card.longitude for card in cards]
    latitudes = [card.latitude for card in cards]
    west, east, south, north = min(longitudes), max(longitudes), min(latitudes), max(latitudes)
    span = max(
        LEAST_SPAN_DEGREES,
        east - west + 2 * MARGIN_DEGREES,
        (north - south + 2 * MARGIN_DEGREES) * _ASPECT,
    )
    x, y = (west + east) / 2, (south + north) / 2
    return x - span / 2, x + span / 2, y - span / 2 / _ASPECT, y + span / 2 / _ASPECT
