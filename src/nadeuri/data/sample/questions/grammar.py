"""The template language: alternatives ``[a|b]``, phrases ``<name>``, slots ``{pool|particle}``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from numpy.random import Generator

from nadeuri.errors import DataError
from nadeuri.korean import josa

T = TypeVar("T")

PARTICLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "은": (("은", "는"),),
    "이": (("이", "가"),),
    "을": (("을", "를"),),
    "과": (("과", "와"), ("이랑", "랑"), ("이랑", "랑"), ("하고", "하고")),
    "으로": (("으로", "로"),),
    "이나": (("이나", "나"),),
    "이면": (("이면", "면"),),
    "이요": (("이요", "요"),),
    "이에요": (("이에요", "예요"),),
    "이라": (("이라", "라"),),
    "이고": (("이고", "고"),),
}
"""Particles of slots, each with its spoken variants as (after a final consonant, after a vowel)."""

DROPPABLE = frozenset({"은", "이", "을"})
"""Particles that people leave out when they type."""


@dataclass(frozen=True)
class Slot:
    """A place for a value.

    Attributes:
        pool: where the value comes from; a digit at its end (``지역2``) asks for another value.
        particle: a key of ``PARTICLES``, or None.
        value: fixed value, in which case ``pool`` is its label.
    """

    pool: str
    particle: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class Choice:
    """Alternatives, of which a surface has one."""

    options: tuple[Pattern, ...]


Pattern = tuple["str | Slot | Choice", ...]


class Piece(NamedTuple):
    """A stretch of a surface: plain text, an entity (with a label), or the particle behind it."""

    text: str
    label: str | None = None
    droppable: bool = False


def parse(source: str, phrases: Mapping[str, Pattern]) -> Pattern:
    """Read a template.

    Raises:
        DataError: a bracket is not closed, or a phrase or particle is unknown.
    """
    pattern, end = _parse(source, 0, phrases, within_choice=False)
    if end != len(source):
        raise DataError(f"template {source!r}: ']' at character {end + 1} closes nothing")
    return pattern


def choose(pattern: Pattern, rng: Generator) -> list[str | Slot]:
    """One way through the alternatives; the slots are still empty."""
    chosen: list[str | Slot] = []
    for node in pattern:
        if isinstance(node, Choice):
            chosen.extend(choose(pick(rng, node.options), rng))
        else:
            chosen.append(node)
    return chosen


def pieces(
    chosen: Sequence[str | Slot], values: Mapping[str, tuple[str, str]], rng: Generator
) -> list[Piece]:
    """The surface, with ``values`` (surface and label by pool) in the slots."""
    surface = []
    for node in chosen:
        if isinstance(node, str):
            surface.append(Piece(node))
            continue
        text, label = (node.value, node.pool) if node.value else values[node.pool]
        surface.append(Piece(text, label))
        if node.particle:
            particle = josa(text, *pick(rng, PARTICLES[node.particle]))[len(text) :]
            surface.append(Piece(particle, droppable=node.particle in DROPPABLE))
    return surface


def pick(rng: Generator, options: Sequence[T]) -> T:
    """One of ``options``, all equally likely."""
    return options[int(rng.integers(len(options)))]


def _parse(
    source: str, start: int, phrases: Mapping[str, Pattern], *, within_choice: bool
) -> tuple[Pattern, int]:
    """Nodes from ``start`` to the end, or to the ``|`` or ``]`` that ends an alternative."""
    nodes: list[str | Slot | Choice] = []
    at = start
    while at < len(source):
        char = source[at]
        if char == "]" or (char == "|" and within_choice):
            break
        if char == "[":
            choice, at = _parse_choice(source, at, phrases)
            nodes.append(choice)
        elif char in "{<":
            end = source.find("}" if char == "{" else ">", at)
            if end < 0:
                raise DataError(f"template {source!r}: {char!r} is not closed")
            inner = source[at + 1 : end]
            nodes.extend([_slot(source, inner)] if char == "{" else _phrase(source, inner, phrases))
            at = end + 1
        else:
            end = at + 1
            while end < len(source) and source[end] not in "[]{<|":
                end += 1
            nodes.append(source[at:end])
            at = end
    return tuple(nodes), at


def _parse_choice(source: str, start: int, phrases: Mapping[str, Pattern]) -> tuple[Choice, int]:
    options = []
    at = start
    while at < len(source) and source[at] != "]":
        option, at = _parse(source, at + 1, phrases, within_choice=True)
        options.append(option)
    if at >= len(source):
        raise DataError(f"template {source!r}: '[' is not closed")
    return Choice(tuple(options)), at + 1


def _slot(source: str, inner: str) -> Slot:
    name, _, particle = inner.partition("|")
    if particle and particle not in PARTICLES:
        raise DataError(f"template {source!r}: particle {particle!r} is none of {[*PARTICLES]}")
    pool, _, value = name.partition("=")
    return Slot(pool, particle or None, value or None)


def _phrase(source: str, name: str, phrases: Mapping[str, Pattern]) -> Pattern:
    if name not in phrases:
        raise DataError(f"template {source!r}: no phrase {name!r} in phrases.tsv")
    return phrases[name]
