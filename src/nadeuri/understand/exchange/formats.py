"""One entry to every format: which it is, reading it, writing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, get_args

from nadeuri.data.questions import Question, read_questions, write_questions
from nadeuri.errors import DataError
from nadeuri.understand.exchange import atis, doccano, klue, kochat, label_studio, plain
from nadeuri.understand.exchange.imported import REJECTS_FILE, Imported, Place

Format = Literal[
    "table", "doccano", "label-studio", "label-studio-predictions", "kochat", "klue", "atis", "text"
]
"""``table`` is our own Parquet file, ``text`` a file of one unlabelled question a line."""
FORMATS: tuple[Format, ...] = get_args(Format)
WRITABLE: tuple[Format, ...] = ("table", "doccano", "label-studio")


def read_any(path: Path, format: Format | Literal["auto"] = "auto") -> Imported:
    """Read a file, or a folder of files of one format.

    Raises:
        DataError: nothing there that can be read, or files of several formats (give one).
    """
    named = recognise(path) if format == "auto" else format
    if named == "atis":
        sources = [file.parent for file in _files(path, atis.WORDS_FILE)]
    else:
        sources = _files(path, f"*{_SUFFIXES[named]}")
    if not sources:
        raise DataError(f"{path}: nothing in the format {named} there")
    return _READERS[named](sources)


def recognise(path: Path) -> Format:
    """The format of a file, or of the files of a folder, by their names.

    Raises:
        DataError: none is known, or several are there.
    """
    if not path.exists():
        raise DataError(f"{path}: no such file or folder")
    if path.is_file() and path.suffix == _SUFFIXES["text"]:  # of a folder they may be notes
        return "text"
    found = [name for suffix, name in _BY_SUFFIX.items() if _files(path, f"*{suffix}")]
    if _files(path, atis.WORDS_FILE):
        found.append("atis")
    if len(found) != 1:
        seen = f"formats {', '.join(found)} there" if found else "no known format"
        raise DataError(f"{path}: {seen}; give one of {', '.join(FORMATS)}")
    return found[0]


def write_as(path: Path, questions: Iterable[Question], format: Format) -> None:
    """Write questions, whole or not at all: ``table``, ``doccano`` or ``label-studio``.

    Raises:
        DataError: the format is only read, or a question is not sound.
    """
    if format == "table":
        write_questions(path, questions)
        return
    if format not in _WRITERS:
        raise DataError(f"{format} is only read; write one of {', '.join(WRITABLE)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(path.suffix + ".partial")
    partial.write_text(_WRITERS[format](questions), encoding="utf-8", newline="\n")
    partial.replace(path)


def _files(path: Path, pattern: str) -> list[Path]:
    """Files of that name: ``path`` itself, or in the folder and its sub-folders, sorted."""
    if path.is_file():
        return [path] if path.match(pattern) else []
    found = (file for level in (pattern, f"*/{pattern}") for file in path.glob(level))
    return sorted(file for file in found if file.name != REJECTS_FILE)


def _read_tables(files: list[Path]) -> Imported:
    imported = Imported()
    for file in files:
        for row, question in enumerate(read_questions(file), 1):
            imported.add(Place(file, row), **vars(question))
    return imported


_BY_SUFFIX: dict[str, Format] = {
    ".parquet": "table",
    ".jsonl": "doccano",
    ".json": "label-studio",
    ".csv": "kochat",
    ".tsv": "klue",
}
_SUFFIXES: dict[Format, str] = {
    **{name: suffix for suffix, name in _BY_SUFFIX.items()},
    "label-studio-predictions": ".json",
    "text": ".txt",
}
_READERS: dict[Format, Callable[[list[Path]], Imported]] = {
    "table": _read_tables,
    "doccano": doccano.read,
    "label-studio": label_studio.read,
    "label-studio-predictions": label_studio.read_predictions,
    "kochat": kochat.read,
    "klue": klue.read,
    "atis": atis.read,
    "text": plain.read,
}
_WRITERS: dict[Format, Callable[[Iterable[Question]], str]] = {
    "doccano": doccano.write,
    "label-studio": label_studio.write,
}
