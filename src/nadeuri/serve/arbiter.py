"""gunicorn's master, which also replaces the application under its workers, and puts it back.

gunicorn's own reload starts all new workers at once, stops the old ones before the new ones have
booted, and ends the server where one cannot boot. Here workers are replaced one at a time
(:mod:`rolling`), and a new application is on probation at first.
"""

from __future__ import annotations

import os
import signal
import time
from typing import Any, Protocol

from flask import Flask
from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer

from nadeuri.serve.gunicorn_conf import set_aside
from nadeuri.serve.rolling import Worker, next_step, wants_replacement

_BUSY_TURN_S = 0.1
_ASK_AGAIN_S = 5.0


class Reloading(Protocol):
    """What decides on new applications."""

    @property
    def is_busy(self) -> bool:
        """Something is under way, so that turns should be short."""

    def ask_now(self) -> None:
        """Somebody wants a reload."""

    def turn(self, arbiter: ReloadingArbiter) -> None:
        """Called in each turn of the main loop; must not wait."""

    def reap(self) -> None:
        """A child has ended; it may be one that only this knows."""

    def close(self) -> None:
        """The server stops."""


class ReloadingArbiter(Arbiter):  # type: ignore[misc]
    """A master whose workers belong to generations, one for each application that was put in.

    Attributes:
        failure: how a worker of the newest generation failed while it was on probation.
    """

    def __init__(self, server: Any, reloading: Reloading) -> None:
        self._reloading = reloading
        self._generation = self._newest = 0
        self._born: dict[int, tuple[int, float]] = {}  # by pid: generation, time
        self._asked_to_finish: dict[int, float] = {}  # by pid: time
        self._on_probation = False
        self.failure: str | None = None
        super().__init__(server)

    @property
    def application(self) -> Flask:
        """What new workers serve."""
        served: Flask = self.app.callable
        return served

    @property
    def generation(self) -> int:
        """Of the workers that are wanted."""
        return self._generation

    @property
    def is_renewed(self) -> bool:
        """Whether all workers are of the wanted generation and take requests."""
        workers = self._workers()
        return len(workers) == self.num_workers and all(
            each.is_current and each.is_booted for each in workers
        )

    def put_in(self, application: Flask) -> None:
        """Have workers of a new generation serve ``application``, on probation."""
        self.app.callable = application
        self._newest += 1
        self._generation = self._newest
        self._on_probation, self.failure = True, None
        set_aside()

    def put_back(self, application: Flask, generation: int) -> None:
        """Have what was served before served again; workers that still do are kept."""
        self.app.callable = application
        self._generation = generation
        self.settle()

    def settle(self) -> None:
        """End the probation."""
        self._on_probation, self.failure = False, None
        set_aside(thaw=True)  # or what is not served any more would stay for ever

    def renew(self) -> None:
        """Replace all workers, whose application stays the same."""
        self._newest += 1
        self._generation = self._newest

    def let_go(self) -> None:
        """In a forked process: close what belongs to the server."""
        for listener in self.LISTENERS:
            listener.close()

    def handle_hup(self) -> None:
        self.log.reopen_files()
        self._reloading.ask_now()

    def halt(self, reason: str | None = None, exit_status: int = 0) -> None:
        self._reloading.close()
        super().halt(reason, exit_status)

    def wait_for_signals(self, timeout: float = 1.0) -> list[int]:
        signals: list[int] = super().wait_for_signals(
            _BUSY_TURN_S if self._reloading.is_busy or not self.is_renewed else timeout
        )
        return signals

    def murder_workers(self) -> None:
        super().murder_workers()
        self._find_one_that_does_not_boot()
        self._reloading.turn(self)  # the main loop calls this method once a turn, and no other does

    def spawn_worker(self) -> int:
        pid: int = super().spawn_worker()
        self._born[pid] = self._generation, time.monotonic()
        return pid

    def manage_workers(self) -> None:
        step = next_step(self._workers(), self.num_workers)
        for _ in range(step.n_start):
            self.spawn_worker()
        for pid in step.stop:
            self._ask_to_finish(pid)

    def reap_workers(self) -> None:
        self._reloading.reap()
        for pid in list(self.WORKERS):
            self._find_failure(pid)
        while True:
            others = {generation for generation, _ in self._born.values()} - {self._generation}
            try:
                super().reap_workers()
            except HaltServer as halt:  # a worker could not boot
                self._survive(halt, others)
            else:
                break
        for of_workers in (self._born, self._asked_to_finish):
            for pid in of_workers.keys() - self.WORKERS.keys():
                del of_workers[pid]

    def _ask_to_finish(self, pid: int) -> None:
        """Send SIGTERM, and again where it was lost on a process that had no handler for it yet.

        Not in each turn, as gunicorn does: one that meets the end of a process cuts that short.
        """
        now = time.monotonic()
        if now - self._asked_to_finish.get(pid, -_ASK_AGAIN_S) >= _ASK_AGAIN_S:
            self._asked_to_finish[pid] = now
            self.kill_worker(pid, signal.SIGTERM)

    def _survive(self, halt: HaltServer, others: set[int]) -> None:
        """Go on where other workers can serve.

        Args:
            others: generations of workers that there are, but for the one that is wanted.

        Raises:
            HaltServer: there are none.
        """
        if self._on_probation:
            self.failure = self.failure or str(halt.reason)
        elif not others:
            raise halt
        elif max(others) < self._generation:
            self.log.error("Reload: the workers are not replaced: %s", halt.reason)
            self._generation = max(others)
        # else it was one of a version that was taken back a moment ago

    def _workers(self) -> list[Worker]:
        return [
            Worker(
                pid=pid,
                age=worker.age,
                is_current=self._born[pid][0] == self._generation
                and not wants_replacement(worker.tmp),
                is_booted=_is_booted(worker),
            )
            for pid, worker in self.WORKERS.items()
        ]

    def _find_failure(self, pid: int) -> None:
        """Look at a worker that has ended, before gunicorn reaps it and forgets how it did."""
        if not self._on_probation or self._born[pid][0] != self._generation:
            return
        try:
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or (ended.si_code == os.CLD_EXITED and ended.si_status == 0):
            return
        if ended.si_code == os.CLD_EXITED:
            how = f"exited with code {ended.si_status}"
        else:
            how = f"was ended by {signal.Signals(ended.si_status).name}"
        self.failure = self.failure or f"a worker that served it {how}"

    def _find_one_that_does_not_boot(self) -> None:
        now = time.monotonic()
        for pid, worker in self.WORKERS.items():
            generation, born = self._born[pid]
            is_late = now - born > self.timeout and not _is_booted(worker)
            if self._on_probation and generation == self._generation and is_late:
                self.failure = f"a worker did not start to serve it within {self.timeout} s"


def _is_booted(worker: Any) -> bool:
    """A worker says that it lives, by the monotonic clock, when it begins to take requests.

    Before that, the file by which it does so has the time of its creation, by the other clock.
    """
    try:
        return bool(worker.tmp.last_update() <= time.monotonic())
    except (OSError, ValueError):  # closed: it has ended
        return False
