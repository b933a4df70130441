"""Whether another artefact lies in a folder than the one that was opened from it."""

from __future__ import annotations

import os
from pathlib import Path

from nadeuri.artifact import read_manifest
from nadeuri.errors import ArtifactError
from nadeuri.serve.room import Room

Signature = tuple[tuple[str, int, int, int, int], ...]
"""Of each file: its name, device, inode, size in bytes and time of change in ns."""


def signature(folder: Path) -> Signature:
    """What tells one state of a folder from another; empty where there is no such folder.

    Symbolic links are followed, so that a link may point to one version after another.
    """
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            file = Path(place, name)
            try:
                seen = file.stat()
            except FileNotFoundError:  # it is being replaced
                continue
            relative = str(file.relative_to(folder))
            found.append((relative, seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns))
    return tuple(sorted(found))


class Watch:
    """A folder of which ``room`` was opened.

    A change counts when two looks agree on it: at the first a folder may be half renamed or half
    copied.

    Attributes:
        room: what is served of it.
    """

    def __init__(self, path: Path, room: Room) -> None:
        self.path = path
        self.room = room
        self._done = signature(path) if _version(path) == room.served.version else None
        self._seen: Signature | None = None

    def change(self, *, at_once: bool = False) -> Signature | None:
        """The folder's signature if it has changed since it was last done with, else None.

        Args:
            at_once: one look is enough.
        """
        before, self._seen = self._seen, signature(self.path)
        if self._seen == self._done or not (at_once or self._seen == before):
            return None
        return self._seen

    @property
    def is_changing(self) -> bool:
        """Whether the last look found a change, which the next one may confirm."""
        return self._seen is not None and self._seen != self._done

    def done(self, seen: Signature) -> None:
        """What ``seen`` stands for is served or refused; it is no change any more."""
        self._done = seen

    def forget(self) -> None:
        """Whatever lies there counts as a change."""
        self._done = None


def _version(path: Path) -> str | None:
    try:
        return read_manifest(path).version
    except ArtifactError:
        return None
