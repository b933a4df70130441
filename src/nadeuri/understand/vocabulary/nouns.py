"""Nouns of a sentence by Kiwi's analysis, which the scan attributes unreadable words to."""

from __future__ import annotations

from nadeuri.understand.segments import KIWI_TAGS, MORPHEMES, segmenter
from nadeuri.understand.vocabulary.scan import WordsOf

_NOUNS = frozenset(KIWI_TAGS.index(tag) + 1 for tag in ("NNG", "NNP", "SL"))


def nouns() -> WordsOf:
    """A function from a sentence to its nouns and foreign words, for :func:`scan`."""
    segment = segmenter(MORPHEMES)

    def of(text: str) -> list[str]:
        return [text[s.start : s.end] for s in segment(text) if s.tag // 2 in _NOUNS]

    return of
