"""What is compared of a name: its text, its readings, and the same without words that translate."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nadeuri.match.names.readings import (
    japanese,
    mandarin,
    sino_japanese,
    sino_korean,
    unify_han,
)
from nadeuri.match.names.romanise import romanise
from nadeuri.match.names.scripts import HAN, HANGUL, KANA, LATIN
from nadeuri.match.names.types import Concepts, Piece
from nadeuri.match.normalise import Name

CJK = "cjk"  # Han and kana, which one language writes together
_NUMBER = re.compile(r"\d+")
_BRANCH_ENDING = re.compile(r"(?:점|店|支店|分店| branch| outlet)$")


@dataclass(frozen=True)
class Reading:
    """A part of a name as it sounds.

    Attributes:
        hangul: spellings in Hangul: the text itself, or the Sino-Korean reading.
        latin: spellings in Latin letters: of the text itself, or its readings romanised.
    """

    hangul: tuple[str, ...]
    latin: tuple[str, ...]


@dataclass(frozen=True)
class Forms:
    """A name taken apart; strings have no spaces but ``text``.

    Attributes:
        family: names of one family are compared as texts, others by how they sound.
        text: with one form for each Chinese character.
        whole: ``text`` without the branch.
        core: without words for types of places.
        proper: without any word of the lexicon.
        readings: of the whole, of the whole without the type it begins or ends with, and of what is
            proper.
        concepts: what each word of the lexicon in it means.
        share: of the letters of ``whole`` that belong to words of the lexicon.
        numbers: in it.
        branch: without the word for one.
    """

    family: str
    text: str
    whole: str
    core: str
    proper: str
    readings: tuple[Reading, Reading, Reading]
    concepts: tuple[Concepts, ...]
    share: float
    numbers: frozenset[str]
    branch: str


def forms_of(name: Name) -> Forms:
    """Take ``name`` apart.

    Raises:
        MissingExtraError: a package that reads Chinese characters is not installed.
    """
    whole = "".join(piece.text for piece in name.pieces)
    proper = "".join(piece.text for piece in name.pieces if not piece.concepts)
    named = "".join(piece.text for piece in _without_type(name.pieces))
    known = sum(len(piece.text) for piece in name.pieces if piece.concepts)
    return Forms(
        family=CJK if name.script in (HAN, KANA) else name.script,
        text=unify_han(name.text),
        whole=unify_han(whole),
        core=unify_han(name.core.replace(" ", "")),
        proper=unify_han(proper),
        readings=(
            _reading(whole, name.script),
            _reading(named, name.script),
            _reading(proper, name.script),
        ),
        concepts=tuple(piece.concepts for piece in name.pieces if piece.concepts),
        share=known / len(whole) if whole else 0.0,
        numbers=frozenset(_NUMBER.findall(name.text)),
        branch=_BRANCH_ENDING.sub("", name.branch).lstrip("#"),
    )


def _without_type(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Without the last word, or else the first, if it is one of the lexicon and stands alone."""
    if len(pieces) > 1 and pieces[-1].concepts and not pieces[-1].glued:
        return pieces[:-1]
    if len(pieces) > 1 and pieces[0].concepts and not pieces[1].glued:
        return pieces[1:]
    return pieces


def _reading(text: str, script: str) -> Reading:
    if not text:
        return Reading((), ())
    if script == HANGUL:
        return Reading((text,), (_letters(romanise(text)),))
    if script in (HAN, KANA):
        latin = [japanese(text), sino_japanese(text)]
        if script == HAN:
            latin.append(mandarin(text))
        hangul = (sino_korean(text),) if script == HAN else ()
        return Reading(hangul, tuple(dict.fromkeys(_letters(reading) for reading in latin)))
    return Reading((), (text if script == LATIN and text.isascii() else _letters(romanise(text)),))


def _letters(latin: str) -> str:
    return latin.replace(" ", "")
