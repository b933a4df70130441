"""Buildings that tell where one is; each is drawn about the middle of its foot, (0, 0)."""

from __future__ import annotations

from random import Random

from nadeuri.web.drawing.palette import Palette
from nadeuri.web.drawing.shapes import box, disc, line, path, polygon, windows


def pagoda(p: Palette, dice: Random) -> list[str]:
    """A tower of roofs that turn up at their ends."""
    tiers = dice.choice((3, 5))
    drawn, y = [box(-44, -8, 88, 8, p.near)], -8
    for tier in range(tiers):
        half, high = 30 - tier * 4, 17 if tier else 22
        drawn.append(box(-half, y - high, 2 * half, high, p.wall))
        drawn.append(windows(-half + 5, y - high + 6, 3, 1, gap=((2 * half - 8) / 3, 0),
                             size=(half / 3, high - 6), colour=p.ink))  # fmt: skip
        y -= high
        wide = half + 20
        drawn.append(
            path(
                f"M-{wide} {y + 2}Q-{half} {y - 1} -{half - 6} {y - 12}h{2 * half - 12}"
                f"Q{half} {y - 1} {wide} {y + 2}Q0 {y + 7}-{wide} {y + 2}z",
                p.roof,
            )
        )
        y -= 11
    drawn.append(line(f"M0 {y}v-24M-4 {y - 8}h8M-3 {y - 14}h6", p.ink, 2.5))
    return drawn


def torii(p: Palette, _: Random) -> list[str]:
    """A gate of two posts and two beams."""
    return [
        path("M-44 0l5-84h10L-33 0zM44 0l-5-84H29L33 0z", p.roof),
        box(-50, -66, 100, 8, p.roof),
        box(-5, -80, 10, 16, p.roof),
        path("M-66-96Q0-84 66-96l-4 14Q0-74-62-82z", p.roof),
        path("M-70-102Q0-89 70-102l-3 8Q0-82-67-94z", p.ink),
        path("M-40-6h12v6h-14zM40-6H28v6h14z", p.ink),
    ]


def keep(p: Palette, _: Random) -> list[str]:
    """A castle on a wall of stones."""
    drawn = [
        path("M-66 0L-52-34H52L66 0z", p.near),
        path("M-58-20H56M-62-8H62M-30-34v14M4-34v14M32-20v12M-18-20v12", "none"),
        line("M-57-20H57M-62-9H62M-30-33v13M4-33v13M34-20v11M-18-20v11", p.ink, 1.2, 0.4),
    ]
    for y, half, high in ((-34, 44, 24), (-70, 33, 22), (-104, 22, 18)):
        drawn += [
            box(-half, y - high, 2 * half, high, p.wall),
            windows(-half + 8, y - high + 9, 4, 1, gap=((2 * half - 10) / 4, 0),
                    size=(5, 8), colour=p.ink),
            path(f"M-{half + 14} {y - high + 4}Q-{half} {y - high} -{half - 8} {y - high - 14}"
                 f"h{2 * half - 16}Q{half} {y - high} {half + 14} {y - high + 4}z", p.leaf),
            polygon([(-11, y - high), (0, y - high - 13), (11, y - high)], p.wall),
        ]  # fmt: skip
    return [*drawn, path("M-16-134l-4-8 8 2 24 0 8-2-4 8z", p.sun)]


def stupa(p: Palette, _: Random) -> list[str]:
    """Three pointed spires on terraces."""
    return [
        path("M-74 0v-12h12v-12h14v-10h96v10h14v12h12V0z", p.wall),
        line("M-62-12h124M-48-24h96", p.roof, 2.5, 0.8),
        path("M-54-34q0-22 10-28l4-34 4 34q10 6 10 28z", p.roof),
        path("M54-34q0-22-10-28l-4-34-4 34q-10 6-10 28z", p.roof),
        path("M-26-34q0-40 19-50L0-150 7-84q19 10 19 50z", p.sun),
        path("M0-150L7-84q19 10 19 50H4z", p.roof, 0.45),
        path("M-9-34v-16q9-14 18 0v16z", p.ink),
    ]


