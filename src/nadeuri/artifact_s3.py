"""Artefacts in an S3 bucket: published whole or not at all, named by version and by alias.

::

    <prefix>/<name>/<version>/<file>...            the files of a version
    <prefix>/<name>/<version>/manifest.json        uploaded last: without it there is no version
    <prefix>/<name>/aliases/<alias>.json           which version an alias such as champion means

A version never changes once it is there. An alias is moved by a conditional request, so that of two
who move it at a time one is told. Credentials and region come to boto3 from the environment or from
the role of the machine. This is the only importer of boto3.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from nadeuri.artifact import MANIFEST, Artifact, Manifest, fetch_artifact, open_artifact
from nadeuri.artifact import read_manifest as read_local_manifest
from nadeuri.errors import ArtifactError, ConfigError, MissingExtraError

CHAMPION = "champion"
"""The alias of what is served."""

_ADDRESS = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>.*))?")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_VERSION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")  # as nadeuri.artifact makes them
_ALIASES = "aliases"
_ABSENT = frozenset({"NoSuchKey", "404"})
_LOST_A_RACE = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
_CONNECT_TIMEOUT_S, _READ_TIMEOUT_S, _ATTEMPTS = 10, 60, 5


class Pointer(BaseModel):
    """What the file of an alias holds: the version it means, and the other one it meant before."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    previous: str | None
    moved: datetime


@dataclass(frozen=True)
class Alias:
    """An alias as it was read; :attr:`etag` tells whether it has been moved since.

    Attributes:
        pointer: None where nobody has set the alias.
    """

    name: str
    alias: str
    pointer: Pointer | None
    etag: str | None


@dataclass(frozen=True)
class Reference:
    """``NAME`` (its champion), ``NAME@ALIAS`` or ``NAME@VERSION``."""

    name: str
    which: str = CHAMPION

    @classmethod
    def parse(cls, text: str) -> Reference:
        """
        Raises:
            ConfigError: neither of these.
        """
        name, at, which = text.partition("@")
        return cls(_checked(name), _checked(which) if at else CHAMPION)

    @property
    def is_version(self) -> bool:
        return _VERSION.fullmatch(self.which) is not None

    def __str__(self) -> str:
        return f"{self.name}@{self.which}"


