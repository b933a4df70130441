"""What a job would cost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from batch_chaos import KIND, World, request

from nadeuri.match.jobs.estimate import Prices
from nadeuri.match.jobs.requests import prompt_tokens
from nadeuri.match.jobs.results import Answer

Worlds = Callable[..., World]


def test_only_what_is_new_costs(worlds: Worlds) -> None:
    world = worlds(max_rows=2)
    world.ask([1, 2])
    world.store.remember(request(3), KIND, Answer("yes"), 0.0)
    asked = [request(number) for number in (1, 2, 3, 4, 5, 6, 6)]
    found = world.runner().estimate(asked, Prices(prompt=2.0, completion=8.0))
    assert (found.n_requests, found.n_answered, found.n_asked, found.n_new) == (6, 1, 2, 3)
    assert found.n_batches == 2
    tokens = sum(prompt_tokens(request(number).body) for number in (4, 5, 6))
    assert (found.prompt_tokens, found.completion_tokens) == (tokens, 3 * 64)
    assert found.cost == pytest.approx((tokens * 2.0 + 3 * 64 * 8.0) / 1e6 / 2)
    assert world.server.requests == []
    assert world.store.counts() == {"waiting": 2, "answered": 1}


def test_without_prices_and_with_a_token_limit(worlds: Worlds) -> None:
    world = worlds(max_rows=100, max_enqueued_tokens=prompt_tokens(request(1).body))
    found = world.runner().estimate([request(number) for number in range(5)])
    assert found.cost is None
    assert found.n_batches == 5
