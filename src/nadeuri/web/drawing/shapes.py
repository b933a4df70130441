"""Flat shapes as SVG, in whole pixels of a picture that is 400 wide and 300 high."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

WIDTH, HEIGHT = 400, 300

Point = tuple[float, float]


def path(d: str, fill: str, opacity: float = 1.0) -> str:
    """A filled outline."""
    return f'<path d="{d}" fill="{fill}"{_opacity(opacity)}/>'


def line(d: str, colour: str, width: float, opacity: float = 1.0) -> str:
    """A stroke with round ends."""
    return (
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
        f'stroke-linecap="round" stroke-linejoin="round"{_opacity(opacity)}/>'
    )


def disc(x: float, y: float, r: float, fill: str, opacity: float = 1.0) -> str:
    """A filled circle."""
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:g}" fill="{fill}"{_opacity(opacity)}/>'


def box(x: float, y: float, width: float, height: float, fill: str, opacity: float = 1.0) -> str:
    """A filled rectangle."""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
        f'fill="{fill}"{_opacity(opacity)}/>'
    )


def polygon(points: Iterable[Point], fill: str, opacity: float = 1.0) -> str:
    """A filled outline of straight lines."""
    d = "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points) + "Z"
    return path(d, fill, opacity)


def curve(points: Sequence[Point]) -> str:
    """A smooth line that starts at the first point and ends at the last one."""
    d = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
    for (x, y), (next_x, next_y) in pairwise(points[1:]):
        d += f"Q{x:.0f} {y:.0f} {(x + next_x) / 2:.0f} {(y + next_y) / 2:.0f}"
    return f"{d}L{points[-1][0]:.0f} {points[-1][1]:.0f}"


def land(points: Sequence[Point], fill: str, opacity: float = 1.0) -> str:
    """Everything below a smooth line."""
    return path(f"{curve(points)}V{HEIGHT}H{points[0][0]:.0f}Z", fill, opacity)


def placed(
    parts: Iterable[str], x: float, y: float, scale: float = 1.0, *, flip: bool = False
) -> str:
    """``parts``, drawn about (0, 0), at (x, y)."""
    size = f"scale({-scale:.2g} {scale:.2g})" if flip else f"scale({scale:.2g})"
    return f'<g transform="translate({x:.0f} {y:.0f}){size}">{"".join(parts)}</g>'


def windows(
    x: float, y: float, columns: int, rows: int, *, gap: Point, size: Point, colour: str
) -> str:
    """A grid of rectangles: a dashed stroke for each column, which takes few bytes.

    Args:
        x, y: of the first one's upper left corner.
        gap: from one to the next, sideways and downwards.
    """
    width, height = size
    between, below = gap[0], max(gap[1], height)
    length = below * (rows - 1) + height
    d = "".join(
        f"M{round(x + width / 2 + n * between, 1):g} {y:g}v{length:g}" for n in range(columns)
    )
    dashes = f' stroke-dasharray="{height:g} {below - height:g}"' if rows > 1 else ""
    return f'<path d="{d}" stroke="{colour}" stroke-width="{width:.3g}"{dashes}/>'


def _opacity(opacity: float) -> str:
    return "" if opacity >= 1 else f' opacity="{opacity:.2g}"'
