"""Whole pictures: a backdrop of a region, a landmark on it, and something near in front."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from nadeuri.web.drawing import houses, landmarks, outings, scenery, vehicles
from nadeuri.web.drawing.palette import FROST, MEADOW, NIGHT, ROSE, Palette
from nadeuri.web.drawing.shapes import box, disc, line, path, placed

_Drawing = Callable[[Palette, Random], list[str]]
REGION_MARKS: Mapping[str, tuple[_Drawing, ...]] = {
    "japan": (landmarks.pagoda, landmarks.torii, landmarks.keep),
    "korea": (houses.hanok, landmarks.pagoda, houses.hanok),
    "china": (landmarks.pagoda, landmarks.gabled_temple),
    "tropics": (landmarks.stupa, landmarks.gabled_temple, houses.resort),
    "metropolis": (landmarks.towers,),
    "europe": (landmarks.old_town, landmarks.temple_front, landmarks.colonnade),
    "north": (houses.chalet,),
    "snow": (houses.chalet,),
    "desert": (landmarks.mosque, landmarks.pyramids),
    "steppe": (houses.ger,),
    "island": (houses.resort, landmarks.lighthouse),
    "pillars": (landmarks.pagoda,),
}
SIGHT_MARKS: Mapping[str, _Drawing] = {
    "fairway": outings.fairway,
    "wheel": outings.wheel,
    "stalls": outings.stalls,
    "lattice": landmarks.lattice_tower,
    "pearl": landmarks.pearl_tower,
    "needle": landmarks.needle,
    "waterfall": outings.waterfall,
    "ger": houses.ger,
    "pyramids": landmarks.pyramids,
    "colonnade": landmarks.colonnade,
    "temple_front": landmarks.temple_front,
    "mosque": landmarks.mosque,
    "city": landmarks.towers,
}
_HOTELS: Mapping[str, tuple[_Drawing, ...]] = {
    "japan": (houses.inn, houses.hotel, houses.hotel_tower),
    "korea": (houses.inn, houses.hotel, houses.hotel_tower),
    "metropolis": (houses.hotel_tower, houses.hotel),
    "north": (houses.hotel, houses.inn),
    "snow": (houses.hotel, houses.inn),
}
_ANY_HOTEL = (houses.hotel, houses.hotel_tower)
VEHICLES: Mapping[str, _Drawing] = {
    "plane": vehicles.plane,
    "train": vehicles.train,
    "coach": vehicles.coach,
    "car": vehicles.car,
    "ship": vehicles.ship,
    "sailboat": vehicles.sailboat,
}
_AT_SEA = ("ship", "sailboat")
WARM = ("tropics", "island")
_BASE = 240
"""Where a landmark stands, in pixels from above."""


def sight(scene: str, region: str, p: Palette, dice: Random) -> str:
    """A picture of a sight, or (where ``scene`` is the region's own name) of the region."""
    if scene in _OF_ITS_OWN:
        return _OF_ITS_OWN[scene](region, p, dice)
    mark = SIGHT_MARKS.get(scene) or dice.choice(REGION_MARKS[scene])
    x = 200 + dice.randint(-44, 44)
    is_wide = scene in ("city", "metropolis", "needle", "stalls", "fairway", "waterfall")
    return (
        backdrop(
            region if scene not in ("city", "lattice", "pearl", "needle") else "metropolis", p, dice
        )
        + placed(mark(p, dice), 200 if is_wide else x, _BASE, 1.08)
        + _front(region, p, dice, beside=x)
    )


def stay(region: str, p: Palette, dice: Random) -> str:
    """A place to sleep: houses on the water or a hotel, with a pool where it is warm."""
    if region in WARM and dice.random() < 0.4:
        return _at_sea(houses.resort, region, p, dice, scale=1.25)
    left = dice.random() < 0.5
    x = 150 if left else 250
    house = dice.choice(_HOTELS.get(region, _ANY_HOTEL))
    drawn = backdrop(region, p, dice) + placed(house(p, dice), x, _BASE, 1.2)
    if region not in WARM:
        return drawn + _front(region, p, dice, beside=x)
    pool = (
        f'<ellipse cx="{400 - x}" cy="270" rx="120" ry="17" fill="{p.wall}"/>'
        f'<ellipse cx="{400 - x}" cy="270" rx="110" ry="13" fill="{p.water}"/>'
    )
    palms = scenery.palm(p, 350 if left else 50, 262, 1.35, flip=left)
    return drawn + pool + palms + scenery.palm(p, 300 if left else 100, 256, 0.95, flip=not left)


def journey(way: str, region: str, p: Palette, dice: Random) -> str:
    """A way to travel, before what lies at its end."""
    vehicle = VEHICLES[way]
    if way in _AT_SEA:
        return _at_sea(vehicle, region, p, dice, scale=1.15)
    if way == "plane":
        return _window_seat(region, p, dice) if dice.random() < 0.3 else _flight(region, p, dice)
    drawn = scenery.sky(p, dice) + scenery.clouds(p, dice) + scenery.hills(p, dice, 186)
    return drawn + placed(vehicle(p, dice), 196, 232, 1.1)


def backdrop(region: str, p: Palette, dice: Random) -> str:
    """Sky, what lies far away, and the ground of a region."""
    sky = scenery.sky(p, dice)
    if p is not NIGHT and dice.random() < 0.8:
        sky += scenery.clouds(p, dice, dice.randint(1, 2))
    if dice.random() < 0.5:
        sky += scenery.birds(p, dice)
    far = {
        "japan": lambda: scenery.cone(p, dice, 214) + scenery.hills(p, dice, 216, layers=2),
        "china": lambda: scenery.pillars(p, dice, 232),
        "pillars": lambda: scenery.pillars(p, dice, 232),
        "metropolis": lambda: (
            scenery.skyline(p, dice, 236, p.far, height=96)
            + scenery.skyline(p, dice, 236, p.middle, height=52)
        ),
        "north": lambda: scenery.peaks(p, dice, 226),
        "snow": lambda: scenery.peaks(p, dice, 226),
        "desert": lambda: scenery.dunes(p, dice),
        "island": lambda: scenery.island(p, dice, 196) + scenery.sea(p, dice, 196),
    }.get(region, lambda: scenery.hills(p, dice, 196))()
    ground = p.leaf if region in ("tropics", "korea", "japan") and p is not NIGHT else p.ground
    return sky + far + scenery.meadow(p, dice, 234, ground)


def _front(region: str, p: Palette, dice: Random, *, beside: int) -> str:
    """Plants in front, on the side where there is room."""
    right = beside <= 200
    near, next_to_it = (366, 318) if right else (34, 82)
    if region in WARM:
        return scenery.palm(p, near, 286, 1.5, flip=right) + scenery.palm(
            p, next_to_it, 268, 0.9, flip=not right
        )
    if region in ("north", "snow", "korea"):
        snow = region == "snow"
        return "".join(
            scenery.pine(p, x, y, s, snow=snow)
            for x, y, s in ((near, 284, 1.15), (next_to_it, 268, 0.8), (400 - near, 272, 0.9))
        )
    if region in ("desert", "steppe"):
        return ""
    blossom = p._replace(leaf="#f0a3b6", far="#ffd9e0") if region == "japan" and p is ROSE else p
    if region == "japan" and p is MEADOW:
        blossom = p._replace(leaf="#e88a9c", far="#ffd0d6")
    ground = path(f"M0 300V276Q200 {dice.randint(258, 272)} 400 280V300z", p.near, 0.9)
    return ground + "".join(
        scenery.tree(blossom, x, y, s)
        for x, y, s in ((near, 288, 1.4), (next_to_it, 284, 0.95), (400 - near, 286, 1.05))
    )


def _at_sea(drawing: _Drawing, region: str, p: Palette, dice: Random, *, scale: float = 1.0) -> str:
    """Something on the water before an island or a coast."""
    coast = (
        scenery.skyline(p, dice, 192, p.far, height=60)
        if region == "metropolis"
        else scenery.hills(p, dice, 196, layers=2)
        if region in ("europe", "korea", "north")
        else scenery.island(p, dice, 190)
    )
    return (
        scenery.sky(p, dice)
        + scenery.clouds(p, dice)
        + scenery.birds(p, dice)
        + coast
        + scenery.sea(p, dice, 190)
        + placed(drawing(p, dice), 190 + dice.randint(-20, 30), 236, scale)
    )


def _beach(region: str, p: Palette, dice: Random) -> str:
    left = dice.random() < 0.5
    drawn = (
        scenery.sky(p, dice)
        + scenery.clouds(p, dice)
        + scenery.island(p, dice)
        + scenery.sea(p, dice)
    )
    boat = placed(vehicles.sailboat(p, dice), 268 if left else 132, 206, 0.42)
    sand = scenery.beach(p, dice, left=left)
    x = 52 if left else 348
    palms = scenery.palm(p, x, 284, 1.75, flip=not left) + scenery.palm(
        p, 104 if left else 296, 276, 1.1, flip=not left
    )
    shade = placed(
        [
            line("M0 0V-46", p.ink, 3),
            path("M-36-40Q0-88 36-40z", p.roof),
            path("M-13-40Q-10-62 0-64Q10-62 13-40z", p.wall),
            path("M-34 4h26l10-10 4 3-10 11h-30z", p.wall),
        ],
        186 if left else 214,
        272,
        0.95,
    )
    return drawn + boat + sand + palms + shade


def _snow(region: str, p: Palette, dice: Random) -> str:
    pines = "".join(
        scenery.pine(p, x + dice.randint(-8, 8), y, s, snow=True)
        for x, y, s in (
            (36, 264, 1.2),
            (84, 250, 0.8),
            (352, 268, 1.3),
            (306, 252, 0.85),
            (270, 242, 0.5),
        )
    )
    house = placed(houses.chalet(p, dice), 176 + dice.randint(-20, 30), 250, 0.95)
    slope = path("M0 300V262Q120 232 230 254T400 250V300z", "#ffffff", 0.85)
    flakes = scenery.snowfall(dice) if p is FROST or dice.random() < 0.5 else ""
    return (
        scenery.sky(p, dice)
        + scenery.peaks(p, dice, 236, height=150)
        + slope
        + house
        + pines
        + flakes
    )


def _spring(region: str, p: Palette, dice: Random) -> str:
    hills = scenery.cone(p, dice, 206) if region == "japan" else scenery.hills(p, dice, 180)
    left = dice.random() < 0.5
    return (
        scenery.sky(p, dice)
        + scenery.clouds(p, dice, 1)
        + hills
        + scenery.meadow(p, dice, 206, p.near)
        + scenery.pine(p, 48 if left else 352, 238, 1.5)
        + scenery.pine(p, 98 if left else 302, 226, 1.0)
        + placed(outings.spring(p, dice), 212 if left else 188, 258, 1.25)
    )


def _bay(region: str, p: Palette, dice: Random) -> str:
    return (
        scenery.sky(p, dice)
        + scenery.birds(p, dice)
        + scenery.pillars(p, dice, 204)
        + scenery.sea(p, dice, 202)
        + placed(vehicles.sailboat(p, dice), dice.randint(130, 270), 252, 0.85)
    )


def _lighthouse(region: str, p: Palette, dice: Random) -> str:
    x = dice.choice((108, 292))
    return (
        scenery.sky(p, dice)
        + scenery.clouds(p, dice)
        + scenery.birds(p, dice)
        + scenery.island(p, dice)
        + scenery.sea(p, dice)
        + placed(landmarks.lighthouse(p, dice), x, 232, 1.15, flip=x > 200)
        + placed(vehicles.sailboat(p, dice), 400 - x, 240, 0.55)
    )


def _dunes(region: str, p: Palette, dice: Random) -> str:
    x = dice.randint(110, 250)
    camels = "".join(
        placed(
            [
                path("M-18-14q2-10 9-10 3-9 8 0 4-9 9 1 6-2 8-12 5-2 9 2l-1 3h-5q-2 14-10 16v14h-3"
                     "v-12h-14v12h-3V-10z", p.ink)
            ],
            x + 58 * n,
            232 - 5 * n,
            1.2,
        )
        for n in range(3)
    )  # fmt: skip
    return scenery.sky(p, dice) + scenery.dunes(p, dice) + camels


def _flight(region: str, p: Palette, dice: Random) -> str:
    """An airliner over clouds from which a landmark looks out."""
    left = dice.random() < 0.5
    mark = dice.choice(REGION_MARKS[region])
    low = scenery.hills(p, dice, 262, layers=2)
    return (
        scenery.sky(p, dice, sun_y=96)
        + scenery.clouds(p, dice, 3)
        + (scenery.skyline(p, dice, 300, p.far, height=80) if region == "metropolis" else low)
        + placed(mark(p, dice), 316 if left else 84, 276, 0.62)
        + _cloud_bank(p, dice)
        + placed(vehicles.plane(p, dice), 196 if left else 204, 142, 1.15, flip=not left)
    )


def _window_seat(region: str, p: Palette, dice: Random) -> str:
    """What is seen through the window of an airliner: the region, a wing, and the frame."""
    left = dice.random() < 0.5
    wing = placed(
        [
            path("M-40 76L150-30l30-4-4 10L70 96z", p.wall),
            path("M150-30l34-30 6 2-10 34z", p.roof),
        ],
        130 if left else 270,
        206,
        flip=not left,
    )
    hole = "M104 96a96 74 0 0 1 192 0v112a96 74 0 0 1-192 0z"
    frame = f'<path d="M0 0H400V300H0z{hole}" fill="{p.far}" fill-rule="evenodd"/>'
    rim = f'<path d="{hole}" fill="none" stroke="{p.wall}" stroke-width="12"/>'
    shade = path("M104 96a96 74 0 0 1 192 0v-4H104z", p.far, 0.6)
    beside = "".join(
        f'<path d="M{x} 96a96 74 0 0 1 192 0v112a96 74 0 0 1-192 0z" fill="{p.wall}" opacity=".5"/>'
        for x in (-152, 360)
    )
    return backdrop(region, p, dice) + wing + shade + frame + rim + beside


def _cloud_bank(p: Palette, dice: Random) -> str:
    """Clouds below, from edge to edge."""
    discs = "".join(
        disc(x, 296 + dice.randint(-10, 8), dice.randint(24, 40), p.wall)
        for x in range(-10, 420, 46)
    )
    return f'<g opacity=".93">{discs}{box(0, 296, 400, 4, p.wall)}</g>'


def _ship(region: str, p: Palette, dice: Random) -> str:
    return _at_sea(vehicles.ship, region, p, dice, scale=1.15)


def _sailboat(region: str, p: Palette, dice: Random) -> str:
    return _at_sea(vehicles.sailboat, region, p, dice, scale=1.25)


_OF_ITS_OWN: Mapping[str, Callable[[str, Palette, Random], str]] = {
    "beach": _beach,
    "snow": _snow,
    "spring": _spring,
    "pillars": _bay,
    "lighthouse": _lighthouse,
    "dunes": _dunes,
    "ship": _ship,
    "sailboat": _sailboat,
}
