"""Surfaces of entities made comparable: width, spaces and dashes unified, ranges cut in two."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARS = 80
"""No entity is longer; whatever is, has no value. It also bounds the work of every pattern."""

_IGNORED = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_DASH = re.compile(r"[~∼〜‐-―−]+")
_UNIT_AFTER_DIGITS = re.compile(r"[0-9][0-9,.]*(\D+)")
_NATIVE = frozenset("한두세네")
_PAIRS = {
    "한두": ("한", "두"),
    "두세": ("두", "세"),
    "두서너": ("두", "네"),
    "서너": ("세", "네"),
    "너댓": ("네", "다섯"),
    "네댓": ("네", "다섯"),
    "네다섯": ("네", "다섯"),
    "너덧": ("네", "다섯"),
    "대여섯": ("다섯", "여섯"),
    "예닐곱": ("여섯", "일곱"),
    "일고여덟": ("일곱", "여덟"),
}
_SINO_DIGITS = "일이삼사오육칠팔구"


def squeeze(surface: str) -> str | None:
    """NFKC, lower case, no white space, every dash between two values a ``~``.

    A hyphen stays, as it also parts year, month and day. None where the surface is empty or
    longer than ``MAX_CHARS``.
    """
    if len(surface) > MAX_CHARS:
        return None
    text = _IGNORED.sub("", unicodedata.normalize("NFKC", surface)).lower()
    text = _DASH.sub("~", text)
    return text if 0 < len(text) <= MAX_CHARS else None


def split_range(text: str) -> tuple[str, str] | None:
    """The two ends that a squeezed surface names, each with its unit; None where it names one.

    ``"3~4일"`` gives ``("3일", "4일")``, ``"50에서70만원"`` gives ``("50만원", "70만원")`` and
    ``"두세명"`` gives ``("두명", "세명")``.
    """
    for pair, (low, high) in _PAIRS.items():
        if text.startswith(pair):
            return low + text[len(pair) :], high + text[len(pair) :]
    if _is_sino_pair(text):
        return text[0] + text[2:], text[1:]
    parts = re.split(r"~|에서|부터|(?<=[0-9가-힣])-(?=[0-9])|(?<=[0-9]),(?=[0-9](?![0-9]))", text)
    if len(parts) != 2 or not all(parts):
        return None
    low, high = parts
    if low.isdecimal() and (unit := _UNIT_AFTER_DIGITS.fullmatch(high)):
        low += unit[1]
    elif low in _NATIVE:
        low += high[1:]
    return low, high


def _is_sino_pair(text: str) -> bool:
    """Two neighbouring digits in a row, as in 이삼일 (two or three days), are a range."""
    first, second = _SINO_DIGITS.find(text[:1]), _SINO_DIGITS.find(text[1:2])
    return len(text) > 2 and 0 <= first == second - 1
