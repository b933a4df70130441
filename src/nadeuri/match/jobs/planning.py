"""The next batch: which of the requests that wait go into it."""

from __future__ import annotations

import uuid

from sqlalchemy import Connection, and_, func, insert, select, update

from nadeuri.match.jobs import states
from nadeuri.match.jobs.shards import Limits, Row, cut
from nadeuri.match.jobs.tables import BATCHES, REQUESTS


def plan(connection: Connection, limits: Limits, now: float) -> int | None:
    """Number of a new batch, with its requests in flight; None if nothing waits or may be sent.

    A batch is for one model: servers refuse others, and count enqueued tokens by model.
    """
    models = (
        select(REQUESTS.c.model)
        .where(REQUESTS.c.state == states.WAITING)
        .group_by(REQUESTS.c.model)
        .order_by(func.min(REQUESTS.c.number))
    )
    for model in connection.scalars(models).all():
        number = _plan(connection, model, limits, now)
        if number is not None:
            return number
    return None


def _plan(connection: Connection, model: str, limits: Limits, now: float) -> int | None:
    """A batch of requests to ``model``; None if there is no room for any."""
    pending = and_(BATCHES.c.model == model, BATCHES.c.collection == states.PENDING)
    enqueued = connection.scalar(select(func.sum(BATCHES.c.tokens)).where(pending)) or 0
    waiting = and_(REQUESTS.c.state == states.WAITING, REQUESTS.c.model == model)
    rows = connection.execute(
        select(REQUESTS.c.number, REQUESTS.c.n_bytes, REQUESTS.c.tokens)
        .where(waiting)
        .order_by(REQUESTS.c.number)
        .limit(limits.max_rows)
    )
    budget = _token_budget(connection, model, limits, now) - enqueued
    taken = cut((Row(*row) for row in rows), limits, budget, alone=enqueued == 0)
    if not taken:
        return None
    tokens = sum(row.tokens for row in taken)
    made = connection.execute(
        insert(BATCHES).values(
            intent=uuid.uuid4().hex,
            model=model,
            n_rows=len(taken),
            tokens=tokens,
            enqueued_tokens=enqueued + tokens,
            planned_at=now,
            collection=states.PENDING,
        )
    )
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    connection.execute(
        update(REQUESTS)
        .where(and_(waiting, REQUESTS.c.number <= taken[-1].number))
        .values(state=states.IN_FLIGHT, batch=number)
    )
    return number


def _token_budget(connection: Connection, model: str, limits: Limits, now: float) -> float:
    """Tokens that may be enqueued: as configured, and half of what was lately too many."""
    refused = connection.scalar(
        select(func.min(BATCHES.c.enqueued_tokens))
        .where(and_(BATCHES.c.model == model, BATCHES.c.reason == states.TOKEN_LIMIT))
        .where(BATCHES.c.closed_at >= now - limits.token_limit_memory_s)
    )
    configured = limits.max_enqueued_tokens
    return min(
        float("inf") if configured is None else configured,
        float("inf") if refused is None else refused // 2,
    )
