"""What lies behind and in front of a landmark: sky, hills, sea, trees, weather."""

from __future__ import annotations

from random import Random

from nadeuri.web.drawing.palette import NIGHT, Palette
from nadeuri.web.drawing.shapes import (
    HEIGHT,
    WIDTH,
    box,
    curve,
    disc,
    land,
    line,
    path,
    placed,
    polygon,
)

_GLOW = ((330, 0.2), (240, 0.26), (165, 0.32), (105, 0.4))


def sky(p: Palette, dice: Random, *, sun_y: int = 84) -> str:
    """The sky with sun or moon, in rings of light."""
    x, y = dice.randint(70, 330), sun_y + dice.randint(-14, 14)
    rings = "".join(disc(x, y, r, p.glow, opacity) for r, opacity in _GLOW)
    is_night = p is NIGHT
    r = 21 if is_night else dice.randint(25, 33)
    body = disc(x, y, r, p.sun)
    if is_night:
        body += disc(x + 9, y - 6, r - 3, p.glow)
    return box(0, 0, WIDTH, HEIGHT, p.sky) + rings + body + (stars(dice, p) if is_night else "")


def stars(dice: Random, p: Palette) -> str:
    """Some, high up."""
    d = "".join(f"M{dice.randint(8, 392)} {dice.randint(8, 120)}h.1" for _ in range(26))
    return line(d, p.sun, 2.2, 0.75)


def clouds(p: Palette, dice: Random, count: int = 2) -> str:
    """Long flat ones."""
    drawn = ""
    for _ in range(count):
        x, y, w = dice.randint(20, 330), dice.randint(34, 104), dice.randint(34, 62)
        d = (
            f"M{x} {y}h{w}a9 9 0 0 0 0-18h-6a{w // 4} {w // 4} 0 0 0-{w // 2}-4"
            f"a11 11 0 0 0-{w // 2 - 6} 4a9 9 0 0 0 0 18z"
        )
        drawn += path(d, p.wall if p is not NIGHT else p.far, 0.78)
    return drawn


def birds(p: Palette, dice: Random) -> str:
    """A few, far away."""
    x, y = dice.randint(60, 280), dice.randint(40, 90)
    d = "".join(f"M{x + dx} {y + dy}q5-6 9 0q4-6 9 0" for dx, dy in ((0, 0), (24, 11), (46, -4)))
    return line(d, p.ink, 1.8, 0.55)


