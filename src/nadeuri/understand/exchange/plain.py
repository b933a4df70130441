"""Plain text: one question a line, without labels (read only)."""

from __future__ import annotations

from pathlib import Path

from nadeuri.understand.exchange.imported import Imported, Place, lines_of


def read(files: list[Path]) -> Imported:
    """Read ``.txt`` files; an id is ``<file>-<line>``, empty lines are passed over.

    Raises:
        DataError: a file is not UTF-8.
    """
    imported = Imported()
    for file in files:
        for row, line in enumerate(lines_of(file), 1):
            if text := line.strip():
                imported.add(Place(file, row), id=f"{file.stem}-{row}", text=text)
    return imported