class ArtifactStore:
    """Artefacts below one address, ``s3://bucket/prefix``."""

    def __init__(self, address: str) -> None:
        """
        Raises:
            ConfigError: not such an address, or boto3 is told nonsense.
            MissingExtraError: boto3 is not installed.
        """
        found = _ADDRESS.fullmatch(address)
        if found is None:
            raise ConfigError(f"store {address!r}: write it as s3://bucket/prefix")
        self.address = address.rstrip("/")
        self._bucket = found["bucket"]
        prefix = (found["prefix"] or "").strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        with _store_errors(self.address):
            self._s3 = _client()

    def publish(self, folder: Path, name: str) -> Reference:
        """Upload an artefact folder as a version of ``name``; one that is there stays as it is.

        The service checks a SHA-256 of every object; the folder is verified before. A publication
        that was broken off left no version, and can be done again.

        Raises:
            ArtifactError: the folder is no artefact or damaged, or that version of ``name`` is
                there and differs.
            ConfigError: the store refused or cannot be reached.
        """
        artifact = open_artifact(folder)
        reference = Reference(_checked(name), artifact.version)
        if not reference.is_version:
            raise ArtifactError(f"{folder}: version {artifact.version!r} is none of ours")
        if self._is_there(reference):
            if self.read_manifest(reference).seal != artifact.manifest.seal:
                raise ArtifactError(f"{self.address}: {reference} exists and differs")
            return reference
        with _store_errors(self.address):
            for file in sorted(artifact.manifest.files):
                self._s3.upload_file(
                    str(folder / file),
                    self._bucket,
                    self._key(reference, file),
                    ExtraArgs={"ChecksumAlgorithm": "SHA256"},
                )
            self._s3.put_object(
                Bucket=self._bucket,
                Key=self._key(reference, MANIFEST),
                Body=(folder / MANIFEST).read_bytes(),
                ContentType="application/json",
                ChecksumAlgorithm="SHA256",
            )
        return reference

    def fetch(self, reference: Reference, target: Path) -> Artifact:
        """Download a version and publish it at ``target``, verified.

        Raises:
            ArtifactError: no such version or alias, or what came is damaged (``target`` stays as
                it was), or ``target`` is something else than an artefact.
            ConfigError: the store refused or cannot be reached.
        """
        found = self.resolve(reference)

        def download(folder: Path) -> Path:
            (folder / MANIFEST).write_bytes(self._read(found, MANIFEST))
            manifest = read_local_manifest(folder)  # its file names lead nowhere else
            if manifest.version != found.which:
                raise ArtifactError(f"{self.address}: {found} holds version {manifest.version}")
            for file in manifest.files:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                with _store_errors(self.address, what=f"{found}: {file}"):
                    self._s3.download_file(self._bucket, self._key(found, file), str(folder / file))
            return folder

        return fetch_artifact(target, lambda draft: download(_made(draft / "artifact")))

    def resolve(self, reference: Reference) -> Reference:
        """The version that a reference means.

        Raises:
            ArtifactError: nobody has set that alias.
        """
        if reference.is_version:
            return reference
        pointer = self.alias(reference.name, reference.which).pointer
        if pointer is None:
            raise ArtifactError(
                f"{self.address}: {reference.name} has no {reference.which}; "
                f"see: nadeuri artifact list {reference.name}"
            )
        return Reference(reference.name, pointer.version)

    def alias(self, name: str, alias: str = CHAMPION) -> Alias:
        """An alias as it is now.

        Raises:
            ArtifactError: its file cannot be read.
        """
        with _store_errors(self.address):
            found = self._get(self._alias_key(name, alias))
        if found is None:
            return Alias(name, alias, None, None)
        body, etag = found
        try:
            return Alias(name, alias, Pointer.model_validate_json(body), etag)
        except ValidationError as error:
            where = f"{self.address}/{name}/{_ALIASES}/{alias}.json"
            raise ArtifactError(f"{where}: is not an alias's file; delete it") from error

    def promote(self, alias: Alias, version: str) -> Pointer:
        """Let an alias mean ``version``, unless somebody has moved it since it was read.

        Raises:
            ArtifactError: there is no such version, or the alias was moved.
        """
        if not self._is_there(Reference(alias.name, version)):
            raise ArtifactError(f"{self.address}: there is no {alias.name}@{version}")
        previous = alias.pointer.version if alias.pointer else None
        if alias.pointer and previous == version:  # to mean the same again is no way back
            previous = alias.pointer.previous
        pointer = Pointer(version=version, previous=previous, moved=datetime.now(UTC))
        body = (json.dumps(pointer.model_dump(mode="json"), indent=2) + "\n").encode()
        if not self._swap(self._alias_key(alias.name, alias.alias), body, alias.etag):
            now = self.alias(alias.name, alias.alias)
            if now.pointer != pointer:  # else only the answer to our first attempt was lost
                meant = now.pointer.version if now.pointer else "nothing"
                raise ArtifactError(
                    f"{self.address}: {alias.name}@{alias.alias} has been moved by somebody else, "
                    f"it means {meant}; judge again, against that"
                )
        return pointer

    def versions(self, name: str) -> list[str]:
        """Published versions of a name, oldest first."""
        found = (key.split("/") for key in self._names(f"{_checked(name)}/"))
        return sorted(version for version, *_ in found if self._is_there(Reference(name, version)))

    def names(self) -> list[str]:
        """Names that have something in the store, ascending."""
        return sorted(name for name in self._names("") if _NAME.fullmatch(name))

    def read_manifest(self, reference: Reference) -> Manifest:
        """The manifest of a version or alias.

        Raises:
            ArtifactError: there is none, or it was changed.
        """
        found = self.resolve(reference)
        with TemporaryDirectory() as folder:
            (Path(folder) / MANIFEST).write_bytes(self._read(found, MANIFEST))
            try:
                return read_local_manifest(Path(folder))
            except ArtifactError as error:
                raise ArtifactError(f"{self.address}: {found}: manifest is damaged") from error

    def read_json(self, reference: Reference, file: str) -> Any:
        """Content of a JSON file of a version or alias, checked against the manifest.

        Raises:
            ArtifactError: there is no such version, alias or file, or the file was changed.
        """
        found = self.resolve(reference)
        entry = self.read_manifest(found).files.get(file)
        if entry is None:
            raise ArtifactError(f"{self.address}: {found} has no {file}")
        body = self._read(found, file)
        if hashlib.sha256(body).hexdigest() != entry.sha256:
            raise ArtifactError(f"{self.address}: {found}: {file} has changed since it was written")
        return json.loads(body)

    def _is_there(self, reference: Reference) -> bool:
        if not reference.is_version:
            return False
        with _store_errors(self.address):
            return self._get(self._key(reference, MANIFEST)) is not None

    def _read(self, reference: Reference, file: str) -> bytes:
        with _store_errors(self.address):
            found = self._get(self._key(reference, file))
        if found is None:
            raise ArtifactError(f"{self.address}: {reference} has no {file}, or does not exist")
        return found[0]

    def _get(self, key: str) -> tuple[bytes, str] | None:
        """Content and ETag of a small object; None where there is none."""
        from botocore.exceptions import ClientError

        try:
            found = self._s3.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        return found["Body"].read(), found["ETag"]

    def _swap(self, key: str, body: bytes, etag: str | None) -> bool:
        """Write an object if it still has ``etag`` (None: if there still is none)."""
        from botocore.exceptions import ClientError

        condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        with _store_errors(self.address):
            try:
                self._s3.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=body,
                    ContentType="application/json",
                    **condition,
                )
            except ClientError as error:
                if error.response["Error"]["Code"] in _LOST_A_RACE:
                    return False
                raise
        return True

    def _names(self, below: str) -> Iterator[str]:
        """Names of the "folders" directly below a place of the store."""
        place = f"{self._prefix}{below}"
        with _store_errors(self.address):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=place, Delimiter="/"
            )
            for page in pages:
                for found in page.get("CommonPrefixes", []):
                    yield found["Prefix"].removeprefix(place).rstrip("/")

    def _key(self, reference: Reference, file: str) -> str:
        return f"{self._prefix}{reference.name}/{reference.which}/{file}"

    def _alias_key(self, name: str, alias: str) -> str:
        if _VERSION.fullmatch(_checked(alias)):
            raise ConfigError(f"alias {alias!r}: looks like a version; choose another name")
        return f"{self._prefix}{_checked(name)}/{_ALIASES}/{alias}.json"


