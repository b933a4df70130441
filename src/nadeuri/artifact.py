"""Artefact folders: written whole or not at all, and verified when opened.

A folder holds its files and ``manifest.json``, which lists the sha256 and size of each of them and
is itself sealed by a digest. A folder is built under a temporary name beside its target and then
renamed, so that a reader never sees half an artefact and a crash leaves the old one in place.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from nadeuri.errors import ArtifactError

MANIFEST = "manifest.json"
SCHEMA_VERSION = 1
_BLOCK_BYTES = 1 << 20


class FileEntry(BaseModel):
    """What the manifest knows of one file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    size_bytes: int


class Manifest(BaseModel):
    """``manifest.json``; :attr:`seal` is the sha256 over everything else in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int
    kind: str
    version: str
    created: datetime
    code_revision: str | None
    data_fingerprint: str | None
    metadata: dict[str, Any]
    files: dict[str, FileEntry]
    seal: str = ""

    def sealed(self) -> Manifest:
        """This manifest with its digest filled in."""
        return self.model_copy(update={"seal": self.digest()})

    def digest(self) -> str:
        """sha256 over the canonical JSON of every field but the seal."""
        body = self.model_dump(mode="json", exclude={"seal"})
        return hashlib.sha256(
            json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
        ).hexdigest()


@dataclass(frozen=True)
class Artifact:
    """An opened artefact folder whose files matched their checksums."""

    path: Path
    manifest: Manifest

    @property
    def kind(self) -> str:
        return self.manifest.kind

    @property
    def version(self) -> str:
        """UTC time of creation and the first digits of a digest over the files: sorts by age."""
        return self.manifest.version

    @property
    def metadata(self) -> dict[str, Any]:
        """What the writer wanted its readers to know (sizes, limits); JSON values."""
        return self.manifest.metadata

    def file(self, name: str) -> Path:
        """Path of a file of the artefact.

        Raises:
            ArtifactError: the artefact has no such file.
        """
        if name not in self.manifest.files:
            raise ArtifactError(f"{self.path}: a {self.kind} artefact without {name}; export again")
        return self.path / name

    def read_json(self, name: str) -> Any:
        """Content of a JSON file of the artefact."""
        return json.loads(self.file(name).read_text(encoding="utf-8"))


def write_artifact(
    target: Path,
    kind: str,
    write: Callable[[Path], None],
    *,
    metadata: dict[str, Any],
    data_fingerprint: str | None = None,
) -> Artifact:
    """Build an artefact with ``write(folder)`` and publish it at ``target``.

    An artefact already at ``target`` is replaced: it is moved aside, the new one takes its name,
    and only then is the old one deleted (who has its files open keeps reading them).

    Raises:
        ArtifactError: ``target`` is something else than an artefact, or ``write`` wrote no file.
    """
    with _draft(target) as draft:
        write(draft)
        manifest = _describe(draft, kind, metadata, data_fingerprint)
        (draft / MANIFEST).write_text(
            json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n",
            encoding="utf-8",
        )
        _publish(draft, target)
    return Artifact(target, manifest)


def fetch_artifact(target: Path, download: Callable[[Path], Path]) -> Artifact:
    """Publish at ``target`` an artefact that ``download(folder)`` copies from elsewhere.

    Args:
        download: fills the given folder and returns where in it the artefact lies.

    Raises:
        ArtifactError: what came is no artefact or is damaged (``target`` stays as it was), or
            ``target`` is something else than an artefact.
    """
    with _draft(target) as draft:
        artifact = open_artifact(download(draft))
        _publish(artifact.path, target)
    return Artifact(target, artifact.manifest)


def open_artifact(path: Path, kind: str | None = None) -> Artifact:
    """Open an artefact folder and verify every file against its checksum.

    Args:
        kind: what the caller can read; ``None`` takes any kind.

    Raises:
        ArtifactError: not an artefact, another kind, or a file that is missing, changed or not
            listed (the first such file is named).
    """
    manifest = read_manifest(path)
    if kind is not None and manifest.kind != kind:
        raise ArtifactError(f"{path}: holds a {manifest.kind} artefact, but {kind} is needed")
    present = set(_file_names(path)) - {MANIFEST}
    for name, entry in sorted(manifest.files.items()):
        if name not in present:
            raise ArtifactError(f"{path}: {name} is missing; fetch or export the artefact again")
        if (path / name).stat().st_size != entry.size_bytes or sha256(path / name) != entry.sha256:
            raise ArtifactError(
                f"{path}: {name} has changed since it was written (checksum does not match); "
                "fetch or export the artefact again"
            )
    for name in sorted(present - set(manifest.files)):
        raise ArtifactError(f"{path}: {name} is not listed in {MANIFEST}; remove it")
    return Artifact(path, manifest)


def sha256(file: Path) -> str:
    """Hexadecimal sha256 of a file's bytes."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def code_revision() -> str | None:
    """Git commit of this package's source (``-dirty`` when it has uncommitted changes).

    ``None`` when the package does not run from its own checkout: an installed copy may well lie in
    somebody else's repository, whose commit would say nothing.
    """
    source = Path(__file__).resolve()

    def git(*arguments: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", *arguments], cwd=source.parent, capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            return None
        return done.stdout.strip()

    if git("ls-files", "--error-unmatch", source.name) is None:
        return None
    commit = git("rev-parse", "HEAD")
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".")
    return f"{commit}-dirty" if commit and changed else commit


