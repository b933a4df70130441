"""Ways to travel; each is drawn about the middle of its foot, (0, 0), and moves to the right."""

from __future__ import annotations

from random import Random

from nadeuri.web.drawing.palette import Palette
from nadeuri.web.drawing.shapes import box, disc, line, path, windows


def plane(p: Palette, _: Random) -> list[str]:
    """An airliner that climbs."""
    body = (
        path("M-96-2q4-12 24-13H62q34 2 46 17-12 13-46 14H-60q-28-2-36-18z", p.wall),
        path("M-96-2h204q-12 13-46 14H-60q-28-2-36-14z", p.far, 0.45),
        path("M-98-4l-16-46h20l34 36z", p.roof),
        path("M-22 4l-42 52h22L32 6z", p.roof),
        path("M-14-14l-30-32h18l46 32z", p.far),
        path("M-84 0l-28 18h16l34-16z", p.roof),
        windows(-52, -8, 11, 1, gap=(11, 0), size=(6, 6), colour=p.ink),
        path("M78-9q14 1 20 8H78z", p.ink),
    )
    trail = line("M-240 22Q-170 20-122 4", p.wall, 5, 0.55)
    return [f'<g transform="rotate(-14)">{"".join(body)}</g>', trail]


def train(p: Palette, _: Random) -> list[str]:
    """A fast train on a bridge."""
    arches = "".join(f"M{x} 70V34a26 22 0 0 1 52 0v36z" for x in range(-236, 240, 70))
    return [
        path("M-260 8h520v62h-520z", p.far),
        path(arches, p.near),
        box(-260, 4, 520, 7, p.ink),
        path("M-260-38H60q50 4 84 34 6 6-6 8H-260z", p.wall),
        path("M-260-8H142q4 8-4 12H-260z", p.roof),
        path("M66-36q40 5 62 24H82q-12-4-16-24z", p.ink),
        windows(-236, -30, 10, 1, gap=(30, 0), size=(20, 13), colour=p.ink),
        line("M-260-44H40", p.far, 3),
    ]


def coach(p: Palette, _: Random) -> list[str]:
    """A coach on a road."""
    return [
        path("M-260 6h520v70h-520z", p.near),
        line("M-236 34h40M-156 34h40M-76 34h40M4 34h40M84 34h40M164 34h40", p.wall, 4, 0.8),
        path("M-96-76H70q20 0 24 22l4 46q0 8-8 8H-96q-8 0-8-8v-60q0-8 8-8z", p.wall),
        path("M-104-22H97l1 14q0 8-8 8H-96q-8 0-8-8z", p.roof),
        windows(-92, -64, 5, 1, gap=(31, 0), size=(26, 26), colour=p.ink),
        path("M66-64h8q12 0 15 14l3 22H66z", p.ink),
        *(disc(x, 0, r, colour) for x in (-62, 58) for r, colour in ((16, p.ink), (7, p.far))),
    ]


def car(p: Palette, _: Random) -> list[str]:
    """A small car on a road."""
    return [
        path("M-260 6h520v70h-520z", p.near),
        line("M-236 34h40M-156 34h40M-76 34h40M4 34h40M84 34h40M164 34h40", p.wall, 4, 0.8),
        path("M-80-2q-6-28 16-32l18-30q4-6 12-6h44q8 0 14 6l26 26q32 4 34 36z", p.roof),
        path("M-36-40l12-20h18v20zM4-60h10q5 0 9 4l16 16H4z", p.light),
        box(-80, -14, 164, 4, p.wall, 0.5),
        *(disc(x, 0, r, colour) for x in (-44, 50) for r, colour in ((16, p.ink), (7, p.far))),
    ]


def ship(p: Palette, _: Random) -> list[str]:
    """A white ship with three decks."""
    return [
        path("M-126-26h248l-22 34H-104z", p.ink),
        path("M-126-26h248l-6 9h-238z", p.roof),
        box(-98, -48, 182, 22, p.wall),
        box(-80, -66, 140, 18, p.wall),
        box(-58, -82, 88, 16, p.wall),
        path("M-34-82l4-26h22l-2 26zM-2-82l4-20h18l-2 20z", p.roof),
        windows(-90, -42, 12, 1, gap=(14, 0), size=(8, 8), colour=p.ink),
        windows(-72, -61, 9, 1, gap=(14, 0), size=(8, 7), colour=p.ink),
        line("M-150 12q12-7 24 0t24 0 24 0 24 0 24 0 24 0 24 0 24 0 24 0 24 0", "#ffffff", 4, 0.8),
    ]


def sailboat(p: Palette, _: Random) -> list[str]:
    """A boat with two sails."""
    return [
        path("M-40-8h84q-8 20-26 20h-36q-16 0-22-20z", p.ink),
        line("M0-8v-96", p.ink, 3),
        path("M4-102Q54-60 46-16H4z", p.wall),
        path("M-4-86Q-38-52-34-16h30z", p.roof),
        line("M-62 14q10-6 20 0t20 0 20 0 20 0 20 0 20 0", "#ffffff", 3.5, 0.8),
    ]
