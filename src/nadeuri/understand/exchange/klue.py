"""KLUE-NER: one character and its BIO tag per line, a comment before a sentence (read only).

Set: Park et al. 2021, "KLUE: Korean Language Understanding Evaluation" (CC BY-SA 4.0).
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from nadeuri.data.rejects import MALFORMED_ROW
from nadeuri.understand.exchange.imported import Imported, Place, lines_of

_COMMENT = "##"


def read(files: list[Path]) -> Imported:
    """Read ``.tsv`` files; an id is the sentence's own (``klue-ner-v1_dev_00000-wikitree``).

    Sentences are independent of each other, so they have no group.

    Raises:
        DataError: a file is not UTF-8.
    """
    imported = Imported()
    for file in files:
        numbered = enumerate(lines_of(file), 1)
        for blank, block in groupby(numbered, key=lambda pair: not pair[1]):
            if not blank:
                _sentence(imported, file, list(block))
    return imported


def _sentence(imported: Imported, file: Path, block: list[tuple[int, str]]) -> None:
    place = Place(file, block[0][0])
    name = f"{file.stem}-{place.row}"
    characters: list[str] = []
    tags: list[str] = []
    for number, line in block:
        if line.startswith(_COMMENT) and not characters:
            name = line.removeprefix(_COMMENT).strip().partition("\t")[0] or name
            continue
        character, tab, tag = line.rpartition("\t")
        if not tab or not character:
            return imported.reject(Place(file, number), MALFORMED_ROW, line)
        characters.append(character)
        tags.append(tag)
    if characters:
        imported.add_tagged(place, characters, tags, "bio", id=name, separator="")
