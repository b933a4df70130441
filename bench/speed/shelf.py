"""Finished measurements, kept as files so that a repeated command measures only what is missing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nadeuri.report.pages import replace_file
from record import revision

Measured = dict[str, Any]


class Shelf:
    """A folder of finished measurements.

    What was measured is found again by its name and its key, which holds every setting that
    matters. The code is not part of the key: ``again`` forgets what older code measured.
    """

    def __init__(self, folder: Path, *, again: bool = False) -> None:
        self.folder = folder
        self.again = again
        self._measured: set[Path] = set()

    def keep(self, name: str, key: Mapping[str, Any], measure: Callable[[], Measured]) -> Measured:
        """The measurement of this name and key; ``measure`` is called if there is none yet.

        Returns:
            what ``measure`` returned, with ``revision``: the code that was measured.
        """
        digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:8]
        path = self.folder / f"{name}-{digest}.json"
        if path.is_file() and (not self.again or path in self._measured):
            found: Measured = json.loads(path.read_text(encoding="utf-8"))["measured"]
            return found
        self._measured.add(path)
        measured = {**measure(), "revision": revision()}
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"name": name, "key": key, "measured": measured}, indent=1)
        replace_file(path, f"{text}\n")
        return measured
