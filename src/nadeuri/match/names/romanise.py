"""Texts of any script in Latin letters, and the consonants that survive a change of spelling.

Hangul follows the Revised Romanisation of Korean (Ministry of Culture and Tourism, notice 2000-8)
with its assimilations (종로 is Jongno, 신라 is Silla), kana follow Hepburn without long vowels,
other scripts are transliterated character by character (``anyascii``).
"""

from __future__ import annotations

import re
import unicodedata

from nadeuri.match.names.scripts import HANGUL, KANA, script_of_character

_FIRST, _LAST = 0xAC00, 0xD7A3
_ONSETS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_ONSET_LETTERS = (
    "g",
    "kk",
    "n",
    "d",
    "tt",
    "r",
    "m",
    "b",
    "pp",
    "s",
    "ss",
    "",
    "j",
    "jj",
    "ch",
    "k",
    "t",
    "p",
    "h",
)
_VOWEL_LETTERS = (
    "a",
    "ae",
    "ya",
    "yae",
    "eo",
    "e",
    "yeo",
    "ye",
    "o",
    "wa",
    "wae",
    "oe",
    "yo",
    "u",
    "wo",
    "we",
    "wi",
    "yu",
    "eu",
    "ui",
    "i",
)
_CODAS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_SPLIT_CODAS = {
    "ㄳ": "ㄱㅅ",
    "ㄵ": "ㄴㅈ",
    "ㄶ": "ㄴㅎ",
    "ㄺ": "ㄹㄱ",
    "ㄻ": "ㄹㅁ",
    "ㄼ": "ㄹㅂ",
    "ㄽ": "ㄹㅅ",
    "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ",
    "ㅀ": "ㄹㅎ",
    "ㅄ": "ㅂㅅ",
}
_CODA_SOUNDS = {
    **dict.fromkeys("ㄱㄲㅋㄳㄺ", "ㄱ"),
    **dict.fromkeys("ㄴㄵㄶ", "ㄴ"),
    **dict.fromkeys("ㄷㅅㅆㅈㅊㅌㅎ", "ㄷ"),
    **dict.fromkeys("ㄹㄼㄽㄾㅀ", "ㄹ"),
    **dict.fromkeys("ㅁㄻ", "ㅁ"),
    **dict.fromkeys("ㅂㅍㅄㄿ", "ㅂ"),
    "ㅇ": "ㅇ",
}
_CODA_LETTERS = {
    "": "",
    "ㄱ": "k",
    "ㄴ": "n",
    "ㄷ": "t",
    "ㄹ": "l",
    "ㅁ": "m",
    "ㅂ": "p",
    "ㅇ": "ng",
}
_NASAL = {"ㄱ": "ㅇ", "ㄷ": "ㄴ", "ㅂ": "ㅁ"}

_LONG_VOWELS = ((re.compile("ou|oo"), "o"), (re.compile("uu"), "u"))
_NO_LETTER = re.compile(r"[^a-z0-9]+")

_SKELETON = (
    # Spellings of several letters first: what they sound like is not what their letters say.
    (re.compile("tsch|tch|ch|ts|tz|dj|[jz]"), "J"),
    (re.compile("sch|sh|ss|s"), "S"),
    (re.compile("ph|ff|pp|f|p"), "P"),
    (re.compile("bb|b|v"), "B"),
    (re.compile("c(?=[eiy])"), "S"),
    (re.compile("x"), "KS"),
    (re.compile("gh|kh|ck|qu|kk|cc|gg|[kgcq]"), "K"),
    (re.compile("th|tt|dd|[td]"), "T"),
    (re.compile("ll|rr|[lr]"), "L"),
    (re.compile("nn|ng(?![aeiou])|n"), "N"),
    (re.compile("mm|m"), "M"),
    (re.compile("[aeiouywh]+"), ""),
)


def romanise(text: str) -> str:
    """``text`` in lower-case ASCII; words stay apart, what has no letters in ASCII is left out."""
    from anyascii import anyascii

    parts = []
    for script, run in _runs(unicodedata.normalize("NFC", text)):
        if script == HANGUL:
            parts.append(_romanise_hangul(run))
        elif script == KANA:
            parts.append(romanise_kana(run))
        else:
            parts.append(run if run.isascii() else anyascii(run))
    return " ".join(_NO_LETTER.sub(" ", "".join(parts).lower()).split())


