"""From the text of a query to tokens, with comments gone and strings decoded."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from nadeuri.guide.guard.door import refuse_unseen
from nadeuri.guide.guard.limits import Limits
from nadeuri.guide.guard.refusals import (
    CHARACTER,
    TOO_LARGE,
    TOO_LONG,
    UNPARSABLE,
    RefusedError,
    shown,
)

NAME: Final = "name"
QUOTED_NAME: Final = "quoted_name"
TEXT: Final = "text"
INTEGER: Final = "integer"
FLOAT: Final = "float"
PARAMETER: Final = "parameter"
SYMBOL: Final = "symbol"
END: Final = "end"

_LETTER = "A-Za-z_가-힣"
_NAME = rf"[{_LETTER}][{_LETTER}0-9]*"
PLAIN_NAME = re.compile(_NAME)
"""A name that needs no backticks. Latin and Hangul only: other scripts have letters that look like
Latin ones."""

_SPACED_NAME = re.compile(rf"[{_LETTER}0-9]+(?: [{_LETTER}0-9]+)*")
_TOKEN = re.compile(
    rf"""
      (?P<space>[ \t\r\n]+)
    | (?P<comment>//[^\n]*|/\*.*?\*/)
    | (?P<name>{_NAME})
    | (?P<float>[0-9]+(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+))(?![{_LETTER}0-9])
    | (?P<integer>[0-9]+)(?![{_LETTER}0-9])
    | (?P<text>'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*")
    | (?P<quoted_name>`[^`]*`)
    | \$(?P<parameter>{_NAME})
    | (?P<unclosed>/\*|['"`])
    | (?P<symbol><=|>=|<>|=~|\.\.|[-+*/%^=<>()\[\]{{}},.:;|])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_ESCAPED = {"\\": "\\", "'": "'", '"': '"', "`": "`", "n": "\n", "t": "\t", "r": "\r"}
_SECOND_ESCAPE = re.compile(r"\\[uUxX]")
_MAX_NAME = 64
_MAX_DIGITS, _MAX_INTEGER = 19, 2**63 - 1
_MAX_CODE_POINT = 0x10FFFF


class Token(NamedTuple):
    """A token.

    Attributes:
        kind: one of the constants of this module.
        text: of a name, without backticks; of a string, decoded; else as it is written.
        word: upper case of a plain name, to compare with keywords; empty for all others.
        at: offset in the query.
    """

    kind: str
    text: str
    word: str
    at: int


def tokens_of(query: str, limits: Limits) -> list[Token]:
    """Tokens of a query, ``END`` last.

    Raises:
        RefusedError: something is no token, or there are too many.
    """
    tokens: list[Token] = []
    at = 0
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None or match.lastgroup == "unclosed":
            raise _no_token(query, at)
        kind = str(match.lastgroup)
        if kind not in {"space", "comment"}:
            if len(tokens) == limits.tokens:
                raise RefusedError(
                    TOO_LONG, f"the query has more than {limits.tokens} tokens; write a shorter one"
                )
            tokens.append(_token(kind, match.group(kind), at, limits))
        at = match.end()
    tokens.append(Token(END, "", "", len(query)))
    return tokens


def _token(kind: str, text: str, at: int, limits: Limits) -> Token:
    word = ""
    if kind == TEXT:
        text = _decoded(text[1:-1], limits)
    elif kind == QUOTED_NAME:
        text = text[1:-1]
        if not _SPACED_NAME.fullmatch(text):
            raise RefusedError(
                CHARACTER, f"the name {shown(text)} needs letters, digits and spaces only"
            )
    elif kind == NAME:
        word = text.upper()
    elif kind == INTEGER and (len(text) > _MAX_DIGITS or int(text) > _MAX_INTEGER):
        raise RefusedError(TOO_LARGE, f"the number {shown(text)} does not fit 64 bits")
    elif kind == FLOAT and float(text) == float("inf"):
        raise RefusedError(TOO_LARGE, f"the number {shown(text)} is too large")
    if kind in {NAME, QUOTED_NAME, PARAMETER} and len(text) > _MAX_NAME:
        raise RefusedError(TOO_LARGE, f"the name {shown(text)} has over {_MAX_NAME} characters")
    return Token(kind, text, word, at)


def _decoded(body: str, limits: Limits) -> str:
    """The value of a string literal.

    A value may not hold what looks like a Unicode escape: some databases resolve those before they
    read the string, backslashes before it or not, and would find a quote there.
    """
    value = body
    if "\\" in body:
        value = unicodedata.normalize("NFC", _ESCAPE.sub(_unescaped, body))
        refuse_unseen(value)
        if _SECOND_ESCAPE.search(value):
            raise RefusedError(
                CHARACTER, f"the string {shown(value)} holds an escape inside an escape; leave it"
            )
    if len(value) > limits.string:
        raise RefusedError(TOO_LARGE, f"a string has more than {limits.string} characters")
    return value


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1)
    if code in _ESCAPED:
        return _ESCAPED[code]
    if len(code) > 1 and int(code[1:], 16) <= _MAX_CODE_POINT:
        return chr(int(code[1:], 16))
    raise RefusedError(
        CHARACTER, f"the escape {shown(match.group())} means nothing; write a backslash as \\\\"
    )


def _no_token(query: str, at: int) -> RefusedError:
    character = query[at]
    if not character.isascii():
        return RefusedError(
            CHARACTER,
            f"the character U+{ord(character):04X} stands outside a string; "
            "names have Latin or Korean letters only",
        )
    rest = shown(query[at : at + 20])
    if character in "'\"`" or query.startswith("/*", at):
        return RefusedError(UNPARSABLE, f"what begins with {rest} is never closed")
    return RefusedError(UNPARSABLE, f"{rest} is no Cypher that is allowed here")
