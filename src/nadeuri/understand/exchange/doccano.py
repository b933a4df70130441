"""doccano: JSON lines of text, spans and categories, read and written.

Read are the exports of "intent detection and slot filling" and "sequence labeling" projects, with
and without relations, and of releases before 1.0::

    {"id": 1, "text": "...", "label": [[0, 2, "국가"]], "cats": ["상품 추천"], "Comments": []}
    {"id": 1, "text": "...", "entities": [{"start_offset": 0, "end_offset": 2, "label": "국가"}]}
    {"doc_id": 1, "text": "...", "labels": [[0, 2, "국가"]], "username": "annotator"}

Offsets count Unicode characters, unless the project was set to "count grapheme clusters as one
character"; leave that off. Several categories of a text become one intent, joined by ``#``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from nadeuri import columns
from nadeuri.data.questions import Question
from nadeuri.data.rejects import MALFORMED_ROW
from nadeuri.understand.exchange.imported import BAD_SPAN, Imported, Place, lines_of
from nadeuri.understand.labels import INTENT_SEPARATOR

_SPAN_KEYS = ("label", "labels", "entities")
_SHARED_FILES = ("all", "unknown", "admin")
"""Files of an export that are not named after an annotator (``admin`` is in single-user use)."""


def read(files: list[Path]) -> Imported:
    """Read ``.jsonl`` files; of several, each is named after its annotator, as doccano does.

    The extra keys that :func:`write` adds come back from doccano and are read again.

    Raises:
        DataError: a file is not UTF-8.
    """
    imported = Imported()
    for file in files:
        owner = file.stem if len(files) > 1 and file.stem not in _SHARED_FILES else None
        for row, line in enumerate(lines_of(file), 1):
            if line.strip():
                _read_line(imported, Place(file, row), line, owner)
    return imported


def write(questions: Iterable[Question]) -> str:
    """JSON lines to import into a project of intent detection and slot filling."""
    return "".join(
        json.dumps(_record(question), ensure_ascii=False) + "\n" for question in questions
    )


def _record(question: Question) -> dict[str, object]:
    kept = {
        columns.GROUP: question.group,
        columns.SPLIT: question.split,
        columns.ANNOTATOR: question.annotator,
    }
    return {
        "id": question.id,
        "text": question.text,
        "label": [list(span) for span in question.spans],
        "cats": question.intent.split(INTENT_SEPARATOR) if question.intent else [],
        **{name: value for name, value in kept.items() if value is not None},
    }


def _read_line(imported: Imported, place: Place, line: str, owner: str | None) -> None:
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        return imported.reject(place, MALFORMED_ROW, line)
    if not isinstance(record, dict):
        return imported.reject(place, MALFORMED_ROW, line)
    text = record.get("text", record.get("data"))
    if not isinstance(text, str):
        return imported.reject(place, MALFORMED_ROW, line)
    try:
        spans, categories = _labels(record)
    except (TypeError, ValueError, KeyError):
        return imported.reject(place, BAD_SPAN, line)
    given = record.get("id", record.get("doc_id"))
    name = f"{place.file.stem}-{place.row}" if given is None else str(given)
    username = _word(record, "username") or _word(record, columns.ANNOTATOR)
    imported.add(
        place,
        id=f"{name}/{owner}" if owner else name,
        text=text,
        spans=spans,
        intent=INTENT_SEPARATOR.join(categories) or None,
        group=_word(record, columns.GROUP),
        split=_word(record, columns.SPLIT),
        annotator=owner or username,
    )


def _labels(record: dict[str, object]) -> tuple[list[tuple[int, int, str]], list[str]]:
    """Spans and categories; a plain word among the labels is a category."""
    spans: list[tuple[int, int, str]] = []
    categories = [str(word) for word in _listed(record, "cats")]
    for entry in (entry for key in _SPAN_KEYS for entry in _listed(record, key)):
        if isinstance(entry, str):
            categories.append(entry)
        elif isinstance(entry, dict):
            first, last = int(entry["start_offset"]), int(entry["end_offset"])
            spans.append((first, last, str(entry["label"])))
        elif isinstance(entry, list):
            start, end, label = entry
            spans.append((int(start), int(end), str(label)))
        else:
            raise TypeError(f"{entry!r} is no label")
    return spans, categories


def _word(record: dict[str, object], key: str) -> str | None:
    value = record.get(key)
    return None if value is None else str(value)


def _listed(record: dict[str, object], key: str) -> list[object]:
    value = record.get(key) or []
    if not isinstance(value, list):
        raise TypeError(f"{key} is not a list")
    return value
