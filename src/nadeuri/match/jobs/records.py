"""What the job store tells people: batches and their states, and requests that came to nothing.

Functions take a connection that reads; none writes. What would need the bodies of requests is left
out: the store of a large mapping has gigabytes of them, and the counts here come from indexes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, distinct, func, select

from nadeuri.match.jobs import states
from nadeuri.match.jobs.tables import BATCHES, FAILURES, REQUESTS

UNCONFIRMED = "unconfirmed"
"""State of a batch that the server has not told of yet: planned, uploaded or asked for."""
DROPPED = "dropped"
"""State of a batch that was closed here without a word of the server's: refused, never created."""
STATES = (UNCONFIRMED, *states.REMOTE, DROPPED)


@dataclass(frozen=True)
class BatchRecord:
    """A batch, as people are told of it; times are seconds since 1970.

    Attributes:
        state: one of :data:`STATES`.
        collection: whether its results are here (:mod:`states`).
        unwanted: a second one of the same requests; it is cancelled.
        tokens: of the prompts, approximately.
        closed_at: when its results were taken, or given up.
        reason, detail: why it came to nothing, where its files do not explain it.
        kinds: of its requests.
        n_answered: requests with the answer that it brought; 0 until they are collected.
        n_failed: requests that it brought nothing for; they may have been answered since.
        prompt_tokens, completion_tokens: of its answers, as the server counted; None if it did not.
    """

    number: int
    batch_id: str | None
    model: str
    state: str
    collection: str
    unwanted: bool
    n_rows: int
    tokens: int
    planned_at: float
    asked_at: float | None
    closed_at: float | None
    reason: str | None
    detail: str | None
    kinds: tuple[str, ...] = ()
    n_answered: int = 0
    n_failed: int = 0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True)
class FailureRecord:
    """An attempt that came to nothing, or an odd line in a result file.

    Attributes:
        custom_id: of the request; None where the line names none.
        kind, state, attempts: of the request now; None if it is not one of ours.
        batch: that it was sent with; None outside of batches.
    """

    custom_id: str | None
    kind: str | None
    state: str | None
    attempts: int | None
    batch: int | None
    at: float
    reason: str
    detail: str


@dataclass(frozen=True)
class FailedRequest:
    """A request given up, and the last entry of the log about it.

    Attributes:
        attempts: that came to nothing.
        batch: that it was last sent with; None outside of batches.
    """

    custom_id: str
    kind: str
    attempts: int
    reason: str
    detail: str
    batch: int | None
    at: float


_STATE: ColumnElement[str] = case(
    (BATCHES.c.status.is_not(None), BATCHES.c.status),
    (BATCHES.c.collection == states.PENDING, UNCONFIRMED),
    else_=DROPPED,
).label("state")
_COLUMNS: tuple[ColumnElement[Any], ...] = tuple(
    _STATE if each.name == "state" else BATCHES.c[each.name]
    for each in fields(BatchRecord)
    if each.name == "state" or each.name in BATCHES.c
)
_IS_ATTEMPT = and_(FAILURES.c.custom_id.is_not(None), FAILURES.c.reason.not_in(states.ODDITIES))


def batches(
    connection: Connection, state: str | None = None, *, limit: int, offset: int = 0
) -> list[BatchRecord]:
    """Batches in ``state``, or in any; the newest first."""
    query = select(*_COLUMNS).order_by(BATCHES.c.number.desc()).limit(limit).offset(offset)
    if state is not None:
        query = query.where(_STATE == state)  # noqa: SIM300 (mypy takes the other way for a bool)
    return _read(connection, query)


def batch(connection: Connection, number: int) -> BatchRecord | None:
    """One of them; None if there is none of this number."""
    found = _read(connection, select(*_COLUMNS).where(BATCHES.c.number == number))
    return found[0] if found else None


def state_counts(connection: Connection) -> dict[str, int]:
    """Number of batches by state; states of none are left out."""
    known = select(_STATE).subquery()  # PostgreSQL takes two parameters for two different ones
    query = select(known.c.state, func.count()).group_by(known.c.state)
    return dict(connection.execute(query).all())


def request_counts(connection: Connection) -> dict[str, int]:
    """Number of requests by state (:mod:`states`), in batches or not."""
    query = select(REQUESTS.c.state, func.count()).group_by(REQUESTS.c.state)
    return dict(connection.execute(query).all())


