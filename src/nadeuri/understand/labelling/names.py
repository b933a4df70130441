"""Names of those who label: one form, so that a person is the same one wherever they come from."""

from __future__ import annotations

import unicodedata

from nadeuri.errors import QueryError

MAX_NAME = 100


def annotator_name(name: str) -> str:
    """The name as it is stored: NFC, without the spaces around it, which nobody sees.

    Raises:
        QueryError: nothing is left, it is longer than :data:`MAX_NAME` characters, or it has a
            control character (a line break, NUL) or half of a surrogate pair.
    """
    kept = unicodedata.normalize("NFC", name).strip()
    if not kept:
        raise QueryError(f"annotator {name!r}: a name has letters; give one")
    if len(kept) > MAX_NAME:
        raise QueryError(f"annotator {kept[:20]!r}...: give at most {MAX_NAME} characters")
    if any(unicodedata.category(each) in ("Cc", "Cs") for each in kept):
        raise QueryError(f"annotator {kept!r}: give one line of text")
    return kept
