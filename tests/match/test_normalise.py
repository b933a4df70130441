"""Names, addresses and telephone numbers made comparable."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.match.normalise import normalise_address, normalise_name, normalise_phone

WORDS = st.sampled_from(
    [
        "스타벅스",
        "강남점",
        "2호점",
        "#12",
        "st.",
        "St",
        "Mary's",
        "&",
        "the",
        "L'Opéra",
        "(명동점)",
        "[closed]",
        "清水寺",
        "國立",
        "タワー",
        "①",
        "ﬁ",
        "Ⅷ",
        "@",
        "mt.",
    ]
)
ANY = st.text(max_size=40) | st.lists(WORDS, max_size=6).map(" ".join)


@settings(deadline=None)  # the first one reads the lexicon
@given(ANY)
def test_a_name_of_a_names_text_is_that_name(text: str) -> None:
    name = normalise_name(text)
    assert normalise_name(name.text).text == name.text


@settings(deadline=None)  # the first one reads the lexicon
@given(ANY)
def test_composed_and_decomposed_text_are_the_same(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert normalise_name(composed) == normalise_name(decomposed)
    assert normalise_address(composed) == normalise_address(decomposed)
    assert normalise_phone(composed) == normalise_phone(decomposed)


@settings(deadline=None)  # the first one reads the lexicon
@given(ANY)
def test_a_phone_is_digits_without_leading_zero(text: str) -> None:
    phone = normalise_phone(text)
    assert phone == "" or (phone.isdigit() and phone[0] != "0")


@pytest.mark.parametrize(
    ("text", "core", "branch"),
    [
        ("스타벅스 강남점", "스타벅스", "강남점"),
        ("김밥천국 2호점", "김밥천국", "2호점"),
        ("롯데백화점 본점", "롯데", "본점"),
        ("Starbucks (강남점)", "starbucks", "강남점"),
        ("Starbucks @ Gangnam", "starbucks", "gangnam"),
        ("Toast Box Orchard Outlet", "toast box", "orchard outlet"),
        ("Subway #12", "subway", "#12"),
        ("一蘭 新宿店", "一蘭", "新宿店"),
    ],
)
def test_branches_are_told_from_the_name(text: str, core: str, branch: str) -> None:
    name = normalise_name(text)
    assert (name.core, name.branch) == (core, branch)


@pytest.mark.parametrize("text", ["현대백화점", "파리 면세점", "종로 서점", "강남점"])
def test_what_only_ends_like_a_branch_is_none(text: str) -> None:
    assert normalise_name(text).branch == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("St. Mary's Church", "Saint Marys Church"),
        ("Bond St.", "Bond Street"),
        ("Mt. Fuji", "Mount Fuji"),
        ("Café & Bar", "cafe and bar"),
        ("ＡＢＣ　ＭＡＲＴ", "abc mart"),
        ("Ørsted’s Park (closed)", "orsteds park"),
        ("Straße", "strasse"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert normalise_name(one).text == normalise_name(other).text


def test_kana_and_hangul_keep_their_marks() -> None:
    assert normalise_name("ガーデン").text == "ガーデン"
    assert normalise_name("값").text == "값"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("서울특별시 중구 세종대로 110 3층", "서울 중구 세종대로 110"),
        ("12 Main St. #03-12", "12 Main Street"),
        ("５番 Long Ave", "5 long avenue"),
    ],
)
def test_spellings_of_one_address(one: str, other: str) -> None:
    assert normalise_address(one) == normalise_address(other)


def test_numbers_of_an_address() -> None:
    assert normalise_address("東京都港区芝公園４丁目２−８").house_numbers == {"4", "2", "8"}
    assert normalise_address("제주시 첨단로 007-1").house_numbers == {"7", "1"}


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("+82 2-123-4567", "21234567"),
        ("02-123-4567", "21234567"),
        ("0082 (0)2 123 4567", "21234567"),
        ("(212) 555-0100 ext. 3", "2125550100"),
        ("+39 06 1234567", "61234567"),
        ("114", ""),
        ("none", ""),
    ],
)
def test_phones_are_national_numbers(text: str, phone: str) -> None:
    assert normalise_phone(text) == phone
