"""The job store: every question asked, its answer, and the batches that questions travel in.

Each method is one transaction: a process that is killed leaves the store as it was before a method
or as it is after it, never between. :mod:`nadeuri.match.jobs.runner` says in which order they are
called, and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from types import TracebackType
from typing import Any, TypeVar

from sqlalchemy import Connection, and_, insert, or_, select, update

from nadeuri.database import Database
from nadeuri.errors import DataError
from nadeuri.llm_batch import RemoteBatch
from nadeuri.match.jobs import states
from nadeuri.match.jobs.closing import Closing, settle
from nadeuri.match.jobs.planning import plan
from nadeuri.match.jobs.records import FailedRequest, given_up, request_counts
from nadeuri.match.jobs.requests import Request, body_text, line, prompt_tokens, stable_id
from nadeuri.match.jobs.results import KEPT_CHARACTERS, Answer, Failure, storable
from nadeuri.match.jobs.shards import Limits
from nadeuri.match.jobs.tables import BATCHES, FAILURES, METADATA, REQUESTS

_CHUNK = 500  # ids in one query
T = TypeVar("T")


@dataclass(frozen=True)
class Batch:
    """A submission of ours, and what is known of the server's batch for it (see ``tables.py``)."""

    number: int
    intent: str
    n_rows: int
    tokens: int
    enqueued_tokens: int
    planned_at: float
    file_id: str | None
    asked_at: float | None
    fenced_at: float | None
    batch_id: str | None
    unwanted: bool
    status: str | None
    missing_since: float | None
    collection: str

    @property
    def file_name(self) -> str:
        """Of its input file."""
        return f"nadeuri-{self.intent}.jsonl"


