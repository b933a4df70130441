"""What became of newly published artefacts, as the master tells its workers.

The master writes, workers that were forked before and since read: the state lies in memory that
they share, so that nobody needs a file, which a read-only container could not write.
"""

from __future__ import annotations

import mmap
import struct
import zlib

from pydantic import BaseModel, ConfigDict, Field

from nadeuri.serve.wire import RefusedArtifact

_HEADER = struct.Struct("<II")  # length and CRC-32 of what follows
_SIZE = 1 << 16
_ATTEMPTS = 100


class ReloadState(BaseModel):
    """What is refused now.

    Attributes:
        refusals: one of an artefact at most, and none of one whose newest version is served.
    """

    model_config = ConfigDict(frozen=True)

    refusals: list[RefusedArtifact] = Field(default_factory=list)


class SharedReloadState:
    """A :class:`ReloadState` in shared memory: one process writes, any that it forked may read."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _SIZE)
        self.write(ReloadState())

    def write(self, state: ReloadState) -> None:
        """Replace the state.

        Raises:
            ValueError: it is longer than the shared memory.
        """
        content = state.model_dump_json().encode()
        header = _HEADER.pack(len(content), zlib.crc32(content))
        self._memory[: len(header) + len(content)] = header + content

    def read(self) -> ReloadState:
        """The state; one that is being written this moment is read again, whole."""
        for _ in range(_ATTEMPTS):
            length, checksum = _HEADER.unpack(self._memory[: _HEADER.size])
            content = self._memory[_HEADER.size : _HEADER.size + length]
            if zlib.crc32(content) == checksum:
                return ReloadState.model_validate_json(content)
        return ReloadState()

    def refusals(self) -> list[RefusedArtifact]:
        """What is refused now."""
        return self.read().refusals
