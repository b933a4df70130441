"""Markdown tables."""

from __future__ import annotations

from collections.abc import Mapping

Rows = Mapping[str, tuple[str, tuple[str, ...]]]
"""Name of a row -> how it is written, and the figures in it."""


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; the first column is text, the others are right-aligned."""
    lines = [header, ["---", *("---:" for _ in header[1:])], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def listed(rows: Rows, figures: Mapping[str, float], text: Mapping[str, str]) -> str:
    """A table of one claim a row; one that lacks a figure shows as not measured."""
    return table(
        [text["figure"], text["measured"]],
        [
            [
                text[name],
                form.format(*(figures[key] for key in keys))
                if all(key in figures for key in keys)
                else text["absent"],
            ]
            for name, (form, keys) in rows.items()
        ],
    )
