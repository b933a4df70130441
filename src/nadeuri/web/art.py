"""Product pictures: a travel poster for every product, drawn from its name, city and category."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from html import escape
from random import Random

from nadeuri.web.drawing import palette, scenes
from nadeuri.web.drawing.hints import Kind, region_of, scene_of
from nadeuri.web.drawing.palette import Palette
from nadeuri.web.drawing.shapes import HEIGHT, WIDTH

MOST_BYTES = 6_000
"""Of a picture."""
MOST_LABEL = 60
"""Characters of what is read out."""

_PALETTES: Mapping[str, tuple[Palette, ...]] = {
    "beach": palette.BY_SEA,
    "sailboat": palette.BY_SEA,
    "lighthouse": palette.BY_SEA,
    "island": palette.BY_SEA,
    "snow": palette.IN_SNOW,
    "north": (palette.ALPINE, palette.MEADOW),
    "city": palette.BY_NIGHT,
    "needle": palette.BY_NIGHT,
    "pearl": (palette.NIGHT, palette.ROSE),
    "stalls": (palette.DUSK, palette.NIGHT, palette.GOLDEN),
    "dunes": palette.IN_SAND,
    "desert": palette.IN_SAND,
    "pyramids": palette.IN_SAND,
    "fairway": (palette.MEADOW, palette.MORNING),
    "steppe": (palette.MEADOW, palette.GOLDEN),
    "ger": (palette.MEADOW, palette.GOLDEN),
    "tropics": (*palette.BY_SEA, palette.MEADOW),
}
_UNSPOKEN = re.compile(r"[^\w\s·,.()&+\-/]|[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
_HEAD = re.compile(r"^\[[^\]]*\]")
"""Route or city before a name."""


@lru_cache(maxsize=2_000)
def product_art(
    item: str, name: str | None, city: str | None, country: str | None, category: str | None
) -> str:
    """A picture of a product as SVG, 4:3, the same one for the same words.

    It refers to nothing outside itself, has neither ids nor text, and is below ``MOST_BYTES``.
    Streamlit takes SVG out of HTML: show it as an ``img`` whose ``src`` is a ``data:`` address.

    Args:
        item: the product's code; products of one kind and place differ by it.
        name, city, country, category: as the catalogue has them; None where it says nothing.
    """
    name, city, country, category = name or "", city or "", country or "", category or ""
    dice = Random(_number(f"{item}/{name}"))  # noqa: S311 (a picture, no secret)
    region = region_of(city, country, _number(city))
    words = _HEAD.sub("", name).replace(city, "") if city else name
    if scene_of(["stay"], category):
        drawn = scenes.stay(region, _colours(region, city, dice), dice)
    elif scene_of(["way"], category):
        way = scene_of(["way"], words) or "plane"
        drawn = scenes.journey(way, region, _colours(way, city, dice), dice)
    else:
        kinds: tuple[Kind, ...] = ("sight", "purpose") if region in scenes.WARM else ("sight",)
        scene = scene_of(kinds, words) or region
        drawn = scenes.sight(scene, region, _colours(scene, city, dice), dice)
    label = escape(_spoken(name or f"{city} {category}"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" aria-label="{label}">{drawn}</svg>'
    )


def _colours(scene: str, city: str, dice: Random) -> Palette:
    """Of the scene; one city keeps to two of its sets."""
    sets = _PALETTES.get(scene, palette.BY_DAY)
    first = _number(city)
    return sets[(first + dice.choice((0, 0, 1))) % len(sets)]


def _spoken(text: str) -> str:
    """What a screen reader says of the picture; without what no XML may hold."""
    said = " ".join(_UNSPOKEN.sub(" ", text).split())
    return f"{said[:MOST_LABEL]} 그림".strip()


def _number(text: str) -> int:
    """The same one for the same text in every process."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")
