"""A product map as a picture: the panels side by side, the colours of the first field."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.lines import Line2D
from pylopdf_fonts_ko import sans_path

from nadeuri.recommend.coview.map import MapField, Panel, ProductMap
from nadeuri.recommend.coview.map_look import (
    COLD,
    OTHER,
    OTHER_COLOUR,
    PALETTE,
    field_title,
    left_out,
    marker_size,
    measured,
    own_colours,
)
from nadeuri.report.pages import replace_file

_DPI = 100
_PANEL_INCHES, _LEGEND_INCHES, _HEIGHT_INCHES = 6.2, 1.6, 7.0
_INK, _MUTED, _LINE = "#1d2530", "#667085", "#e4e7ec"


def write_picture(product_map: ProductMap, path: Path) -> None:
    """Write a PNG, 700 pixels high, under another name first.

    Letters come with the package, so that Hangul is drawn on a machine without Korean fonts too.
    """
    fontManager.addfont(sans_path())
    hangul = FontProperties(fname=sans_path()).get_name()
    content = io.BytesIO()
    with mpl.rc_context({"font.family": [hangul, "DejaVu Sans"]}), warnings.catch_warnings():
        # a box stands for a character that neither font has; values come from outside
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        _draw(product_map).savefig(content, format="png", dpi=_DPI)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, content.getvalue())


def _draw(product_map: ProductMap) -> Figure:
    panels, field = product_map.panels, product_map.fields[0]
    width = _PANEL_INCHES * len(panels) + _LEGEND_INCHES
    figure = Figure(figsize=(width, _HEIGHT_INCHES), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    size = marker_size(product_map)
    for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        _draw_panel(axes, product_map, panel, field, size)
    legend = figure.legend(
        handles=_legend(product_map, field),
        title=field_title(field.name),
        loc="outside right center",
        alignment="left",
        frameon=False,
        fontsize=10,
        labelcolor=_INK,
    )
    for text in legend.get_texts():
        text.set_linespacing(1.4)
    return figure


def _draw_panel(
    axes: Axes, product_map: ProductMap, panel: Panel, field: MapField, size: float
) -> None:
    labels = field.labels[panel.rows]
    is_own = (labels >= 0) & (labels < own_colours(field))
    colours = np.where(is_own, np.array(PALETTE)[labels % len(PALETTE)], OTHER_COLOUR)
    area = (size * 72 / _DPI) ** 2
    for chosen in (~is_own, is_own):  # what has a colour lies above
        warm, cold = chosen & ~panel.is_cold, chosen & panel.is_cold
        x, y = panel.points.T
        axes.scatter(x[warm], y[warm], s=area, c=colours[warm], alpha=0.85, linewidths=0)
        axes.scatter(
            x[cold],
            y[cold],
            s=1.4 * area,
            marker="D",
            facecolors="white",
            edgecolors=colours[cold].tolist(),
            linewidths=1.2,
        )
    axes.set_title(panel.title, fontsize=17, color=_INK, pad=40)
    for offset, text in (
        (22, measured(field.name, panel.separation)),
        (7, left_out(product_map, panel)),
    ):
        axes.annotate(
            text,
            (0.5, 1),
            (0, offset),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="center",
            color=_MUTED,
            fontsize=10.5,
        )
    axes.set(xticks=[], yticks=[])
    axes.set_aspect("equal", adjustable="datalim")
    axes.spines[:].set_color(_LINE)


def _legend(product_map: ProductMap, field: MapField) -> list[Line2D]:
    n_own = own_colours(field)
    entries = [
        _entry(value, colour) for value, colour in zip(field.values[:n_own], PALETTE, strict=False)
    ]
    if ((field.labels < 0) | (field.labels >= n_own)).any():
        entries.append(_entry(OTHER, OTHER_COLOUR))
    if any(panel.is_cold.any() for panel in product_map.panels):
        entries.append(_entry(COLD.replace(" (", "\n("), _MUTED, marker="D", facecolor="white"))
    return entries


def _entry(label: str, colour: str, *, marker: str = "o", facecolor: str | None = None) -> Line2D:
    return Line2D(
        [],
        [],
        linestyle="",
        marker=marker,
        markersize=6,
        markeredgecolor=colour,
        markerfacecolor=facecolor or colour,
        label=label,
    )
