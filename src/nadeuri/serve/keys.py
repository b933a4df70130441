"""API keys: a file of their hashes, which the server reads again when it changes."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import logging
import os
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from nadeuri.errors import ConfigError
from nadeuri.serve.rate_limits import MOST_KEYS, Limit

PREFIX = "ndr_"
"""By which people and secret scanners know a key when they see one."""
ROOMS = (
    "also_viewed",
    "guide",
    "jobs",
    "labelling",
    "metrics",
    "packages",
    "places",
    "products",
    "questions",
    "recommend",
    "reviews",
    "travellers",
)
"""What a key may be limited to: blueprints of the rooms, and the endpoint of the metrics."""
CHECK_EVERY_S = 0.5

_BYTES = 32

logger = logging.getLogger(__name__)


class Key(BaseModel):
    """What the file says of one key, which it does not contain.

    A plain SHA-256 is enough: slow hashes and salts are for passwords, which can be guessed and are
    used twice. A key is 256 random bits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^\w[\w.-]{0,63}$")]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    created: AwareDatetime
    expires: AwareDatetime | None = None
    rate: str | None = None
    burst: int | None = None
    rooms: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _check(self) -> Key:
        if self.burst is not None and self.rate is None:
            raise ValueError("a burst needs a rate")
        try:
            _ = self.limit
        except ConfigError as error:
            raise ValueError(str(error)) from error
        return self

    @cached_property
    def limit(self) -> Limit | None:
        """How often it may be used; None where it may always."""
        return None if self.rate is None else Limit.of(self.rate, self.burst)

    @cached_property
    def digest(self) -> bytes:
        """The hash, 32 bytes."""
        return bytes.fromhex(self.sha256)

    def is_expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires is not None and now >= self.expires


class _Keys(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: Annotated[tuple[Key, ...], Field(max_length=MOST_KEYS)] = ()


class KeyRing:
    """The keys of a file; what changes in it is known within :data:`CHECK_EVERY_S`.

    A file that has gone or cannot be read any more changes nothing: the keys of before go on, and
    the log says so once.
    """

    def __init__(self, path: Path) -> None:
        """Raises: ConfigError: no such file, or it does not hold keys."""
        self._path = path
        self._lock = threading.Lock()
        self._seen = _signature(path)
        self._keys: Sequence[Key] = read_keys(path)
        self._next_look = time.monotonic() + CHECK_EVERY_S

    def find(self, token: str) -> Key | None:
        """The key that ``token`` is, unless its time is over.

        All are compared and each in constant time, so that the time says nothing about any.
        """
        digest = _digest(token)
        found = None
        for key in self._current():
            if hmac.compare_digest(key.digest, digest):
                found = key
        return None if found is None or found.is_expired(datetime.now(UTC)) else found

    def _current(self) -> Sequence[Key]:
        with self._lock:
            if time.monotonic() >= self._next_look:
                self._look()
                self._next_look = time.monotonic() + CHECK_EVERY_S
            return self._keys

    def _look(self) -> None:
        signature = _signature(self._path)
        if signature == self._seen:
            return
        self._seen = signature
        try:
            self._keys = read_keys(self._path)
        except ConfigError as error:
            logger.error("%s; the keys of before go on", error)
        else:
            logger.info("%s: %d keys", self._path, len(self._keys))


def read_keys(path: Path) -> tuple[Key, ...]:
    """The keys of a file.

    Raises:
        ConfigError: it cannot be read, or does not hold keys with names of their own.
    """
    try:
        keys = _Keys.model_validate_json(path.read_bytes()).keys
    except OSError as error:
        raise ConfigError(
            f'{path}: cannot be read ({error.strerror}); make it with "nadeuri keys create NAME"'
        ) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "content"
        raise ConfigError(f"{path}: not a file of keys ({where}: {first['msg']})") from error
    names = [key.name for key in keys]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"{path}: there are two keys named {name!r}; rename one")
    return keys


def create_key(
    path: Path,
    name: str,
    *,
    rate: str | None = None,
    burst: int | None = None,
    rooms: Sequence[str] | None = None,
    days: int | None = None,
) -> str:
    """Add a key to the file, which is made if need be; gives the key, which is kept nowhere.

    Args:
        rate, burst: how often it may be used (:meth:`Limit.of`).
        rooms: of :data:`ROOMS`; every one without them.
        days: how long it lasts; for ever without them.

    Raises:
        ConfigError: there is one of this name, or an argument does not fit.
    """
    key = PREFIX + secrets.token_urlsafe(_BYTES)
    created = datetime.now(UTC).replace(microsecond=0)
    with _changing(path):
        keys = read_keys(path) if path.exists() else ()
        if rate is not None:
            Limit.of(rate, burst)  # whose words are for people
        if any(each.name == name for each in keys):
            raise ConfigError(f"{path}: there is a key named {name!r}; revoke it first")
        try:
            new = Key(
                name=name,
                sha256=_digest(key).hex(),
                created=created,
                expires=None if days is None else created + timedelta(days=days),
                rate=rate,
                burst=burst,
                rooms=tuple(rooms) if rooms else None,
            )
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "key"
            raise ConfigError(f"{where} of the key: {first['msg']}") from error
        _write(path, (*keys, new))
    return key


def revoke_key(path: Path, name: str) -> None:
    """Take a key out of the file; servers refuse it within a second.

    Raises:
        ConfigError: there is none of this name.
    """
    with _changing(path):
        keys = read_keys(path)
        left = tuple(key for key in keys if key.name != name)
        if len(left) == len(keys):
            raise ConfigError(f"{path}: there is no key named {name!r}")
        _write(path, left)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


@contextmanager
def _changing(path: Path) -> Iterator[None]:
    """Alone among those who change the files of the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _write(path: Path, keys: tuple[Key, ...]) -> None:
    """Whole or not at all, and readable by the owner alone."""
    if len(keys) > MOST_KEYS:
        raise ConfigError(f"{path}: more than {MOST_KEYS:,} keys; revoke some")
    content = _Keys(keys=keys).model_dump_json(indent=2, exclude_none=True) + "\n"
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    partial.replace(path)
