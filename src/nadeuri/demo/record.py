"""What a stage of the demo notes down when it is done: found again for the same inputs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from nadeuri import __version__
from nadeuri.artifact import open_artifact
from nadeuri.errors import ArtifactError

Say = Callable[[str], None]
"""Told what is happening, one line at a time."""


@dataclass(frozen=True)
class Record:
    """What a finished stage notes down.

    Attributes:
        key: hash of everything that the stage depends on.
        version: of the artefact that it exported; empty where it exports none.
    """

    key: str
    version: str


R = TypeVar("R", bound=Record)


def key_of(fingerprint: str, *configs: BaseModel) -> str:
    """Hash of the data's fingerprint, the settings and the version of this package."""
    described = [__version__, fingerprint, *(each.model_dump_json() for each in configs)]
    return hashlib.sha256("\n".join(described).encode()).hexdigest()


def find(file: Path, form: type[R], key: str, artifact: Path, kind: str) -> R | None:
    """The record of a call with the same inputs, if its artefact is still there and whole.

    Args:
        form: of the record.
        kind: of the artefact.
    """
    try:
        record = form(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    version = version_of(artifact, kind)
    return record if (record.key, record.version) == (key, version) else None


def version_of(artifact: Path, kind: str) -> str | None:
    """The version of an artefact; None where it is not there, not whole, or of another kind."""
    try:
        return open_artifact(artifact, kind).version
    except (OSError, ArtifactError):
        return None


def is_kept(file: Path, key: str) -> bool:
    """Is there a record of a call with the same inputs, of a stage that exports no artefact?"""
    try:
        return Record(**json.loads(file.read_text(encoding="utf-8"))).key == key
    except (OSError, ValueError, TypeError):
        return False


def keep(file: Path, record: Record) -> None:
    """Write the record, whole or not at all."""
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text(json.dumps(asdict(record), indent=1) + "\n", encoding="utf-8")
    partial.replace(file)
