"""What people are told of batches, over stores that the real runner wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from batch_chaos import World, request
from batch_server import Running
from jobs_world import LIMITS, bring_about_every_state
from sqlalchemy import Connection, create_engine, inspect, text

from nadeuri.database import Database
from nadeuri.llm_batch import BatchApi
from nadeuri.match.jobs import records, states
from nadeuri.match.jobs.records import BatchRecord
from nadeuri.match.jobs.results import Answer, Failure
from nadeuri.match.jobs.tables import METADATA

Worlds = Callable[..., World]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def connection(
    request: pytest.FixtureRequest, batch_socket: Running, batch_api: BatchApi
) -> Iterator[Connection]:
    """Reads a store with a batch in every state."""
    if request.param == "sqlite":
        url = request.getfixturevalue("every_job")
    else:
        url = request.getfixturevalue("postgres")
        world = World(batch_socket, batch_api, url, LIMITS)
        bring_about_every_state(world)
        world.close()
    with Database(url, METADATA) as store, store.reading() as connection:
        yield connection


def test_a_batch_in_every_state(connection: Connection) -> None:
    found = records.batches(connection, limit=100)
    assert [(each.number, each.state) for each in reversed(found)] == [
        (1, states.COMPLETED),
        (2, states.EXPIRED),
        (3, states.FAILED),
        (4, states.CANCELLED),
        (5, records.DROPPED),
        (6, states.IN_PROGRESS),
        (7, states.FINALIZING),
        (8, states.CANCELLING),
        (9, states.VALIDATING),
        (10, records.UNCONFIRMED),
    ]
    assert records.state_counts(connection) == dict.fromkeys(records.STATES, 1)
    for each in found:
        assert records.batches(connection, each.state, limit=9) == [each]
        assert records.batch(connection, each.number) == each
    assert records.batches(connection, limit=2, offset=3) == found[3:5]
    assert records.batch(connection, 99) is None


def test_what_came_of_them(connection: Connection) -> None:
    def told(each: BatchRecord | None) -> tuple[object, ...]:
        assert each is not None
        return (each.n_rows, each.n_answered, each.n_failed, each.prompt_tokens, each.kinds)

    batches = [records.batch(connection, number) for number in range(1, 11)]
    assert [told(each) for each in batches[:5]] == [
        (4, 3, 1, 30, ("select",)),
        (4, 1, 3, 10, ("select",)),
        (1, 0, 1, None, ("relation",)),
        (2, 0, 2, None, ("select",)),
        (1, 0, 1, None, ()),  # its request went on with the next, and holds nothing against it
    ]
    assert all(each is not None and each.n_answered == 0 for each in batches[5:])
    completed, dropped, unconfirmed = batches[0], batches[4], batches[9]
    assert completed is not None
    assert dropped is not None
    assert unconfirmed is not None
    assert completed.closed_at is not None
    assert completed.asked_at is not None
    assert completed.planned_at <= completed.asked_at < completed.closed_at
    assert (completed.collection, completed.reason) == (states.COLLECTED, None)
    assert (dropped.collection, dropped.reason) == (states.UNAVAILABLE, states.NEVER_CREATED)
    assert (unconfirmed.collection, unconfirmed.batch_id) == (states.PENDING, None)


def test_requests_and_what_failed(connection: Connection) -> None:
    counts = records.request_counts(connection)
    assert counts == {
        states.ANSWERED: 4,
        states.GIVEN_UP: 7,
        states.IN_FLIGHT: 5,
        states.WAITING: 1,
    }
    failed = records.given_up(connection)
    assert [(each.batch, each.reason) for each in failed] == [
        (1, states.ROW_ERROR),
        *[(2, states.NOT_EXECUTED)] * 3,
        (3, states.INVALID),
        (4, states.NOT_EXECUTED),
        (4, states.NOT_EXECUTED),
    ]
    assert "no answer (500)" in failed[0].detail
    assert records.given_up(connection, limit=2, offset=1) == failed[1:3]
    listed, n_all = records.failures(connection, 4, limit=1)
    assert (len(listed), n_all) == (1, 2)
    assert (listed[0].kind, listed[0].state, listed[0].attempts) == ("select", "failed", 1)
    assert records.failures(connection, 9, limit=5) == ([], 0)


def test_a_batch_that_was_refused_as_a_whole_failed_for_all_of_its_requests(
    worlds: Worlds,
) -> None:
    world = worlds(max_rows=100)
    world.server.token_limit = 60  # about two questions
    world.ask(list(range(8)))
    while world.outcomes() != {states.ANSWERED: 8}:
        world.advance()
        world.server.tick(4000)
    with Database(world.url, METADATA) as store, store.reading() as connection:
        found = records.batches(connection, limit=99)
    first, *halves = reversed(found)
    assert first.reason == states.TOKEN_LIMIT
    assert (first.n_rows, first.n_answered, first.n_failed) == (8, 0, 8)
    assert sum(each.n_answered for each in halves) == 8
    assert all(each.n_answered + each.n_failed == each.n_rows for each in found)


def test_an_answer_counts_for_the_batch_that_brought_it(worlds: Worlds) -> None:
    """A second batch of one intent is cancelled, and has no requests of its own."""
    world = worlds()
    world.server.faults["create"] = ["twice"]
    world.ask([1, 2])
    world.advance()
    world.settle()
    with Database(world.url, METADATA) as store, store.reading() as connection:
        second, first = records.batches(connection, limit=9)
    assert (first.unwanted, second.unwanted) == (False, True)
    assert (first.n_answered + second.n_answered, first.n_failed) == (2, 0)


def test_what_was_asked_outside_of_batches(worlds: Worlds) -> None:
    world = worlds()
    world.store.remember(request(1), "select", Answer("yes"), 0.0)
    world.store.give_up(request(2), "select", Failure(states.REFUSED, "no"), 5.0)
    with Database(world.url, METADATA) as store, store.reading() as connection:
        assert records.batches(connection, limit=9) == []
        (failed,) = records.given_up(connection)
    assert (failed.batch, failed.at, failed.detail) == (None, 5.0, "no")


def test_an_older_database_gets_its_indexes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/jobs.sqlite"
    Database(url, METADATA).close()
    new = {"llm_requests_kind", "llm_requests_answered", "llm_failures_batch"}

    def indexes() -> set[str | None]:
        found = inspect(engine)
        tables = ("llm_requests", "llm_failures")
        return {each["name"] for table in tables for each in found.get_indexes(table)}

    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            for name in new:
                connection.execute(text(f"DROP INDEX {name}"))
        assert not indexes() & new
        Database(url, METADATA).close()
        assert new <= indexes()
    finally:
        engine.dispose()
