"""The end of a batch: answers are taken, and the other requests wait again or are given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from nadeuri.match.jobs import states
from nadeuri.match.jobs.results import Failure, Results
from nadeuri.match.jobs.shards import Limits
from nadeuri.match.jobs.tables import BATCHES, FAILURES, REQUESTS

_CHUNK = 500  # ids in one query


@dataclass(frozen=True)
class Closing:
    """What a batch brought, and what is held against requests that it brought nothing for.

    Attributes:
        collection: COLLECTED, or UNAVAILABLE where results are lost or never were.
        rest: of requests that ``results`` says nothing of.
        counted: whether ``rest`` is an attempt of theirs; if not, it is the batch's affair only.
        invalid: requests that may not be sent again, by their line in the input, from 1. Where
            there are any, the others are innocent: ``rest`` is no attempt of theirs.
    """

    collection: str
    rest: Failure
    counted: bool = True
    results: Results = field(default_factory=Results)
    invalid: Mapping[int, Failure] = field(default_factory=dict)


def settle(
    connection: Connection,
    number: int,
    batch_id: str | None,
    closing: Closing,
    limits: Limits,
    now: float,
) -> int:
    """Close batch ``number``; returns answers taken.

    Answers are taken whoever the request is in flight with: that of a batch that turned up too late
    is an answer all the same. A request that has one keeps it.
    """
    log = _Log(number, now)
    n_taken = _take(connection, batch_id, closing, log)
    explained = _release(connection, closing, limits, log)
    if log.rows:
        connection.execute(insert(FAILURES), log.rows)
    connection.execute(
        update(BATCHES)
        .where(BATCHES.c.number == number)
        .values(
            collection=closing.collection,
            closed_at=now,
            reason=None if explained else closing.rest.reason,
            detail=None if explained else closing.rest.detail,
        )
    )
    return n_taken


@dataclass
class _Log:
    """Entries for the log of failures."""

    batch: int
    at: float
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, custom_id: str | None, failure: Failure) -> None:
        entry = {"custom_id": custom_id, "reason": failure.reason, "detail": failure.detail}
        self.rows.append(entry | {"batch": self.batch, "at": self.at})


def _take(connection: Connection, batch_id: str | None, closing: Closing, log: _Log) -> int:
    results = closing.results
    known: dict[str, tuple[int, str]] = {}
    ids = [*results.answers, *results.failures]
    for start in range(0, len(ids), _CHUNK):
        rows = connection.execute(
            select(REQUESTS.c.custom_id, REQUESTS.c.number, REQUESTS.c.state).where(
                REQUESTS.c.custom_id.in_(ids[start : start + _CHUNK])
            )
        )
        known |= {custom_id: (number, state) for custom_id, number, state in rows}
    taken = []
    for custom_id, answer in results.answers.items():
        number, state = known.get(custom_id, (None, None))
        if number is None:
            log.add(custom_id, Failure(states.UNKNOWN_ID, answer.text))
        elif state == states.ANSWERED:
            log.add(custom_id, Failure(states.LATE_ANSWER, answer.text))
        else:
            taken.append(
                {
                    "its_number": number,
                    "answer": answer.text,
                    "prompt_tokens": answer.prompt_tokens,
                    "completion_tokens": answer.completion_tokens,
                }
            )
    for custom_id, failure in results.failures.items():
        if custom_id not in known:
            log.add(custom_id, Failure(states.UNKNOWN_ID, failure.detail))
    for odd_id, failure in results.oddities:
        log.add(odd_id, failure)
    if taken:
        connection.execute(
            update(REQUESTS)
            .where(REQUESTS.c.number == bindparam("its_number"))
            .values(state=states.ANSWERED, answered_by=batch_id, answered_at=log.at)
            .values({name: bindparam(name) for name in taken[0] if name != "its_number"}),
            taken,
        )
    return len(taken)


def _release(connection: Connection, closing: Closing, limits: Limits, log: _Log) -> bool:
    """Requests still in flight with the batch wait for another attempt, or are given up.

    Returns whether its files explain the fate of every one of them.
    """
    ours = connection.execute(
        select(REQUESTS.c.number, REQUESTS.c.custom_id, REQUESTS.c.state, REQUESTS.c.attempts)
        .where(REQUESTS.c.batch == log.batch)
        .order_by(REQUESTS.c.number)
    )
    open_rows = [
        (line, number, custom_id, attempts)
        for line, (number, custom_id, state, attempts) in enumerate(ours, start=1)
        if state == states.IN_FLIGHT
    ]
    invalid = {line: closing.invalid[line] for line, *_ in open_rows if line in closing.invalid}
    counted = not invalid if closing.invalid else closing.counted
    explained = True
    released = []
    for line, number, custom_id, attempts in open_rows:
        own = invalid.get(line) or closing.results.failures.get(custom_id)
        failure = own or closing.rest
        explained = explained and own is not None
        if own or counted:
            log.add(custom_id, failure)
            attempts += 1
        given_up = line in invalid or attempts >= limits.max_attempts
        released.append(
            {
                "its_number": number,
                "new_state": states.GIVEN_UP if given_up else states.WAITING,
                "new_attempts": attempts,
                "new_reason": failure.reason,
            }
        )
    if released:
        connection.execute(
            update(REQUESTS)
            .where(REQUESTS.c.number == bindparam("its_number"))
            .values({name: bindparam(f"new_{name}") for name in ("state", "attempts", "reason")}),
            released,
        )
    return explained