def failures(connection: Connection, number: int, *, limit: int) -> tuple[list[FailureRecord], int]:
    """What went wrong with batch ``number``, the last first; and how much there is in all."""
    ours = FAILURES.c.batch == number
    query = (
        select(
            FAILURES.c.custom_id,
            REQUESTS.c.kind,
            REQUESTS.c.state,
            REQUESTS.c.attempts,
            FAILURES.c.batch,
            FAILURES.c.at,
            FAILURES.c.reason,
            FAILURES.c.detail,
        )
        .join_from(FAILURES, REQUESTS, REQUESTS.c.custom_id == FAILURES.c.custom_id, isouter=True)
        .where(ours)
        .order_by(FAILURES.c.number.desc())
        .limit(limit)
    )
    n_all = connection.scalar(select(func.count()).select_from(FAILURES).where(ours))
    return [FailureRecord(*row) for row in connection.execute(query)], n_all or 0


def given_up(
    connection: Connection, *, limit: int | None = None, offset: int = 0
) -> list[FailedRequest]:
    """Requests given up, in the order they were asked, each with its last failure."""
    page = (  # first, for the log is long
        select(
            REQUESTS.c.number,
            REQUESTS.c.custom_id,
            REQUESTS.c.kind,
            REQUESTS.c.attempts,
            REQUESTS.c.reason,
        )
        .where(REQUESTS.c.state == states.GIVEN_UP)
        .order_by(REQUESTS.c.number)
        .limit(limit)
        .offset(offset)
        .cte("page")
    )
    last = (
        select(FAILURES.c.custom_id, func.max(FAILURES.c.number).label("number"))
        .where(_IS_ATTEMPT, FAILURES.c.custom_id.in_(select(page.c.custom_id)))
        .group_by(FAILURES.c.custom_id)
        .subquery()
    )
    query = (
        select(
            page.c.custom_id,
            page.c.kind,
            page.c.attempts,
            page.c.reason,
            FAILURES.c.detail,
            FAILURES.c.batch,
            FAILURES.c.at,
        )
        .join(last, last.c.custom_id == page.c.custom_id)
        .join(FAILURES, FAILURES.c.number == last.c.number)
        .order_by(page.c.number)
    )
    return [FailedRequest(*row) for row in connection.execute(query)]


def _read(connection: Connection, query: Select[Any]) -> list[BatchRecord]:
    found = [BatchRecord(*row) for row in connection.execute(query)]
    numbers = [each.number for each in found]
    kinds = _kinds(connection, numbers)
    failed = _failed(connection, numbers)
    answered = _answered(connection, [each.batch_id for each in found if each.batch_id])
    told = [
        replace(
            each,
            kinds=tuple(sorted(kinds[each.number])),
            n_failed=failed.get(each.number, 0),
            **answered.get(each.batch_id or "", {}),
        )
        for each in found
    ]
    # where the batch itself came to nothing, that is not logged as an attempt of its requests
    return [
        replace(each, n_failed=each.n_rows - each.n_answered) if each.reason else each
        for each in told
    ]


def _kinds(connection: Connection, numbers: Sequence[int]) -> defaultdict[int, set[str]]:
    """Kinds of the requests that are, or that failed, in each batch."""
    now_there = select(REQUESTS.c.batch, REQUESTS.c.kind).where(REQUESTS.c.batch.in_(numbers))
    were_there = (
        select(FAILURES.c.batch, REQUESTS.c.kind)
        .join(REQUESTS, REQUESTS.c.custom_id == FAILURES.c.custom_id)
        .where(FAILURES.c.batch.in_(numbers))
    )
    found: defaultdict[int, set[str]] = defaultdict(set)
    for number, kind in connection.execute(now_there.union(were_there)):
        found[number].add(kind)
    return found


def _failed(connection: Connection, numbers: Sequence[int]) -> dict[int, int]:
    query = (
        select(FAILURES.c.batch, func.count(distinct(FAILURES.c.custom_id)))
        .where(FAILURES.c.batch.in_(numbers), _IS_ATTEMPT)
        .group_by(FAILURES.c.batch)
    )
    return dict(connection.execute(query).all())


def _answered(connection: Connection, batch_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Counts of answers by the batch that brought them, whichever batch the request is in now."""
    query = (
        select(
            REQUESTS.c.answered_by,
            func.count(),
            func.sum(REQUESTS.c.prompt_tokens),
            func.sum(REQUESTS.c.completion_tokens),
        )
        .where(REQUESTS.c.answered_by.in_(batch_ids))
        .group_by(REQUESTS.c.answered_by)
    )
    return {
        batch_id: {
            "n_answered": n_answered,
            "prompt_tokens": None if prompt is None else int(prompt),  # a Decimal of PostgreSQL's
            "completion_tokens": None if completion is None else int(completion),
        }
        for batch_id, n_answered, prompt, completion in connection.execute(query)
    }
