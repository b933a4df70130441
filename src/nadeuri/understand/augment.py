"""Augmentation: slots of labelled questions are filled with other names of a gazetteer."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.random import Generator

from nadeuri import columns
from nadeuri.data.questions import Question, Span
from nadeuri.understand import particles
from nadeuri.understand.gazetteer import Entry, Gazetteer, key_of

ANNOTATOR = "augment"

NO_SLOT = "no slot of these labels"
USED_UP = "no name left"
EXCLUDED = "an excluded name stays in the text"
KNOWN_TEXT = "text is known already"

Weights = Literal["population", "uniform"]
Slot = tuple[str, str]  # label, surface: equal slots of a question get equal names

_INSIDE = (columns.REGION_LABEL, columns.SIGHT_LABEL)  # labels of what lies in a country
_BOUND = (columns.COUNTRY_LABEL, *_INSIDE)
_TRIES = 4  # draws for one new text, before it is given up


@dataclass
class Augmentation:
    """What :func:`augment` made.

    Attributes:
        questions: the new ones only.
        names_used: how many new questions have a name, by surface.
        skipped: how many new questions were not made, by reason.
    """

    questions: list[Question] = field(default_factory=list)
    names_used: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)


def augment(
    questions: Sequence[Question],
    gazetteer: Gazetteer,
    *,
    labels: Collection[str],
    factor: int,
    seed: int,
    exclude: Iterable[str] = (),
    max_per_name: int = 20,
    weights: Weights = "uniform",
) -> Augmentation:
    """Make up to ``factor`` new questions of each, with whole other names in its slots.

    Spans move with the names, and a particle directly behind a name is fitted to it. Names are
    drawn without replacement until all were drawn, then all over again, so that they are used
    evenly. Where a question's country and regions belong together (파리 in 프랑스), the new ones do
    too; a slot that cannot keep to this, or has no name left, stays as it is. The result depends on
    nothing but the arguments.

    Args:
        questions: sources; intent, group and split of a new question are its source's, its id is
            the source's with ``+a1``, ``+a2``, ...
        gazetteer: names that are not quiet are drawn.
        labels: of the slots to fill.
        factor: new questions for each.
        seed: of the order in which names are drawn.
        exclude: names that must not occur in any new text, such as the evaluation's; other
            spellings of the same thing are not drawn either.
        max_per_name: how often a name is drawn at most.
        weights: what makes a name likely to come early in the order.
    """
    excluded = frozenset(key for name in exclude if (key := key_of(name)))
    decks = _Decks(
        gazetteer, excluded, max_per_name, weights == "population", np.random.default_rng(seed)
    )
    known = {question.text for question in questions}
    result = Augmentation()
    for number in range(1, factor + 1):
        for question in questions:
            made = _vary(question, gazetteer, decks, frozenset(labels), known, excluded)
            if isinstance(made, str):
                result.skipped[made] += 1
                continue
            known.add(made.text)
            before = set(question.entities)
            new = {surface for surface, label in made.entities if (surface, label) not in before}
            result.names_used.update(new)
            result.questions.append(
                replace(made, id=f"{question.id}+a{number}", annotator=ANNOTATOR)
            )
    return result


def with_names(question: Question, names: Mapping[Slot, str]) -> Question:
    """The question with other names in its slots: spans moved, particles fitted.

    Args:
        question: sorted spans without overlap.
        names: new surface by (label, surface).
    """
    text = ""
    spans = []
    at = 0  # in the question's text
    ends = [span.start for span in question.spans[1:]] + [len(question.text)]
    for span, limit in zip(question.spans, ends, strict=True):
        old = question.text[span.start : span.end]
        new = names.get((span.label, old), old)
        text += question.text[at : span.start]
        spans.append(Span(len(text), len(text) + len(new), span.label))
        text += new
        at = span.end
        if new != old:
            tail = particles.tail_of(question.text, at, limit)
            text += particles.fit(tail, new)
            at += len(tail)
    return replace(question, text=text + question.text[at:], spans=tuple(spans))


def _vary(
    question: Question,
    gazetteer: Gazetteer,
    decks: _Decks,
    labels: frozenset[str],
    known: Collection[str],
    excluded: frozenset[str],
) -> Question | str:
    """A new question, or why there is none."""
    slots = _slots(question, labels)
    if not slots:
        return NO_SLOT
    country = _common_country(question, gazetteer)
    reason = USED_UP
    for _ in range(_TRIES):
        names = _draw(question, slots, country, decks)
        if not names:
            continue
        made = with_names(question, names)
        compact = key_of(made.text)
        if any(key in compact for key in excluded):
            return EXCLUDED  # outside of the slots, so that other names would not help
        if made.text not in known:
            return made
        reason = KNOWN_TEXT
    return reason


def _slots(question: Question, labels: Collection[str]) -> list[Slot]:
    return list(
        dict.fromkeys((label, surface) for surface, label in question.entities if label in labels)
    )


def _common_country(question: Question, gazetteer: Gazetteer) -> str | None:
    """The country that a country slot names and all regions and sights lie in, if there is one."""
    named = {surface for surface, label in question.entities if label == columns.COUNTRY_LABEL}
    places = {pair for pair in question.entities if pair[1] in _INSIDE}
    if len(named) != 1 or not places:
        return None
    for country in gazetteer.lookup(named.pop(), columns.COUNTRY_LABEL):
        within = (
            any(entry.country == country.code for entry in gazetteer.lookup(surface, label))
            for surface, label in places
        )
        if all(within):
            return country.code
    return None


def _draw(
    question: Question, slots: Sequence[Slot], country: str | None, decks: _Decks
) -> dict[Slot, str]:
    names: dict[Slot, str] = {}
    if country is not None:
        bound = {(label, s) for s, label in question.entities if label in _BOUND}
        mine = [slot for slot in slots if slot in bound]
        names = _draw_together(mine, country, decks, movable=bound <= set(slots))
        slots = [slot for slot in slots if slot not in bound]
    for label, old in slots:
        if name := decks.draw(label, old):
            names[label, old] = name.surface
    return names


def _draw_together(
    slots: Sequence[Slot], country: str, decks: _Decks, *, movable: bool
) -> dict[Slot, str]:
    """New names of one country: of another one if all its slots are to be filled (movable)."""
    names: dict[Slot, str] = {}
    inside = [slot for slot in slots if slot[0] != columns.COUNTRY_LABEL]
    if movable:
        (nation,) = (slot for slot in slots if slot[0] == columns.COUNTRY_LABEL)
        wanted = {label for label, _ in inside}
        other = decks.draw(*nation, having=wanted)
        if other is None or other.entry.country is None:
            return {}
        names[nation] = other.surface
        country = other.entry.country
    for label, old in inside:
        if name := decks.draw(label, old, country):
            names[label, old] = name.surface
        elif movable:
            return {}  # the old place would be left in a new country
    return names


@dataclass(frozen=True)
class _Name:
    surface: str
    entry: Entry


class _Decks:
    """Names by label, and by label and country, each drawn in turn and counted together."""

    def __init__(
        self,
        gazetteer: Gazetteer,
        excluded: frozenset[str],
        max_per_name: int,
        weighted: bool,
        rng: Generator,
    ) -> None:
        self._gazetteer = gazetteer
        self._excluded = excluded
        self._max_per_name = max_per_name
        self._weighted = weighted
        self._rng = rng
        self._drawn: Counter[str] = Counter()
        self._piles: dict[str, dict[str | None, list[tuple[int, float, int]]]] = {}
        self._names: dict[str, list[_Name]] = {}

    def draw(
        self, label: str, old: str, country: str | None = None, having: Collection[str] = ()
    ) -> _Name | None:
        """The least used name of a label that is not ``old``; None if all are used up.

        Args:
            label: of the slot.
            old: what stands there.
            country: only names in it.
            having: only countries with names of these labels.
        """
        pile = self._pile(label).get(country, [])
        passed = []
        found = None
        while pile:
            times, rank, number = heapq.heappop(pile)
            name = self._names[label][number]
            drawn = self._drawn[name.surface]
            if drawn >= self._max_per_name:
                continue
            if drawn != times:  # drawn from another pile meanwhile
                heapq.heappush(pile, (drawn, rank, number))
            elif key_of(name.surface) == key_of(old) or not all(
                self._pile(inside).get(name.entry.country) for inside in having
            ):
                passed.append((times, rank, number))
            else:
                self._drawn[name.surface] += 1
                heapq.heappush(pile, (times + 1, rank, number))
                found = name
                break
        for card in passed:
            heapq.heappush(pile, card)
        return found

    def _pile(self, label: str) -> dict[str | None, list[tuple[int, float, int]]]:
        if label not in self._piles:
            names = self._names[label] = self._allowed(label)
            piles: dict[str | None, list[tuple[int, float, int]]] = {None: []}
            for number, (name, u) in enumerate(
                zip(names, self._rng.random(len(names)), strict=True)
            ):
                # Efraimidis and Spirakis (2006): ordered so, it is a weighted draw without
                # replacement.
                weight = max(name.entry.weight, 1.0) if self._weighted else 1.0
                card = (0, -math.log1p(-float(u)) / weight, number)
                piles[None].append(card)
                if name.entry.country is not None:
                    piles.setdefault(name.entry.country, []).append(card)
            for pile in piles.values():
                heapq.heapify(pile)
            self._piles[label] = piles
        return self._piles[label]

    def _allowed(self, label: str) -> list[_Name]:
        names: dict[str, _Name] = {}
        for entry in self._gazetteer.labelled(label):
            if not any(bad in key for key in entry.keys for bad in self._excluded):
                for surface in entry.drawable:
                    names.setdefault(surface, _Name(surface, entry))
        return list(names.values())
