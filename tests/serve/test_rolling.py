"""Workers are replaced one at a time, whatever happens meanwhile."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from nadeuri.serve.rolling import (
    Worker,
    ask_for_replacement,
    next_step,
    wants_replacement,
)


@dataclass(frozen=True)
class Process:
    pid: int
    generation: int
    is_booted: bool = False
    is_finishing: bool = False
    is_worn: bool = False

    def is_current(self, generation: int) -> bool:
        return self.generation == generation and not self.is_worn


class Server(RuleBasedStateMachine):
    """Processes that boot, end, crash and are replaced, in any order."""

    @initialize(n=st.integers(1, 4))
    def start(self, n: int) -> None:
        self.wanted, self.generation, self.last_pid = n, 0, 0
        self.is_disturbed = False
        self.processes: dict[int, Process] = {}
        self.turn()
        for pid in list(self.processes):
            self.processes[pid] = replace(self.processes[pid], is_booted=True)

    @rule()
    def turn(self) -> None:
        workers = [
            Worker(each.pid, each.pid, each.is_current(self.generation), each.is_booted)
            for each in self.processes.values()
        ]
        step = next_step(workers, self.wanted)
        for pid in step.stop:
            self.processes[pid] = replace(self.processes[pid], is_finishing=True)
        for _ in range(step.n_start):
            self.last_pid += 1
            self.processes[self.last_pid] = Process(self.last_pid, self.generation)

    @rule(chosen=st.randoms())
    def one_boots(self, chosen) -> None:  # type: ignore[no-untyped-def]
        waiting = [each for each in self.processes.values() if not each.is_booted]
        if waiting:
            each = chosen.choice(waiting)
            self.processes[each.pid] = replace(each, is_booted=True)

    @rule(chosen=st.randoms())
    def one_has_finished(self, chosen) -> None:  # type: ignore[no-untyped-def]
        finishing = [each.pid for each in self.processes.values() if each.is_finishing]
        if finishing:
            del self.processes[chosen.choice(finishing)]

    @rule(chosen=st.randoms())
    def one_crashes(self, chosen) -> None:  # type: ignore[no-untyped-def]
        if self.processes:
            self.is_disturbed = True
            del self.processes[chosen.choice(list(self.processes))]

    @rule(chosen=st.randoms())
    def one_is_worn(self, chosen) -> None:  # type: ignore[no-untyped-def]
        serving = [each for each in self.processes.values() if each.is_booted]
        if serving:
            each = chosen.choice(serving)
            self.processes[each.pid] = replace(each, is_worn=True)

    @rule()
    def something_else_is_to_be_served(self) -> None:
        if self._is_renewed():
            self.generation += 1

    @rule()
    def it_is_taken_back(self) -> None:
        if any(each.generation < self.generation for each in self.processes.values()):
            self.is_disturbed = True  # some of those may be finishing
            self.generation -= 1

    @invariant()
    def there_is_one_process_too_many_at_most(self) -> None:
        assert len(self.processes) <= self.wanted + 1

    @invariant()
    def none_is_missed_unless_one_crashed(self) -> None:
        serving = [p for p in self.processes.values() if p.is_booted and not p.is_finishing]
        assert self.is_disturbed or len(serving) >= self.wanted

    def _is_renewed(self) -> bool:
        processes = self.processes.values()
        return len(processes) == self.wanted and all(
            each.is_booted and each.is_current(self.generation) for each in processes
        )

    def teardown(self) -> None:
        """If nothing else happens, all workers come to be of the generation that is wanted."""
        if not hasattr(self, "processes"):
            return
        for _ in range(4 * self.wanted + 8):
            self.turn()
            for each in list(self.processes.values()):
                if each.is_finishing:
                    del self.processes[each.pid]
                else:
                    self.processes[each.pid] = replace(each, is_booted=True)
        assert self._is_renewed()


TestServer = Server.TestCase
TestServer.settings = settings(max_examples=60, stateful_step_count=40)


def test_a_worker_asks_for_its_replacement_by_its_sign_of_life(tmp_path: Path) -> None:
    with (tmp_path / "sign").open("wb") as sign:
        os.fchmod(sign.fileno(), 0o600)
        assert not wants_replacement(sign)
        ask_for_replacement(sign)
        assert wants_replacement(sign)
    assert not wants_replacement(sign), "closed: it has ended"


def test_a_worker_is_stopped_only_when_another_has_booted_in_its_place() -> None:
    old = [Worker(1, 1, False, True), Worker(2, 2, False, True)]
    assert (step := next_step(old, 2)).n_start == 1
    assert step.stop == ()
    assert next_step([*old, Worker(3, 3, True, False)], 2).stop == ()
    booted = next_step([*old, Worker(3, 3, True, True)], 2)
    assert (booted.n_start, booted.stop) == (0, (1,))
    assert next_step([old[1], Worker(3, 3, True, True)], 2).n_start == 1


def test_a_new_one_that_is_unwanted_goes_and_the_old_ones_stay() -> None:
    workers = [Worker(1, 1, True, True), Worker(2, 2, True, True), Worker(3, 3, False, False)]
    step = next_step(workers, 2)
    assert (step.n_start, step.stop) == (0, (3,))
