"""Colours of a poster: curated sets for an hour of the day and a kind of place."""

from __future__ import annotations

from typing import NamedTuple


class Palette(NamedTuple):
    """Colours that go together, each ``#rrggbb``.

    Attributes:
        sky, glow: the sky far from the sun, and what the sun adds to it.
        sun: sun or moon.
        far, middle, near: hills by distance.
        water, deep: the sea at the horizon and in front.
        ground: sand, meadow or square.
        leaf: trees.
        ink: what stands against the light.
        wall, roof, light: buildings, and their windows.
    """

    sky: str
    glow: str
    sun: str
    far: str
    middle: str
    near: str
    water: str
    deep: str
    ground: str
    leaf: str
    ink: str
    wall: str
    roof: str
    light: str


MORNING = Palette(
    "#bfe3ee", "#fff4dd", "#ffd57e", "#b4d8d2", "#7db5ae", "#43877f", "#79c4d1", "#3f9bb0",
    "#f3dfb8", "#2f7d62", "#1f4a5a", "#fff7e8", "#e2703a", "#8fc7d3",
)  # fmt: skip
TROPIC = Palette(
    "#79d3e2", "#eafaf0", "#fff2ae", "#a3dcc4", "#55b596", "#23836f", "#35bfc8", "#128ca6",
    "#fbe7ba", "#128261", "#11505e", "#fffaf0", "#ff7f5c", "#8fdde4",
)  # fmt: skip
GOLDEN = Palette(
    "#ffd08a", "#fff0c8", "#fff7dc", "#eeae84", "#c97a63", "#87495a", "#f2ab84", "#c8706c",
    "#f6d7a1", "#6b6b45", "#4a2a44", "#fff1d8", "#cf4a35", "#ffcf6b",
)  # fmt: skip
ROSE = Palette(
    "#f8c9c6", "#fff1df", "#fffaf0", "#e6bcc4", "#bd8ba3", "#7d5f86", "#b8cfe0", "#7fa4c4",
    "#f5dccb", "#5f7f74", "#483a5c", "#fff6ee", "#d65c6c", "#f6b98f",
)  # fmt: skip
DUSK = Palette(
    "#4a4490", "#f59b82", "#ffe0ad", "#9a6ba3", "#654a8c", "#3b3268", "#8c6bad", "#4b4589",
    "#a9788f", "#2c4468", "#231d47", "#f4d9c6", "#ff8d5c", "#ffd98a",
)  # fmt: skip
NIGHT = Palette(
    "#10224d", "#3f66a3", "#fdf3cf", "#33568f", "#234272", "#152c55", "#29508a", "#183468",
    "#2f4c7c", "#1b4a58", "#0a1633", "#5671a3", "#d9824a", "#ffd98a",
)  # fmt: skip
ALPINE = Palette(
    "#9fcdf2", "#f1f9ff", "#fff6d6", "#c3d8ec", "#8caed2", "#4f74a6", "#8ec3e4", "#4c8bbd",
    "#f6fbff", "#2f6b5e", "#24405f", "#fff8ec", "#b8563e", "#ffcf7a",
)  # fmt: skip
FROST = Palette(
    "#c7c3e8", "#ffe9e0", "#fff6ea", "#d9d3ec", "#a3a0cf", "#6a6aa6", "#b7bfe3", "#7c87c0",
    "#fbf8ff", "#44627a", "#2f2f5c", "#fff5ea", "#c05a68", "#ffc98a",
)  # fmt: skip
MEADOW = Palette(
    "#b9e2dc", "#fdf8df", "#ffdf8f", "#bfdcae", "#8bbd80", "#4f8f5d", "#86c9cf", "#4a9fae",
    "#dbe3a6", "#2f7046", "#23483f", "#fffbee", "#d9653b", "#ffd27a",
)  # fmt: skip
SAND = Palette(
    "#f6cf9b", "#fff3d4", "#fffbe6", "#eec08a", "#d99a5f", "#a9683f", "#8fc7c4", "#4f9aa0",
    "#f2d39a", "#6f7a4a", "#5a3524", "#fff3dc", "#c1553a", "#ffd98a",
)  # fmt: skip

BY_DAY = (MORNING, GOLDEN, ROSE, MEADOW, DUSK)
BY_SEA = (TROPIC, MORNING, GOLDEN, TROPIC, ROSE)
BY_NIGHT = (NIGHT, DUSK)
IN_SNOW = (ALPINE, FROST)
IN_SAND = (SAND, GOLDEN, DUSK)
