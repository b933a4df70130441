"""The memory of conversations: LangGraph checkpoints in an SQLite file, one for each turn.

A checkpoint holds its own turn only, so that a chat grows with its length and no faster; the
history is the row of checkpoints. They are plain JSON: nothing that is read can run code. Several
processes may open one file. Turns of one conversation wait for each other, in whatever process.
"""

from __future__ import annotations

import fcntl
import json
import re
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite import SqliteSaver
from pydantic import ValidationError

from nadeuri.errors import DataError, QueryError
from nadeuri.guide import replies
from nadeuri.guide.answer import Answer, Turn
from nadeuri.guide.state import Json
from nadeuri.guide.store import Closing

MOST_TURNS = 200
"""Turns of a conversation that are kept: the latest."""

_THREAD = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_BUSY_S = 30.0  # that a process waits for another to write
_LOCKS = 256  # conversations share so many: those that meet wait for each other in vain
_POLL_S = 0.02
_PATIENCE_S = 120.0  # for the turn before; a language model may take its time


def check_thread(thread: str) -> str:
    """``thread``, if it can name a conversation.

    Raises:
        QueryError: it is empty, too long, or has other characters than these.
    """
    if not isinstance(thread, str) or not _THREAD.fullmatch(thread):
        raise QueryError(
            f"thread {str(thread)[:80]!r}: 1 to 64 letters, digits, dots, hyphens or underscores"
        )
    return thread


class Memory(Closing):
    """An opened file of conversations; may be used from several threads."""

    def __init__(self, file: Path | None) -> None:
        """Open or make the file.

        Args:
            file: None for a memory that ends with this object.

        Raises:
            DataError: it is no SQLite database, or cannot be written.
        """
        self._closing = ExitStack()
        if file is None:
            file = Path(self._closing.enter_context(TemporaryDirectory())) / "memory.sqlite"
        self.file = file
        self._locks = file.with_name(f"{file.name}.locks")
        try:
            self._locks.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(file, timeout=_BUSY_S, check_same_thread=False)
            self._closing.callback(connection.close)
            self.saver = SqliteSaver(connection, serde=_PlainJson())
            with self._locked(self._locks / "open"):  # two at once could not change the mode
                self.saver.setup()
                connection.execute("PRAGMA synchronous=NORMAL")
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise DataError(
                f"{self.file}: no memory of conversations ({error}); choose another file"
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        self._closing.close()

    @contextmanager
    def turn(self, thread: str) -> Iterator[RunnableConfig]:
        """While the block runs, no other turn of this conversation does; gives its configuration.

        Raises:
            QueryError: see :func:`check_thread`; or the turn before takes too long.
        """
        number = zlib.crc32(check_thread(thread).encode()) % _LOCKS
        with self._locked(self._locks / f"{number:03}"):
            yield _config(thread)
            self._forget_oldest(thread)

    def turns(self, thread: str) -> list[Turn]:
        """Questions and answers, the oldest first."""
        kept = self.saver.list(_config(check_thread(thread)), limit=MOST_TURNS)
        values = [each.checkpoint["channel_values"] for each in kept]
        return [_turn(each) for each in reversed(values) if each.get("answer")]

    def forget(self, thread: str) -> None:
        """Remove a conversation."""
        with self.turn(thread):
            self.saver.delete_thread(thread)

    def _forget_oldest(self, thread: str) -> None:
        """Remove the checkpoints, and their writes, that are beyond the number of turns kept."""
        with self.saver.cursor() as cursor:
            oldest = cursor.execute(
                "SELECT checkpoint_id FROM checkpoints WHERE thread_id = ? "
                "ORDER BY checkpoint_id DESC LIMIT 1 OFFSET ?",
                (thread, MOST_TURNS),
            ).fetchone()
            if oldest is not None:
                for table in ("checkpoints", "writes"):
                    cursor.execute(
                        f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_id <= ?",  # noqa: S608
                        (thread, *oldest),
                    )

    @contextmanager
    def _locked(self, file: Path) -> Iterator[None]:
        """Hold the lock of ``file``, which other threads and processes respect."""
        with file.open("a") as held:
            _wait_for(held)
            yield  # closing the file lets go


class _PlainJson:
    """What LangGraph calls a serializer: JSON and nothing else, in both directions."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        return "json", json.dumps(obj, ensure_ascii=False, default=_error_text).encode()

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        kind, content = data
        if kind != "json":
            raise DataError(f"a memory of conversations has {kind} in it; choose another file")
        return json.loads(content)


def _error_text(value: object) -> str:
    """The error of a node that failed is kept as text; nothing else is no JSON."""
    if isinstance(value, BaseException):
        return repr(value)
    raise TypeError(f"{type(value).__name__} in the state of a conversation: only JSON is kept")


def _config(thread: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}


def _wait_for(file: IO[str]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise QueryError(
                    "the question before, in the same thread, is still being answered; ask later"
                ) from None
            time.sleep(_POLL_S)
        else:
            return


def _turn(values: Json) -> Turn:
    """A turn as it was kept; of an answer of an older version, its text at least."""
    question, kept = str(values.get("question", "")), values["answer"]
    try:
        return Turn(question=question, answer=Answer.model_validate(kept))
    except ValidationError:
        text = kept.get("text") if isinstance(kept, dict) else None
        return Turn(question=question, answer=Answer(kind="chat", text=str(text or replies.lost())))
