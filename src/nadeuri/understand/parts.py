"""Labelled questions as experiments take them: read from any format, in three parts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from nadeuri import columns
from nadeuri.data.questions import Question
from nadeuri.errors import DataError
from nadeuri.understand.augment import augment
from nadeuri.understand.exchange.formats import read_any
from nadeuri.understand.exchange.imported import Imported
from nadeuri.understand.gazetteer import Gazetteer
from nadeuri.understand.splits import PARTS, TEST, TRAIN, VALID, split_by_group

Parts = dict[str, list[Question]]
"""Questions by part: ``train``, ``valid`` and ``test``."""

NAMED_LABELS = (*columns.PLACE_LABELS, columns.HOTEL_LABEL, columns.AIRLINE_LABEL)
"""Labels of what has a name of its own, and is filled with other names by augmentation."""

VALID_SHARE, TEST_SHARE = 0.1, 0.2
SPLIT_SEED = 0
"""Of the split of data without parts: the same for every training seed and every command."""

_TABLE = "questions.parquet"
_OTHER_NAMES = {"dev": VALID, "validation": VALID}


def read(path: Path) -> Imported:
    """Read questions of any format; of a sample world's folder, its table of questions.

    Raises:
        DataError: nothing there that can be read, or no row of it can be used.
    """
    table = path / _TABLE
    imported = read_any(table if table.is_file() else path)
    if not imported.questions:
        first = f" (first: {imported.rejects[0].reason})" if imported.rejects else ""
        raise DataError(f"{path}: no usable question, {len(imported.rejects)} rejected{first}")
    return imported


def divide(questions: Sequence[Question]) -> Parts:
    """The parts that the questions say they belong to (``dev`` is ``valid``).

    Without parts, :func:`split_by_group` decides; a validation or test part that is absent is
    taken from the training part in the same way.

    Raises:
        DataError: a part of another name, parts of some questions only, or too little to split.
    """
    if all(question.split is None for question in questions):
        return split_by_group(questions, VALID_SHARE, TEST_SHARE, SPLIT_SEED)
    parts: Parts = {part: [] for part in PARTS}
    for question in questions:
        part = _OTHER_NAMES.get(question.split or "", question.split)
        if part not in parts:
            raise DataError(
                f"question {question.id}: its part is {question.split!r}; every question needs "
                f"one of {', '.join(PARTS)}, or none of them has one"
            )
        parts[part].append(question)
    shares = {VALID: VALID_SHARE, TEST: TEST_SHARE}
    lacking = {part: share for part, share in shares.items() if not parts[part]}
    if parts[TRAIN] and lacking:
        taken = split_by_group(
            parts[TRAIN], lacking.get(VALID, 0.0), lacking.get(TEST, 0.0), SPLIT_SEED
        )
        parts |= {part: taken[part] for part in (TRAIN, *lacking)}
    return parts


def augmented(parts: Parts, gazetteer: Gazetteer, *, factor: int, seed: int) -> Parts:
    """The same parts with ``factor`` new questions for each of training, by other names.

    No name of the validation or test part is drawn.

    Raises:
        DataError: no question has a slot to fill.
    """
    made = augment(
        parts[TRAIN],
        gazetteer,
        labels=NAMED_LABELS,
        factor=factor,
        seed=seed,
        exclude=names_of([*parts[VALID], *parts[TEST]], NAMED_LABELS),
    )
    if not made.questions:
        reasons = ", ".join(f"{reason}: {count}" for reason, count in made.skipped.most_common())
        raise DataError(f"augmentation: no new question ({reasons}); leave it out for these data")
    return {**parts, TRAIN: [*parts[TRAIN], *made.questions]}


def names_of(questions: Sequence[Question], labels: Collection[str]) -> list[str]:
    """Surfaces of the entities with these labels, sorted."""
    return sorted(
        {
            surface
            for question in questions
            for surface, label in question.entities
            if label in labels
        }
    )


def fingerprint(parts: Mapping[str, Sequence[Question]]) -> str:
    """sha256 over texts, spans and intents of every part."""
    digest = hashlib.sha256()
    for part in PARTS:
        digest.update(f"{part}|".encode())
        for question in parts[part]:
            digest.update(repr((question.text, question.spans, question.intent)).encode())
    return digest.hexdigest()
