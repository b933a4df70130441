"""What a job would cost, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nadeuri.match.jobs import states
from nadeuri.match.jobs.requests import (
    Request,
    body_text,
    completion_tokens,
    line,
    prompt_tokens,
)
from nadeuri.match.jobs.shards import Limits, Row, cut
from nadeuri.match.jobs.store import JobStore


@dataclass(frozen=True)
class Prices:
    """Of a model, per million tokens and without discount, in whatever currency.

    Attributes:
        batch_discount: share by which the Batch API is cheaper.
    """

    prompt: float
    completion: float
    batch_discount: float = 0.5


@dataclass(frozen=True)
class Estimate:
    """What asking some requests would take.

    Attributes:
        n_requests: different ones.
        n_answered: of these, answered already: they cost nothing.
        n_asked: of these, waiting, in flight, or given up (which cost nothing until retried).
        n_new: of these, to be sent; the numbers below are about them.
        n_batches: that they fill.
        prompt_tokens: rather too many (see :func:`~nadeuri.match.jobs.requests.prompt_tokens`).
        completion_tokens: at most, where the requests set a limit.
        cost: in the currency of the prices; None without prices.
    """

    n_requests: int
    n_answered: int
    n_asked: int
    n_new: int
    n_batches: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None = None


def estimate(
    store: JobStore, requests: Iterable[Request], limits: Limits, prices: Prices | None
) -> Estimate:
    """The estimate; nothing is written.

    Raises:
        DataError: a body is no request.
    """
    distinct = {each.custom_id: each for each in requests}
    known = store.states_of(distinct)
    n_answered = sum(state == states.ANSWERED for state in known.values())
    new = [each for custom_id, each in distinct.items() if custom_id not in known]
    n_prompt = sum(prompt_tokens(each.body) for each in new)
    n_completion = sum(completion_tokens(each.body) for each in new)
    cost = None
    if prices is not None:
        full = (n_prompt * prices.prompt + n_completion * prices.completion) / 1e6
        cost = full * (1.0 - prices.batch_discount)
    return Estimate(
        n_requests=len(distinct),
        n_answered=n_answered,
        n_asked=len(known) - n_answered,
        n_new=len(new),
        n_batches=_n_batches(new, limits),
        prompt_tokens=n_prompt,
        completion_tokens=n_completion,
        cost=cost,
    )


def _n_batches(requests: list[Request], limits: Limits) -> int:
    by_model: dict[str, list[Row]] = {}
    for number, each in enumerate(requests):
        n_bytes = len(line(each.custom_id, body_text(each.body)))
        row = Row(number, n_bytes, prompt_tokens(each.body))
        by_model.setdefault(each.body["model"], []).append(row)
    budget = float("inf")
    if limits.max_enqueued_tokens is not None:
        budget = limits.max_enqueued_tokens
    n_batches = 0
    for rows in by_model.values():
        while rows:
            rows = rows[len(cut(rows, limits, budget, alone=True)) :]
            n_batches += 1
    return n_batches