class JobStore:
    """An opened store; for one thread. A context manager, too."""

    def __init__(self, url: str) -> None:
        """Open it, or make it.

        Args:
            url: ``sqlite:///file`` or ``postgresql://user:password@host/database``.

        Raises:
            ConfigError: it cannot be opened.
        """
        self._database = Database(url, METADATA)

    def __enter__(self) -> JobStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def exclusive(self) -> AbstractContextManager[object]:
        """While the block runs, no other run writes.

        Raises:
            LockedError: another run is writing now.
        """
        return self._database.exclusive()

    # --- questions and answers --------------------------------------------------------------------

    def add(self, requests: Iterable[Request], kind: str, max_bytes: int, now: float) -> int:
        """Have those wait that were never asked; returns how many.

        One whose line alone is longer than a file may be fails at once.

        Raises:
            DataError: an id is not that of the body.
        """
        rows = {each.custom_id: _new_row(each, kind) for each in requests}
        with self._database.writing() as connection:
            known = _states(connection, rows)
            new = [row for custom_id, row in rows.items() if custom_id not in known]
            too_large = [row for row in new if row["n_bytes"] > max_bytes]
            for row in too_large:
                row |= {"state": states.GIVEN_UP, "reason": states.TOO_LARGE}
            if new:
                connection.execute(insert(REQUESTS), new)
            if too_large:
                connection.execute(insert(FAILURES), [_too_large(row, now) for row in too_large])
        return len(new)

    def remember(self, request: Request, kind: str, answer: Answer, now: float) -> None:
        """Keep an answer that was got outside of batches, so that it is not asked for again."""
        values = {
            "state": states.ANSWERED,
            "answer": storable(answer.text),
            "answered_by": "",
            "answered_at": now,
            "prompt_tokens": answer.prompt_tokens,
            "completion_tokens": answer.completion_tokens,
        }
        with self._database.writing() as connection:
            _put(connection, _new_row(request, kind), values, unless=(states.ANSWERED,))

    def give_up(self, request: Request, kind: str, failure: Failure, now: float) -> None:
        """Give up a request that got no answer outside of batches, until :meth:`retry`."""
        values = {"state": states.GIVEN_UP, "reason": failure.reason}
        entry = {"custom_id": request.custom_id, "batch": None, "at": now}
        entry |= {"reason": failure.reason, "detail": storable(failure.detail[:KEPT_CHARACTERS])}
        with self._database.writing() as connection:
            unless = (states.ANSWERED, states.IN_FLIGHT)  # its batch may still bring one
            _put(connection, _new_row(request, kind), values, unless=unless)
            connection.execute(insert(FAILURES), [entry])

    def answers(self, custom_ids: Iterable[str]) -> dict[str, str]:
        """Answers that are there, by custom_id."""
        found: dict[str, str] = {}
        with self._database.reading() as connection:
            for chunk in _chunks(list(custom_ids)):
                rows = connection.execute(
                    select(REQUESTS.c.custom_id, REQUESTS.c.answer)
                    .where(REQUESTS.c.custom_id.in_(chunk))
                    .where(REQUESTS.c.answer.is_not(None))  # the state's index would be taken
                )
                found |= dict(rows.all())
        return found

    def states_of(self, custom_ids: Iterable[str]) -> dict[str, str]:
        """State of each request that was ever asked (:mod:`states`), by custom_id."""
        with self._database.reading() as connection:
            return _states(connection, custom_ids)

    def counts(self) -> dict[str, int]:
        """Number of requests, by state."""
        with self._database.reading() as connection:
            return request_counts(connection)

    def failed(self) -> list[FailedRequest]:
        """Requests given up, in the order they were asked."""
        with self._database.reading() as connection:
            return given_up(connection)

    def retry(self) -> int:
        """Have all that were given up wait again, with all their attempts; returns how many."""
        with self._database.writing() as connection:
            return connection.execute(
                update(REQUESTS)
                .where(REQUESTS.c.state == states.GIVEN_UP)
                .values(state=states.WAITING, attempts=0)
            ).rowcount

    # --- batches ----------------------------------------------------------------------------------

    def plan(self, limits: Limits, now: float) -> Batch | None:
        """Write down the intent to send a batch of requests that wait; None if none may be sent."""
        with self._database.writing() as connection:
            number = plan(connection, limits, now)
            return None if number is None else _batches(connection, BATCHES.c.number == number)[0]

    def pending(self) -> list[Batch]:
        """Batches whose results are awaited, the oldest first."""
        with self._database.reading() as connection:
            return _batches(connection, BATCHES.c.collection == states.PENDING)

    def watched(self, since: float) -> list[Batch]:
        """Batches of intents that the server may have more of: pending, or planned lately."""
        lately = BATCHES.c.planned_at >= since
        intents = select(BATCHES.c.intent).where(
            or_(BATCHES.c.collection == states.PENDING, lately)
        )
        with self._database.reading() as connection:
            return _batches(connection, BATCHES.c.intent.in_(intents))

    def lines(self, batch: Batch) -> bytes:
        """Content of its input file, to be uploaded now.

        Requests answered since the batch was planned are left out. From now on the n-th line is
        that of the batch's n-th request, whatever becomes of it.
        """
        ours = REQUESTS.c.batch == batch.number
        with self._database.writing() as connection:
            connection.execute(
                update(REQUESTS)
                .where(and_(ours, REQUESTS.c.state != states.IN_FLIGHT))
                .values(batch=None)
            )
            rows = connection.execute(
                select(REQUESTS.c.custom_id, REQUESTS.c.body)
                .where(ours)
                .order_by(REQUESTS.c.number)
            )
            return b"".join(line(custom_id, body) for custom_id, body in rows)

    def uploaded(self, batch: Batch, file_id: str) -> None:
        """Its input file is there."""
        self._set(batch, file_id=file_id)

    def asking(self, batch: Batch, now: float) -> None:
        """Its creation is going to be asked for: from now on the server may have it."""
        self._set(batch, asked_at=now)

    def not_created(self, batch: Batch) -> None:
        """The server said no, for now."""
        self._set(batch, asked_at=None)

    def created(self, batch: Batch, remote: RemoteBatch) -> None:
        """The server has it."""
        self._set(batch, batch_id=remote.batch_id, status=_known(remote.status))

    def fenced(self, batch: Batch, now: float) -> None:
        """Its input is deleted: it may be there already, but cannot be created any more."""
        self._set(batch, fenced_at=now)

    def seen(self, batch: Batch, remote: RemoteBatch) -> None:
        """What the server says of it."""
        values: dict[str, Any] = {
            "status": states.advanced(batch.status, remote.status),
            "output_file_id": remote.output_file_id,
            "error_file_id": remote.error_file_id,
        }
        if remote.status not in states.OVER:
            values["missing_since"] = None
        self._set(batch, **values)

    def missed(self, batch: Batch, now: float) -> None:
        """It, or a file of it, is not to be found."""
        if batch.missing_since is None:
            self._set(batch, missing_since=now)

    def add_unwanted(self, batch: Batch, remote: RemoteBatch) -> None:
        """The server has another batch of the same intent: to be cancelled, and collected."""
        with self._database.writing() as connection:
            row = connection.execute(select(BATCHES).where(BATCHES.c.number == batch.number)).one()
            kept = ("intent", "model", "n_rows", "tokens", "enqueued_tokens", "planned_at")
            copy = {name: row._mapping[name] for name in (*kept, "file_id", "asked_at")}
            copy |= {"batch_id": remote.batch_id, "unwanted": True, "collection": states.PENDING}
            connection.execute(insert(BATCHES), [copy])

    def finish(self, batch: Batch, closing: Closing, limits: Limits, now: float) -> int:
        """Take what a batch brought and let its other requests go; returns answers taken."""
        with self._database.writing() as connection:
            return settle(connection, batch.number, batch.batch_id, closing, limits, now)

    def _set(self, batch: Batch, **values: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(
                update(BATCHES).where(BATCHES.c.number == batch.number).values(values)
            )


def _new_row(request: Request, kind: str) -> dict[str, Any]:
    body = body_text(request.body)
    if request.custom_id not in (stable_id(request.body), stable_id(request.body, kind)):
        raise DataError(
            f"request {request.custom_id!r} of kind {kind}: not the id of its body, which answers "
            "are found by; make it with stable_id(body, kind)"
        )
    return {
        "custom_id": request.custom_id,
        "kind": kind,
        "model": request.body["model"],
        "body": body,
        "n_bytes": len(line(request.custom_id, body)),
        "tokens": prompt_tokens(request.body),
        "state": states.WAITING,
        "reason": None,
    }


def _put(
    connection: Connection, row: dict[str, Any], values: dict[str, Any], unless: Sequence[str]
) -> None:
    """Insert ``row`` with ``values``, or update the one there, ``unless`` in these states."""
    if _states(connection, [row["custom_id"]]):
        connection.execute(
            update(REQUESTS)
            .where(REQUESTS.c.custom_id == row["custom_id"])
            .where(REQUESTS.c.state.not_in(unless))
            .values(values)
        )
    else:
        connection.execute(insert(REQUESTS), [row | values])


def _too_large(row: Mapping[str, Any], now: float) -> dict[str, Any]:
    detail = f"{row['n_bytes']} bytes: more than an input file may have"
    failed = {"custom_id": row["custom_id"], "reason": states.TOO_LARGE, "detail": detail}
    return failed | {"batch": None, "at": now}


def _states(connection: Connection, custom_ids: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for chunk in _chunks(list(custom_ids)):
        rows = connection.execute(
            select(REQUESTS.c.custom_id, REQUESTS.c.state).where(REQUESTS.c.custom_id.in_(chunk))
        )
        found |= dict(rows.all())
    return found


_BATCH_COLUMNS = tuple(BATCHES.c[each.name] for each in fields(Batch))


def _batches(connection: Connection, condition: Any) -> list[Batch]:
    query = select(*_BATCH_COLUMNS).where(condition).order_by(BATCHES.c.number)
    return [Batch(*row) for row in connection.execute(query)]


def _known(status: str) -> str | None:
    return status if status in states.REMOTE else None


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
