"""Where a text names something that is known of a place."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from nadeuri.guide.facts import PlaceFacts
from nadeuri.guide.selection.reasons import guests_text

Kind = Literal["dish", "sight", "share", "other"]
Names = dict[str, dict[Kind, str]]
"""Surface without spaces -> what it is -> the name in the facts."""

_PROVINCE = ("제주특별자치도", "제주도", "제주")
_LEAST_STEM = 2
_MEASURED = r"(?![\d,.]*\s?(?:원|%|퍼센트|프로|km|m|미터|킬로|분|시|점|명|건|개|대)|[\d,.]*\d)"
_UNDER = "\x00"


@dataclass(frozen=True)
class Mention:
    """A name of the facts in a text; a share's name is as :func:`shares_of` has it."""

    start: int
    end: int
    kinds: frozenset[Kind]
    name: str


def shares_of(facts: PlaceFacts) -> dict[str, set[float]]:
    """All shares that are known of a place, by the names that a text has for them."""
    shares: dict[str, set[float]] = defaultdict(set)
    for own in (facts.companions, facts.purposes, facts.keywords):
        for name, share in own.items():
            shares[name].add(share)
    for segment, share in facts.guests.items():
        shares[guests_text(segment)].add(share)
    return shares


def names_of(facts: PlaceFacts) -> Names:
    """Every name that a text about the place may use."""
    names: Names = defaultdict(dict)

    def add(kind: Kind, surface: str, name: str | None = None) -> None:
        squeezed = "".join(unicodedata.normalize("NFKC", surface).split())
        if squeezed:
            names[squeezed].setdefault(kind, name or surface)

    for surface in (facts.name, facts.category, *facts.category.split("·"), *facts.ratings):
        add("other", surface)
    for surface in (*_PROVINCE, *_address_parts(facts)):
        add("other", surface)
    for dish in facts.menus:
        add("dish", dish.name)
    for sight, _ in facts.sights:
        add("sight", sight)
    for name in (*facts.companions, *facts.purposes, *facts.keywords):
        add("share", name)
    for segment in facts.guests:
        name = guests_text(segment)
        for surface in {name, segment.value if segment.dimension != "weekday" else name}:
            add("share", surface, name)
    return dict(names)


def mentions_in(text: str, names: Names) -> list[Mention]:
    """Where ``text`` has names, the longest first where several begin; spaces do not count."""
    if not names:
        return []
    found = []
    for match in _pattern(names).finditer(text):
        known = names["".join(match[0].split())]
        name = known.get("share") or next(iter(known.values()))
        found.append(Mention(match.start(), match.end(), frozenset(known), name))
    return found


def masked(text: str, mentions: Collection[Mention]) -> str:
    """``text`` with what is mentioned made unreadable, offsets unchanged."""
    for mention in mentions:
        hidden = _UNDER * (mention.end - mention.start)
        text = text[: mention.start] + hidden + text[mention.end :]
    return text


def _address_parts(facts: PlaceFacts) -> Iterator[str]:
    """Its areas, also without 읍 or 리, and the ends of the address; no bare house number."""
    words = facts.address.split()
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            part = " ".join(words[start:end])
            if not part[0].isdigit():
                yield part
    for area in (facts.city, facts.town, facts.village or ""):
        yield area
        if len(area) > _LEAST_STEM:
            yield area[:-1]


def _pattern(names: Names) -> re.Pattern[str]:
    ways = []
    for surface in sorted(names, key=lambda name: (-len(name), name)):
        way = r"\s?".join(map(re.escape, surface))
        if surface[0].isdigit():
            way = rf"(?<![\d,.]){way}"
        if surface[-1].isdigit():
            way += _MEASURED
        ways.append(way)
    return re.compile("|".join(ways))