def _checked(name: str) -> str:
    if not (_NAME.fullmatch(name) or _VERSION.fullmatch(name)):
        raise ConfigError(
            f"name {name!r}: write lower-case letters, digits, '.', '-' and '_', at most 63; "
            "references are NAME, NAME@ALIAS or NAME@VERSION"
        )
    return name


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _client() -> Any:
    try:
        import boto3
        from botocore.config import Config
    except ModuleNotFoundError as error:
        raise MissingExtraError("boto3", "aws") from error
    retries = {"mode": "standard", "total_max_attempts": _ATTEMPTS}
    return boto3.Session().client(
        "s3",
        config=Config(
            connect_timeout=_CONNECT_TIMEOUT_S,
            read_timeout=_READ_TIMEOUT_S,
            retries=retries,
        ),
    )


@contextmanager
def _store_errors(address: str, what: str = "") -> Iterator[None]:
    """Turn the service's errors into one line that names the store."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    place = f"{address}: {what}" if what else address
    try:
        yield
    except ClientError as error:
        if what and error.response["Error"]["Code"] in _ABSENT:
            raise ArtifactError(f"{place} is missing; publish the artefact again") from error
        raise ConfigError(f"store {place}: {error}") from error
    except (BotoCoreError, Boto3Error) as error:
        raise ConfigError(f"store {place}: {error}") from error
