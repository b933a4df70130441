"""Readings of Chinese characters: Sino-Korean, Japanese and Mandarin.

Korean names of places in China are often the Sino-Korean reading (外灘, 외탄), those of places in
Japan the Japanese one (法隆寺, 호류지), so both are offered and the better one counts.
``hanja.tsv`` (``kHangul``) and ``on.tsv`` (first ``kJapaneseOn`` of the characters of JIS X 0208)
are extracts of the Unihan database 14.0, (c) Unicode, Inc., under the Unicode licence.
"""

from __future__ import annotations

import csv
import threading
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from nadeuri.errors import MissingExtraError
from nadeuri.match.names.romanise import romanise, romanise_kana, shorten
from nadeuri.match.names.scripts import HAN, KANA, script_of_character

if TYPE_CHECKING:
    from opencc import OpenCC
    from sudachipy import Tokenizer  # type: ignore[import-untyped]

_EXTRA = "match"
_local = threading.local()  # Sudachi's tokenizer works for one thread at a time
_BASE, _PER_ONSET, _PER_VOWEL = 0xAC00, 588, 28
_NIEUN, _RIEUL, _SILENT = 2, 5, 11
_Y_VOWEL_INDICES = frozenset((2, 3, 6, 7, 12, 17, 20))


def unify_han(text: str) -> str:
    """``text`` with variants of Chinese characters made one: 國, 国 and 国 are the simplified 国.

    Raises:
        MissingExtraError: ``opencc`` is not installed.
    """
    if text.isascii() or not any(script_of_character(c) == HAN for c in text):
        return text
    return str(_converter("t2s").convert(_converter("jp2t").convert(text)))


def sino_korean(text: str) -> str:
    """The Sino-Korean reading of a text; characters that have none stay as they are.

    The initial-sound law holds at the start of words: 歷史 is 역사, 女子 is 여자.

    Raises:
        MissingExtraError: ``opencc`` is not installed.
    """
    readings = _characters("hanja.tsv")
    traditional = _converter("jp2t").convert(_converter("s2t").convert(text))
    syllables = []
    initial = True
    for character in traditional:
        reading = readings.get(character, character)
        syllables.append(_initial_sound(reading) if initial and reading != character else reading)
        initial = not character.isalnum()
    return "".join(syllables)


def japanese(text: str) -> str:
    """The reading a Japanese dictionary gives, romanised: 清水 is ``kiyomizu``.

    Raises:
        MissingExtraError: ``sudachipy`` or ``sudachidict_small`` is not installed.
    """
    words = []
    for morpheme in _tokenizer().tokenize(text):
        surface = morpheme.surface()
        spoken = any(script_of_character(c) in (HAN, KANA) for c in surface)
        words.append(romanise_kana(morpheme.reading_form()) if spoken else surface)
    return romanise("".join(words))


def sino_japanese(text: str) -> str:
    """The first Sino-Japanese (on) reading of each character, romanised: 法隆寺 is ``horyuji``.

    Temples' names are read so where a dictionary of words takes them apart.
    """
    readings = _characters("on.tsv")
    return shorten(romanise("".join(readings.get(c, c) for c in text)))


def mandarin(text: str) -> str:
    """Pinyin without tones.

    Raises:
        MissingExtraError: ``pypinyin`` is not installed.
    """
    try:
        from pypinyin import lazy_pinyin
    except ImportError as error:
        raise MissingExtraError("pypinyin", _EXTRA) from error
    return romanise("".join(lazy_pinyin(text)))


def _initial_sound(syllable: str) -> str:
    """ㄹ and ㄴ as they are written at the start of a word."""
    onset, rest = divmod(ord(syllable) - _BASE, _PER_ONSET)
    yotized = rest // _PER_VOWEL in _Y_VOWEL_INDICES
    if onset == _RIEUL:
        onset = _SILENT if yotized else _NIEUN
    elif onset == _NIEUN and yotized:
        onset = _SILENT
    return chr(_BASE + onset * _PER_ONSET + rest)


@cache
def _characters(table: str) -> dict[str, str]:
    """Reading of each character of one of the two tables."""
    with (files(__package__) / table).open(encoding="utf-8") as lines:
        return {
            character: row["reading"]
            for row in csv.DictReader(lines, delimiter="\t")
            for character in row["characters"]
        }


@cache
def _converter(conversion: str) -> OpenCC:
    try:
        from opencc import OpenCC
    except ImportError as error:
        raise MissingExtraError("opencc", _EXTRA) from error
    return OpenCC(conversion)


def _tokenizer() -> Tokenizer:
    tokenizer: Tokenizer | None = getattr(_local, "tokenizer", None)
    if tokenizer is None:
        try:
            from sudachipy import Dictionary

            tokenizer = Dictionary(dict="small").tokenizer()
        except ImportError as error:
            raise MissingExtraError("sudachipy with sudachidict_small", _EXTRA) from error
        _local.tokenizer = tokenizer
    return tokenizer
