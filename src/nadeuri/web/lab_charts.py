"""Charts of the lab page, drawn with Plotly: bars, lines, heat maps and a scatter plot.

Letters and grid come from Streamlit's theme, so that they follow light and dark; nothing can be
dragged, so that a phone scrolls past.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any, NamedTuple

from nadeuri.web.lab_words import OTHER
from nadeuri.web.map import NEUTRAL, without_markup

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ROW_PX, HEIGHT_PX, FOOT_PX = 38, 320, 70
HEAT, HEAT_INK = ((0.0, "#fdf0e4"), (0.5, "#f7c08f"), (1.0, "#ee8b3a")), "#1d2530"
"""Little to much, light enough for the same letters and frames in both themes."""
CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}


class Bar(NamedTuple):
    """A bar from zero; ``low`` and ``high`` are the ends of its interval."""

    label: str
    value: float
    colour: str
    low: float | None = None
    high: float | None = None
    is_chosen: bool = False


class Line(NamedTuple):
    """A curve; curves of the same name share a place in the legend, faint ones have none."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    is_faint: bool = False
    dash: str = "solid"


class Cell(NamedTuple):
    """A cell of a heat map; without a value, ``text`` says why."""

    value: float | None
    text: str
    is_picked: bool = False
    is_as_is: bool = False


class Dot(NamedTuple):
    """A point of a scatter plot; one with a label is named there."""

    x: float
    y: float
    name: str
    colour: str = OTHER
    label: str = ""


def bars_figure(
    bars: Sequence[Bar],
    *,
    ink: str,
    references: Sequence[tuple[str, float]] = (),
    decimals: int = 4,
) -> Figure:
    """Horizontal bars, the first one on top, with their intervals and dashed reference lines.

    Args:
        ink: colour of the intervals, which lie on bars and on paper.
    """
    from plotly.graph_objects import Bar as Trace
    from plotly.graph_objects import Figure

    labels = [without_markup(f"★ {bar.label}" if bar.is_chosen else bar.label) for bar in bars]
    figure = Figure(
        Trace(
            x=[bar.value for bar in bars],
            y=labels,
            orientation="h",
            marker={"color": [bar.colour for bar in bars]},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [(bar.high or bar.value) - bar.value for bar in bars],
                "arrayminus": [bar.value - (bar.low or bar.value) for bar in bars],
                "thickness": 1.5,
                "color": ink,
            },
            hovertemplate=f"%{{y}}<br>%{{x:.{decimals}f}}<extra></extra>",
        )
    )
    for place, (name, value) in enumerate(references):
        figure.add_vline(x=value, line={"color": NEUTRAL, "dash": "dash", "width": 1.5})
        figure.add_annotation(
            x=value,
            y=1.0,
            yref="paper",
            yshift=12 + 16 * place,
            text=f"{name} {value:.{min(decimals, 3)}f}",
            showarrow=False,
            font={"size": 12},
        )
    _lay_out(figure, ROW_PX * len(bars) + 50 + 16 * len(references))
    figure.update_layout(margin={"t": 14 + 18 * len(references)}, showlegend=False, bargap=0.35)
    figure.update_yaxes(autorange="reversed", automargin=True, tickfont={"size": 13})
    figure.update_xaxes(rangemode="tozero", nticks=6)
    return figure


def lines_figure(
    lines: Sequence[Line],
    *,
    x_title: str,
    y_title: str,
    references: Sequence[tuple[str, str, float]] = (),
    marks: Sequence[tuple[float, float, str]] = (),
    decimals: int = 4,
) -> Figure:
    """Curves over one axis, those of faint lines below the others.

    Args:
        references: (name, colour, level) of dashed lines.
        marks: (x, y, text) of what happened at a point.
    """
    from plotly.graph_objects import Figure

    figure = Figure()
    named: set[str] = set()
    for line in sorted(lines, key=lambda each: not each.is_faint):
        figure.add_scatter(
            x=[x for x, _ in line.points],
            y=[y for _, y in line.points],
            name=without_markup(line.name),
            legendgroup=line.name,
            showlegend=not line.is_faint and line.name not in named,
            mode="lines" if len(line.points) > 1 else "markers",
            line={"color": line.colour, "width": 1 if line.is_faint else 2.5, "dash": line.dash},
            opacity=0.45 if line.is_faint else 1.0,
            hovertemplate=f"%{{fullData.name}}<br>{x_title} %{{x}} · %{{y:.{decimals}f}}"
            "<extra></extra>",
        )
        if not line.is_faint:
            named.add(line.name)
    last = max((x for line in lines for x, _ in line.points), default=1)
    for (name, colour, level), dash in zip(references, cycle(("dash", "dot", "dashdot"))):
        figure.add_scatter(
            x=[0, last],
            y=[level, level],
            name=without_markup(name),
            mode="lines",
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate=f"%{{fullData.name}}<br>%{{y:.{decimals}f}}<extra></extra>",
        )
    if marks:
        figure.add_scatter(
            x=[x for x, _, _ in marks],
            y=[y for _, y, _ in marks],
            text=[without_markup(text) for _, _, text in marks],
            name="사건",
            mode="markers",
            marker={"symbol": "diamond", "size": 11, "color": "#c9457f"},
            hovertemplate="%{text}<extra></extra>",
        )
    _lay_out(figure, HEIGHT_PX + FOOT_PX)
    figure.update_xaxes(title=x_title, rangemode="tozero")
    figure.update_yaxes(title=y_title, rangemode="tozero", automargin=True)
    return figure


