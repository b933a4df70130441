"""Text cut where a tokenizer must not join it: at words or at Kiwi's morphemes; its only importer.

A subword tokenizer joins a name and its particle into pieces that no label fits: gold entities of
KLUE-NER projected through words reach at most F1 .38, through morphemes and then subwords .995
(``bench/understand.py ceiling``).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

WORDS, MORPHEMES, CHARACTERS = "words", "morphemes", "characters"

KIWI_TAGS = (
    *("NNG", "NNP", "NNB", "NR", "NP", "VV", "VA", "VX", "VCP", "VCN", "MM", "MAG", "MAJ", "IC"),
    *("JKS", "JKC", "JKG", "JKO", "JKB", "JKV", "JKQ", "JX", "JC", "EP", "EF", "EC", "ETN", "ETM"),
    *("XPN", "XSN", "XSV", "XSA", "XSM", "XR", "SF", "SP", "SS", "SSO", "SSC", "SE", "SO", "SW"),
    *("SL", "SH", "SN", "SB", "UN", "W_URL", "W_EMAIL", "W_HASHTAG", "W_MENTION", "W_SERIAL"),
    *("W_EMOJI", "Z_CODA", "Z_SIOT", "USER0"),
)
"""Parts of speech of Kiwi (bab2min/kiwipiepy), without the marks of irregular ones (-I, -R)."""

N_TAGS = 2 * (len(KIWI_TAGS) + 1)
"""Tag ids are below this: twice the part of speech (0: unknown), plus one behind a space."""


class Segment(NamedTuple):
    """``text[start:end]``, without spaces; ``tag`` in [0, N_TAGS)."""

    start: int
    end: int
    tag: int


Segmenter = Callable[[str], list[Segment]]


@cache
def segmenter(kind: str) -> Segmenter:
    """How to cut text: ``words`` (at spaces), ``morphemes`` (Kiwi) or ``characters``.

    One of each kind in a process: Kiwi takes seconds to load, at the first text.
    """
    if kind == MORPHEMES:
        return _Morphemes()
    return {WORDS: words, CHARACTERS: characters}[kind]


def words(text: str) -> list[Segment]:
    """Stretches without spaces."""
    return [Segment(start, end, _tag_id("", True)) for start, end in _words(text, 0, len(text))]


def characters(text: str) -> list[Segment]:
    """Every character that is no space."""
    return [
        Segment(at, at + 1, _tag_id("", _is_spaced(text, at)))
        for at, char in enumerate(text)
        if not char.isspace()
    ]


class _Morphemes:
    """Kiwi's morphemes, as stretches of the text as written.

    Morphemes that share a syllable (가 + ㄹ in 갈) stay together; what Kiwi skips is a segment too.
    """

    def __init__(self) -> None:
        from kiwipiepy import Kiwi

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # 0 once meant all cores
            # none but the caller's thread: a server's worker, forked, would wait for it for ever
            self._kiwi = Kiwi(num_workers=0)

    def __call__(self, text: str) -> list[Segment]:
        tags: dict[int, str] = {}
        cuts = {0, len(text)}
        for token in self._kiwi.tokenize(text):
            cuts.update((token.start, token.end))
            if token.len:
                tags.setdefault(token.start, token.tag.partition("-")[0])
        ordered = sorted(cuts)
        return [
            Segment(start, end, _tag_id(tags.get(left, ""), _is_spaced(text, start)))
            for left, right in pairwise(ordered)
            for start, end in _words(text, left, right)
        ]


_TAG_NUMBERS = {name: number for number, name in enumerate(KIWI_TAGS, 1)}


def _tag_id(tag: str, is_spaced: bool) -> int:
    return 2 * _TAG_NUMBERS.get(tag, 0) + is_spaced


def _is_spaced(text: str, at: int) -> bool:
    return at == 0 or text[at - 1].isspace()


def _words(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Stretches without spaces within ``text[start:end]``."""
    begin = None
    for at in range(start, end):
        if text[at].isspace():
            if begin is not None:
                yield begin, at
            begin = None
        elif begin is None:
            begin = at
    if begin is not None:
        yield begin, end
