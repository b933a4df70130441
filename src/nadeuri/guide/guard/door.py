"""From a model's answer to the text of one query: size, Markdown fence, Unicode."""

from __future__ import annotations

import re
import unicodedata

from nadeuri.guide.guard.limits import Limits
from nadeuri.guide.guard.refusals import CHARACTER, NO_QUERY, TOO_LONG, RefusedError

_FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})[ \t]*\w*[ \t]*")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of characters that a reader does not see or that steer how others are shown:
zero-width and bidirectional marks, controls, private and unassigned code points."""
_PLAIN_CONTROLS = frozenset("\t\n\r")


def query_text(text: str, limits: Limits) -> str:
    """The query inside a model's answer, NFC.

    Raises:
        RefusedError: it is too long, has no query or several fences, or hides characters.
    """
    if len(text) > limits.text:
        raise RefusedError(
            TOO_LONG, f"the answer has more than {limits.text} characters; write only the query"
        )
    query = unicodedata.normalize("NFC", _unfenced(text)).strip(" \t\r\n")
    if not query:
        raise RefusedError(NO_QUERY, "the answer has no query; write one Cypher query")
    if len(query) > limits.query:
        raise RefusedError(
            TOO_LONG, f"the query has more than {limits.query} characters; write a shorter one"
        )
    refuse_unseen(query)
    return query


def refuse_unseen(text: str) -> None:
    """Refuse characters that a reader of the query would not see.

    Raises:
        RefusedError: there is one; its code point is named.
    """
    if text.isascii() and text.isprintable():
        return
    for character in text:
        if unicodedata.category(character) in _UNSEEN and character not in _PLAIN_CONTROLS:
            raise RefusedError(
                CHARACTER, f"the query hides the character U+{ord(character):04X}; leave it out"
            )


def _unfenced(text: str) -> str:
    """What is inside the only fence; the whole text where there is none."""
    lines = text.splitlines()
    fences = [number for number, line in enumerate(lines) if _FENCE.fullmatch(line)]
    if not fences:
        return text
    if len(fences) != 2:
        raise RefusedError(
            NO_QUERY, "the answer has not exactly one code block; write one block with one query"
        )
    return "\n".join(lines[fences[0] + 1 : fences[1]])
