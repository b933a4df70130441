"""Whatever happens in whatever order: no answer is lost, and none is paid for twice."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from batch_chaos import (
    FAULTS,
    LIMITS,
    ROW_FAULTS,
    TICKS,
    World,
    connect,
    crashing_pass,
    run_schedule,
    victim,
)
from batch_server import Running
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from nadeuri.llm_batch import BatchApi
from nadeuri.match.jobs import states
from nadeuri.match.jobs.tables import BATCHES, REQUESTS

numbers = st.integers(0, 30)


class Jobs(RuleBasedStateMachine):
    """One world for each example; the socket and the client are shared."""

    running: Running
    api: BatchApi

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        url = f"sqlite:///{self.folder.name}/jobs.sqlite"
        self.world = World(self.running, self.api, url, LIMITS)

    def teardown(self) -> None:
        try:
            self.world.settle()
            assert self.world.lost() == []
            assert self.world.paid_twice() == 0
        finally:
            self.world.close()
            self.folder.cleanup()

    @rule(asked=st.lists(numbers, min_size=1, max_size=6))
    def ask(self, asked: list[int]) -> None:
        self.world.ask(asked)

    @rule()
    def advance(self) -> None:
        self.world.advance()

    @rule(step=st.integers(1, 35))
    def crash(self, step: int) -> None:
        self.world.advance(step)

    @rule(seconds=st.sampled_from(TICKS))
    def time_passes(self, seconds: float) -> None:
        self.world.server.tick(seconds)

    @rule(fault=st.sampled_from([(name, kind) for name in FAULTS for kind in FAULTS[name]]))
    def trouble(self, fault: tuple[str, str]) -> None:
        self.world.server.faults[fault[0]].append(fault[1])

    @precondition(lambda self: self.world.asked)
    @rule(choice=numbers, kind=st.sampled_from(ROW_FAULTS))
    def row_trouble(self, choice: int, kind: str) -> None:
        ids = list(self.world.asked)
        self.world.server.row_faults[ids[choice % len(ids)]].append(kind)

    @precondition(lambda self: self.world.server.batches)
    @rule(choice=numbers)
    def cancelled_by_hand(self, choice: int) -> None:
        self.world.cancel_some(choice)

    @precondition(lambda self: self.world.server.files)
    @rule(choice=numbers)
    def file_vanishes(self, choice: int) -> None:
        self.world.lose_some(choice)

    @rule(
        expires=st.booleans(),
        token_limit=st.sampled_from([None, 60, 200]),
        list_lag_s=st.sampled_from([0.0, 100.0, 600.0]),
        latency_s=st.sampled_from([120.0, 3600.0, 40_000.0]),
    )
    def server_changes(self, **changes: object) -> None:
        for name, value in changes.items():
            setattr(self.world.server, name, value)

    @rule()
    def retry(self) -> None:
        self.world.runner().retry()

    @invariant()
    def nothing_is_paid_for_twice(self) -> None:
        assert self.world.paid_twice() == 0

    @invariant()
    def what_is_in_flight_is_in_a_batch(self) -> None:
        pending = BATCHES.c.collection == states.PENDING
        known = select(BATCHES.c.number).where(pending, BATCHES.c.unwanted.is_(False))
        stray = select(REQUESTS.c.number).where(
            REQUESTS.c.state == states.IN_FLIGHT, REQUESTS.c.batch.not_in(known)
        )
        with self.world.store._database.reading() as connection:
            assert connection.execute(stray).all() == []


def run_machine(running: Running, api: BatchApi, examples: int, steps: int) -> None:
    Jobs.running, Jobs.api = running, api
    run_state_machine_as_test(
        Jobs,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_jobs(batch_socket: Running, batch_api: BatchApi) -> None:
    run_machine(batch_socket, batch_api, examples=6, steps=20)


@pytest.mark.slow
def test_jobs_at_length(batch_socket: Running, batch_api: BatchApi) -> None:
    run_machine(batch_socket, batch_api, examples=60, steps=50)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_killed_processes(batch_socket: Running, seed: int, tmp_path: Path) -> None:
    """SIGKILL at random moments and at random requests, of real processes."""
    url = f"sqlite:///{tmp_path}/jobs.sqlite"
    with (
        closing(connect(batch_socket)) as api,
        closing(World(batch_socket, api, url)) as world,
        victim() as killed,
    ):
        run_schedule(world, seed, 50, killed.killed_pass)
        assert killed.n_killed > 0
        assert world.lost() == []
        assert world.paid_twice() == 0


@pytest.mark.slow
def test_crashes_on_postgres(batch_socket: Running, batch_api: BatchApi, postgres: str) -> None:
    with closing(World(batch_socket, batch_api, postgres)) as world:
        run_schedule(world, random.Random(0).randrange(1000), 40, crashing_pass)
        assert world.lost() == []
        assert world.paid_twice() == 0
