"""Which script a text is written in."""

from __future__ import annotations

HANGUL, LATIN, HAN, KANA, OTHER, NO_SCRIPT = "hangul", "latin", "han", "kana", "other", ""
SPACELESS = (HANGUL, HAN, KANA)
"""Scripts whose words are often joined without a space."""

_RANGES = (
    (HANGUL, ((0xAC00, 0xD7A3), (0x1100, 0x11FF), (0x3130, 0x318F))),
    (KANA, ((0x3041, 0x30FF), (0x31F0, 0x31FF))),
    (
        HAN,
        (
            (0x3005, 0x3007),
            (0x3400, 0x4DBF),
            (0x4E00, 0x9FFF),
            (0xF900, 0xFAFF),
            (0x20000, 0x3FFFF),
        ),
    ),
    (
        LATIN,
        ((0x41, 0x5A), (0x61, 0x7A), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0x24F), (0x1E00, 0x1EFF)),
    ),
)


def script_of_character(character: str) -> str:
    """The script of a letter, :data:`OTHER` for letters of further scripts, else ``""``."""
    code = ord(character)
    if 0x61 <= code <= 0x7A:
        return LATIN
    for script, ranges in _RANGES:
        if any(first <= code <= last for first, last in ranges):
            return script
    return OTHER if character.isalpha() else NO_SCRIPT


def script_of(text: str) -> str:
    """The script most letters of ``text`` have; ``""`` for a text without letters.

    A text with any kana and no more Latin letters than those and Han together is Japanese:
    :data:`KANA`, however many Han characters it has. Ties go to the first of Hangul, kana, Han,
    Latin, other.
    """
    if text.isascii():
        return LATIN if any(map(str.isalpha, text)) else NO_SCRIPT
    counts = dict.fromkeys((HANGUL, KANA, HAN, LATIN, OTHER), 0)
    for character in text:
        script = script_of_character(character)
        if script:
            counts[script] += 1
    if counts[KANA]:
        counts[KANA] += counts[HAN]
    main = max(counts, key=counts.__getitem__)
    return main if counts[main] else NO_SCRIPT
