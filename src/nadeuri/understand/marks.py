"""Names of the gazetteer in running text, as a mark on every character: an input of the network.

A network that has not met a name in training cannot know whether it is a country or a region, nor
where it ends; the gazetteer can (Magnolini et al., SemDeep 2019, "How to Use Gazetteers for Entity
Recognition with Neural Models"). A mark decides nothing: 가나 is in 가나요 too, and the network
reads what stands around it.
"""

from __future__ import annotations

from nadeuri import columns
from nadeuri.understand.gazetteer import Gazetteer, key_of

_SEVERAL, _QUIET = "several", "quiet"
_KINDS = (*columns.ENTITY_LABELS, _SEVERAL, _QUIET)

N_MARKS = 1 + 2 * len(_KINDS)
"""Marks are below this: 0 for no name, else two for each kind of name, at its start and inside."""

_SHORTEST = 2
"""Characters of a name that is marked; a name of one is a part of too many words."""


class NameMarker:
    """Marks the longest names, from left to right.

    Spaces within a name are optional, but a name may only run over a space if it starts a word.
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        labels: dict[str, set[str]] = {}
        for entry in gazetteer.entries:
            for key in entry.keys:
                if len(key) >= _SHORTEST:
                    labels.setdefault(key, set())
                    if key not in entry.quiet:
                        labels[key].add(entry.label)
        self._marks = {key: 1 + 2 * _KINDS.index(_kind(found)) for key, found in labels.items()}
        self._beginnings = {key[:end] for key in self._marks for end in range(1, len(key) + 1)}

    def __call__(self, text: str) -> list[int]:
        """The mark of every character of an NFC text; 0 at spaces."""
        marks = [0] * len(text)
        places = [at for at, char in enumerate(text) if not char.isspace()]
        at = 0
        while at < len(places):
            length, mark = self._longest(text, places, at)
            for number in range(length):
                marks[places[at + number]] = mark + (number > 0)
            at += max(length, 1)
        return marks

    def _longest(self, text: str, places: list[int], first: int) -> tuple[int, int]:
        """Characters of the longest name from a place on, and its mark; 0, 0 if there is none."""
        may_cross = places[first] == 0 or text[places[first] - 1].isspace()
        key, found = "", (0, 0)
        for number, place in enumerate(places[first:], 1):
            if number > 1 and not may_cross and text[place - 1].isspace():
                break
            key += key_of(text[place])
            if key not in self._beginnings:
                break
            if key in self._marks:
                found = number, self._marks[key]
        return found


def _kind(labels: set[str]) -> str:
    """What the entries that are spelt so are; without any, the spelling is an ordinary word too."""
    if not labels:
        return _QUIET
    return labels.pop() if len(labels) == 1 else _SEVERAL