def heat_figure(
    rows: Sequence[str],
    names: Sequence[str],
    cells: Sequence[Sequence[Cell]],
    *,
    row_title: str,
    column_title: str,
) -> Figure:
    """Cells [rows][names], darker where there is more; picked ones starred, ones in use dashed."""
    from plotly.graph_objects import Figure, Heatmap

    figure = Figure(
        Heatmap(
            z=[[cell.value for cell in row] for row in cells],
            x=list(names),
            y=list(rows),
            text=[[_heat_text(cell) for cell in row] for row in cells],
            texttemplate="%{text}",
            textfont={"size": 14, "color": HEAT_INK},
            colorscale=[list(stop) for stop in HEAT],
            showscale=False,
            xgap=4,
            ygap=4,
            hovertemplate=f"{row_title} %{{y}} · {column_title} %{{x}}<br>%{{text}}<extra></extra>",
        )
    )
    for y, row in enumerate(cells):
        for x, cell in enumerate(row):
            if cell.value is None:  # no paper of its own
                figure.add_annotation(x=x, y=y, text=cell.text, showarrow=False)
            if cell.is_picked or cell.is_as_is:
                figure.add_shape(
                    type="rect",
                    x0=x - 0.47,
                    x1=x + 0.47,
                    y0=y - 0.45,
                    y1=y + 0.45,
                    line={
                        "color": HEAT_INK,
                        "width": 3,
                        "dash": "solid" if cell.is_picked else "dash",
                    },
                )
    _lay_out(figure, 58 * len(rows) + 70)
    figure.update_xaxes(title=column_title, type="category", showgrid=False, side="bottom")
    figure.update_yaxes(
        title=row_title, type="category", autorange="reversed", showgrid=False, automargin=True
    )
    return figure


def scatter_figure(
    dots: Sequence[Dot],
    *,
    x_title: str,
    y_title: str,
    frontier: Sequence[Dot],
    level: tuple[str, float] | None,
) -> Figure:
    """Points, the line of those that nothing beats in both, and a dashed level."""
    from plotly.graph_objects import Figure

    figure = Figure()
    figure.add_scatter(
        x=[dot.x for dot in frontier],
        y=[dot.y for dot in frontier],
        name="파레토 경계",
        mode="lines",
        line={"color": NEUTRAL, "width": 2, "shape": "hv"},
        hoverinfo="skip",
    )
    for dot in sorted(dots, key=lambda each: bool(each.label)):
        figure.add_scatter(
            x=[dot.x],
            y=[dot.y],
            name=dot.label,
            showlegend=bool(dot.label),
            mode="markers",
            marker={"size": 15 if dot.label else 9, "color": dot.colour},
            text=[without_markup(dot.name)],
            hovertemplate=f"%{{text}}<br>{x_title} %{{x:.1f}} · {y_title} %{{y:.4f}}"
            "<extra></extra>",
        )
    if level is not None:
        name, value = level
        figure.add_hline(
            y=value,
            line={"color": NEUTRAL, "dash": "dot", "width": 1.5},
            annotation={"text": name, "font": {"size": 12}},
            annotation_position="bottom left",
        )
    _lay_out(figure, HEIGHT_PX + FOOT_PX)
    figure.update_xaxes(title=x_title, rangemode="tozero")
    figure.update_yaxes(title=y_title, automargin=True)
    return figure


def frontier_of(dots: Sequence[Dot]) -> list[Dot]:
    """The dots that no other beats in both: less of x, or more of y; by x."""
    found: list[Dot] = []
    for dot in sorted(dots, key=lambda each: (each.x, -each.y)):
        if not found or dot.y > found[-1].y:
            found.append(dot)
    return found


def _heat_text(cell: Cell) -> str:
    if cell.value is None:
        return ""
    return f"★ {cell.text}" if cell.is_picked else cell.text


def _lay_out(figure: Figure, height_px: int) -> None:
    legend: dict[str, Any] = {
        "orientation": "h",
        "yanchor": "top",
        "y": -0.22,
        "x": 0,
        "font": {"size": 13},
    }
    figure.update_layout(
        height=height_px,
        margin={"l": 8, "r": 16, "t": 14, "b": 8},
        legend=legend,
        dragmode=False,
        hoverlabel={"align": "left"},
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
    )
    figure.update_xaxes(fixedrange=True, title={"font": {"size": 13}})
    figure.update_yaxes(fixedrange=True, title={"font": {"size": 13}})
