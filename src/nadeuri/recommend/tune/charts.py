"""Charts of studies, as SVG text in the style of :mod:`nadeuri.report.charts`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from nadeuri.report.charts import NARROW, WIDE, grid_x, number, svg, text_width, ticks

COLOUR = 4
"""Of heat maps, as a number of the palette: dark is much."""


@dataclass(frozen=True)
class Cell:
    """One cell of a heat map: a figure, or a word for why there is none."""

    value: float | None
    text: str
    is_picked: bool = False
    is_as_is: bool = False


@dataclass(frozen=True)
class Dot:
    """One point of a scatter chart; those with a label are named in it."""

    x: float
    y: float
    colour: int
    label: str = ""


def heat_map(
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Sequence[Sequence[Cell]],
    *,
    row_title: str,
    column_title: str,
) -> Markup:
    """Cells [rows][columns], the darker the higher; picked: outlined, in use: dashed outline."""
    values = [cell.value for row in cells for cell in row if cell.value is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)
    left, top, row_height = max(map(text_width, [*rows, row_title])) + 20, 40, 40
    width = (NARROW - left - 6) / len(columns)
    parts = [
        f'<text class="muted" x="{left - 8}" y="{top - 24}" text-anchor="end">'
        f"{escape(row_title)}</text>"
        f'<text class="muted" x="{left}" y="{top - 24}">{escape(column_title)} →</text>'
    ]
    for place, name in enumerate(columns):
        x = left + width * (place + 0.5)
        parts.append(f'<text x="{x:.1f}" y="{top - 7}" text-anchor="middle">{escape(name)}</text>')
    for line, (name, row) in enumerate(zip(rows, cells, strict=True)):
        y = top + row_height * line
        middle = y + row_height / 2 + 4
        parts.append(f'<text x="{left - 8}" y="{middle}" text-anchor="end">{escape(name)}</text>')
        for place, cell in enumerate(row):
            x = left + width * place
            parts.append(_cell(cell, x, y, width, row_height, low, high))
            strong = ' class="strong"' if cell.is_picked else ""
            muted = ' class="muted"' if cell.value is None else strong
            parts.append(
                f'<text x="{x + width / 2:.1f}" y="{middle}" text-anchor="middle"{muted}>'
                f"{escape(cell.text)}</text>"
            )
    return svg(title, parts, NARROW, top + row_height * len(rows) + 8)


def scatter_chart(
    title: str, dots: Sequence[Dot], *, x_label: str, y_label: str, level: float | None = None
) -> Markup:
    """Points over two axes from zero on the left; ``level`` is a dashed horizontal line."""
    left, top, bottom, right = 62, 26, 300, WIDE - 20
    x_ticks = ticks(max([*(dot.x for dot in dots), 1e-9]))
    lowest = min((dot.y for dot in dots), default=0.0)
    highest = max([*(dot.y for dot in dots), 1e-9])
    y_ticks = [tick for tick in ticks(highest) if tick >= lowest - (highest - lowest)]
    base = min(y_ticks[0], lowest) if y_ticks else 0.0
    x_scale = (right - left) / x_ticks[-1]
    y_scale = (bottom - top) / max(max(y_ticks[-1], highest) - base, 1e-9)

    parts = [grid_x(left + tick * x_scale, top, bottom, number(tick, x_ticks)) for tick in x_ticks]
    for tick in y_ticks:
        y = bottom - (tick - base) * y_scale
        parts.append(
            f'<path class="grid" d="M{left} {y:.1f}H{right}"/>'
            f'<text class="muted" x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">'
            f"{number(tick, ticks(highest))}</text>"
        )
    if level is not None:
        parts.append(
            f'<path class="reference" d="M{left} {bottom - (level - base) * y_scale:.1f}H{right}"/>'
        )
    named = 0
    for dot in sorted(dots, key=lambda dot: bool(dot.label)):  # named ones on top
        x, y = left + dot.x * x_scale, bottom - (dot.y - base) * y_scale
        radius, opacity = (6, 1) if dot.label else (4, 0.55)
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="var(--c{dot.colour})" '
            f'fill-opacity="{opacity}"/>'
        )
        if dot.label:
            anchor, shift = ("end", -10) if x > (left + right) / 2 else ("start", 10)
            drop = (-8, 18, 36)[named % 3]  # the best and the one to ship are often neighbours
            named += 1
            parts.append(
                f'<text class="strong" x="{x + shift:.1f}" y="{y + drop:.1f}" '
                f'text-anchor="{anchor}">{escape(dot.label)}</text>'
            )
    parts.append(
        f'<text class="muted" x="{(left + right) / 2:.0f}" y="{bottom + 34}" '
        f'text-anchor="middle">{escape(x_label)}</text>'
        f'<text class="muted" x="8" y="14">{escape(y_label)}</text>'
    )
    return svg(title, parts, WIDE, bottom + 42)


def _cell(
    cell: Cell, x: float, y: float, width: float, height: float, low: float, high: float
) -> str:
    share = 0.0
    if cell.value is not None:
        share = 0.08 + 0.62 * ((cell.value - low) / (high - low) if high > low else 0.5)
    outline = ""
    if cell.is_picked or cell.is_as_is:
        dash = "" if cell.is_picked else ' stroke-dasharray="4 3"'
        outline = f' stroke="var(--ink)" stroke-width="2"{dash}'
    return (
        f'<rect x="{x + 2:.1f}" y="{y + 2}" width="{width - 4:.1f}" height="{height - 4}" rx="4" '
        f'fill="var(--c{COLOUR})" fill-opacity="{share:.2f}"{outline}/>'
    )
