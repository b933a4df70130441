"""Korean particles that fit the word before them."""

from __future__ import annotations

_HANGUL_FIRST, _HANGUL_LAST, _FINALS = 0xAC00, 0xD7A3, 28
_RIEUL = 8
_READS_WITH_FINAL = (
    "013678LMNRlmnr"  # how digits and letters are read: 영 일 삼 육 칠 팔, 엘 엠 엔 알
)
_READS_WITH_RIEUL = "178LRlr"


def josa(word: str, with_final: str, without_final: str) -> str:
    """``word`` with the particle that fits its last sound: ``josa("제주", "과", "와")`` is 제주와.

    Digits and Latin letters count as they are read in Korean; closing marks are skipped. ``으로``
    becomes ``로`` after ㄹ as well (서울로).
    """
    final = _final_of(word)
    if with_final == "으로" and final == "ㄹ":
        return word + without_final
    return word + (with_final if final else without_final)


def _final_of(word: str) -> str:
    """``""`` without a final consonant, ``"ㄹ"``, or ``"other"``, of the last sound in ``word``."""
    for char in reversed(word):
        if _HANGUL_FIRST <= ord(char) <= _HANGUL_LAST:
            index = (ord(char) - _HANGUL_FIRST) % _FINALS
            return "" if index == 0 else "ㄹ" if index == _RIEUL else "other"
        if char.isascii() and char.isalnum():
            if char in _READS_WITH_RIEUL:
                return "ㄹ"
            return "other" if char in _READS_WITH_FINAL else ""
    return ""
