"""Labelled questions: character-offset spans and an intent, stored as one Parquet table."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.errors import DataError

SCHEMA = pa.schema(
    [
        pa.field(columns.ID, pa.string(), nullable=False),
        pa.field(columns.TEXT, pa.string(), nullable=False),
        pa.field(columns.INTENT, pa.string()),
        pa.field(
            columns.SPANS,
            pa.list_(
                pa.struct(
                    [
                        (columns.START, pa.int32()),
                        (columns.END, pa.int32()),
                        (columns.LABEL, pa.string()),
                    ]
                )
            ),
            nullable=False,
        ),
        pa.field(columns.GROUP, pa.string()),
        pa.field(columns.SPLIT, pa.string()),
        pa.field(columns.ANNOTATOR, pa.string()),
    ]
)
"""Contract of a table of questions; see docs/data-contracts.md."""


class Span(NamedTuple):
    """An entity: ``text[start:end]``, offsets in characters of the NFC text."""

    start: int
    end: int
    label: str


@dataclass(frozen=True)
class Question:
    """One labelled question.

    Attributes:
        id: unique within a table.
        text: NFC.
        spans: sorted, without overlap.
        intent: None where only entities are labelled.
        group: template or document it came from; questions of a group stay in one part of a split.
        split: part that its makers put it in, where they did.
        annotator: who labelled it; the same text may be labelled by several people.
    """

    id: str
    text: str
    spans: tuple[Span, ...] = ()
    intent: str | None = None
    group: str | None = None
    split: str | None = None
    annotator: str | None = None

    @property
    def entities(self) -> tuple[tuple[str, str], ...]:
        """``(surface, label)`` of every span."""
        return tuple((self.text[start:end], label) for start, end, label in self.spans)


def problem(question: Question) -> str | None:
    """What is wrong with a question, in words; None if nothing is."""
    if not question.text.strip():
        return "no text"
    if unicodedata.normalize("NFC", question.text) != question.text:
        return "the text is not NFC"
    last = 0
    for start, end, label in question.spans:
        if not label:
            return f"span {start}-{end} has no label"
        if not 0 <= start < end <= len(question.text):
            return f"span {start}-{end} does not lie in the text of {len(question.text)} characters"
        if start < last:
            return f"span {start}-{end} overlaps the one before or is out of order"
        if question.text[start:end] != question.text[start:end].strip():
            return f"span {start}-{end} begins or ends with a space"
        last = end
    return None


def write_questions(path: Path, questions: Iterable[Question]) -> int:
    """Write a table of questions, whole or not at all; returns the number of rows.

    Raises:
        DataError: a question is not sound (its id is named).
    """
    rows = []
    for question in questions:
        if wrong := problem(question):
            raise DataError(f"question {question.id}: {wrong}")
        rows.append(
            {
                columns.ID: question.id,
                columns.TEXT: question.text,
                columns.INTENT: question.intent,
                columns.SPANS: [span._asdict() for span in question.spans],
                columns.GROUP: question.group,
                columns.SPLIT: question.split,
                columns.ANNOTATOR: question.annotator,
            }
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(path.suffix + ".partial")
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), partial, compression="zstd")
    partial.replace(path)
    return len(rows)


def read_questions(path: Path) -> list[Question]:
    """Read a table of questions back.

    Raises:
        DataError: not such a table, or a row is not sound (its number is named).
    """
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise DataError(f"{path}: cannot be read as a Parquet table ({error})") from error
    absent = [name for name in SCHEMA.names if name not in table.column_names]
    if absent:
        raise DataError(f"{path}: no column {', '.join(absent)}; import it with understand import")
    questions = [_question(row) for row in table.select(SCHEMA.names).to_pylist()]
    for number, question in enumerate(questions, 1):
        if wrong := problem(question):
            raise DataError(f"{path}:{number}: {wrong}; label or import it again")
    return questions


def labels_of(questions: Sequence[Question]) -> tuple[str, ...]:
    """Entity labels that occur, sorted."""
    return tuple(sorted({span.label for question in questions for span in question.spans}))


def intents_of(questions: Sequence[Question]) -> tuple[str, ...]:
    """Intents that occur, sorted."""
    return tuple(sorted({question.intent for question in questions if question.intent}))


def _question(row: dict[str, object]) -> Question:
    spans = row.pop(columns.SPANS)
    assert isinstance(spans, list)
    return Question(spans=tuple(Span(**span) for span in spans), **row)  # type: ignore[arg-type]
