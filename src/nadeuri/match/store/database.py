"""The database of the store, in short transactions that need no lock between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection

from nadeuri.database import Database
from nadeuri.match.store.tables import METADATA

_LOCK_NUMBER = 0x6E61646D6170  # "nadmap": of PostgreSQL's advisory lock


class MappingStore(Database):
    """The database of the mapping, which may be that of the jobs; for several threads.

    Runs exclude each other by the lock of the job store. People decide while a run is going on, so
    that nothing here waits for that lock: what belongs together is one short transaction, and the
    functions beside this class take its connection.
    """

    def __init__(self, url: str) -> None:
        """Open it and make the tables where they are missing.

        Args:
            url: ``sqlite:///file`` or ``postgresql://user:password@host/database``.

        Raises:
            ConfigError: no such database.
        """
        super().__init__(url, METADATA)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that may write: all of the block is, or nothing.

        Such transactions wait for each other before they read, so that what one has read is true
        when it writes.

        Raises:
            DataError: the database cannot be read or written.
        """
        with self.in_turn(_LOCK_NUMBER) as connection:
            yield connection


def now_utc() -> str:
    """This moment as it is written in the store, ISO 8601 in UTC; such texts sort by time."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
