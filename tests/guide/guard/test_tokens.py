"""Tokens: strings are decoded, comments gone, and nothing that deceives the eye is a token."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.guide.guard import refusals, tokens
from nadeuri.guide.guard.door import query_text
from nadeuri.guide.guard.limits import Limits
from nadeuri.guide.guard.refusals import RefusedError
from nadeuri.guide.guard.tokens import tokens_of

LIMITS = Limits()


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokens_of(text, LIMITS)[:-1]]


def test_kinds_of_token() -> None:
    text = "MATCH 이름 `a b` 'x' \"y\" 12 1.5e-3 2e5 $town <> =~ <- .. ;"
    assert kinds(text) == [
        (tokens.NAME, "MATCH"),
        (tokens.NAME, "이름"),
        (tokens.QUOTED_NAME, "a b"),
        (tokens.TEXT, "x"),
        (tokens.TEXT, "y"),
        (tokens.INTEGER, "12"),
        (tokens.FLOAT, "1.5e-3"),
        (tokens.FLOAT, "2e5"),
        (tokens.PARAMETER, "town"),
        *((tokens.SYMBOL, symbol) for symbol in ("<>", "=~", "<", "-", "..", ";")),
    ]


def test_ranges_are_not_floats() -> None:
    assert [text for _, text in kinds("1..3")] == ["1", "..", "3"]


def test_comments_are_gone_but_not_in_strings() -> None:
    assert kinds("1 // 2 /* 3\n/* 4 // \n */ 5") == [(tokens.INTEGER, "1"), (tokens.INTEGER, "5")]
    assert kinds("'http://a /* b */' // c") == [(tokens.TEXT, "http://a /* b */")]


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (r"'it\'s'", "it's"),
        (r'"say \"hi\""', 'say "hi"'),
        (r"'\\d+\\.'", r"\d+\."),
        (r"'a\nb\tc'", "a\nb\tc"),
        (r"'\uac00\U0001F600'", "가😀"),
        (r"'\u1100\u1161'", "가"),
        (r"'\u0027) DETACH DELETE n //'", "') DETACH DELETE n //"),
    ],
)
def test_strings_are_decoded_once(literal: str, value: str) -> None:
    assert kinds(literal) == [(tokens.TEXT, value)]


@pytest.mark.parametrize("text", ["1a", "0x1F", "1_000", "a ? b", "a & b", "@x", "#x", "\\"])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as caught:
        tokens_of(text, LIMITS)
    assert caught.value.refusal.reason == refusals.UNPARSABLE


@given(st.characters(exclude_categories=("Cs",)))
def test_outside_strings_only_latin_and_hangul_letters_pass(character: str) -> None:
    latin_or_hangul = character.isascii() or "가" <= character <= "힣"
    try:
        tokens_of(query_text(f"a {character}b", LIMITS), LIMITS)
    except RefusedError as error:
        reason = error.refusal.reason
    else:
        reason = ""
    assert latin_or_hangul or reason == refusals.CHARACTER


@given(
    st.text(
        st.characters(exclude_categories=("Cs", "Cc", "Cf", "Co", "Cn", "Zl", "Zp")), max_size=40
    )
)
def test_any_visible_text_can_be_a_string(text: str) -> None:
    text = unicodedata.normalize("NFC", text).replace("\\", "/")
    literal = "'" + text.replace("'", "\\'") + "'"
    assert kinds(query_text(literal, LIMITS)) == [(tokens.TEXT, text)]


@pytest.mark.parametrize(
    "part", ["/*", "'", "`", "\\", "'\\", "//", "/*/", "$", "{", "``", "1.", "ㄱ"]
)
def test_any_repetition_is_read_fast(part: str, quickly: Callable[..., object]) -> None:
    def read() -> None:
        with suppress(RefusedError):
            tokens_of(part * (LIMITS.query // len(part)), LIMITS)

    quickly(read)
