"""What one goes out for: market, spring, golf, big wheel; drawn about the middle of its foot."""

from __future__ import annotations

from random import Random

from nadeuri.web.drawing.palette import Palette
from nadeuri.web.drawing.shapes import box, disc, line, path


def wheel(p: Palette, _: Random) -> list[str]:
    """A big wheel and a tent."""
    spokes = "M0-84v-62M0-84v62M0-84h62M0-84h-62M0-84l44-44M0-84l-44-44M0-84l44 44M0-84l-44 44"
    ends = (
        (0, -146),
        (62, -84),
        (-62, -84),
        (44, -128),
        (-44, -128),
        (44, -40),
        (-44, -40),
        (0, -22),
    )
    cabins = [disc(x, y + 5, 9, (p.roof, p.sun, p.wall)[i % 3]) for i, (x, y) in enumerate(ends)]
    return [
        line("M0-84L-34 0M0-84L34 0", p.ink, 6),
        f'<circle cx="0" cy="-84" r="62" fill="none" stroke="{p.ink}" stroke-width="5"/>',
        line(spokes, p.ink, 2),
        *cabins,
        disc(0, -84, 8, p.roof),
        path("M78 0v-36l38-34 38 34V0z", p.wall),
        path("M78-36l38-34 13 11-17 23zM112 0v-36h17V0zM146 0v-43l8 7V0zM78-36h17V0H78z", p.roof),
        line("M116-70v-12", p.ink, 2),
    ]


def stalls(p: Palette, dice: Random) -> list[str]:
    """A market: awnings, goods, and lanterns on strings."""
    drawn = []
    for x in (-128, -40, 48):
        a, b = (p.roof, p.wall) if dice.random() < 0.6 else (p.leaf, p.wall)
        drawn += [
            box(x, -58, 4, 58, p.ink),
            box(x + 72, -58, 4, 58, p.ink),
            box(x, -26, 76, 26, p.near),
            *(disc(x + 12 + 13 * n, -29, 6, (p.roof, p.sun, p.leaf)[n % 3]) for n in range(5)),
            *(path(f"M{x - 6 + 22 * n}-58l4-24h22l-4 24a11 10 0 0 1-22 0z", (a, b)[n % 2])
              for n in range(4)),
        ]  # fmt: skip
    lanterns = [
        disc(x, -134 - 25 * x * x / 210**2, 10, (p.roof, p.light)[n % 2])
        for n, x in enumerate(range(-150, 160, 50))
    ]
    return [line("M-210-170Q0-120 210-170", p.ink, 1.6), *lanterns, *drawn]


def spring(p: Palette, _: Random) -> list[str]:
    """A pool among stones, and steam over it."""
    stones = ((-96, 0, 24), (-60, 16, 20), (-14, 22, 22), (38, 20, 24), (84, 8, 26), (110, -10, 18),
              (-112, -18, 16))  # fmt: skip
    return [
        f'<ellipse cx="0" cy="-6" rx="112" ry="30" fill="{p.water}"/>',
        '<ellipse cx="-10" cy="-10" rx="84" ry="17" fill="#fff" opacity=".35"/>',
        line("M-44-30q-14-18 0-34t0-36M4-34q-16-20 0-40t0-42M50-30q-14-18 0-34t0-36",
             "#ffffff", 7, 0.72),
        *(f'<ellipse cx="{x}" cy="{y}" rx="{r}" ry="{r * 0.62:.0f}" fill="{c}"/>'
          for n, (x, y, r) in enumerate(stones) for c in [(p.near, p.ink)[n % 2]]),
    ]  # fmt: skip


def fairway(p: Palette, _: Random) -> list[str]:
    """A green with a flag and a bunker."""
    return [
        f'<ellipse cx="0" cy="8" rx="150" ry="26" fill="{p.leaf}" opacity=".55"/>',
        f'<ellipse cx="20" cy="4" rx="92" ry="15" fill="{p.leaf}"/>',
        f'<ellipse cx="-92" cy="24" rx="46" ry="10" fill="{p.wall}"/>',
        f'<ellipse cx="36" cy="5" rx="9" ry="2.500" fill="{p.ink}"/>',
        line("M36 4v-104", p.wall, 3.5),
        path("M38-100l44 15-44 16z", p.roof),
        disc(-2, 3, 5, "#ffffff"),
    ]


def waterfall(p: Palette, _: Random) -> list[str]:
    """A fall between two cliffs."""
    return [
        path("M-150 6V-96q30-28 62-24 26 4 54-10V6z", p.near),
        path("M150 6v-88q-24-34-60-30-26 2-56-18V6z", p.near),
        path("M-36 6v-134q36-14 72-4V6z", "#ffffff", 0.9),
        line("M-20-124V0M0-128V2M20-124V0", p.water, 4, 0.7),
        f'<ellipse cx="0" cy="8" rx="96" ry="18" fill="{p.water}"/>',
        '<ellipse cx="0" cy="4" rx="52" ry="9" fill="#ffffff" opacity=".7"/>',
    ]
