"""ATIS: folders with ``seq.in``, ``seq.out`` and ``label``, one question per line (read only).

Set: Hemphill et al. 1990, "The ATIS Spoken Language Systems Pilot Corpus", in the split of Goo et
al. 2018. A question with several intents has them joined by ``#``.
"""

from __future__ import annotations

from pathlib import Path

from nadeuri.errors import DataError
from nadeuri.understand.exchange.imported import Imported, Place, lines_of

WORDS_FILE, TAGS_FILE, INTENTS_FILE = "seq.in", "seq.out", "label"


def read(folders: list[Path]) -> Imported:
    """Read the folders; a folder's name is the part of the split, an id is ``<folder>-<line>``.

    Raises:
        DataError: a file is absent, not UTF-8, or the three differ in length.
    """
    imported = Imported()
    for folder in folders:
        words, tags, intents = (lines_of(folder / n) for n in (WORDS_FILE, TAGS_FILE, INTENTS_FILE))
        if not len(words) == len(tags) == len(intents):
            raise DataError(
                f"{folder}: {WORDS_FILE} has {len(words)} lines, {TAGS_FILE} {len(tags)} and "
                f"{INTENTS_FILE} {len(intents)}; they must be equal"
            )
        for row, (text, tagged, intent) in enumerate(zip(words, tags, intents, strict=True), 1):
            imported.add_tagged(
                Place(folder / WORDS_FILE, row),
                text.split(),
                tagged.split(),
                "bio",
                id=f"{folder.name}-{row}",
                intent=intent.strip() or None,
                split=folder.name,
            )
    return imported
