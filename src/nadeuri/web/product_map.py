"""Where products lie by their vectors: near each other where travellers view them together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from nadeuri.web.map import without_markup
from nadeuri.web.shop_types import MapPanel, MapPoint

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT_PX = 460
PALETTE = (
    *("#2f6fde", "#d9730d", "#12926e", "#c43d5f", "#a14fc4", "#a87a08", "#1892a8", "#8a5a44"),
    *("#d65db1", "#6b7f3a", "#3f9fd8", "#6fa01f", "#e09a1a", "#5368c4", "#b04a3f", "#e0708a"),
    *("#7f74d8", "#2f8f63", "#8a4fae", "#3fae78"),
)
"""Of the commonest values; each can be told from the light and from the dark background."""
OTHER_COLOUR, OTHER = "#8b919b", "그 밖"
_FEWEST_NAMED = 4
"""Values with fewer points than this are not named on the map."""
_NAME_WIDTH, _NAME_HEIGHT = 0.13, 0.05
"""Of the map: what a name takes; names that would lie on another are left out."""
_BELOW_NAME = 0.9
"""Share of a value's points that lie below its name."""
_RING_PX, _STAR_PX, _POINT_PX = 15, 20, 7
_ACCENT = "#d9630f"
_PAPER, _INK = "white", "#31333f"
"""Of the words at a point; the names on the map are as style/maps.css has them."""


@dataclass(frozen=True)
class Legend:
    """A colour and what it stands for; ``count`` points have it."""

    name: str
    colour: str
    count: int


def legend_of(panel: MapPanel, field: str) -> list[Legend]:
    """The values of a field, the commonest first; those without a colour of their own together."""
    counts = Counter(value for point in panel.points if (value := getattr(point, field)))
    common = counts.most_common(len(PALETTE))
    rest = len(panel.points) - sum(n for _, n in common)
    own = [Legend(name, PALETTE[i], n) for i, (name, n) in enumerate(common)]
    return [*own, *([Legend(OTHER, OTHER_COLOUR, rest)] if rest else [])]


def map_figure(panel: MapPanel, field: str, code: str, neighbours: Collection[str]) -> Figure:
    """The products of a panel; a click on one selects the first of its custom data, its code.

    Args:
        field: ``city``, ``country`` or ``category``, which colours them.
        code: of the product that is marked with a star, if the panel has it.
        neighbours: codes of products that get a ring.
    """
    from plotly.graph_objects import Figure

    colours = {each.name: each.colour for each in legend_of(panel, field) if each.name != OTHER}
    figure = Figure()
    for is_new, symbol in ((False, "circle"), (True, "diamond-open")):
        points = [each for each in panel.points if each.is_new == is_new]
        shades = [colours.get(getattr(each, field) or "", OTHER_COLOUR) for each in points]
        _add_points(figure, points, size=_POINT_PX, symbol=symbol, color=shades)
    near = [each for each in panel.points if each.item in neighbours and each.item != code]
    _add_points(figure, near, size=_RING_PX, symbol="circle-open", color=_ACCENT, width=2)
    this = [each for each in panel.points if each.item == code]
    _add_points(figure, this, size=_STAR_PX, symbol="star", color=_ACCENT, width=1)
    _add_names(figure, panel, field, colours)
    hidden = {"visible": False, "fixedrange": True}
    figure.update_layout(
        height=HEIGHT_PX,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis=hidden,
        yaxis=hidden,
        showlegend=False,
        dragmode=False,
        hovermode="closest",
        hoverlabel={"bgcolor": _PAPER, "font": {"color": _INK}},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    return figure


def _add_points(
    figure: Figure,
    points: Sequence[MapPoint],
    *,
    size: int,
    symbol: str,
    color: str | list[str],
    width: int = 0,
) -> None:
    from plotly.graph_objects import Scattergl

    if not points:
        return
    full = {"marker": {"opacity": 1.0}}
    figure.add_trace(
        Scattergl(
            x=[each.x for each in points],
            y=[each.y for each in points],
            mode="markers",
            marker={"size": size, "symbol": symbol, "color": color, "line": {"width": width}},
            customdata=[[each.item] for each in points],
            text=[_hover(each) for each in points],
            hoverinfo="text",
            selected=full,
            unselected=full,
        )
    )


def _add_names(figure: Figure, panel: MapPanel, field: str, colours: Collection[str]) -> None:
    """Each value's name above its points, the commonest first, none on another."""
    xs, ys = [each.x for each in panel.points], [each.y for each in panel.points]
    width = (max(xs) - min(xs)) or 1.0
    height = (max(ys) - min(ys)) or 1.0
    placed: list[tuple[float, float]] = []
    for name in colours:
        points = [each for each in panel.points if getattr(each, field) == name]
        x, y = median(each.x for each in points), _quantile([each.y for each in points])
        is_free = all(
            abs(x - left) > _NAME_WIDTH * width or abs(y - low) > _NAME_HEIGHT * height
            for left, low in placed
        )
        if len(points) >= _FEWEST_NAMED and is_free:
            placed.append((x, y))
            figure.add_annotation(
                x=x,
                y=y,
                text=without_markup(name),
                showarrow=False,
                yshift=14,
                font={"size": 12},
            )


def _hover(point: MapPoint) -> str:
    facts = " · ".join(filter(None, [point.city, point.country, point.category]))
    news = "<br>새 상품" if point.is_new else ""
    return f"{without_markup(point.name or point.item)}<br>{without_markup(facts)}{news}"


def _quantile(values: Sequence[float]) -> float:
    return sorted(values)[int(_BELOW_NAME * (len(values) - 1))]