def hills(p: Palette, dice: Random, base: int = 190, *, layers: int = 3) -> str:
    """Rounded hills behind one another; the nearest one lies lowest."""
    drawn = ""
    for depth, colour in enumerate((p.far, p.middle, p.near)[:layers]):
        y, swing = base - 34 + depth * 26, 30 - depth * 6
        points = [(x, y + dice.randint(-swing, swing // 2)) for x in range(-40, WIDTH + 81, 60)]
        drawn += land(points, colour)
    return drawn


def peaks(p: Palette, dice: Random, base: int = 210, *, height: int = 120, count: int = 3) -> str:
    """Pointed mountains with snow on the light side."""
    drawn = ""
    for number in range(count):
        x = WIDTH * (number + 0.5) / count + dice.randint(-34, 34)
        h = height * (0.68 + dice.random() * 0.4)
        half = h * (0.82 + dice.random() * 0.3)
        y = base - h
        colour = p.far if number % 2 else p.middle
        drawn += polygon([(x - half, base), (x, y), (x + half, base)], colour)
        drawn += polygon(
            [(x, y), (x + half, base), (x + half * 0.18, base), (x - half * 0.08, y + h * 0.5)],
            p.near,
            0.38,
        )
        cap = 0.34
        drawn += polygon(
            [
                (x, y),
                (x + half * cap, y + h * cap),
                (x + half * 0.16, y + h * 0.27),
                (x + half * 0.02, y + h * 0.4),
                (x - half * 0.14, y + h * 0.28),
                (x - half * cap, y + h * cap),
            ],
            "#ffffff",
            0.92,
        )
    return drawn + box(0, base - 1, WIDTH, HEIGHT - base + 1, p.ground)


def cone(p: Palette, dice: Random, base: int = 200) -> str:
    """One volcano with a white top, alone."""
    x = dice.choice((118, 282)) + dice.randint(-16, 16)
    slope = (
        f"M{x - 168} {base}Q{x - 62} {base - 32} {x - 22} {base - 122}"
        f"h44Q{x + 62} {base - 32} {x + 168} {base}z"
    )
    top = (
        f"M{x - 22} {base - 122}h44q9 20 20 39l-13-7-11 13-13-14-12 15-12-13-11 8-12-3q13-20 20-38z"
    )
    return path(slope, p.middle) + path(top, "#ffffff", 0.95)


def pillars(p: Palette, dice: Random, base: int = 214) -> str:
    """Steep rocks with rounded tops, as in a karst bay."""
    drawn = ""
    for colour, count, least in ((p.far, 5, 70), (p.middle, 4, 50)):
        for number in range(count):
            x = WIDTH * (number + 0.5) / count + dice.randint(-26, 26)
            w, h = dice.randint(30, 48), least + dice.randint(0, 58)
            d = (
                f"M{x - w:.0f} {base}C{x - w:.0f} {base - h * 0.6:.0f} {x - w * 0.7:.0f} "
                f"{base - h:.0f} {x:.0f} {base - h:.0f}S{x + w * 0.8:.0f} {base - h * 0.5:.0f} "
                f"{x + w:.0f} {base}z"
            )
            drawn += path(d, colour)
    return drawn


def dunes(p: Palette, dice: Random) -> str:
    """Sand in long waves, each with a side in the shade."""
    drawn = ""
    for depth, colour in enumerate((p.far, p.middle, p.ground)):
        y, crest = 168 + depth * 34, 90 + dice.randint(0, 220)
        drawn += path(
            f"M-10 {y + 30}Q{crest / 2:.0f} {y + 20} {crest} {y - 16}"
            f"Q{crest + 90} {y + 26} 410 {y + 6}V300H-10z",
            colour,
        )
        drawn += path(
            f"M{crest} {y - 16}Q{crest + 90} {y + 26} 410 {y + 6}V{y + 44}"
            f"Q{crest + 60} {y + 50} {crest} {y - 16}z",
            p.near,
            0.22,
        )
    return drawn


def skyline(p: Palette, dice: Random, base: int, colour: str, *, height: int = 70) -> str:
    """Roofs of a city far away, in one colour."""
    x, d = -6, f"M-6 {base}"
    while x < WIDTH + 6:
        w, h = dice.randint(15, 32), dice.randint(height // 3, height)
        d += f"L{x} {base - h}h{w}"
        if dice.random() < 0.2:
            d += f"l-{w // 2}-{dice.randint(10, 20)}v{dice.randint(10, 20)}"
            d += f"H{x + w}"
        x += w
    return path(f"{d}V{base}z", colour)


def sea(p: Palette, dice: Random, top: int = 190) -> str:
    """Water up to the lower edge, with light on it."""
    shelf = [(x, top + 42 + dice.randint(-7, 7)) for x in range(-40, WIDTH + 81, 60)]
    glints = "".join(
        f"M{dice.randint(10, 350)} {dice.randint(top + 7, 285)}h{dice.randint(14, 44)}"
        for _ in range(9)
    )
    return (
        box(0, top, WIDTH, HEIGHT - top, p.water)
        + land(shelf, p.deep)
        + line(glints, p.wall, 2.2, 0.5)
    )


def island(p: Palette, dice: Random, top: int = 190) -> str:
    """A small one at the horizon."""
    x, w, h = dice.randint(20, 250), dice.randint(90, 150), dice.randint(24, 48)
    return path(f"M{x} {top}Q{x + w // 4} {top - h} {x + w // 2} {top - h // 2}"
                f"T{x + w} {top}z", p.middle)  # fmt: skip


def beach(p: Palette, dice: Random, *, left: bool) -> str:
    """Sand that comes in from one side, with foam at its edge."""
    high, low = dice.randint(222, 236), dice.randint(270, 282)
    points = [(-40, high), (60, high + 4), (170, (high + low) // 2), (290, low), (440, low + 16)]
    if not left:
        points = [(WIDTH - x, y) for x, y in reversed(points)]
    foam = line(curve([(x, y - 3) for x, y in points]), "#ffffff", 5, 0.7)
    start, *_ = points
    return foam + path(f"{curve(points)}V{HEIGHT}H{start[0]}z", p.ground)


def meadow(p: Palette, dice: Random, y: int = 232, colour: str | None = None) -> str:
    """The ground in front."""
    points = [(x, y + dice.randint(-7, 7)) for x in range(-40, WIDTH + 81, 80)]
    return land(points, colour or p.ground)


def palm(p: Palette, x: int, y: int, scale: float = 1.0, *, flip: bool = False) -> str:
    """A bent trunk and seven leaves."""
    trunk = path("M-5 0Q1-52 20-92l6 2Q9-50 6 0z", p.ink, 0.9)
    leaves = path(
        "M22-92q-36-26-58 4q28-12 58-4zM22-92q-22-40-50-28q28 4 50 28zM22-92q4-44 34-44"
        "q-18 14-34 44zM22-92q30-36 56-16q-30-2-56 16zM22-92q38-12 52 22q-24-20-52-22z"
        "M22-92q-34 2-34 38q10-26 34-38zM22-92q26 10 24 44q-8-28-24-44z",
        p.leaf,
    )
    return placed([trunk, leaves, disc(20, -89, 4, p.roof), disc(27, -87, 4, p.roof)],
                  x, y, scale, flip=flip)  # fmt: skip


def pine(p: Palette, x: int, y: int, scale: float = 1.0, *, snow: bool = False) -> str:
    """Three tiers on a trunk."""
    tiers = path("M0-74l17 28h-9l15 24h-10l17 22h-60l17-22h-10l15-24h-9z", p.leaf)
    white = path("M0-74l17 28h-9l-8-8-6 8h-11zM-15-22l9-13 7 8 8-9 6 14z", "#ffffff", 0.9)
    return placed([box(-3, -2, 6, 12, p.ink), tiers, white if snow else ""], x, y, scale)


def tree(p: Palette, x: int, y: int, scale: float = 1.0) -> str:
    """A round crown with a side in the light."""
    crown = disc(0, -38, 22, p.leaf) + path("M-22-38a22 22 0 0 1 22-22q-14 10-12 38z", p.far, 0.35)
    return placed([box(-3, -22, 6, 24, p.ink), crown], x, y, scale)


def snowfall(dice: Random) -> str:
    """Flakes in the whole picture."""
    d = "".join(f"M{dice.randint(4, 396)} {dice.randint(4, 230)}h.1" for _ in range(34))
    return line(d, "#ffffff", 4, 0.85)


def balloon(p: Palette, x: int, y: int, scale: float = 1.0) -> str:
    """A hot-air balloon with stripes."""
    return placed(
        [
            path("M0 34C-30 12-34-34 0-36S30 12 0 34z", p.roof),
            path("M0 34C-13 8-13-32 0-36S13 8 0 34z", p.wall),
            line("M-6 30l2 12M6 30l-2 12", p.ink, 1.5),
            box(-6, 41, 12, 9, p.ink),
        ],
        x,
        y,
        scale,
    )
