"""Quoted reviews: what may be shown, and whether a text is a review with its spelling corrected."""

from __future__ import annotations

import re
import unicodedata

MOST_CHARACTERS = 200
"""Of a review that is shown; longer ones are cut between words."""

_LEAST_PART = 5  # syllables: a shorter part of a review can mean anything
_ERROR_RATE = 0.1  # letters (jamo) that a correction may change, of all
_LEAST_ERRORS = 2
_MOST_TOGETHER = 3  # letters in a row: more of them are another word
_NEGATIONS = re.compile("[안않없못]|아니|아닌|별로")
_SENTENCE_END = re.compile(
    r"(?:(?<=[가-힣]요)|(?<=니다)|(?<=[었았했]음)|(?<=[가-힣]죠))[.!?~]*\s+|[.!?]+\s*"
)

_LINK = re.compile(
    r"https?:|www\.|[\w-]+\.(?:com|net|org|kr|io|co|me|ly|shop|site|xyz)\b|@|<\s*/?\w|[{}<>]"
    r"|(?<!\d)0\d{1,2}[-.\s]?\d{3,4}[-.\s]?\d{4}(?!\d)",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"(?:이전|위|앞|기존|모든)\S*\s*(?:의\s*)?(?:지시|명령|규칙)|(?:지시|명령|규칙)\S*\s*(?:무시|따르|어기)"
    r"|시스템\s*(?:프롬프트|메시지|:)|프롬프트|(?:ignore|disregard|forget)\b.*\b(?:instruction|rule|prompt)"
    r"|system\s*(?:prompt|message|:)|assistant\s*:|json|너는\s|당신은\s",
    re.IGNORECASE | re.DOTALL,
)


def is_quotable(text: str) -> bool:
    """Whether it has no address, telephone number, mark-up, order to a machine or hidden sign."""
    folded = unicodedata.normalize("NFKC", text)
    hidden = any(unicodedata.category(char)[0] == "C" and char not in "\n\t\r" for char in text)
    return bool(text.strip()) and not (hidden or _LINK.search(folded) or _ORDER.search(folded))


def as_shown(text: str) -> str:
    """A review as it is shown by default: as it was written, on one line, cut where it is long."""
    line = " ".join(text.split())
    if len(line) <= MOST_CHARACTERS:
        return line
    cut = line[:MOST_CHARACTERS].rsplit(" ", 1)[0]
    return f"{cut}…"


def sentences(text: str) -> list[str]:
    """Its sentences: reviews end them with 요 or 니다 as often as with a full stop."""
    return [part.strip(" .!?~") for part in _SENTENCE_END.split(text) if part.strip(" .!?~")]


def is_review(text: str, review: str) -> bool:
    """Whether ``text`` is ``review``, or some of its sentences, up to corrected spelling.

    Spaces and punctuation do not count. Few letters (jamo) may differ, no more than three of them
    together; numbers and negations are the same, and there is nothing in it that is not quotable.
    """
    if not is_quotable(text):
        return False
    text = text.removesuffix("…")
    if _differs_little(text, review):
        return True
    parts = sentences(review)
    return (
        len(_letters(text)) >= _LEAST_PART
        and any(
            _differs_little(text, " ".join(parts[first : last + 1]))
            for first in range(len(parts))
            for last in range(first, len(parts))
        )
    ) or _is_beginning(text, review)


def _is_beginning(text: str, review: str) -> bool:
    """Whether the review was cut as :func:`as_shown` cuts it."""
    return len(text) > MOST_CHARACTERS // 2 and as_shown(review).removesuffix("…") == text


def _differs_little(text: str, review: str) -> bool:
    from rapidfuzz.distance import Levenshtein

    one, other = _jamo(text), _jamo(review)
    most = max(_LEAST_ERRORS, int(_ERROR_RATE * len(other)))
    if abs(len(one) - len(other)) > most or _fixed(text) != _fixed(review):
        return False
    edits = Levenshtein.opcodes(other, one, score_hint=most)
    changed = [
        max(edit.src_end - edit.src_start, edit.dest_end - edit.dest_start)
        for edit in edits
        if edit.tag != "equal"
    ]
    return sum(changed) <= most and max(changed, default=0) <= _MOST_TOGETHER


def _fixed(text: str) -> tuple[list[str], int, list[str]]:
    """What no correction changes: numbers, how often it denies something, Latin words."""
    folded = unicodedata.normalize("NFKC", text)
    words = [word.casefold() for word in re.findall("[A-Za-z]+", folded)]
    return re.findall(r"\d+", folded), len(_NEGATIONS.findall(folded)), words


def _jamo(text: str) -> str:
    return unicodedata.normalize("NFD", _letters(text))


def _letters(text: str) -> str:
    """Without spaces, marks and laughter (ㅋㅋ, ㅠㅠ)."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(char for char in folded if char.isalnum() and not "\u1100" <= char <= "\u11ff")
