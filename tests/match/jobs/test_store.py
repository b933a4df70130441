"""Questions and answers in the store, in SQLite and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from batch_chaos import KIND, request

from nadeuri.match.jobs import states
from nadeuri.match.jobs.closing import Closing
from nadeuri.match.jobs.requests import Request, stable_id
from nadeuri.match.jobs.results import Answer, Failure, read_results
from nadeuri.match.jobs.shards import Limits
from nadeuri.match.jobs.store import JobStore

LIMITS = Limits(max_attempts=2)
IDS = [request(number).custom_id for number in range(4)]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JobStore]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/jobs.sqlite"
    else:
        url = request.getfixturevalue("postgres")
    with JobStore(url) as store:
        yield store


def put(store: JobStore, *numbers: int) -> int:
    return store.add([request(number) for number in numbers], KIND, 1000, 0.0)


def answer_line(number: int) -> bytes:
    body = '{"choices": [{"message": {"content": "yes\\u0000"}}]}'
    response = '{"status_code": 200, "body": %s}' % body  # noqa: UP031
    return f'{{"custom_id": "{IDS[number]}", "response": {response}}}\n'.encode()


def test_asked_once_is_known(store: JobStore) -> None:
    assert put(store, 0, 1, 0) == 2
    assert put(store, 1, 2) == 1
    assert store.counts() == {states.WAITING: 3}
    assert store.states_of([*IDS, "x"]) == dict.fromkeys(IDS[:3], states.WAITING)
    assert store.answers(IDS) == {}


def test_too_large_a_request_fails_at_once(store: JobStore) -> None:
    assert store.add([request(0)], KIND, 100, 5.0) == 1
    [failed] = store.failed()
    assert (failed.custom_id, failed.reason) == (IDS[0], states.TOO_LARGE)
    assert "bytes" in failed.detail


def test_a_batch_from_plan_to_end(store: JobStore) -> None:
    put(store, 0, 1, 2, 3)
    batch = store.plan(LIMITS, 10.0)
    assert batch is not None
    assert store.plan(LIMITS, 10.0) is None
    assert store.counts() == {states.IN_FLIGHT: 4}
    store.remember(request(3), KIND, Answer("known meanwhile"), 11.0)
    lines = store.lines(batch)
    assert lines.count(b"\n") == 3
    assert IDS[3].encode() not in lines

    results = read_results(answer_line(0) + b"?\n" + answer_line(0).replace(b"-", b"_"))
    rest = Failure(states.MISSING_LINE, "nowhere")
    closing = Closing(states.COLLECTED, rest, results=results)
    assert store.finish(batch, closing, LIMITS, 12.0) == 1
    assert store.answers(IDS) == {IDS[0]: "yes\ufffd", IDS[3]: "known meanwhile"}
    assert store.counts() == {states.ANSWERED: 2, states.WAITING: 2}
    assert store.pending() == []

    again = store.plan(LIMITS, 13.0)
    assert again is not None
    assert again.intent != batch.intent
    invalid = {2: Failure(states.INVALID, "no such model")}
    refused = Closing(states.COLLECTED, Failure(states.BATCH_FAILED, "no"), invalid=invalid)
    assert store.finish(again, refused, LIMITS, 14.0) == 0
    assert store.states_of(IDS[1:3]) == {IDS[1]: states.WAITING, IDS[2]: states.GIVEN_UP}

    last = store.plan(LIMITS, 15.0)
    assert last is not None
    store.finish(last, Closing(states.UNAVAILABLE, rest), LIMITS, 16.0)
    failed = [(each.custom_id, each.attempts, each.reason) for each in store.failed()]
    assert failed == [(IDS[1], 2, states.MISSING_LINE), (IDS[2], 2, states.INVALID)]
    assert store.retry() == 2
    assert store.failed() == []
    assert store.plan(LIMITS, 17.0) is not None


def test_a_line_that_no_request_has_is_held_against_all(store: JobStore) -> None:
    put(store, 0, 1)
    batch = store.plan(LIMITS, 1.0)
    assert batch is not None
    invalid = {7: Failure(states.INVALID, "?")}
    failed = Failure(states.BATCH_FAILED, "no")
    limits = Limits(max_attempts=1)
    store.finish(batch, Closing(states.COLLECTED, failed, invalid=invalid), limits, 2.0)
    assert store.counts() == {states.GIVEN_UP: 2}


def test_given_up_outside_of_batches(store: JobStore) -> None:
    store.give_up(request(0), KIND, Failure(states.ROW_ERROR, "busy\x00"), 1.0)
    assert [each.detail for each in store.failed()] == ["busy\ufffd"]
    store.remember(request(0), KIND, Answer("yes"), 2.0)
    store.give_up(request(0), KIND, Failure(states.ROW_ERROR, "late"), 3.0)
    store.remember(request(0), KIND, Answer("no"), 4.0)
    assert store.answers(IDS) == {IDS[0]: "yes"}
    put(store, 1)
    store.plan(LIMITS, 5.0)
    store.give_up(request(1), KIND, Failure(states.ROW_ERROR, "busy"), 6.0)
    assert store.states_of(IDS[1:2]) == {IDS[1]: states.IN_FLIGHT}


def test_a_batch_is_for_one_model(store: JobStore) -> None:
    body = dict(request(9).body) | {"model": "large"}
    store.add([request(0), Request(stable_id(body), body), request(1)], KIND, 1000, 0.0)
    batches = [store.plan(LIMITS, 1.0) for _ in range(3)]
    assert [each and each.n_rows for each in batches] == [2, 1, None]


def test_a_refusal_for_tokens_halves_what_is_sent(store: JobStore) -> None:
    put(store, 0, 1, 2, 3)
    limits = Limits(token_limit_memory_s=100.0)
    sizes = []
    for now in (0.0, 10.0, 20.0):
        batch = store.plan(limits, now)
        assert batch is not None
        sizes.append(batch.n_rows)
        too_much = Failure(states.TOKEN_LIMIT, "too much")
        store.finish(batch, Closing(states.COLLECTED, too_much, counted=False), limits, now)
    assert sizes == [4, 2, 1]
    batch = store.plan(limits, 500.0)  # that was long ago
    assert batch is not None
    assert batch.n_rows == 4
