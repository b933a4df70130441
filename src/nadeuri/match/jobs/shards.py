"""How much goes into one batch: rows, bytes and tokens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Limits:
    """What a server takes, and how patient to be with it.

    Attributes:
        max_rows: of one batch.
        max_bytes: of one input file.
        max_enqueued_tokens: of prompts, in all batches of one model that are not over; None where
            the account's limit is not known: a refusal then halves what is sent.
        max_attempts: after so many that came to nothing a request is given up.
        grace_s: for how long a batch or a file that should be there may not be seen, as servers
            answer from replicas; and for how long a request to create one may be under way.
        token_limit_memory_s: for how long a refusal for too many enqueued tokens is heeded.
    """

    max_rows: int = 50_000
    max_bytes: int = 200_000_000
    max_enqueued_tokens: int | None = None
    max_attempts: int = 3
    grace_s: float = 900.0
    token_limit_memory_s: float = 6 * 3600.0


class Row(NamedTuple):
    """What cutting needs to know of a request."""

    number: int
    n_bytes: int
    tokens: int


def cut(rows: Iterable[Row], limits: Limits, token_budget: float, *, alone: bool) -> list[Row]:
    """The first ``rows`` that fit into one batch.

    Args:
        token_budget: tokens that may still be enqueued.
        alone: nothing else is enqueued: then the first row is taken even when it exceeds the
            budget, as waiting would not make it smaller.
    """
    taken: list[Row] = []
    n_bytes = tokens = 0
    for row in rows:
        n_bytes += row.n_bytes
        tokens += row.tokens
        full = len(taken) == limits.max_rows or n_bytes > limits.max_bytes or tokens > token_budget
        if full and (taken or not alone):
            break
        taken.append(row)
    return taken
