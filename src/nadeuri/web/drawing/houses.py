"""Houses to sleep in; each is drawn about the middle of its foot, (0, 0)."""

from __future__ import annotations

from random import Random

from nadeuri.web.drawing.palette import Palette
from nadeuri.web.drawing.shapes import box, disc, line, path, polygon, windows


def hotel(p: Palette, dice: Random) -> list[str]:
    """A broad house with balconies, a flag and an awning."""
    h = dice.choice((112, 130))
    rows = (h - 34) // 20
    return [
        box(-78, -h + 26, 36, h - 26, p.far),
        windows(-72, -h + 36, 2, rows - 1, gap=(14, 20), size=(9, 11), colour=p.ink),
        box(-46, -h, 106, h, p.wall),
        box(40, -h, 20, h, p.near, 0.18),
        windows(-38, -h + 12, 5, rows, gap=(19.500, 20), size=(12, 12), colour=p.light),
        line("".join(f"M-40-{h - 26 - 20 * row}h96" for row in range(rows)), p.roof, 2.5, 0.8),
        box(-50, -h - 6, 114, 7, p.roof),
        path("M-14 0v-20q21-10 42 0V0z", p.ink),
        path("M-22-20q29-18 58 0l4 7h-66z", p.roof),
        line(f"M7-{h + 6}v-26", p.ink, 2.5),
        path(f"M8-{h + 32}l22 6-22 7z", p.roof),
    ]


def hotel_tower(p: Palette, _: Random) -> list[str]:
    """A high house of glass beside a lower one."""
    return [
        box(-74, -58, 150, 58, p.wall),
        windows(-66, -48, 9, 2, gap=(16, 22), size=(10, 13), colour=p.light),
        path("M-34 0V-150Q0-176 40-160V0z", p.near),
        path("M6-166Q24-166 40-160V0H6z", p.ink, 0.22),
        windows(-26, -146, 6, 9, gap=(10.500, 14), size=(7, 8), colour=p.light),
        box(-80, -62, 162, 6, p.roof),
        path("M-18 0v-16h40V0z", p.ink),
        path("M-24-16q26-14 52 0v5h-52z", p.roof),
    ]


def inn(p: Palette, _: Random) -> list[str]:
    """Two storeys under long roofs, lit from within."""
    return [
        box(-86, -6, 172, 6, p.near),
        box(-72, -44, 144, 38, p.wall),
        windows(-66, -38, 8, 1, gap=(17, 0), size=(12, 30), colour=p.light),
        path("M-94-42Q-74-46-66-58H66Q74-46 94-42z", p.ink),
        box(-48, -86, 96, 28, p.wall),
        windows(-42, -80, 5, 1, gap=(18, 0), size=(12, 18), colour=p.light),
        path("M-72-84Q-52-90-44-110H44Q52-90 72-84z", p.roof),
        box(-48, -113, 96, 5, p.ink),
        box(-12, -34, 24, 28, p.roof),
        *(disc(x, -30, 5, p.sun) for x in (-18, 18)),
    ]


def resort(p: Palette, _: Random) -> list[str]:
    """Thatched houses on posts, above the water."""
    drawn: list[str] = []
    for x, s in ((-62, 1), (6, 1), (72, 1)):
        drawn += [
            line(f"M{x - 18}-14v18M{x + 18}-14v18M{x}-14v18", p.ink, 3),
            box(x - 24 * s, -36, 48, 24, p.wall),
            box(x - 6, -32, 12, 20, p.ink),
            path(f"M{x - 36}-32Q{x - 14}-42 {x}-68Q{x + 14}-42 {x + 36}-32z", p.roof),
        ]
    return [line("M-104-11H112", p.ink, 4), *drawn]


def chalet(p: Palette, _: Random) -> list[str]:
    """A wooden house under a flat wide gable."""
    return [
        box(-40, -40, 80, 40, p.wall),
        box(-40, -16, 80, 16, p.near),
        polygon([(-40, -40), (0, -66), (40, -40)], p.roof),
        path("M-56-32L0-70 56-32l-4 7L0-60-52-25z", p.ink),
        windows(-28, -36, 3, 1, gap=(22, 0), size=(12, 13), colour=p.light),
        line("M-38-17h76", p.roof, 3),
    ]


def ger(p: Palette, _: Random) -> list[str]:
    """Two round tents."""
    tent = [
        path("M-40 0v-24Q0-62 40-24V0z", p.wall),
        path("M-40-24Q0-62 40-24Q0-34-40-24z", p.far, 0.6),
        box(-8, -22, 16, 22, p.roof),
        line("M-40-12h32M8-12h32", p.roof, 2.5),
    ]
    return [*tent, f'<g transform="translate(88 8) scale(.8)">{"".join(tent)}</g>']


def hanok(p: Palette, _: Random) -> list[str]:
    """A house under a wide tiled roof."""
    return [
        box(-72, -8, 144, 8, p.near),
        box(-58, -44, 116, 36, p.wall),
        windows(-50, -38, 5, 1, gap=(21.5, 0), size=(14, 28), colour=p.roof),
        windows(-48, -36, 5, 1, gap=(21.5, 0), size=(10, 20), colour=p.light),
        path("M-86-42Q-66-48-56-74H56Q66-48 86-42Q60-50 0-50T-86-42z", p.ink),
        path("M-60-74Q0-64 60-74l4-6Q0-72-64-80z", p.near),
        line("M-34-68l-8 16M-12-66l-3 14M12-66l3 14M34-68l8 16", p.far, 1.6, 0.5),
    ]