def _describe(
    folder: Path, kind: str, metadata: dict[str, Any], data_fingerprint: str | None
) -> Manifest:
    files = {
        name: FileEntry(sha256=sha256(folder / name), size_bytes=(folder / name).stat().st_size)
        for name in sorted(_file_names(folder))
    }
    if not files:
        raise ArtifactError(f"a {kind} artefact needs at least one file, none was written")
    content = hashlib.sha256("".join(f"{n}{e.sha256}" for n, e in files.items()).encode())
    created = datetime.now(UTC).replace(microsecond=0)
    return Manifest(
        schema_version=SCHEMA_VERSION,
        kind=kind,
        version=f"{created:%Y%m%dT%H%M%SZ}-{content.hexdigest()[:8]}",
        created=created,
        code_revision=code_revision(),
        data_fingerprint=data_fingerprint,
        metadata=metadata,
        files=files,
    ).sealed()


def read_manifest(path: Path) -> Manifest:
    """The manifest of an artefact folder, whose other files are not looked at.

    Raises:
        ArtifactError: no artefact, or a manifest that was changed.
    """
    file = path / MANIFEST
    if not file.is_file():
        raise ArtifactError(f"{path}: not an artefact folder (no {MANIFEST})")
    try:
        manifest = Manifest.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "content"
        raise ArtifactError(f"{file}: cannot be read ({where}: {first['msg']})") from error
    if manifest.schema_version != SCHEMA_VERSION:
        raise ArtifactError(
            f"{file}: schema version {manifest.schema_version}, this program reads "
            f"{SCHEMA_VERSION}; export the artefact again"
        )
    if manifest.seal != manifest.digest():
        raise ArtifactError(f"{path}: {MANIFEST} has changed since it was written (seal broken)")
    for name in manifest.files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise ArtifactError(f"{file}: file name {name!r} leads out of the artefact")
    return manifest


def _file_names(folder: Path) -> Iterator[str]:
    for file in folder.rglob("*"):
        if not file.is_dir():
            yield file.relative_to(folder).as_posix()


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A temporary folder beside ``target`` (the same file system, so that it can be renamed)."""
    if target.exists() and not (target / MANIFEST).is_file() and not _is_empty_folder(target):
        raise ArtifactError(f"{target}: exists and is not an artefact; choose another folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = _beside(target, "tmp")
    draft.mkdir()
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _publish(folder: Path, target: Path) -> None:
    _flush(folder)
    if not target.exists() or _is_empty_folder(target):
        folder.rename(target)  # POSIX rename replaces an empty folder
        return
    aside = _beside(target, "old")
    target.rename(aside)
    try:
        folder.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _flush(folder: Path) -> None:
    """Force the files to disk: a rename must not survive a power cut that its content did not."""
    for name in _file_names(folder):
        descriptor = os.open(folder / name, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _beside(target: Path, suffix: str) -> Path:
    return target.parent / f".{target.name}.{suffix}-{uuid.uuid4().hex[:8]}"


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())
