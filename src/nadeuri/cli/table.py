"""Plain-text tables that stay aligned with Hangul, which a terminal draws two columns wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

GAP = "  "


def display_width(text: str) -> int:
    """Columns that ``text`` takes in a terminal (Unicode Standard Annex 11)."""
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def format_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Lines of a table: header, rule, rows. Numbers are right-aligned, everything else left.

    Args:
        header: column titles.
        rows: one sequence per row, as long as ``header``.
    """
    numeric = [
        bool(rows) and all(isinstance(row[column], int | float) for row in rows)
        for column in range(len(header))
    ]
    cells = [list(header), *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(display_width, column)) for column in zip(*cells, strict=True)]
    lines = [
        GAP.join(
            _pad(cell, width, right=right)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in cells
    ]
    lines.insert(1, GAP.join("-" * width for width in widths))
    return "\n".join(lines)


def _pad(text: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - display_width(text))
    return blanks + text if right else text + blanks
