"""The database of labelling, in short transactions: nobody waits while a person thinks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from nadeuri.database import Database
from nadeuri.understand.labelling.tables import METADATA

_LOCK_NUMBER = 0x6E61646C6162  # "nadlab": of PostgreSQL's advisory lock


class LabellingStore(Database):
    """The database of what is labelled; for several threads and processes."""

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

        Raises:
            DataError: the database cannot be read or written.
        """
        with self.in_turn(_LOCK_NUMBER) as connection:
            yield connection
