"""``merge_figures``: another name of :func:`record.record`, which writes the results files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from record import RESULTS, record


def merge_figures(
    name: str,
    command: str,
    figures: Mapping[str, float],
    details: Sequence[Mapping[str, Any]] = (),
    folder: Path = RESULTS,
) -> Path:
    """Merge figures and details into ``folder/name.json``; ``command`` replaces the typed one."""
    stamped = [{**row, "command": command} for row in details]
    return record(name, figures, stamped, results=folder)
