"""New versions of an artefact that is being served, whole ones and damaged ones."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

from nadeuri.artifact import MANIFEST, Artifact, read_manifest, write_artifact


def republish(path: Path, target: Path | None = None) -> Artifact:
    """Publish what the artefact at ``path`` holds as a new version, there or at ``target``."""
    manifest = read_manifest(path)

    def copy(draft: Path) -> None:
        shutil.copytree(path, draft, dirs_exist_ok=True, ignore=shutil.ignore_patterns(MANIFEST))

    return write_artifact(
        target or path,
        manifest.kind,
        copy,
        metadata=manifest.metadata,
        data_fingerprint=manifest.data_fingerprint,
    )


def publish_damaged(path: Path) -> str:
    """Replace the artefact at ``path`` by a new version with one wrong byte in its largest file.

    Returns:
        the version that must never be served.
    """
    fresh, old = (path.with_name(f".{path.name}.{uuid.uuid4().hex}") for _ in range(2))
    artifact = republish(path, fresh)
    name = max(artifact.manifest.files, key=lambda each: artifact.manifest.files[each].size_bytes)
    with (fresh / name).open("r+b") as file:
        file.seek(-100, os.SEEK_END)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 0xFF]))
    path.rename(old)
    fresh.rename(path)
    shutil.rmtree(old)
    return artifact.version
