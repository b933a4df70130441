"""Databases by URL, SQLite files or PostgreSQL: one process at a time, where that is wanted.

The lock against overlapping runs needs no tidying up: that of an SQLite file is a lock on a file
beside it, that of PostgreSQL belongs to the connection that writes, and the operating system or
the server lets go of either when the process ends, however it ends. As the connection that holds
the lock is the one that writes, a run that has lost it can write no more.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
)

from nadeuri.errors import ConfigError, DataError, NadeuriError

_BUSY_S = 30.0  # that one waits for a short write of another program
_LOCK_NUMBER = 0x6E616465757269  # "nadeuri": of PostgreSQL's advisory lock
_TABLES_LOCK_NUMBER = _LOCK_NUMBER + 1  # of those who make tables: a run keeps nobody from opening


class LockedError(NadeuriError):
    """Another run is writing to the database."""


class Database:
    """An opened database; for one thread, but for :meth:`in_turn` and :meth:`reading`."""

    def __init__(self, url: str, *tables: MetaData) -> None:
        """Open it and make ``tables`` and their indexes where they are missing.

        Args:
            url: ``sqlite:///file`` or ``postgresql://user:password@host/database``.

        Raises:
            ConfigError: no such database, or one in memory, which would forget what it is told.
        """
        self._url = _parsed(url)
        self._shown = self._url.render_as_string(hide_password=True)
        self._writer: Connection | None = None
        try:
            self._engine = _engine(self._url)
            with self._engine.begin() as connection:
                if connection.dialect.name == "postgresql":  # where two would make the same table
                    number = {"number": _TABLES_LOCK_NUMBER}
                    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), number)
                for each in tables:
                    _make(connection, each)
        except (DBAPIError, OSError) as error:
            reason = str(getattr(error, "orig", error)).splitlines()[0]
            raise ConfigError(
                f"{self._shown}: no database there ({reason}); choose another URL"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of its connections."""
        self._engine.dispose()

    @contextmanager
    def exclusive(self) -> Iterator[Connection]:
        """While the block runs, nobody else writes; within another such block, it is the same one.

        Raises:
            LockedError: somebody else is writing now.
        """
        if self._writer is not None:
            yield self._writer
            return
        with ExitStack() as stack:
            if self._url.get_backend_name() == "sqlite":
                stack.enter_context(_locked_file(Path(f"{self._url.database}.lock")))
            connection = stack.enter_context(self._engine.connect())
            if self._url.get_backend_name() == "postgresql":
                stack.enter_context(_advisory_lock(connection, self._shown))
            self._writer = connection
            try:
                yield connection
            finally:
                self._writer = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, durable when the block ends, undone when it raises.

        Raises:
            LockedError: see :meth:`exclusive`.
            DataError: the database cannot be written, or the connection with the lock is lost.
        """
        with self._explained(), self.exclusive() as connection, connection.begin():
            yield connection

    @contextmanager
    def in_turn(self, lock: int) -> Iterator[Connection]:
        """A short transaction that may write: all of the block is, or nothing; for several threads.

        Those of one ``lock`` wait for each other before they read, so that what one has read is
        true when it writes. They do not wait for :meth:`exclusive`.

        Args:
            lock: number of an advisory lock of PostgreSQL; SQLite has one writer at a time anyway.

        Raises:
            DataError: the database cannot be read or written.
        """
        with self._explained(), self._engine.connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":  # SQLite's BEGIN has waited already
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads, and needs no lock.

        Raises:
            DataError: the database cannot be read.
        """
        with self._explained(), self._engine.connect() as connection:
            yield connection.execution_options(nadeuri_reads=True)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, InterfaceError) as error:
            reason = str(error.orig).splitlines()[0]
            raise DataError(f"{self._shown}: {reason}; run again when that is mended") from error


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError(f"{url!r} is no URL of a database: sqlite:///FILE") from error
    backend = parsed.get_backend_name()
    if backend == "postgresql" and parsed.drivername == "postgresql":
        return parsed.set(drivername="postgresql+pg8000")
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise ConfigError("a database in memory forgets all: use sqlite:///file")
    return parsed


def _make(connection: Connection, tables: MetaData) -> None:
    """What is missing of ``tables``, and of their indexes: older databases have fewer."""
    tables.create_all(connection)
    for table in tables.sorted_tables:
        for index in table.indexes:
            index.create(connection, checkfirst=True)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        try:
            return create_engine(url, pool_pre_ping=True)  # the server may have been started anew
        except (ImportError, NoSuchModuleError) as error:
            raise ConfigError(
                f"{url.drivername}: no driver for it ({error}); use sqlite:/// or postgresql://"
            ) from error
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": _BUSY_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say: see _begin_sqlite
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")  # an intent must outlive a power cut


def _begin_sqlite(connection: Connection) -> None:
    """Writers take their place at once: one that had read first could not write any more."""
    reads = connection.get_execution_options().get("nadeuri_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def _locked_file(path: Path) -> Iterator[None]:
    with path.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(
                f"{path}: another run is at work; try again when it is over"
            ) from None
        yield  # closing the file lets go; it stays, as removing it could split the lock in two


@contextmanager
def _advisory_lock(connection: Connection, shown: str) -> Iterator[None]:
    number = {"number": _LOCK_NUMBER}
    with connection.begin():
        taken = connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), number)
    if not taken:
        raise LockedError(f"{shown}: another run is at work; try again when it is over")
    try:
        yield
    finally:
        if not connection.invalidated:
            connection.rollback()
            with connection.begin():
                connection.execute(text("SELECT pg_advisory_unlock(:number)"), number)
