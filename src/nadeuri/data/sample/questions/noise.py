"""How people mistype: edits of a question that keep its spans exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from numpy.random import Generator

from nadeuri.data.questions import Span
from nadeuri.data.sample.questions.grammar import pick

_SYLLABLE_FIRST, _SYLLABLE_LAST = 0xAC00, 0xD7A3
_VOWELS, _FINALS = 21, 28
_AE, _E, _YAE, _YE, _WAE, _WE, _OE = 1, 5, 3, 7, 10, 15, 11
# indices of initials and vowels: neighbours on the keyboard, and shift pressed or not
_INITIAL_SLIPS = {0: (1, 9), 3: (4, 12), 7: (8, 12), 9: (10, 0), 12: (13, 3), 11: (6, 5),
                  6: (2, 11), 2: (11, 6), 5: (18, 11), 18: (5,), 15: (16,), 16: (15, 17),
                  17: (16,), 14: (12,), 1: (0,), 4: (3,), 8: (7,), 10: (9,), 13: (12,)}  # fmt: skip
_VOWEL_SLIPS = {_AE: (_E,), _E: (_AE,), _YAE: (_YE,), _YE: (_YAE,), _WAE: (_WE, _OE), _WE: (_WAE,),
                _OE: (_WAE,), 0: (20, 4), 4: (0, 20), 20: (0,), 8: (4, 13), 13: (17,), 17: (13,),
                18: (13,), 2: (6,), 6: (2,), 12: (8,)}  # fmt: skip
_PARTICLES = (
    "에서",
    "까지",
    "부터",
    "이랑",
    "으로",
    "하고",
    "에",
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "로",
    "랑",
    "와",
    "과",
    "도",
)
_SHOUTS = (
    "ㅠㅠ",
    "ㅠ",
    "ㅋㅋ",
    "ㅎㅎ",
    "!!",
    "~",
    "..",
    "...",
    "~~",
    "ㅜㅜ",
    "😊",
    "🙏",
    "✈️",
    "^^",
    ";;",
    "ㅋㅋㅋ",
    "!",
)
_IN_ENTITY = 0.35  # of the typos that fall on an entity, this share stays


@dataclass(frozen=True)
class Tagged:
    """A text and its spans (sorted, without overlap)."""

    text: str
    spans: tuple[Span, ...] = ()

    def replace(self, start: int, end: int, new: str) -> Tagged:
        """With ``new`` for ``text[start:end]``, which lies inside a span or outside all of them.

        What is put in at the edge of a span stays outside of it.
        """
        shift = len(new) - (end - start)
        spans = []
        for span in self.spans:
            if end <= span.start:
                spans.append(Span(span.start + shift, span.end + shift, span.label))
            elif start >= span.end:
                spans.append(span)
            else:
                spans.append(Span(span.start, span.end + shift, span.label))
        return Tagged(self.text[:start] + new + self.text[end:], tuple(spans))

    def entity_at(self, index: int) -> bool:
        """Whether the character belongs to an entity."""
        return any(span.start <= index < span.end for span in self.spans)


Edit = Callable[[Tagged, Generator], Tagged]


def roughen(question: Tagged, rng: Generator) -> Tagged:
    """With one to three slips, the commoner the likelier."""
    for _ in range(int(rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1]))):
        edit = EDITS[int(rng.choice(len(EDITS), p=_ODDS))][0]
        question = edit(question, rng)
    return question


def drop_space(question: Tagged, rng: Generator) -> Tagged:
    """Without one of the spaces, be it within an entity."""
    spaces = _spaces(question)
    if not spaces:
        return question
    at = pick(rng, spaces)
    return question.replace(at, at + 1, "")


def drop_all_spaces(question: Tagged, _: Generator) -> Tagged:
    """``일본여행지추천해줘``; of a long question only the last 30 characters are run together."""
    for at in reversed(_spaces(question)):
        if at >= len(question.text) - 30:
            question = question.replace(at, at + 1, "")
    return question


def add_space(question: Tagged, rng: Generator) -> Tagged:
    """With a space between an entity and its particle, or between two syllables of a word."""
    text = question.text
    behind = [span.end for span in question.spans if text.startswith(_PARTICLES, span.end)]
    within = [
        at
        for at in range(1, len(text))
        if _is_syllable(text[at - 1])
        and _is_syllable(text[at])
        and not (question.entity_at(at - 1) and question.entity_at(at))
    ]
    places = behind if behind and rng.random() < 0.5 else within
    if not places:
        return question
    at = pick(rng, places)
    return question.replace(at, at, " ")


def typo(question: Tagged, rng: Generator) -> Tagged:
    """With one syllable mistyped; most of the time outside of the entities."""
    places = [at for at, char in enumerate(question.text) if _is_syllable(char)]
    if not places:
        return question
    at = pick(rng, places)
    if question.entity_at(at) and rng.random() >= _IN_ENTITY:
        return question
    return question.replace(at, at + 1, _slip(question.text[at], rng))


def drop_mark(question: Tagged, _: Generator) -> Tagged:
    """Without the question mark or full stop at the end."""
    if question.text.endswith(("?", ".", "!")) and len(question.text) > 1:
        return question.replace(len(question.text) - 1, len(question.text), "")
    return question


def double_mark(question: Tagged, rng: Generator) -> Tagged:
    """With more question marks than one."""
    if not question.text.endswith("?"):
        return question
    end = len(question.text)
    return question.replace(end, end, pick(rng, ("?", "??", "!")))


def shout(question: Tagged, rng: Generator) -> Tagged:
    """With ㅠㅠ, ㅋㅋ or an emoji at the end."""
    end = len(question.text)
    if end and _is_syllable(question.text[-1]):
        return question.replace(end, end, pick(rng, _SHOUTS))
    return question


EDITS: tuple[tuple[Edit, float], ...] = (
    (drop_space, 0.33),
    (drop_all_spaces, 0.11),
    (add_space, 0.09),
    (typo, 0.2),
    (drop_mark, 0.14),
    (double_mark, 0.04),
    (shout, 0.09),
)
"""Slips with how often they happen; the numbers add up to one."""

_ODDS = [odds for _, odds in EDITS]


def _slip(syllable: str, rng: Generator) -> str:
    code = ord(syllable) - _SYLLABLE_FIRST
    initial, rest = divmod(code, _VOWELS * _FINALS)
    vowel, final = divmod(rest, _FINALS)
    kind = rng.random()
    if vowel in (_AE, _E, _YAE, _YE, _WAE, _WE, _OE) and kind < 0.7:
        vowel = pick(rng, _VOWEL_SLIPS[vowel])
    elif final and kind < 0.35:
        final = 0
    elif not final and kind < 0.12:
        final = pick(rng, (4, 8, 21, 16))  # ㄴ ㄹ ㅇ ㅁ
    elif kind < 0.7:
        initial = pick(rng, _INITIAL_SLIPS[initial])
    else:
        vowel = pick(rng, _VOWEL_SLIPS.get(vowel, (vowel,)))
    return chr(_SYLLABLE_FIRST + (initial * _VOWELS + vowel) * _FINALS + final)


def _spaces(question: Tagged) -> list[int]:
    return [at for at, char in enumerate(question.text) if char == " "]


def _is_syllable(char: str) -> bool:
    return _SYLLABLE_FIRST <= ord(char) <= _SYLLABLE_LAST
