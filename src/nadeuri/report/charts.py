"""Two kinds of chart as SVG text: bars with whiskers, and curves.

Written out by hand so that a chart follows the page it stands in: its colours are CSS variables
(light and dark), its letters are the reader's fonts (Hangul included), and it needs no renderer.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

WIDE, NARROW = 720, 520
"""Widths in pixels, at which letters have their natural size."""
PALETTE = 11
STYLE = """
svg.chart { font: 12px system-ui, "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic",
  sans-serif; --ink: #1d2530; --muted: #667085; --grid: #e4e7ec;
  --c0: #98a2b3; --c1: #667085; --c2: #e07b39; --c3: #b8860b;
  --c4: #2f6fde; --c5: #12926e; --c6: #a14fc4; --c7: #c43d5f;
  --c8: #7a8450; --c9: #1892a8; --c10: #8a5a44; }
svg.chart text { fill: var(--ink); } svg.chart .muted { fill: var(--muted); }
svg.chart .grid { stroke: var(--grid); } svg.chart .whisker { stroke: var(--ink); }
svg.chart .reference { stroke: var(--muted); stroke-dasharray: 4 3; }
svg.chart .strong { font-weight: 650; } svg.chart .curve { fill: none; stroke-width: 1.8; }
svg.chart .faint { stroke-width: 1.1; stroke-opacity: .35; }
@media (prefers-color-scheme: dark) { svg.chart { --ink: #e6e9ee; --muted: #98a2b3; --grid: #303845;
  --c0: #667085; --c1: #98a2b3; --c2: #f0995e; --c3: #d9ad3c; --c4: #6ea0ff; --c5: #3fc79b;
  --c6: #c583e6; --c7: #ea7391;
  --c8: #a9b377; --c9: #4fbfd6; --c10: #bd8a70; } }
"""


@dataclass(frozen=True)
class Bar:
    """One bar from zero; ``low`` and ``high`` draw a whisker."""

    label: str
    value: float
    colour: int
    low: float | None = None
    high: float | None = None
    is_strong: bool = False


@dataclass(frozen=True)
class Curve:
    """Points (x, y) of one line.

    Curves of the same label share a place in the legend; faint ones have none.
    """

    label: str
    colour: int
    points: Sequence[tuple[float, float]] = field(default_factory=tuple)
    is_faint: bool = False


def bar_chart(
    title: str,
    bars: Sequence[Bar],
    *,
    references: Sequence[tuple[str, float]] = (),
    decimals: int = 3,
    width: int = NARROW,
) -> Markup:
    """Horizontal bars, one below the other, with dashed lines for reference values."""
    row, values_width = 26, 60
    left = max((text_width(bar.label) for bar in bars), default=0) + 20
    top = 14 + 15 * len(references)
    bottom = top + row * len(bars)
    right = width - values_width
    reach = [bar.high if bar.high is not None else bar.value for bar in bars]
    marks = ticks(max([*reach, *(value for _, value in references), 1e-9]))
    scale = (right - left) / marks[-1]

    parts = [grid_x(left + mark * scale, top, bottom, number(mark, marks)) for mark in marks]
    for index, bar in enumerate(bars):
        y = top + row * index
        strong = ' class="strong"' if bar.is_strong else ""
        parts.append(
            f'<text x="{left - 8}" y="{y + 17}" text-anchor="end"{strong}>'
            f"{escape(bar.label)}</text>"
            f'<rect x="{left}" y="{y + 5}" width="{max(0.0, bar.value * scale):.1f}" '
            f'height="{row - 10}" rx="2" fill="var(--c{bar.colour % PALETTE})"/>'
            f'<text x="{width - 4}" y="{y + 17}" text-anchor="end"{strong}>'
            f"{bar.value:.{decimals}f}</text>"
        )
        if bar.low is not None and bar.high is not None:
            low, high, middle = left + bar.low * scale, left + bar.high * scale, y + row / 2
            parts.append(
                f'<path class="whisker" d="M{low:.1f} {middle}H{high:.1f}'
                f'M{low:.1f} {middle - 4}v8M{high:.1f} {middle - 4}v8"/>'
            )
    for index, (label, value) in enumerate(references):
        x, y = left + value * scale, 12 + 15 * index
        anchor, shift = ("end", -5) if x > (left + right) / 2 else ("start", 5)
        parts.append(
            f'<path class="reference" d="M{x:.1f} {y - 8}V{bottom}"/>'
            f'<text class="muted" x="{x + shift:.1f}" y="{y + 2}" text-anchor="{anchor}">'
            f"{escape(label)} {value:.{decimals}f}</text>"
        )
    return svg(title, parts, width, bottom + 24)


def curve_chart(
    title: str,
    curves: Sequence[Curve],
    *,
    x_label: str,
    references: Sequence[Curve] = (),
    width: int = WIDE,
    reach: tuple[float, float] = (0.0, 0.0),
) -> Markup:
    """Lines over a common x axis with a legend; ``references`` are dashed levels (the first y).

    Args:
        reach: the axes (x, y) go at least so far, for charts that are to be compared.
    """
    left, top, bottom = 52, 14, 290
    legend = {curve.label: curve.colour for curve in [*curves, *references] if not curve.is_faint}
    right = width - max(map(text_width, legend), default=0) - 48
    xs = [x for curve in curves for x, _ in curve.points]
    ys = [y for curve in [*curves, *references] for _, y in curve.points]
    x_ticks = ticks(max([*xs, reach[0], 1]), smallest_step=1)
    y_ticks = ticks(max([*ys, reach[1], 1e-9]))
    x_scale, y_scale = (right - left) / x_ticks[-1], (bottom - top) / y_ticks[-1]

    parts = [grid_x(left + tick * x_scale, top, bottom, number(tick, x_ticks)) for tick in x_ticks]
    for tick in y_ticks:
        y = bottom - tick * y_scale
        parts.append(
            f'<path class="grid" d="M{left} {y:.1f}H{right}"/>'
            f'<text class="muted" x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">'
            f"{number(tick, y_ticks)}</text>"
        )
    for curve in curves:
        path = " ".join(
            f"{left + x * x_scale:.1f},{bottom - y * y_scale:.1f}" for x, y in curve.points
        )
        stroke = f"var(--c{curve.colour % PALETTE})"
        style = "curve faint" if curve.is_faint else "curve"
        parts.append(f'<polyline class="{style}" stroke="{stroke}" points="{path}"/>')
    for curve in references:
        y = bottom - curve.points[0][1] * y_scale
        stroke = f"var(--c{curve.colour % PALETTE})"
        parts.append(
            f'<path d="M{left} {y:.1f}H{right}" stroke="{stroke}" stroke-width="1.5" '
            'stroke-dasharray="5 4"/>'
        )
    dashed = {curve.label for curve in references}
    for index, (label, colour) in enumerate(legend.items()):
        y = top + 10 + 20 * index
        dash = ' stroke-dasharray="5 4"' if label in dashed else ""
        parts.append(
            f'<path d="M{right + 14} {y}h20" stroke="var(--c{colour % PALETTE})" '
            f'stroke-width="2.5"{dash}/><text x="{right + 40}" y="{y + 4}">{escape(label)}</text>'
        )
    parts.append(
        f'<text class="muted" x="{(left + right) / 2:.0f}" y="{bottom + 34}" '
        f'text-anchor="middle">{escape(x_label)}</text>'
    )
    return svg(title, parts, width, max(bottom + 42, top + 20 * len(legend)))


def standalone(chart: Markup) -> str:
    """The chart as a file of its own, with its style inside."""
    head, _, rest = str(chart).partition(">")
    return f"{head}><style>{STYLE}</style>{rest}\n"


def svg(title: str, parts: Sequence[str], width: int, height: float) -> Markup:
    """A chart from its parts, in which every text has been escaped."""
    body = "".join(parts)
    return Markup(  # noqa: S704
        f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" width="{width}" '
        f'height="{height:.0f}" viewBox="0 0 {width} {height:.0f}" role="img">'
        f"<title>{escape(title)}</title>{body}</svg>"
    )


def grid_x(x: float, top: float, bottom: float, text: str) -> str:
    """A vertical grid line with its number below."""
    return (
        f'<path class="grid" d="M{x:.1f} {top}V{bottom}"/>'
        f'<text class="muted" x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{text}</text>'
    )


def ticks(highest: float, smallest_step: float = 0.0) -> list[float]:
    """Round numbers from zero to ``highest`` or just above it, three to seven of them."""
    rough = max(highest / 5, smallest_step)
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= rough * 0.999)
    return [step * index for index in range(math.ceil(highest / step - 1e-9) + 1)]


def number(value: float, marks: Sequence[float]) -> str:
    """``value`` with as many decimals as the steps between ``marks`` need."""
    step = marks[1] - marks[0]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if abs(round(step, decimals) - step) > step * 1e-6:
        decimals += 1  # steps of 2.5
    return f"{value:.{decimals}f}"


def text_width(text: str) -> int:
    """Width in pixels at 12 px, roughly: Hangul is as wide as it is high."""
    return sum(12 if unicodedata.east_asian_width(c) in "WF" else 7 for c in text)
