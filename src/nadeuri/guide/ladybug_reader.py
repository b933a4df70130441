"""A ladybug graph asked from a process of its own, so that a query can always be stopped.

ladybug looks at its time-out between steps; one step can take a minute and gigabytes (a list of
1,000,000,000 numbers does). Here the process is killed then, and the next query starts another.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from nadeuri.errors import GraphError, QueryTimeoutError
from nadeuri.guide.ladybug import DEFAULT_MEMORY_BYTES, LadybugStore
from nadeuri.guide.store import DEFAULT_LIMIT, DEFAULT_TIMEOUT_S, Closing, Dialect, Row

_GRACE_S = 0.5  # for ladybug to stop by itself
_START_S = 60.0
_COUNTS_S = 600.0
_LEAST_CACHE, _CACHE_SHARE = 64 << 20, 4
_ERRORS = {error.__name__: error for error in (GraphError, QueryTimeoutError)}


class LadybugReader(Closing):
    """Reads a graph; calls of several threads wait for each other. See the module."""

    def __init__(self, path: Path, *, memory_bytes: int | None = None, threads: int = 0) -> None:
        """Start the process.

        Args:
            path, threads: as for :class:`LadybugStore`.
            memory_bytes: size of the page cache, which fills up in time whether the graph needs it
                or not; by default :func:`cache_bytes`.

        Raises:
            GraphError: the file is absent or no graph.
        """
        if memory_bytes is None:
            memory_bytes = cache_bytes(path.stat().st_size if path.is_file() else 0)
        self._opening = (path, memory_bytes, threads)
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        with self._lock:
            self._start()

    @property
    def dialect(self) -> Dialect:
        return "ladybug"

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._stop()

    def query(
        self,
        cypher: str,
        parameters: Mapping[str, object] | None = None,
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        limit: int = DEFAULT_LIMIT,
    ) -> list[Row]:
        """See :meth:`nadeuri.guide.store.GraphReader.query`."""
        call = ("query", (cypher, dict(parameters or {})), {"timeout_s": timeout_s, "limit": limit})
        rows = self._ask(call, timeout_s)
        assert isinstance(rows, list)
        return rows

    def counts(self) -> dict[str, int]:
        """Number of nodes by label and of relationships by type."""
        counted = self._ask(("counts", (), {}), _COUNTS_S)
        assert isinstance(counted, dict)
        return counted

    def _ask(self, call: tuple[str, tuple[Any, ...], dict[str, Any]], timeout_s: float) -> object:
        with self._lock:
            if self._pipe is None:
                self._start()
            assert self._pipe is not None
            try:
                self._pipe.send(call)
                return self._answer(timeout_s + _GRACE_S)
            except TimeoutError:
                self._stop()
                message = f"the query took more than {timeout_s:g} s; its process was ended"
                raise QueryTimeoutError(message) from None
            except (EOFError, OSError) as error:
                self._stop()
                raise GraphError("the process that reads the graph died; ask again") from error

    def _answer(self, timeout_s: float) -> object:
        assert self._pipe is not None
        if not self._pipe.poll(timeout_s):
            raise TimeoutError
        kind, value = self._pipe.recv()
        if kind in _ERRORS:
            raise _ERRORS[kind](value)
        return value

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would share threads and locks
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, *self._opening), daemon=True)
        process.start()
        theirs.close()
        self._process, self._pipe = process, ours
        try:
            self._answer(_START_S)
        except (EOFError, TimeoutError) as error:
            self._stop()
            path = self._opening[0]
            raise GraphError(f"{path}: the process that reads it does not start") from error
        except GraphError:
            self._stop()
            raise

    def _stop(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        self._pipe = self._process = None


def cache_bytes(graph_bytes: int) -> int:
    """Size of the page cache for a graph whose file has ``graph_bytes``: a few times that."""
    return min(max(_LEAST_CACHE, _CACHE_SHARE * graph_bytes), DEFAULT_MEMORY_BYTES)


def _serve(pipe: Connection, path: Path, memory_bytes: int, threads: int) -> None:
    """Answer calls until the other end is closed."""
    try:
        store = LadybugStore(path, read_only=True, memory_bytes=memory_bytes, threads=threads)
    except GraphError as error:
        pipe.send((type(error).__name__, str(error)))
        return
    pipe.send(("ready", None))
    with store:
        while True:
            try:
                name, positional, named = pipe.recv()
            except EOFError:
                return
            try:
                pipe.send(("answer", getattr(store, name)(*positional, **named)))
            except GraphError as error:
                pipe.send((type(error).__name__, str(error)))