def romanise_kana(text: str) -> str:
    """Hepburn without long vowels: ホウゼンジ is ``hozenji``."""
    import jaconv

    latin = jaconv.kata2alphabet(jaconv.hira2kata(text)).lower()
    return shorten(latin.replace("ー", "").replace("-", ""))


def shorten(romaji: str) -> str:
    """Romanised Japanese without long vowels: ``hozenji`` for ``houzenji``."""
    for long, short in _LONG_VOWELS:
        romaji = long.sub(short, romaji)
    return romaji


def skeleton(latin: str) -> str:
    """The consonant classes of romanised text, without vowels, ``h``, ``w`` and ``y``.

    Classes are those that loan-word spellings keep apart: ``J`` ch j z ts, ``S`` s sh, ``P`` p f,
    ``B`` b v, ``K`` k g c q, ``T`` t d th, ``L`` l r, ``N`` n ng, ``M``; digits stay.
    """
    for spelling, sound in _SKELETON:
        latin = spelling.sub(sound, latin)
    return latin.replace(" ", "")


def _runs(text: str) -> list[tuple[str, str]]:
    """Parts of ``text`` whose letters have one script; other characters stay with what is before.

    The mark of a long vowel belongs to kana, so that it is read with them.
    """
    runs: list[tuple[str, str]] = []
    for character in text:
        script = script_of_character(character)
        if runs and (script in ("", runs[-1][0])):
            runs[-1] = (runs[-1][0], runs[-1][1] + character)
        else:
            runs.append((script, character))
    return runs


def _romanise_hangul(text: str) -> str:
    syllables = [_decompose(character) for character in text]
    letters = []
    for index, syllable in enumerate(syllables):
        if isinstance(syllable, str):
            letters.append(syllable)
            continue
        onset, vowel, coda = syllable
        following = syllables[index + 1] if index + 1 < len(syllables) else None
        if isinstance(following, list):
            coda, following[0] = _assimilate(coda, following[0], following[1])
        else:
            coda = _CODA_SOUNDS.get(coda, "")
        doubled = coda == "ㄹ" and isinstance(following, list) and following[0] == "ㄹ"
        letters.append(_ONSET_LETTERS[_ONSETS.index(onset)] if onset != "ㄹㄹ" else "l")
        letters.append(vowel)
        letters.append(_CODA_LETTERS[coda])
        if doubled and isinstance(following, list):
            following[0] = "ㄹㄹ"
    return "".join(letters)


def _decompose(character: str) -> list[str] | str:
    """Onset, vowel in Latin letters, and coda of a syllable; anything else as it is."""
    code = ord(character)
    if not _FIRST <= code <= _LAST:
        return character
    index = code - _FIRST
    return [
        _ONSETS[index // 588],
        _VOWEL_LETTERS[index // 28 % 21],
        _CODAS[index % 28].strip(),
    ]


def _assimilate(coda: str, onset: str, vowel: str) -> tuple[str, str]:
    """Coda and following onset as they are pronounced."""
    if onset == "ㅇ" and coda and coda != "ㅇ":
        parts = _SPLIT_CODAS.get(coda, coda)
        stays, moves = parts[:-1], parts[-1]
        if moves in "ㄷㅌ" and vowel == "i":
            moves = "ㅈ" if moves == "ㄷ" else "ㅊ"
        return _CODA_SOUNDS.get(stays, ""), "ㅇ" if moves == "ㅎ" else moves
    sound = _CODA_SOUNDS.get(coda, "")
    if onset in "ㄴㅁ" and sound in _NASAL:
        return _NASAL[sound], onset
    if onset == "ㄹ":
        if sound in _NASAL:
            return _NASAL[sound], "ㄴ"
        if sound in ("ㅁ", "ㅇ"):
            return sound, "ㄴ"
        if sound == "ㄴ":
            return "ㄹ", "ㄹ"
    if onset == "ㄴ" and sound == "ㄹ":
        return "ㄹ", "ㄹ"
    return sound, onset
