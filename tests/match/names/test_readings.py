"""Readings of Chinese characters."""

from __future__ import annotations

import pytest

from nadeuri.match.names.readings import (
    japanese,
    mandarin,
    sino_japanese,
    sino_korean,
    unify_han,
)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("慶州", "경주"),
        ("歷史博物館", "역사박물관"),
        ("历史", "역사"),
        ("龍門", "용문"),
        ("女子大學", "여자대학"),
        ("人民广场", "인민광장"),
        ("国立公園", "국립공원"),
        ("ABC 龍", "ABC 용"),
    ],
)
def test_sino_korean(text: str, reading: str) -> None:
    assert sino_korean(text) == reading


def test_japanese_readings() -> None:
    assert japanese("清水") == "shimizu" or japanese("清水") == "kiyomizu"
    assert japanese("横浜タワー") == "yokohamatawa"
    assert sino_japanese("東大寺") == "todaiji" or sino_japanese("東大寺") == "totaiji"
    assert sino_japanese("法隆寺") == "horyuji"


def test_mandarin() -> None:
    assert mandarin("上海站") == "shanghaizhan"


def test_variants_of_characters_become_one() -> None:
    assert unify_han("國立") == unify_han("国立") == "国立"
    assert unify_han("広場") == unify_han("廣場") == unify_han("广场")
    assert unify_han("plain") == "plain"
