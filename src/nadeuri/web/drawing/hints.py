"""Which scene suits a product: words of its name first, then its city and country.

The words are in ``hints.tsv``; of one kind, the first row with a word that occurs says the scene.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

Kind = Literal["way", "stay", "sight", "purpose", "city", "country"]
"""``way`` and ``stay``: words of categories of journeys and of places to sleep. ``purpose``: what
means the sea where it is warm, and something else elsewhere. ``city``: unlike its country."""

ANYWHERE = ("europe", "island", "tropics", "metropolis", "north")
"""For a place that no rule knows."""


class Rule(NamedTuple):
    """A scene, and the words that call for it, in lower case."""

    scene: str
    words: tuple[str, ...]


@cache
def rules(kind: Kind) -> tuple[Rule, ...]:
    """Of one kind, most telling first."""
    text = files("nadeuri.web.drawing").joinpath("hints.tsv").read_text(encoding="utf-8")
    return tuple(
        Rule(row["scene"], tuple(row["words"].split(";")))
        for row in csv.DictReader(text.splitlines(), delimiter="\t")
        if row["kind"] == kind
    )


def scene_of(kinds: Sequence[Kind], text: str) -> str | None:
    """The scene of the first rule with a word in ``text``, whatever its case."""
    lower = text.lower()
    return next(
        (
            rule.scene
            for kind in kinds
            for rule in rules(kind)
            if any(word in lower for word in rule.words)
        ),
        None,
    )


def region_of(city: str, country: str, number: int) -> str:
    """What a place looks like; ``number`` chooses for a place that no rule knows."""
    return (
        scene_of(["city"], city)
        or scene_of(["country"], country)
        or scene_of(["country"], city)
        or ANYWHERE[number % len(ANYWHERE)]
    )
