"""Passes over a real socket: what goes well, and each thing that can go wrong, alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from batch_chaos import KIND, Fuse, World, request
from sqlalchemy import select

from nadeuri.match.jobs import states
from nadeuri.match.jobs.requests import Request, stable_id
from nadeuri.match.jobs.results import Answer
from nadeuri.match.jobs.runner import Summary
from nadeuri.match.jobs.tables import FAILURES

Worlds = Callable[..., World]
DAY = 90_000.0


def advance(world: World) -> Summary:
    summary = world.advance()
    assert summary is not None
    return summary


def log(world: World) -> list[str]:
    with world.store._database.reading() as connection:
        query = select(FAILURES.c.reason).order_by(FAILURES.c.number)
        return list(connection.scalars(query))


def all_well(world: World) -> bool:
    return world.lost() == [] and world.paid_twice() == 0


def test_the_usual_way(worlds: Worlds) -> None:
    world = worlds()
    world.ask(list(range(10)))
    assert advance(world) == Summary(submitted=10, in_flight=10)
    assert advance(world) == Summary(in_flight=10)
    world.server.tick(10_000)
    assert advance(world) == Summary(collected=10, answered=10)
    assert len(world.server.batches) == 3
    assert world.runner().answers(world.asked) == {
        custom_id: f"answer to {text}" for custom_id, text in world.asked.items()
    }
    world.ask([1, 2, 3])  # asked before: answered from the store
    assert advance(world) == Summary(answered=10)
    assert all_well(world)


def test_no_requests_no_traffic(worlds: Worlds) -> None:
    world = worlds()
    assert advance(world) == Summary()
    assert world.server.requests == []


def test_what_is_in_flight_or_answered_elsewhere_is_not_sent(worlds: Worlds) -> None:
    world = worlds()
    world.ask([1, 2])
    advance(world)
    world.store.remember(request(3), KIND, Answer("answer to question 3"), 0.0)
    world.ask([1, 2, 3])
    assert advance(world).submitted == 0
    world.settle()
    assert all_well(world)
    assert sum(world.server.executions.values()) == 2


@pytest.mark.parametrize("kind", ["lost", "done500", "garbage", "cut"])
def test_lost_response_of_create_is_found_by_listing(worlds: Worlds, kind: str) -> None:
    world = worlds()
    world.server.faults["create"] = [kind]
    world.server.list_lag_s = 600.0
    world.ask([1, 2])
    summary = advance(world)
    assert summary.submitted == 0
    assert "batch over file-1" in summary.errors[0]
    world.server.tick(700)
    assert advance(world) == Summary(in_flight=2)
    world.settle()
    assert len(world.server.batches) == 1
    assert all_well(world)


@pytest.mark.parametrize("kind", ["dropped", "500"])
def test_creation_that_never_happened_is_given_up_after_two_grace_periods(
    worlds: Worlds, kind: str
) -> None:
    world = worlds()
    world.server.faults["create"] = [kind]
    world.ask([1])
    advance(world)
    for submitted in (0, 1):
        assert advance(world).submitted == 0  # not before the time has come
        world.server.tick(901)
        assert advance(world).submitted == submitted
        if not submitted:
            assert advance(world).submitted == 0
    world.settle()
    assert world.server.requests.count("create") == 2
    assert all_well(world)


def test_slow_creation_is_not_done_twice(worlds: Worlds) -> None:
    world = worlds()
    world.server.faults["create"] = ["late"]
    world.server.list_lag_s = 850.0
    world.ask([1])
    advance(world)
    for _ in range(6):
        world.server.tick(500)
        advance(world)
    world.settle()
    assert len(world.server.batches) == 1
    assert all_well(world)


def test_refused_creation_is_asked_again_at_once(worlds: Worlds) -> None:
    world = worlds()
    world.server.faults["create"] = ["429"]
    world.ask([1])
    assert "429" in advance(world).errors[0]
    assert advance(world) == Summary(submitted=1, in_flight=1)
    assert world.server.requests.count("upload") == 1


def test_second_batch_of_one_intent_is_cancelled_and_collected(worlds: Worlds) -> None:
    world = worlds()
    world.server.faults["create"] = ["twice"]
    world.ask([1, 2])
    advance(world)
    advance(world)
    assert [each.public["status"] for each in world.server.batches.values()] == [
        "validating",
        "cancelling",
    ]
    world.settle()
    assert world.server.executions.total() == 2
    assert all_well(world)


def test_batch_that_shows_up_too_late_is_cancelled_and_its_answers_kept(worlds: Worlds) -> None:
    world = worlds()
    world.server.faults["create"] = ["lost"]
    world.server.list_lag_s, world.server.latency_s = 5000.0, 8000.0  # longer than the grace
    world.ask([1, 2, 3, 4])
    for _ in range(4):
        advance(world)
        world.server.tick(1000)
    assert len(world.server.batches) == 2
    late, second = world.server.batches.values()
    world.server.tick(1500)
    advance(world)
    assert late.public["status"] == "cancelling"
    second.latency_s = 50_000.0
    world.server.tick(200)
    assert advance(world).collected == len(late.paid) == 2
    world.settle()
    assert world.lost() == []
    assert states.LATE_ANSWER in log(world)


@pytest.mark.parametrize("kind", ["lost", "done500", "garbage"])
def test_orphaned_upload_is_deleted(worlds: Worlds, kind: str) -> None:
    world = worlds()
    world.server.faults["upload"] = [kind]
    world.ask([1])
    assert advance(world).errors
    assert advance(world).submitted == 1
    assert [each["purpose"] for each in world.server.files.values()] == ["batch"]


def test_answered_before_it_was_sent(worlds: Worlds) -> None:
    world = worlds()
    world.server.faults["upload"] = ["500"]
    world.ask([1])
    advance(world)
    world.store.remember(request(1), KIND, Answer("answer to question 1"), 0.0)
    assert advance(world) == Summary(answered=1)
    assert world.server.requests.count("create") == 0


@pytest.mark.parametrize("end", ["expired", "cancelled"])
def test_partial_results_are_kept(worlds: Worlds, end: str) -> None:
    world = worlds()
    world.server.expires = end == "expired"
    world.ask([1, 2, 3, 4])
    advance(world)
    if end == "expired":
        world.server.tick(DAY)
    else:
        world.server.tick(1900)
        world.cancel_some(0)
        world.server.tick(200)
    world.server.expires = False
    summary = advance(world)
    assert 0 < summary.collected < 4
    assert summary.submitted == 4 - summary.collected
    world.settle()
    assert world.server.executions.total() == 4
    assert all_well(world)
    assert set(log(world)) == {states.NOT_EXECUTED}


def test_failed_rows_are_sent_again_until_given_up(worlds: Worlds) -> None:
    world = worlds(max_attempts=3)
    world.ask([1, 2, 3])
    first, second, third = world.asked
    world.server.row_faults |= {first: ["500"] * 3, second: ["400"]}
    world.settle()
    assert world.outcomes() == {states.ANSWERED: 2, states.GIVEN_UP: 1}
    [failed] = world.runner().failed()
    assert (failed.custom_id, failed.kind, failed.attempts) == (first, KIND, 3)
    assert failed.reason == states.ROW_ERROR
    assert "no answer (500)" in failed.detail
    assert log(world) == [states.ROW_ERROR] * 4
    assert advance(world).outstanding == 0
    assert world.runner().retry() == 1
    world.settle()
    assert world.outcomes() == {states.ANSWERED: 3}
    assert world.server.executions[third] == 1


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("missing", states.MISSING_LINE),
        ("unusable", states.UNUSABLE),
        ("garbage", states.UNPARSABLE_LINE),
        ("twice", states.DUPLICATE_LINE),
        ("stranger", states.UNKNOWN_ID),
    ],
)
def test_odd_lines_are_logged(worlds: Worlds, kind: str, reason: str) -> None:
    world = worlds()
    world.ask([1, 2])
    world.server.row_faults[next(iter(world.asked))] = [kind]
    world.settle()
    assert world.outcomes() == {states.ANSWERED: 2}
    assert reason in log(world)
    assert all_well(world)


def test_invalid_request_does_not_take_others_down(worlds: Worlds) -> None:
    world = worlds()
    world.ask([1, 2])
    bad = invalid_request()
    world.runner().enqueue([bad], KIND)
    world.settle()
    assert world.outcomes() == {states.ANSWERED: 2}
    [failed] = world.runner().failed()
    assert (failed.custom_id, failed.reason) == (bad.custom_id, states.INVALID)
    assert len(world.server.batches) == 2


def invalid_request() -> Request:
    body = dict(request(3).body) | {"invalid": True}
    return Request(stable_id(body), body)


def test_token_limit_is_found_by_halving(worlds: Worlds) -> None:
    world = worlds(max_rows=100)
    world.server.token_limit = 60  # about two questions
    world.ask(list(range(8)))
    for _ in range(100):
        if not advance(world).outstanding:
            break
        world.server.tick(4000)
    assert world.outcomes() == {states.ANSWERED: 8}
    assert all_well(world)
    assert log(world) == []


def test_token_limit_below_one_request_comes_to_an_end(worlds: Worlds) -> None:
    world = worlds()
    world.server.token_limit = 1
    world.ask([1, 2])
    for _ in range(60):
        if not advance(world).outstanding:
            break
        world.server.tick(400)
    assert [each.reason for each in world.runner().failed()] == [states.TOKEN_LIMIT] * 2


def test_result_files_gone(worlds: Worlds) -> None:
    world = worlds()
    world.ask([1, 2])
    advance(world)
    world.server.tick(10_000)
    world.lose_some(0)
    assert "waiting for it" in advance(world).errors[0]
    world.server.tick(1000)
    assert advance(world).submitted == 2
    world.settle()
    assert world.outcomes() == {states.ANSWERED: 2}
    assert log(world) == [states.FILES_GONE] * 2


def test_batch_gone(worlds: Worlds) -> None:
    world = worlds()
    world.ask([1])
    advance(world)
    world.server.batches.clear()
    assert "404" in advance(world).errors[0]
    world.server.tick(1000)
    assert advance(world).submitted == 1
    world.settle()
    assert all_well(world)


READING = [
    (name, kind)
    for name in ("list", "retrieve", "content", "files")
    for kind in ("429", "500", "dropped", "garbage", "cut")
    if (name, kind) != ("content", "garbage")  # any text may be that of a file
]


@pytest.mark.parametrize(("operation", "kind"), READING)
def test_trouble_is_reported_and_outlived(worlds: Worlds, operation: str, kind: str) -> None:
    world = worlds()
    world.ask([1])
    world.server.faults["upload"] = ["lost"] if operation == "files" else []
    advance(world)
    world.server.tick(10_000)
    world.server.faults[operation] = [kind]
    summary = advance(world)
    assert len(summary.errors) == 1
    assert "\n" not in summary.errors[0]
    world.settle()
    assert world.server.executions.total() == 1
    assert all_well(world)


def test_a_page_of_a_list_is_not_the_list(worlds: Worlds) -> None:
    world = worlds(max_rows=1)
    world.server.page = 2
    world.server.faults["create"] = ["lost"]
    world.ask([1])
    advance(world)
    for number in range(5):  # somebody else's, in the same account
        file = world.server.make_file(b"{}", f"{number}", "batch")
        world.server.make_batch(
            {"input_file_id": file["id"], "endpoint": "", "completion_window": "24h"}
        )
    assert advance(world).in_flight == 1
    pending = world.store.pending()
    assert [each.batch_id for each in pending] == ["batch_2"]


@pytest.mark.parametrize("crash_at", range(1, 32))
def test_crash_at_every_step(worlds: Worlds, crash_at: int) -> None:
    """Of a pass that collects, finds a lost batch, and sends what is left and what is new."""
    world = worlds(max_rows=2)
    world.server.list_lag_s = 300.0
    world.ask([1, 2, 3, 4])
    world.server.row_faults[next(iter(world.asked))] = ["500"]
    world.server.faults["create"] = ["", "lost"]
    advance(world)
    world.ask([5, 6, 7])
    world.server.tick(4000)
    world.advance(crash_at)
    world.advance(crash_at)
    world.settle()
    assert world.outcomes() == {states.ANSWERED: 7}
    assert world.server.executions.total() == 7
    assert all_well(world)


def test_that_pass_has_fewer_steps_than_are_tried(worlds: Worlds) -> None:
    world = worlds(max_rows=2)
    world.ask([1, 2, 3, 4])
    world.server.faults["create"] = ["", "lost"]
    advance(world)
    world.ask([5, 6, 7])
    world.server.tick(4000)
    fuse = Fuse(1000)
    world.runner(fuse).advance()
    assert 20 < 1000 - fuse.left < 32