def gabled_temple(p: Palette, _: Random) -> list[str]:
    """A hall under three steep roofs, one before the other."""
    drawn = [box(-60, -10, 120, 10, p.near), box(-48, -44, 96, 34, p.wall)]
    drawn.append(windows(-42, -40, 6, 1, gap=(15.5, 0), size=(6, 30), colour=p.ink))
    for half, y, colour in ((62, -42, p.leaf), (48, -56, p.roof), (34, -70, p.leaf)):
        drawn.append(path(f"M-{half} {y}Q-20 {y - 16} 0 {y - 52}Q20 {y - 16} {half} {y}z", colour))
    return [*drawn, line("M0-122v-12M-62-42q-8-4-8-10M62-42q8-4 8-10", p.sun, 3)]


def old_town(p: Palette, dice: Random) -> list[str]:
    """Narrow houses with gables beside a church."""
    drawn, x = [], -118
    walls = [p.wall, p.far, p.light, p.ground]
    dice.shuffle(walls)
    for number in range(7):
        w, h = 34, dice.randint(46, 72)
        if number == 4:
            drawn += [
                box(x, -92, 32, 92, p.wall),
                polygon([(x - 3, -92), (x + 16, -158), (x + 35, -92)], p.leaf),
                disc(x + 16, -74, 8, p.ink),
                windows(x + 12, -50, 1, 1, gap=(0, 0), size=(8, 26), colour=p.ink),
                line(f"M{x + 16}-158v-10", p.ink, 2),
            ]
            x += 32
            continue
        drawn += [
            box(x, -h, w, h, walls[number % 4]),
            polygon([(x - 2, -h), (x + w / 2, -h - 22), (x + w + 2, -h)], p.roof),
            windows(x + 6, -h + 10, 2, h // 22, gap=(13, 20), size=(8, 11), colour=p.ink),
        ]
        x += w
    return drawn


def lattice_tower(p: Palette, _: Random) -> list[str]:
    """A tower of iron on four feet."""
    return [
        path("M-46 0Q-16-56-6-172h12Q16-56 46 0H26Q20-26 0-26T-26 0z", p.ink),
        path("M-17-40Q-7-84-4-118h8Q7-84 17-40Q0-46-17-40z", p.far, 0.35),
        box(-34, -46, 68, 6, p.roof),
        box(-17, -92, 34, 5, p.roof),
        line("M0-172v-20", p.ink, 3),
    ]


def colonnade(p: Palette, _: Random) -> list[str]:
    """Rows of arches, broken off on one side."""
    arches = "".join(
        f"M{x} {y}v-12a6.500 6.500 0 0 1 13 0v12z"
        for y, xs in (
            (-6, range(-84, 76, 22)),
            (-38, range(-84, 76, 22)),
            (-70, range(-62, 10, 22)),
        )
        for x in xs
    )
    return [
        path("M-98 0V-66l18-4v-28q46-12 92 0v24l86 8V0z", p.wall),
        path(arches, p.near),
        line("M-98-32H96M-98-64H88M-80-96Q-34-106 10-96", p.roof, 3, 0.75),
    ]


def temple_front(p: Palette, _: Random) -> list[str]:
    """Columns under a gable, on steps."""
    return [
        path("M-84 0h168v-8H76v-8H-76v8h-8z", p.far),
        box(-66, -84, 132, 68, p.near),
        windows(-64, -82, 6, 1, gap=(23, 0), size=(12, 66), colour=p.wall),
        box(-74, -92, 148, 10, p.wall),
        polygon([(-78, -92), (0, -128), (78, -92)], p.roof),
        polygon([(-50, -97), (0, -119), (50, -97)], p.wall),
    ]


def mosque(p: Palette, _: Random) -> list[str]:
    """A dome between two minarets."""
    return [
        box(-62, -50, 124, 50, p.wall),
        path("M-44-50c-8-42 26-58 44-80c18 22 52 38 44 80z", p.roof),
        path("M0-130c18 22 52 38 44 80H18Q34-96 0-130z", p.ink, 0.22),
        line("M0-130v-14", p.ink, 2.5),
        box(-86, -116, 14, 116, p.wall),
        box(72, -116, 14, 116, p.wall),
        path("M-88-116l9-26 9 26zM70-116l9-26 9 26z", p.roof),
        box(-89, -84, 20, 5, p.roof),
        box(69, -84, 20, 5, p.roof),
        path("M-10 0v-24q10-18 20 0V0zM-48-6v-18q7-12 14 0v18zM34-6v-18q7-12 14 0v18z", p.ink),
    ]


def towers(p: Palette, dice: Random) -> list[str]:
    """High houses with lit windows."""
    drawn, x = [], -150
    while x < 150:
        w, h = dice.choice((28, 34, 40)), dice.randint(64, 128)
        colour = dice.choice((p.near, p.middle, p.ink))
        drawn.append(box(x, -h, w, h, colour))
        if dice.random() < 0.4:
            drawn.append(polygon([(x, -h), (x + w / 2, -h - 22), (x + w, -h)], colour))
        drawn.append(
            windows(
                x + 5,
                -h + 8,
                (w - 6) // 9,
                (h - 12) // 14,
                gap=(9, 14),
                size=(4, 7),
                colour=p.light,
            )
        )
        x += w + 3
    x = dice.randint(-70, 50)
    spire = [
        path(f"M{x} 0l6-176 8-26 8 26 6 176z", p.roof),
        line(f"M{x + 14}-202v-22M{x + 8}-130h12M{x + 7}-90h14M{x + 5}-50h18", p.wall, 2.5),
    ]
    return [*drawn, *dice.choice((spire, pearl_tower(p, dice), []))]


def lighthouse(p: Palette, _: Random) -> list[str]:
    """A banded tower on a rock."""
    return [
        path("M-62 6q10-24 34-22 18-14 40-2 30 0 46 24z", p.near),
        path("M-15-14l5-94h20l5 94z", p.wall),
        path("M-13.500-44h27l-1.600-26h-23.800zM-10.400-96l-.6 10h22l-.6-10z", p.roof),
        box(-15, -114, 30, 7, p.ink),
        box(-8, -130, 16, 16, p.light),
        path("M-12-130h24L0-146z", p.roof),
        path("M8-128L92-150v38L8-118z", p.light, 0.35),
    ]


def pearl_tower(p: Palette, _: Random) -> list[str]:
    """A mast through three balls, on legs."""
    return [
        line("M0-60L-30 0M0-60L30 0M0-170V0", p.ink, 7),
        line("M0-214V-170", p.ink, 3.5),
        disc(0, -58, 24, p.roof),
        disc(0, -134, 17, p.roof),
        disc(0, -174, 8, p.roof),
        path("M0-82a24 24 0 0 1 0 48q12-22 0-48zM0-151a17 17 0 0 1 0 34q9-15 0-34z", p.ink, 0.25),
        line("M-22-58h44M-16-134h32", p.wall, 3, 0.7),
    ]


def needle(p: Palette, dice: Random) -> list[str]:
    """A very high slender house among lower ones."""
    return [
        *towers(p, dice),
        path("M-30 0V-60h8v-44h8v-44h8v-40h6v40h8v44h8v44h8V0z", p.wall),
        path("M0-188v188h24V-60h-8v-44h-8v-44H0z", p.near, 0.35),
        line("M-3-188v-28", p.ink, 2.5),
    ]


def pyramids(p: Palette, _: Random) -> list[str]:
    """Three, the middle one highest."""
    return [
        polygon([(-140, 0), (-84, -62), (-28, 0)], p.middle),
        polygon([(-84, -62), (-28, 0), (-66, 0)], p.near, 0.5),
        polygon([(-66, 4), (14, -96), (98, 4)], p.roof, 0.9),
        polygon([(14, -96), (98, 4), (34, 4)], p.near, 0.7),
        polygon([(70, 6), (118, -46), (168, 6)], p.middle),
    ]
