"""A newly published artefact comes into service after a trial, and goes again if workers fail.

::

    looks --changed twice alike--> trial --passed--> swap --workers live--> accepted
      ^                              |                 |                       |
      +---------- refused <----------+-- taken back <--+                       |
      +------------------------------------------------------------------------+

What is refused or taken back is not tried again until its folder changes or SIGHUP asks for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from nadeuri.serve.app import open_rooms
from nadeuri.serve.arbiter import ReloadingArbiter
from nadeuri.serve.artifact_watch import Signature, Watch, signature
from nadeuri.serve.reload_state import ReloadState, SharedReloadState
from nadeuri.serve.room import Room
from nadeuri.serve.trial import Limits, Trial
from nadeuri.serve.wire import RefusedArtifact

PROBATION_S = 10.0
"""How long all workers have to live before the version of before is let go."""

_SECOND_LOOK_S = 1.0
_MAX_REASON = 1000


@dataclass
class _UnderTrial:
    watch: Watch
    seen: Signature
    trial: Trial


@dataclass
class _Swap:
    """A new version in service, and what it takes to go back.

    Attributes:
        settled_at: when the probation ends; None while workers are being replaced.
    """

    watch: Watch
    version: str
    room_before: Room
    before: Flask
    generation_before: int
    settled_at: float | None = None


class Reloader:
    """Looks at artefact folders and decides what is served.

    Args:
        watches: of each artefact that is served.
        build: the application over the rooms of the artefacts, given in the order of ``watches``.
        state: where workers read what was refused.
        every_s: seconds between looks; 0 looks when asked only.
        limits: of a trial.
        tell: is told ``swapped``, ``refused`` and ``rolled_back``, as it happens.
    """

    def __init__(
        self,
        watches: Sequence[Watch],
        build: Callable[[Sequence[Room]], Flask],
        state: SharedReloadState,
        *,
        every_s: float,
        limits: Limits,
        tell: Callable[[str], object],
    ) -> None:
        self._tell = tell
        self._watches = watches
        self._build = build
        self._state = state
        self._every_s, self._limits = every_s, limits
        self._next_look = time.monotonic() + every_s
        self._asked = self._renews = False
        self._at_once: list[Watch] = []
        self._under_trial: _UnderTrial | None = None
        self._swap: _Swap | None = None
        self._refusals: dict[Path, RefusedArtifact] = {}

    @property
    def is_busy(self) -> bool:
        """A trial runs or workers are being replaced."""
        return self._under_trial is not None or self._swap is not None

    def ask_now(self) -> None:
        """Look as soon as nothing else is under way, also at what was refused.

        Where nothing has changed, the workers are replaced.
        """
        self._asked = True

    def turn(self, arbiter: ReloadingArbiter) -> None:
        """Take the next step, if there is one to take. Never raises, for the server would stop."""
        try:
            if self._swap is not None:
                if self._is_accepted(arbiter, self._swap):
                    self._swap = None
                    arbiter.settle()
            elif self._under_trial is not None:
                self._follow_trial(arbiter, self._under_trial)
            elif self._is_time_to_look():
                self._look(arbiter)
        except Exception:
            arbiter.log.exception("Reload: an internal error; what is served stays")

    def reap(self) -> None:
        """Take note of how a trial's process ended, before gunicorn reaps it as an unknown one."""
        if self._under_trial is not None:
            self._under_trial.trial.reap()

    def close(self) -> None:
        """Break off a trial that is under way."""
        if self._under_trial is not None:
            self._under_trial.trial.stop()
            self._under_trial = None

    def _is_time_to_look(self) -> bool:
        is_due = self._every_s > 0 and time.monotonic() >= self._next_look
        return self._asked or bool(self._at_once) or is_due

    def _look(self, arbiter: ReloadingArbiter) -> None:
        self._next_look = time.monotonic() + self._every_s
        if self._asked:
            self._asked, self._renews, self._at_once = False, True, [*self._watches]
            self._forget_refusals()
        for watch in self._watches:
            at_once = watch in self._at_once
            if at_once:
                self._at_once.remove(watch)
            seen = watch.change(at_once=at_once)
            if seen is not None:
                arbiter.log.info("Reload: %s has changed, trying it", watch.path)
                self._renews = False
                trial = Trial(watch.path, watch.room, self._limits, arbiter.let_go)
                self._under_trial = _UnderTrial(watch, seen, trial)
                return
        if self._renews:
            self._renews = False
            arbiter.log.info("Reload: no artefact has changed, replacing the workers")
            arbiter.renew()
        if any(watch.is_changing for watch in self._watches):
            self._next_look = time.monotonic() + min(_SECOND_LOOK_S, self._every_s)

    def _follow_trial(self, arbiter: ReloadingArbiter, tried: _UnderTrial) -> None:
        verdict = tried.trial.verdict()
        if verdict is None:
            return
        self._under_trial = None
        tried.watch.done(tried.seen)
        if verdict.refusal is not None:
            self._refuse(arbiter, tried.watch, verdict.version, verdict.refusal)
        elif verdict.version == tried.watch.room.served.version:
            arbiter.log.info("Reload: %s is the version that is served", tried.watch.path)
            self._record(tried.watch, None)
        else:
            self._put_in(arbiter, tried)

    def _put_in(self, arbiter: ReloadingArbiter, tried: _UnderTrial) -> None:
        watch = tried.watch
        try:
            (room,) = open_rooms([watch.path])
            rooms = [room if each is watch else each.room for each in self._watches]
            application = self._build(_without_twins(rooms, room))
        except Exception as error:  # it passed its trial, so this is memory, or files that changed
            self._refuse(
                arbiter, watch, None, f"it passed its trial, but cannot be opened: {error}"
            )
            return
        if signature(watch.path) != tried.seen:  # what was opened may be a mixture
            arbiter.log.info("Reload: %s changes again, waiting", watch.path)
            watch.forget()
            return
        self._swap = _Swap(
            watch, room.served.version, watch.room, arbiter.application, arbiter.generation
        )
        watch.room = room
        self._record(watch, None)
        self._tell("swapped")
        arbiter.log.info("Reload: %s is put in, version %s", watch.path, room.served.version)
        arbiter.put_in(application)

    def _is_accepted(self, arbiter: ReloadingArbiter, swap: _Swap) -> bool:
        """Whether a new version has stood its probation; one that fails in it is taken back."""
        if arbiter.failure is not None:
            self._take_back(arbiter, swap, arbiter.failure)
        elif swap.settled_at is None:
            if arbiter.is_renewed:
                arbiter.log.info("Reload: all workers serve version %s", swap.version)
                swap.settled_at = time.monotonic() + PROBATION_S
        elif time.monotonic() >= swap.settled_at:
            arbiter.log.info("Reload: version %s is accepted", swap.version)
            return True
        return False

    def _take_back(self, arbiter: ReloadingArbiter, swap: _Swap, failure: str) -> None:
        self._swap = None
        swap.watch.room = swap.room_before
        arbiter.put_back(swap.before, swap.generation_before)
        self._say_no(arbiter, swap.watch, swap.version, f"taken back, for {failure}", "rolled_back")

    def _refuse(
        self, arbiter: ReloadingArbiter, watch: Watch, version: str | None, reason: str
    ) -> None:
        self._say_no(arbiter, watch, version, reason, "refused")

    def _say_no(
        self,
        arbiter: ReloadingArbiter,
        watch: Watch,
        version: str | None,
        reason: str,
        outcome: str,
    ) -> None:
        arbiter.log.error(
            "Reload: %s, version %s, is not served, version %s is: %s",
            watch.path,
            version or "unknown",
            watch.room.served.version,
            reason,
        )
        refusal = RefusedArtifact(
            kind=watch.room.served.kind,
            model=watch.room.served.model,
            version=version,
            reason=reason.replace(str(watch.path), watch.path.name)[:_MAX_REASON],
            refused=datetime.now(UTC),
        )
        self._record(watch, refusal)
        self._tell(outcome)

    def _record(self, watch: Watch, refusal: RefusedArtifact | None) -> None:
        """Tell the workers what is refused of a watch now."""
        self._refusals.pop(watch.path, None)
        if refusal is not None:
            self._refusals[watch.path] = refusal
        self._state.write(ReloadState(refusals=list(self._refusals.values())))

    def _forget_refusals(self) -> None:
        for watch in self._watches:
            if watch.path in self._refusals:
                watch.forget()


def _without_twins(rooms: Sequence[Room], new: Room) -> list[Room]:
    """``rooms`` but for those that hold the model of an earlier one, as when a server starts: one
    that was newly chosen may be the one that was seen beside it. ``new`` stays, to be refused."""
    names = [(room.served.kind, room.served.model) for room in rooms]
    return [room for at, room in enumerate(rooms) if room is new or names[at] not in names[:at]]
